"""Single values of a study file changed in its text: everything else stays as it was written.

A form that loads a file, changes a number and writes the file anew would take its owner's comments,
order and line breaks away. Here the parser of ruamel.yaml only tells where a value stands and how a
new one is written; the text around it is not touched. Every edit is read back and compared with
what was meant.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from contextlib import suppress
from copy import copy
from dataclasses import dataclass
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from jndlab.errors import Location, Problem, StudyError
from jndlab.study.draft import dump_study, written
from jndlab.study.study_file import FILE_NAME
from jndlab.study.yaml_source import KeyPath, dotted, read_yaml


@dataclass(frozen=True, slots=True)
class _Entry:
    """A key with its value, or an item of a list, in a text."""

    start: int
    """Where the key begins; for an item of a list, its dash."""
    column: int
    node: Node


def set_value(text: str, path: KeyPath, value: object, *, order: Sequence[str] = ()) -> str:
    """The text with ``value`` at ``path``; a key that is not there yet is added.

    ``order`` are the keys of its mapping in the order in which one expects them. An eol comment
    stays behind its value. Raises StudyError if the text is no YAML, or so written that the place
    cannot be changed without changing others.
    """
    meant = _plain(text)
    _put(meant, path, _plain_value(value), text)
    if meant == _plain(text):
        return text
    found = _find(text, path)
    if found is not None:
        edited = _replace(text, found, path, value)
    else:
        edited = _add(text, path, value, order)
    return _require_meant(edited, meant, text, path)


def remove_value(text: str, path: KeyPath) -> str:
    """The text without the key or list item at ``path``, its comment included."""
    found = _find(text, path)
    if found is None:
        return text
    meant = _plain(text)
    parent = _at(meant, path[:-1])
    del parent[path[-1]]
    outer = _node(text, path[:-1])
    if not parent or _is_flow(outer):
        return set_value(text, path[:-1], parent) if path[:-1] else text
    end = _line_end(text, _end(found.node))
    first = text.rfind("\n", 0, found.start) + 1
    if text[first : found.start].strip():  # the first key of a list item stands behind its dash
        following = end + 1 + len(text[end + 1 :]) - len(text[end + 1 :].lstrip(" "))
        return _require_meant(text[: found.start] + text[following:], meant, text, path)
    return _require_meant(text[:first] + text[end + 1 :], meant, text, path)


def append_item(text: str, path: KeyPath, value: object) -> str:
    """The text with ``value`` as a new last item of the list at ``path``."""
    meant = _plain(text)
    items = _at(meant, path)
    if not isinstance(items, list) or not items:
        return set_value(text, path, [value])
    items.append(_plain_value(value))
    node = _node(text, path)
    last = _find(text, (*path, len(items) - 2))
    if last is None or _is_flow(node):
        return set_value(text, path, items)
    entry = _rendered((*path, 0), value, last.column)
    end = _line_end(text, _end(last.node))
    edited = f"{text[:end]}\n{' ' * last.column}{entry}{text[end:]}"
    return _require_meant(edited, meant, text, path)


def value_at(text: str, path: KeyPath) -> Any:
    """The plain value at ``path``; None where there is none."""
    try:
        return _at(_plain(text), path)
    except (KeyError, IndexError, TypeError):
        return None


def _replace(text: str, found: _Entry, path: KeyPath, value: object) -> str:
    end = _end(found.node)
    stop = _line_end(text, end)
    if _flow_around(text, path):
        shown = _flow_text(value)
        return text[: found.node.start_mark.index] + shown + text[end:]
    entry = _rendered(path, value, found.column)
    comment = text[end:stop].strip() if text[end:stop].lstrip().startswith("#") else ""
    block = isinstance(found.node, MappingNode | SequenceNode) and not found.node.flow_style
    if block or not comment:
        return text[: found.start] + entry + text[stop if block else end :]
    indent = " " * found.column
    if "\n" in entry:  # behind its last line the comment would become part of a text
        return f"{text[: found.start]}{comment}\n{indent}{entry}{text[stop:]}"
    column = text.index("#", end) - (text.rfind("\n", 0, found.start) + 1)
    width = max(column - found.column, len(entry) + 1)
    return text[: found.start] + entry.ljust(width) + comment + text[stop:]


def _add(text: str, path: KeyPath, value: object, order: Sequence[str]) -> str:
    parent = _node(text, path[:-1]) if path[:-1] else _root(text)
    if parent is None or not isinstance(parent, MappingNode):
        return set_value(text, path[:-1], {path[-1]: value})
    if parent.flow_style or not parent.value:
        content = dict(_at(_plain(text), path[:-1]) or {})
        if not parent.value:
            return set_value(text, path[:-1], {**content, path[-1]: value})
        close = parent.end_mark.index - 1
        return f"{text[:close].rstrip()}, {path[-1]}: {_flow_text(value)}{text[close:]}"
    names = [key.value for key, _ in parent.value]
    before = [name for name in order[: _index(order, path[-1])] if name in names]
    at = before[-1] if before else names[-1] if path[-1] not in order else None
    first = parent.value[0][0].start_mark
    entry = _rendered(path, value, first.column)
    if at is None:
        return f"{text[: first.index]}{entry}\n{' ' * first.column}{text[first.index :]}"
    node = parent.value[names.index(at)][1]
    end = _line_end(text, _end(node))
    blank = "\n" if not path[:-1] and "\n" in entry else ""
    return f"{text[:end]}\n{blank}{' ' * first.column}{entry}{text[end:]}"


def _index(order: Sequence[str], key: str) -> int:
    return order.index(key) if key in order else len(order)


def _rendered(path: KeyPath, value: object, column: int) -> str:
    """The entry as a draft writes it at that place, its further lines moved to ``column``."""
    nest: Any = written(value)
    for part in reversed(path):
        nest = CommentedSeq([nest]) if isinstance(part, int) else CommentedMap({part: nest})
    text = dump_study(nest)
    found = _find(text, tuple(0 if isinstance(part, int) else part for part in path))
    assert found is not None
    first, *lines = text[found.start :].rstrip("\n").split("\n")
    moved = [
        (" " * (column - found.column) + line if column > found.column else line[-shift:])
        if (shift := column - found.column) and line
        else line
        for line in lines
    ]
    return "\n".join([first, *moved])


def _flow_text(value: object) -> str:
    """A value inside braces or brackets: JSON is YAML there."""
    return json.dumps(_plain_value(value), ensure_ascii=False)


def _flow_around(text: str, path: KeyPath) -> bool:
    parents = (_node(text, path[:length]) for length in range(1, len(path)))
    return any(_is_flow(node) for node in parents)


def _is_flow(node: Node | None) -> bool:
    return isinstance(node, MappingNode | SequenceNode) and bool(node.flow_style)


def _find(text: str, path: KeyPath) -> _Entry | None:
    node: Node | None = _root(text)
    found = None
    for part in path:
        found = None
        if isinstance(node, MappingNode):
            for key, value in node.value:
                if key.value == part:
                    found = _Entry(key.start_mark.index, key.start_mark.column, value)
        elif isinstance(node, SequenceNode) and isinstance(part, int) and part < len(node.value):
            item = node.value[part]
            start = item.start_mark.index
            if not node.flow_style:
                start = text.rindex("-", 0, start)
            found = _Entry(start, start - (text.rfind("\n", 0, start) + 1), item)
        if found is None:
            return None
        node = found.node
    return found


def _node(text: str, path: KeyPath) -> Node | None:
    if not path:
        return _root(text)
    found = _find(text, path)
    return None if found is None else found.node


def _root(text: str) -> Node | None:
    root: Node | None = YAML(typ="rt", pure=True).compose(text)
    if root is not None:
        _mark_empty_values(root, text)
    return root


def _mark_empty_values(node: Node, text: str) -> None:
    """Put the marks of empty values behind their colons: the parser puts some at the next key."""
    for entry in node.value if isinstance(node, MappingNode | SequenceNode) else ():
        key, value = entry if isinstance(entry, tuple) else (None, entry)
        if isinstance(value, ScalarNode) and value.start_mark.index == value.end_mark.index:
            colon = -1 if key is None else text.find(":", key.end_mark.index)
            if key is not None and colon >= 0:  # a key after a question mark may have none
                mark = copy(key.end_mark)
                mark.index = colon + 1
                value.start_mark = value.end_mark = mark
        else:
            _mark_empty_values(value, text)


def _end(node: Node) -> int:
    """Where the last character of a value stands: a block's own mark lies behind its comments."""
    if isinstance(node, ScalarNode):
        if node.style in ("|", ">"):
            buffer: str = node.start_mark.buffer
            content = buffer[node.start_mark.index : node.end_mark.index]
            return int(node.start_mark.index) + len(content.rstrip())
        return int(node.end_mark.index)
    if _is_flow(node) or not node.value:
        return int(node.end_mark.index)
    last = node.value[-1]
    return _end(last[1] if isinstance(last, tuple) else last)


