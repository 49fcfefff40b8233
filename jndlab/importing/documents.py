"""The configuration file of another tool, read without trusting it, and the places in it."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from ruamel.yaml.comments import CommentedMap, CommentedSeq

from jndlab.errors import StudyError
from jndlab.importing.imported import wrong_file
from jndlab.study.study_file import MAX_BYTES
from jndlab.study.yaml_source import KeyPath, Locator, read_yaml

YAML_ENDINGS = (".yaml", ".yml")
SCRIPT_ENDINGS = (".js", ".json", ".json5")
_UNQUOTED = re.compile(r"^(\s*(?:- )?[A-Za-z_]+: +)([^\s'\"|>\[{&*!#].*: .*)$", re.MULTILINE)
ENDINGS = YAML_ENDINGS + SCRIPT_ENDINGS


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """A configuration as plain mappings, lists, texts and numbers; every key is text."""

    path: Path
    data: Any
    where: Callable[[KeyPath], str]
    """A key's place, as a message names it."""
    notes: list[str] = field(default_factory=list)
    """How the file had to be read."""

    @property
    def name(self) -> str:
        return self.path.name

    def value(self, path: KeyPath) -> Any:
        """What stands at a path. KeyError or IndexError: nothing."""
        value = self.data
        for part in path:
            value = value[part]
        return value

    def mapping(self, path: KeyPath, what: str) -> dict[str, Any]:
        """The mapping at a path. StudyError: it is something else."""
        value = self.value(path)
        if not isinstance(value, dict):
            raise wrong_file(
                f"{what} must be a mapping of names to values",
                "Write it as name: value, one a line.",
                place=self.where(path),
            )
        return value

    def text(self, path: KeyPath) -> str:
        """The text or number at a path, as text; '' where there is none."""
        try:
            value = self.value(path)
        except (KeyError, IndexError, TypeError):
            return ""
        if value is None or isinstance(value, dict | list | bool):
            return ""
        return str(value).strip()


def read_text(path: Path) -> str:
    """The text of a configuration file. StudyError: too large, not UTF-8, not there."""
    try:
        with path.open("rb") as file:
            raw = file.read(MAX_BYTES + 1)
    except FileNotFoundError:
        raise wrong_file(f"There is no file {path}.", "Check the path.") from None
    except OSError as error:
        raise wrong_file(f"Cannot read {path}: {error.strerror}", "Check the path.") from None
    if len(raw) > MAX_BYTES:
        raise wrong_file(
            f"{path.name} has more than {MAX_BYTES:,} bytes",
            "Name the configuration file itself.",
        )
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw[: error.start].count(b"\n") + 1
        raise wrong_file(
            "this byte is not UTF-8 text", "Save the file as UTF-8.", place=f"{path.name}:{line}"
        ) from None


def yaml_document(path: Path) -> Document:
    """A YAML file; texts with a colon inside need no quotes, as webMUSHRA's own reader has it.

    StudyError at the line: no YAML, anchors and aliases, a key that stands twice.
    """
    text, notes = read_text(path), list[str]()
    try:
        node = read_yaml(text, path.name, of="this file")
    except StudyError as error:
        mended = _UNQUOTED.sub(_quoted, text)
        if mended == text:
            raise
        try:
            node = read_yaml(mended, path.name, of="this file")
        except StudyError:
            raise error from None
        notes.append(
            "Texts with a colon inside stand without quotes, which is no YAML; they were read as "
            "text."
        )
    locate = Locator(node, text.splitlines(), path.name)

    def where(place: KeyPath) -> str:
        found = locate(place)
        return f"{found.path}:{found.line}"

    return Document(path=path, data=_plain(node, (), path.name), where=where, notes=notes)


def _quoted(match: re.Match[str]) -> str:
    """``content: Please note: listen`` as YAML has to have it."""
    value = match[2].rstrip().replace("'", "''")
    return f"{match[1]}'{value}'"


def _plain(node: Any, path: KeyPath, name: str) -> Any:
    if isinstance(node, CommentedMap):
        plain: dict[str, Any] = {}
        for key, value in node.items():
            text = "" if key is None else str(key)
            if text in plain:
                raise wrong_file(f"the key {text!r} stands twice", "Remove one.", place=name)
            plain[text] = _plain(value, (*path, text), name)
        return plain
    if isinstance(node, CommentedSeq):
        return [_plain(value, (*path, index), name) for index, value in enumerate(node)]
    if node is None or isinstance(node, bool):
        return node
    if isinstance(node, date):
        return node.isoformat()
    if isinstance(node, int):
        return int(node)
    return float(node) if isinstance(node, float) else str(node)
