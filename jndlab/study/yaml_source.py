"""The YAML of a study file: read strictly, and every value's place in it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.constructor import DuplicateKeyError
from ruamel.yaml.error import MarkedYAMLError, YAMLError

from jndlab.errors import Location, Problem, StudyError

MAX_NUMBER = 2**63
MAX_EXCERPT = 120

KeyPath = tuple[str | int, ...]


def read_yaml(text: str, source: str) -> Any:
    lines = text.splitlines()

    def problem(line: int, column: int, message: str, remedy: str) -> StudyError:
        excerpt = lines[line][:MAX_EXCERPT] if line < len(lines) else ""
        # Tabs would shift the caret under the excerpt.
        location = Location(
            path=source, line=line + 1, column=column + 1, excerpt=excerpt.replace("\t", " ")
        )
        return StudyError([Problem(message=message, remedy=remedy, location=location)])

    for number, line in enumerate(lines):
        indent = line[: len(line) - len(line.lstrip())]
        if "\t" in indent:
            raise problem(
                number,
                indent.index("\t"),
                "a tab in the indentation; YAML wants spaces",
                "Replace each tab by two spaces.",
            )
    yaml = YAML(typ="rt", pure=True)
    try:
        _refuse_aliases(yaml, text, problem)
        return yaml.load(text)
    except RecursionError:
        raise problem(
            0, 0, "lists and mappings are nested too deeply", "Flatten the file."
        ) from None
    except ValueError as error:
        raise problem(0, 0, f"not valid YAML: {error}", "Look for a very long number.") from None
    except DuplicateKeyError as error:
        mark = error.problem_mark
        key = str(error.problem).split('"')[1] if '"' in str(error.problem) else "?"
        raise problem(
            mark.line if mark else 0,
            mark.column if mark else 0,
            f"the key {key!r} stands twice in this mapping",
            "Remove one of the two.",
        ) from None
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        raise problem(
            mark.line if mark else 0,
            mark.column if mark else 0,
            f"not valid YAML: {error.problem or error.context}",
            "Check indentation, colons and quotes at and above this line.",
        ) from None
    except YAMLError as error:
        raise problem(
            0, 0, f"not valid YAML: {error}", "Compare with the file that jndlab new writes."
        ) from None


def _refuse_aliases(yaml: YAML, text: str, problem: Any) -> None:
    # Nested aliases make megabytes out of a few hundred bytes; tags make strange objects.
    for event in yaml.parse(text):
        kind = type(event).__name__
        if kind == "AliasEvent" or getattr(event, "anchor", None) is not None:
            message = "anchors (&name) and aliases (*name) are not allowed in a study file"
        elif str(getattr(event, "tag", None) or "!") != "!":
            message = "tags (!name) are not allowed in a study file"
        else:
            continue
        mark = event.start_mark
        raise problem(mark.line, mark.column, message, "Write the value out.")


class Locator:
    """Finds the place of a key path in the file. Called with a path of keys and indices."""

    def __init__(self, document: Any, lines: Sequence[str], source: str) -> None:
        self._document = document
        self._lines = lines
        self._source = source

    def __call__(self, path: KeyPath) -> Location:
        node, line, column = self._document, 0, 0
        for part in path:
            if isinstance(node, CommentedMap) and part in node:
                line, column = node.lc.key(part)
            elif isinstance(node, CommentedSeq) and isinstance(part, int) and part < len(node):
                line, column = node.lc.item(part)
            else:  # a key that is missing: point at the mapping it belongs to
                break
            node = node[part]
        excerpt = self._lines[line][:MAX_EXCERPT] if line < len(self._lines) else ""
        return Location(path=self._source, line=line + 1, column=column + 1, excerpt=excerpt)


def strange_values(node: Any, path: KeyPath) -> Iterator[tuple[KeyPath, object]]:
    """What YAML can say and a study file cannot: dates, keys that are no text, huge numbers."""
    if isinstance(node, CommentedMap):
        for key, value in node.items():
            if isinstance(key, str):
                yield from strange_values(value, (*path, key))
            else:
                yield ((*path, key) if isinstance(key, int) else path), key
    elif isinstance(node, CommentedSeq):
        for index, value in enumerate(node):
            yield from strange_values(value, (*path, index))
    elif isinstance(node, int):
        if abs(node) > MAX_NUMBER:
            yield path, node
    elif not isinstance(node, str | float | None):
        yield path, node


def strange_problem(path: KeyPath, value: object, where: Locator) -> Problem:
    name = dotted(path) or "the study"
    if isinstance(value, int) and abs(value) > MAX_NUMBER:
        message, remedy = f"the number in {name} is too large", "Use a smaller one."
    elif isinstance(value, date):
        message, remedy = f"{name} is read as a date: {value}", "Put it in quotes."
    else:
        message = f"{name} holds something that is neither text, number, list nor mapping"
        remedy = "Put it in quotes; keys have to be text."
    return Problem(message=message, remedy=remedy, location=where(path))


def dotted(path: KeyPath) -> str:
    """A key path as one reads it: stimuli.conditions[0].levels[2]."""
    parts = (f"[{part}]" if isinstance(part, int) else f".{part}" for part in path)
    return "".join(parts).lstrip(".")