def _line_end(text: str, index: int) -> int:
    end = text.find("\n", index)
    return len(text) if end < 0 else end


def _plain(text: str) -> Any:
    """The document in plain lists, mappings and values."""
    return json.loads(json.dumps(read_yaml(text, FILE_NAME), default=str))


def _plain_value(value: object) -> Any:
    return json.loads(json.dumps(written(value)))


def _at(document: Any, path: KeyPath) -> Any:
    for part in path:
        document = document[part]
    return document


def _put(document: Any, path: KeyPath, value: object, text: str) -> None:
    for number, part in enumerate(path[:-1]):
        if isinstance(document, dict) and document.get(part) is None:
            document[part] = {}
        elif not _has_place(document, part):
            raise _cannot(text, path[: number + 1])
        document = document[part]
    if not _has_place(document, path[-1]):
        raise _cannot(text, path)
    document[path[-1]] = value


def _has_place(document: Any, part: object) -> bool:
    """A mapping takes any key, a list only the number of an item that is there."""
    if isinstance(document, list):
        return isinstance(part, int) and 0 <= part < len(document)
    return isinstance(document, dict)


def _require_meant(edited: str, meant: object, text: str, path: KeyPath) -> str:
    with suppress(StudyError):
        if _plain(edited) == meant:
            return edited
    raise _cannot(text, path)


def _cannot(text: str, path: KeyPath) -> StudyError:
    found = _find(text, path) if path else None
    line = 1 + text[: found.start].count("\n") if found else 1
    return StudyError(
        [
            Problem(
                message=f"{dotted(path)} is written in a way that only a person can change",
                remedy="Change it in the text of the study file.",
                location=Location(path=FILE_NAME, line=line),
            )
        ]
    )
