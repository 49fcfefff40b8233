"""The account of an import: every key of the source is carried over or listed as left behind.

A format's module says of each key what became of it. What it says nothing of is found when the
account is closed, so that a key nobody thought of cannot get lost.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from jndlab.importing.documents import Document
from jndlab.importing.imported import Carried, NotCarried
from jndlab.study.yaml_source import KeyPath, dotted

MOST_VALUES = 3
MOST_CHARACTERS = 60
UNKNOWN = "jndlab knows no such key."
LOOK = "Look whether the study needs it: docs, study file, list every key there is."


@dataclass(frozen=True, slots=True)
class _Verdict:
    carried: bool
    text: str
    """What it became, or why it did not."""
    remedy: str = ""
    name: str = ""
    """What to call it, where its key says little."""


@dataclass(slots=True)
class _Group:
    """Places with the same key and the same verdict: told together."""

    values: list[str] = field(default_factory=list)
    inner: list[str] = field(default_factory=list)
    places: list[str] = field(default_factory=list)


class Ledger:
    """Takes down what became of each key of a document."""

    def __init__(self, document: Document) -> None:
        self.document = document
        self.notes: list[str] = list(document.notes)
        self._told: dict[KeyPath, _Verdict] = {}
        self._more: list[NotCarried] = []

    def carry(self, path: KeyPath, became: str) -> None:
        """The key and all below it are in the study, as ``became``."""
        self._told[path] = _Verdict(True, became)

    def leave(self, path: KeyPath, why: str, remedy: str = "", *, name: str = "") -> None:
        """The key and all below it that is not told of are not in the study."""
        self._told[path] = _Verdict(False, why, remedy, name)

    def leave_rest(self, path: KeyPath, why: str, remedy: str = "") -> None:
        """The same, for what is below the key and has not been told of."""
        for leaf, _ in _leaves(self.document.value(path), path):
            if self._verdict(leaf) is None:
                self.leave(leaf, why, remedy)

    def leave_also(self, what: str, why: str, remedy: str = "", *, where: str = "") -> None:
        """Something that is no key: an order of pages, a file."""
        where = where or self.document.name
        self._more.append(NotCarried(what=what, where=where, why=why, remedy=remedy))

    def close(self) -> tuple[tuple[Carried, ...], tuple[NotCarried, ...]]:
        """Every key of the document with its fate, in the order of the document."""
        groups: dict[tuple[str, _Verdict], _Group] = {}
        for leaf, value in _leaves(self.document.value(()), ()):
            path, verdict = self._verdict(leaf) or (leaf, _Verdict(False, UNKNOWN, LOOK))
            group = groups.setdefault((_pattern(path), verdict), _Group())
            place = self.document.where(path)
            if place not in group.places:
                group.places.append(place)
            told = group.values if path == leaf else group.inner
            shown = _shown(value) if path == leaf else _pattern(leaf[len(path) :])
            if shown not in told:
                told.append(shown)
        carried, left = [], list[NotCarried]()
        for (pattern, verdict), group in groups.items():
            called = f"{pattern}, {verdict.name}" if verdict.name else pattern
            what, where = _what(called, group), _where(group.places)
            if verdict.carried:
                carried.append(Carried(what=what, where=where, became=verdict.text))
            else:
                entry = NotCarried(what=what, where=where, why=verdict.text, remedy=verdict.remedy)
                left.append(entry)
        return tuple(carried), (*left, *self._more)

    def _verdict(self, leaf: KeyPath) -> tuple[KeyPath, _Verdict] | None:
        for length in range(len(leaf), 0, -1):
            if leaf[:length] in self._told:
                return leaf[:length], self._told[leaf[:length]]
        return None


def _leaves(value: object, path: KeyPath) -> Iterator[tuple[KeyPath, object]]:
    """Every value that is no mapping and no list, and every empty one of these."""
    if isinstance(value, dict) and value:
        for key, inner in value.items():
            yield from _leaves(inner, (*path, key))
    elif isinstance(value, list) and value:
        for index, inner in enumerate(value):
            yield from _leaves(inner, (*path, index))
    else:
        yield path, value


def _pattern(path: KeyPath) -> str:
    """The path without the numbers of list entries: pages[].id."""
    return dotted(tuple("[]" if isinstance(part, int) else part for part in path)).replace(
        ".[]", "[]"
    )


def _what(pattern: str, group: _Group) -> str:
    if group.inner:
        return f"{pattern} ({', '.join(group.inner)})"
    more = len(group.values) - MOST_VALUES
    shown = ", ".join(group.values[:MOST_VALUES]) + (f" and {more} others" if more > 0 else "")
    return f"{pattern}: {shown}"


def _where(places: list[str]) -> str:
    more = len(places) - 1
    if not more:
        return places[0]
    return f"{places[0]} and {more} more place{'' if more == 1 else 's'}"


def _shown(value: object) -> str:
    if value is None:
        return "nothing"
    if isinstance(value, bool):
        return str(value).lower()
    text = " ".join(str(value).split()) if isinstance(value, str) else str(value)
    return text if len(text) <= MOST_CHARACTERS else f"{text[: MOST_CHARACTERS - 1]}…"
