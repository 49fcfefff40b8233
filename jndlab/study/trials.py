"""The vocabulary: what a trial is, what is recorded of it, and the columns of a tidy row.

Everything here is a small frozen record or a table of facts. The rooms above exchange
these and nothing else; :mod:`jndlab.analysis` knows no more of a study than this page.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from dataclasses import MISSING, asdict, dataclass, fields
from datetime import datetime
from functools import lru_cache
from typing import Any, Literal

from jndlab.study.columns import COLUMNS as COLUMNS
from jndlab.study.columns import Column as Column
from jndlab.study.columns import ColumnType as ColumnType
from jndlab.study.tasks import GUESS_RATES as GUESS_RATES
from jndlab.study.tasks import TASKS as TASKS
from jndlab.study.tasks import Measure as Measure
from jndlab.study.tasks import ParadigmName as ParadigmName
from jndlab.study.tasks import ProcedureName as ProcedureName
from jndlab.study.tasks import Task as Task
from jndlab.study.tasks import TrialKind as TrialKind

BASELINE = "baseline"
"""The name of the uncompressed side wherever a condition is named."""

Phase = Literal["practice", "main"]
SessionKind = Literal["participant", "simulated", "pilot", "preview"]
"""participant: counts. pilot: a person before the study ran. preview: the experimenter, looking at
it; never exported. simulated: a model of a listener."""
Direction = Literal["rises", "falls"]
"""Whether compression rises or falls with the level's number (bits: falls)."""

ANCHOR = "anchor"
"""The name of a low-pass filtered baseline wherever a condition is named; its level is in Hz."""
SEVERAL_ANSWERS = "|"
"""Between the right answers of a catch trial that has several."""
TRAP = "trap"
"""The name of a sound that asks for an answer wherever a condition is named; it has no level."""


def sound_word(condition: str, level: float | None) -> str:
    """A sound in one word, as column ``sounds`` holds it.

    >>> sound_word("seofp", 3.0), sound_word("baseline", None)
    ('seofp@3', 'baseline')
    """
    return condition if level is None else f"{condition}@{level:.12g}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Interval:
    """One sound of a trial: its label on the page (A, B, X, 1, 2) and what it plays."""

    label: str
    condition: str
    level: float | None
    """The compression level; None for the baseline; the cut-off in Hz of an anchor."""

    def sound(self) -> str:
        """What it plays, in one word: baseline, or seofp@3.

        >>> Interval(label="X", condition="seofp", level=3.0).sound()
        'seofp@3'
        """
        return sound_word(self.condition, self.level)


def _interval(label: str, condition: str, level: float | None) -> Interval:
    """One for all trials that have such an interval: plans of thousands are in memory at a time."""
    if level == 0:  # 0.0 and -0.0 are equal, and not written alike
        return Interval(label=label, condition=condition, level=level)
    return _shared_interval(label, condition, level)


@lru_cache(maxsize=4096, typed=True)
def _shared_interval(label: str, condition: str, level: float | None) -> Interval:
    return Interval(label=label, condition=condition, level=level)


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """One trial of a plan, truth included. Never leaves the server before its answer."""

    number: int
    """Position in the session, from 1."""
    block: int
    """Block, from 1; a break lies between two blocks."""
    phase: Phase
    kind: TrialKind
    """test; or a catch trial: identical (baseline twice), gross (most compressed level), repeated
    (an earlier test trial once more), gold (its answer is known to the experimenter) or trap (a
    sound that asks for an answer)."""
    item: str
    condition: str
    """The condition under test; empty where a trial holds several at once (MUSHRA)."""
    level: float | None
    """The level under test; for an identical pair, the level whose place it takes. None for the
    baseline by itself, and where a trial holds several."""
    order: str
    """Presentation order, such as AB-A (ABX) or BC (baseline first, compressed second)."""
    intervals: tuple[Interval, ...]
    correct_response: str
    """For an identical pair the nominal key: responses must agree with it at chance only; for gold
    and trap trials what is known to be right, several answers joined by '|'. Empty where nothing is
    right or wrong."""
    paradigm: ParadigmName | None = None
    """None: that of the study."""
    part: str = ""
    """Part of the session; empty where a session is all one."""
    track: str = ""
    """Adaptive track; empty where levels do not depend on answers."""
    compared_with: str = BASELINE
    """What the condition under test is heard beside: the baseline, or another condition,"""
    compared_level: float | None = None
    """at this level."""

    def to_dict(self) -> dict[str, Any]:
        """As JSON keeps it. Keys that came later are left out where they say nothing, so that
        trials and plans from before them stay as they were."""
        content = asdict(self)
        for field in fields(self):
            if field.default is not MISSING and content[field.name] == field.default:
                del content[field.name]
        return content

    @classmethod
    def from_dict(cls, content: Mapping[str, Any]) -> Trial:
        """The trial that :meth:`to_dict` wrote."""
        intervals = tuple(_interval(**interval) for interval in content["intervals"])
        texts = {key: sys.intern(one) for key, one in content.items() if type(one) is str}
        return cls(**{**content, **texts, "intervals": intervals})


@dataclass(frozen=True, slots=True, kw_only=True)
class Response:
    """What a participant answered to one trial."""

    value: str
    """One of the paradigm's responses; ratings as numbers, one per rated interval in the order of
    the page, joined by ';'."""
    response_time_ms: float
    """From the start of the first sound to the answer."""
    plays: tuple[int, ...]
    """How often each interval was played, in the order of the trial's intervals."""
    confidence: int | None = None
    """How sure the participant was, from 1; None where it is not asked."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TrialRecord:
    """A presented trial, and its answer if there is one."""

    trial: Trial
    presented_at: datetime
    n_loads: int = 1
    """How often the trial was handed out: more than one after a reload."""
    response: Response | None = None
    answered_at: datetime | None = None
    correct: bool | None = None
    """None without an answer, and where nothing is right or wrong."""
    context_rate_hz: int | None = None
    output_latency_ms: float | None = None
