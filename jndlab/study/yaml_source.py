"""The YAML of a study file: read strictly, and every value's place in it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.constructor import DuplicateKeyError
from ruamel.yaml.error import MarkedYAMLError, StringMark, YAMLError
from ruamel.yaml.events import (
    AliasEvent,
    CollectionEndEvent,
    CollectionStartEvent,
    Event,
    MappingStartEvent,
    NodeEvent,
)
from ruamel.yaml.reader import ReaderError

from jndlab.errors import Location, Problem, StudyError

MAX_NUMBER = 2**63
MAX_EXCERPT = 120
MAX_DEPTH = 20

KeyPath = tuple[Any, ...]
"""Keys and indices from the top of the document; a wrong file may have any key."""


def read_yaml(text: str, source: str, *, of: str = "a study file") -> Any:
    """The document, with the places of its values. Raises StudyError at the line of a mistake.

    Anchors, aliases, tags and deep nesting are refused: a few hundred bytes of them can keep
    a computer busy for hours, and no study needs one; and so are keys that are lists or mappings.
    """
    yaml = YAML(typ="rt", pure=True)
    try:
        _refuse_tricks(yaml, text, source, of)
        return yaml.load(text)
    except DuplicateKeyError as error:
        key = str(error.problem).split('"')[1] if '"' in str(error.problem) else "?"
        message, remedy = f"the key {key!r} stands twice in this mapping", "Remove one of the two."
        raise _problem(text, source, error.problem_mark, message, remedy) from None
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        if "end of stream" in str(error.problem) and error.context_mark is not None:
            mark = error.context_mark  # where the quote or bracket was opened
        message = f"not valid YAML: {error.problem or error.context}"
        remedy = "Check indentation, colons and quotes at and above this line."
        if mark is not None and "\t" in _indentation(text, mark.line):
            message = "a tab in the indentation; YAML wants spaces"
            remedy = "Replace each tab by two spaces."
        raise _problem(text, source, mark, message, remedy) from None
    except ReaderError as error:
        mark = StringMark("", 0, text.count("\n", 0, error.position), 0, None, 0)
        message = f"a character that text cannot have (number {ord(text[error.position])})"
        raise _problem(text, source, mark, message, "Delete it.") from None
    except NotImplementedError as error:  # ruamel.yaml's, of comments that it cannot keep
        found = re.search(r"line: (\d+)", str(error))  # it has no mark, and names lines in words
        mark = StringMark("", 0, int(found[1]) if found else 0, 0, None, 0)
        message = "a comment stands where no comment can be kept"
        raise _problem(text, source, mark, message, "Put comments on lines of their own.") from None
    except (YAMLError, ValueError) as error:
        message = f"not valid YAML: {error}"
        raise _problem(text, source, None, message, "Look for a very long number.") from None


def _refuse_tricks(yaml: YAML, text: str, source: str, of: str) -> None:
    depth = 0
    for event, is_key in _nodes(yaml.parse(text)):
        depth += isinstance(event, CollectionStartEvent) - isinstance(event, CollectionEndEvent)
        remedy = "Write the value out plainly."
        if is_key and isinstance(event, CollectionStartEvent):
            # ruamel.yaml fails on some of these, and no study means any.
            message = "a list or a mapping in the place of a key"
            remedy = "Keys have to be text: look for a question mark or a bracket too many."
        elif isinstance(event, AliasEvent) or getattr(event, "anchor", None) is not None:
            message = f"anchors (&name) and aliases (*name) are not allowed in {of}"
        elif str(getattr(event, "tag", None) or "!") != "!":
            message = f"tags (!name) are not allowed in {of}"
        elif depth > MAX_DEPTH:
            message = f"more than {MAX_DEPTH} lists and mappings inside one another"
        else:
            continue
        raise _problem(text, source, event.start_mark, message, remedy)


def _nodes(events: Iterable[Event]) -> Iterator[tuple[Event, bool]]:
    """Each event, and whether it begins the key of a mapping."""
    awaits_key: list[bool | None] = []  # of the collections that are open; None for lists
    for event in events:
        if isinstance(event, CollectionEndEvent):
            awaits_key.pop()
        is_node = isinstance(event, NodeEvent)
        is_key = is_node and bool(awaits_key and awaits_key[-1])
        if is_node and awaits_key and awaits_key[-1] is not None:
            awaits_key[-1] = not awaits_key[-1]
        if isinstance(event, CollectionStartEvent):
            awaits_key.append(True if isinstance(event, MappingStartEvent) else None)
        yield event, is_key


def _problem(
    text: str, source: str, mark: StringMark | None, message: str, remedy: str
) -> StudyError:
    line, column = (mark.line, mark.column) if mark is not None else (0, 0)
    lines = text.splitlines()
    # A tab would shift the caret under the excerpt.
    excerpt = lines[line][:MAX_EXCERPT].replace("\t", " ") if line < len(lines) else ""
    location = Location(path=source, line=line + 1, column=column + 1, excerpt=excerpt)
    return StudyError([Problem(message=message, remedy=remedy, location=location)])


def _indentation(text: str, line: int) -> str:
    lines = text.splitlines()
    whole = lines[line] if line < len(lines) else ""
    return whole[: len(whole) - len(whole.lstrip())]


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
                yield (*path, key), key
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
