"""Versions of other tools -> conditions with levels: told, read from names, or numbered."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from jndlab.errors import DataError
from jndlab.importing.naming import clean_name, is_generic
from jndlab.study.trials import ANCHOR, BASELINE, TRAP

UNITS = {
    "bit": "bits",
    "bits": "bits",
    "kbps": "kbps",
    "kbit": "kbit/s",
    "kbits": "kbit/s",
    "db": "dB",
    "hz": "Hz",
    "khz": "kHz",
    "ms": "ms",
    "percent": "percent",
    "pct": "percent",
}
_UNIT = "|".join(sorted(UNITS, key=len, reverse=True))
_NAMED = re.compile(
    rf"(?P<stem>[A-Za-z][A-Za-z0-9_. -]*?)(?P<gap>[ _-]*)(?P<number>\d+(?:\.\d+)?)"
    rf"(?:[ _-]?(?P<unit>{_UNIT}))?",
    re.IGNORECASE,
)
_UNIT_LAST = re.compile(rf"(?P<number>\d+(?:\.\d+)?)[ _-]?(?P<unit>{_UNIT})", re.IGNORECASE)
NUMBERED_UNIT = "version"
NO_UNIT = "level"
"""What the unit is called where nobody says it."""

Source = Literal["told", "name", "none"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Graded:
    """A version's place in the study, and where its level comes from."""

    condition: str
    level: float
    unit: str
    source: Source


@dataclass(frozen=True, slots=True)
class _Read:
    stem: str
    number: float
    unit: str
    apart: bool
    """A gap or a unit shows that the number is no part of the name."""


def grade_versions(
    versions: Sequence[str], *, told: Mapping[str, tuple[str, float]], unit: str | None
) -> dict[str, Graded]:
    """Condition and level of every version.

    Those of ``told`` are as told. A number in a name is a level where other versions have the same
    name with another number, or where it is set apart (opus_64, 3bits); never where the rest of
    the name says nothing (C1). Every other version is a condition of its own, at level 1.
    DataError: a version of ``told`` that there is not, or two versions in one place.

    >>> graded = grade_versions(["opus_24", "opus_64", "C1"], told={}, unit=None)
    >>> [(one.condition, one.level) for one in graded.values()]
    [('opus', 24.0), ('opus', 64.0), ('C1', 1.0)]
    """
    unknown = [name for name in told if name not in versions]
    if unknown:
        raise DataError(
            f"There is no version {unknown[0]!r}.", f"There are: {', '.join(versions)}."
        )
    found: dict[str, Graded] = {}
    read = {name: _read(name) for name in versions if name not in told}
    siblings: dict[str, set[float]] = defaultdict(set)
    for one in read.values():
        if one is not None:
            siblings[one.stem.lower()].add(one.number)
    for name in versions:
        known = read.get(name)
        if name in told:
            condition, level = told[name]
            found[name] = Graded(
                condition=_condition(condition or _stem(name)),
                level=level,
                unit=unit or NO_UNIT,
                source="told",
            )
        elif known is not None and (known.apart or len(siblings[known.stem.lower()]) > 1):
            found[name] = Graded(
                condition=_condition(known.stem),
                level=known.number,
                unit=unit or known.unit or NO_UNIT,
                source="name",
            )
        else:
            found[name] = Graded(
                condition=_condition(name), level=1.0, unit=NUMBERED_UNIT, source="none"
            )
    return _one_unit(_without_clashes(found))


def _read(name: str) -> _Read | None:
    match = _UNIT_LAST.fullmatch(name.strip())
    if match:
        return _Read(match["unit"].lower(), float(match["number"]), _unit(match["unit"]), True)
    match = _NAMED.fullmatch(name.strip())
    if match is None or is_generic(match["stem"]):
        return None
    unit = _unit(match["unit"])
    return _Read(match["stem"], float(match["number"]), unit, bool(match["gap"] or unit))


def _unit(text: str | None) -> str:
    return UNITS[text.lower()] if text else ""


def _stem(name: str) -> str:
    read = _read(name)
    return read.stem if read else name


def _condition(name: str) -> str:
    clean = clean_name(name) or "version"
    if clean.lower() in (BASELINE, ANCHOR, TRAP):
        return f"{clean}-version"
    return f"version-{clean}" if re.fullmatch(r"[A-Za-z]|[\d. -]+", clean) else clean


def _without_clashes(found: dict[str, Graded]) -> dict[str, Graded]:
    """Two versions in one place: those that were only read from names become conditions."""
    places: dict[tuple[str, float], list[str]] = defaultdict(list)
    for name, one in found.items():
        places[one.condition.lower(), one.level].append(name)
    for names in places.values():
        if len(names) == 1:
            continue
        told = [name for name in names if found[name].source == "told"]
        if len(told) > 1 or any(found[name].source == "none" for name in names):
            first, second = names[:2]
            raise DataError(
                f"{first!r} and {second!r} would both be {found[first].condition} at level "
                f"{found[first].level:g}.",
                f"Give each its own: --level '{first}=CONDITION:LEVEL'.",
            )
        for name in names:
            if name not in told:
                found[name] = Graded(
                    condition=_condition(name), level=1.0, unit=NUMBERED_UNIT, source="none"
                )
    return found


def _one_unit(found: dict[str, Graded]) -> dict[str, Graded]:
    """A condition has one unit and one spelling: those of its first version."""
    first: dict[str, Graded] = {}
    for one in found.values():
        first.setdefault(one.condition.lower(), one)
    return {
        name: Graded(
            condition=first[one.condition.lower()].condition,
            level=one.level,
            unit=first[one.condition.lower()].unit,
            source=one.source,
        )
        for name, one in found.items()
    }
