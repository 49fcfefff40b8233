"""The object that a JavaScript file assigns to a name, read as data: nothing is ever run."""

from __future__ import annotations

import math
import re
from pathlib import Path
from typing import Any

from jndlab.importing.documents import Document, read_text
from jndlab.importing.imported import wrong_file
from jndlab.study.yaml_source import MAX_DEPTH, KeyPath, dotted

_COMMENT = r"//[^\n]*|/\*(?:[^*]|\*(?!/))*+(?:\*/)?"
_SKIPPED = rf"""{_COMMENT}|"(?:[^"\\\n]|\\.)*+"?|'(?:[^'\\\n]|\\.)*+'?"""
"""Comments and texts. One without an end goes on to the end: each character is looked at once."""
MAX_CHARACTERS = 400_000
_PLAIN = "Write plain values only: texts in quotes, numbers, true, false, lists and objects."


def script_document(path: Path, name: str) -> Document:
    """The object that the file assigns to ``name``, or the file's only object; None if neither.

    StudyError: a key that stands twice, anything that would have to be run.
    """
    text = read_text(path)
    if len(text) > MAX_CHARACTERS:
        raise wrong_file(
            f"{path.name} has more than {MAX_CHARACTERS:,} characters",
            "Name the configuration file itself, or import it in parts.",
        )
    start = _start(text, name)
    if start is None:
        return Document(path=path, data=None, where=lambda _: path.name)
    _refuse_depth(text, start, path.name)
    import json5

    data, error, end = json5.parse(
        text, start=start, consume_trailing=False, allow_duplicate_keys=False
    )
    if error is not None or not isinstance(data, dict):
        line = text.count("\n", 0, min(end, len(text))) + 1
        raise wrong_file(_told(error), _PLAIN, place=f"{path.name}:{line}")
    notes = []
    if _code(text[:start], name) or _code(text[end:], name):
        notes.append(f"{path.name} has more code than {name}; it was neither run nor read.")

    def where(place: KeyPath) -> str:
        return f"{path.name}, {name}.{dotted(place)}" if place else f"{path.name}, {name}"

    return Document(path=path, data=_plain(data), where=where, notes=notes)


def _start(text: str, name: str) -> int | None:
    """Where the object begins, comments and texts passed over."""
    if re.match(r"\s*\{", text):  # JSON
        return 0
    for match in re.finditer(rf"{_SKIPPED}|\b{re.escape(name)}\s*+=\s*+(?=\{{)", text):
        if match[0].startswith(name):
            return match.end()
    return None


def _refuse_depth(text: str, start: int, source: str) -> None:
    depth = 0
    for match in re.finditer(rf"{_SKIPPED}|[\[{{]|[\]}}]", text[start:]):
        depth += {"[": 1, "{": 1, "]": -1, "}": -1}.get(match[0], 0)
        if depth > MAX_DEPTH:
            line = text.count("\n", 0, start + match.start()) + 1
            raise wrong_file(
                f"more than {MAX_DEPTH} lists and objects inside one another",
                "Write the values out plainly.",
                place=f"{source}:{line}",
            )
        if depth <= 0 and match[0] in "]}":
            return


def _told(error: str | None) -> str:
    if error is None:
        return "this is no object"
    message = re.sub(r"^<string>:\d+ ", "", error)
    return f"this cannot be read without running it: {message[:1].lower()}{message[1:]}"


def _code(text: str, name: str) -> bool:
    """Whether anything but comments and the assignment itself stands there."""
    bare = re.sub(_COMMENT, "", text)
    bare = re.sub(rf"^\s*(?:var|let|const|window\.)?\s*{re.escape(name)}\s*=\s*$", "", bare)
    return bool(bare.strip(" \t\r\n;"))


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {str(key): _plain(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [_plain(inner) for inner in value]
    if isinstance(value, float) and not math.isfinite(value):
        return str(value)
    return value
