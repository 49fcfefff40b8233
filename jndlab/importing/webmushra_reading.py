"""What is gathered from the pages of a webMUSHRA file, and the study's keys that it comes to."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from jndlab.importing.imported import ImportOptions
from jndlab.importing.ledger import Ledger
from jndlab.importing.pairs import Comparison
from jndlab.importing.sounds import SoundFinder
from jndlab.importing.words import joined
from jndlab.study.texts import Texts
from jndlab.study.trials import ParadigmName


@dataclass(slots=True)
class Reading:
    """What was read of a file so far."""

    ledger: Ledger
    finder: SoundFinder
    options: ImportOptions
    comparisons: list[Comparison] = field(default_factory=list)
    welcome: list[str] = field(default_factory=list)
    loops: list[bool] = field(default_factory=list)
    kinds: frozenset[str] = frozenset()
    """Types of the pages that are taken."""
    paradigm: ParadigmName = "abx"
    anchors: list[tuple[float, ...]] = field(default_factory=list)
    keys: dict[str, Any] = field(default_factory=dict)
    checks: list[dict[str, Any]] = field(default_factory=list)
    thanks: str = ""


def keys_of(reading: Reading) -> dict[str, Any]:
    """The keys of the study that the pages around the trials, and what all trials share, give."""
    keys = dict(reading.keys)
    texts: dict[str, Any] = {}
    if reading.welcome:
        texts["consent"] = joined([*reading.welcome, Texts().consent])
    if reading.thanks:
        texts["thanks"] = reading.thanks
    if texts:
        keys["texts"] = texts
    if reading.loops and len(set(reading.loops)) == 1:
        keys["presentation"] = {"loop_region": reading.loops[0]}
    anchors = sorted({hz for found in reading.anchors for hz in found})
    if anchors:
        keys["stimuli"] = {"anchors_hz": tuple(anchors)}
    if reading.checks:
        keys["checks"] = [{"kind": "sound"}, *_once(reading.checks)]
    return keys


def _once(checks: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [one for at, one in enumerate(checks) if one not in checks[:at]]
