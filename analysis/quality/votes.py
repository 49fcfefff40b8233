"""Answers to preference and rating trials as votes: who said what of which stimulus."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from jndlab.analysis.study.data import TrialTable
from jndlab.errors import DataError
from jndlab.study.trials import ANCHOR, BASELINE, TASKS, ParadigmName, sound_word

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Place = Literal["first", "second", "alone"]

SCALES: dict[ParadigmName, tuple[float, float]] = {
    "acr": (1.0, 5.0),
    "dcr": (1.0, 5.0),
    "ccr": (-3.0, 3.0),
    "mushra": (0.0, 100.0),
    "bs1116": (-4.0, 4.0),
    "preference": (0.0, 1.0),
}
"""Lowest and highest vote. Of BS.1116 a vote is a difference of two grades from 1 to 5; of a
preference 1 where the condition was preferred, else 0."""
_COMPARED = ("preference", "ccr", "bs1116")


class Stimulus(NamedTuple):
    """A condition at a level; the baseline has none, an anchor's level is its cut-off in Hz."""

    condition: str
    level: float | None = None

    @property
    def name(self) -> str:
        """baseline, or seofp@3."""
        return sound_word(self.condition, self.level)

    @property
    def is_anchor(self) -> bool:
        return self.condition == ANCHOR


REFERENCE = Stimulus(BASELINE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Votes:
    """Votes in columns, all of shape (votes,)."""

    paradigm: ParadigmName
    stimuli: tuple[Stimulus, ...]
    """Those voted on or compared with, the baseline first."""
    listeners: tuple[int, ...]
    items: tuple[str, ...]
    listener: Ints = field(repr=False)
    """Index into ``listeners``; likewise the next ones."""
    item: Ints = field(repr=False)
    stimulus: Ints = field(repr=False)
    other: Ints = field(repr=False)
    """What it was compared with; −1 where it was rated by itself."""
    value: Floats = field(repr=False)
    """In favour of ``stimulus``: see :data:`SCALES`."""
    sign: Ints = field(repr=False)
    """1 where ``stimulus`` came first, −1 where it came second, 0 where neither."""
    trial: Ints = field(repr=False)
    """Row of the table that the vote is from."""

    def __len__(self) -> int:
        return len(self.value)

    def select(self, rows: NDArray[np.bool_]) -> Votes:
        """The votes of a mask of shape (votes,); stimuli, listeners and items stay."""
        names = ("listener", "item", "stimulus", "other", "value", "sign", "trial")
        return Votes(
            paradigm=self.paradigm,
            stimuli=self.stimuli,
            listeners=self.listeners,
            items=self.items,
            **{name: getattr(self, name)[rows] for name in names},
        )

    def index(self, stimulus: Stimulus) -> int:
        """Where a stimulus stands in ``stimuli``; −1 if it is not among them."""
        return self.stimuli.index(stimulus) if stimulus in self.stimuli else -1


class _Vote(NamedTuple):
    stimulus: Stimulus
    other: Stimulus | None
    value: float
    sign: int
    trial: int


def read_votes(table: TrialTable) -> Votes:
    """The votes in the answered rows of one paradigm, whatever their kind or phase.

    A comparison is turned so that it speaks for the condition under test, in whichever order the
    two were heard: CCR rates the second against the first. A MUSHRA trial gives one vote per rated
    interval; a BS.1116 trial the grade of the version under test minus that of the hidden
    reference. DataError: several paradigms, one without votes, a response that is none.
    """
    table = table.select(table.answered)
    paradigm = table.only("paradigm", what="paradigm")
    if TASKS[paradigm].measure not in ("preference", "rating"):
        raise DataError(
            f"Answers to {paradigm} trials are no preferences and no ratings.",
            "Use analyse_study: they are right or wrong.",
        )
    found = [vote for row in range(len(table)) for vote in _votes_of(table, row, paradigm)]
    found = [_turned(vote, paradigm) for vote in found]
    stimuli = _ordered({side for vote in found for side in (vote.stimulus, vote.other) if side})
    listeners = tuple(int(one) for one in np.unique(table["participant"]))
    items = tuple(str(one) for one in np.unique(table["item"]))
    where = {stimulus: at for at, stimulus in enumerate(stimuli)}
    trial = np.array([vote.trial for vote in found], dtype=np.int64)
    return Votes(
        paradigm=paradigm,
        stimuli=stimuli,
        listeners=listeners,
        items=items,
        listener=np.searchsorted(listeners, table["participant"][trial]),
        item=np.searchsorted(np.array(items), table["item"][trial]),
        stimulus=np.array([where[vote.stimulus] for vote in found], dtype=np.int64),
        other=np.array([where[v.other] if v.other else -1 for v in found], dtype=np.int64),
        value=np.array([vote.value for vote in found]),
        sign=np.array([vote.sign for vote in found], dtype=np.int64),
        trial=trial,
    )


def _turned(vote: _Vote, paradigm: ParadigmName) -> _Vote:
    """The same vote for the later of two conditions: a pair can be planned either way round."""
    if vote.other is None or _place(vote.other) <= _place(vote.stimulus):
        return vote
    value = 1.0 - vote.value if paradigm == "preference" else -vote.value
    return _Vote(vote.other, vote.stimulus, value, -vote.sign, vote.trial)


def _ordered(found: set[Stimulus]) -> tuple[Stimulus, ...]:
    """Baseline, conditions by name and level, anchors last."""
    return tuple(sorted(found, key=_place))


def _place(one: Stimulus) -> tuple[int, str, float]:
    group = 0 if one == REFERENCE else 2 if one.is_anchor else 1
    return (group, one.condition, -math.inf if one.level is None else one.level)


def _votes_of(table: TrialTable, row: int, paradigm: ParadigmName) -> Iterator[_Vote]:
    """The votes of one trial. DataError: a response that is none of this paradigm."""
    response = str(table["response"][row])
    tested = _stimulus(str(table["condition"][row]), float(table["level"][row]))
    if str(table["trial_kind"][row]) == "identical" and paradigm != "mushra":
        tested = REFERENCE  # its level is only the one whose place it takes
    if paradigm == "mushra":
        yield from _mushra(table, row, response)
        return
    compared = None
    if paradigm in _COMPARED:
        name = str(table["compared_with"][row]) or BASELINE
        compared = _stimulus(name, float(table["compared_level"][row]))
    sign = _sign(str(table["order"][row])) if compared else 0
    if paradigm == "preference":
        if response not in ("A", "B"):
            raise _wrong(table, row, "A or B")
        value = float((response == "A") == (sign > 0))
    elif paradigm == "bs1116":
        first, second = _ratings(table, row, response, 2)
        value = (first - second) * sign
    else:
        value = _ratings(table, row, response, 1)[0] * (-sign if paradigm == "ccr" else 1)
    low, high = SCALES[paradigm]
    if not low <= value <= high:
        raise _wrong(table, row, f"on the scale from {low:g} to {high:g}")
    yield _Vote(tested, compared, value, sign, row)


def _mushra(table: TrialTable, row: int, response: str) -> Iterator[_Vote]:
    """One vote per rated interval: every one but the first, which is the open reference."""
    sounds = [sound_stimulus(one) for one in str(table["sounds"][row]).split(";")][1:]
    for stimulus, value in zip(sounds, _ratings(table, row, response, len(sounds)), strict=True):
        yield _Vote(stimulus, None, value, 0, row)


def sound_stimulus(sound: str) -> Stimulus:
    """What a word of column ``sounds`` names. DataError: it names nothing.

    >>> sound_stimulus("seofp@3"), sound_stimulus("baseline").name
    (Stimulus(condition='seofp', level=3.0), 'baseline')
    """
    name, _, level = sound.rpartition("@") if "@" in sound else (sound, "", "")
    try:
        return Stimulus(name, float(level) if level else None)
    except ValueError:
        raise DataError(
            f"Column sounds: {sound!r} is no condition@level.", "Restore the exported value."
        ) from None


def _stimulus(condition: str, level: float) -> Stimulus:
    return Stimulus(condition, None if math.isnan(level) or condition == BASELINE else level)


def _sign(order: str) -> int:
    """1 where the condition under test (C) came before what it is compared with (B), else −1.

    >>> _sign("CB"), _sign("BC"), _sign("B-CB")
    (1, -1, 1)
    """
    pair = order.rpartition("-")[2]
    return 1 if pair.startswith("C") else -1


def _ratings(table: TrialTable, row: int, response: str, n_rated: int) -> Sequence[float]:
    try:
        found = [float(part) for part in response.split(";")]
    except ValueError:
        found = []
    if len(found) != n_rated or not all(math.isfinite(one) for one in found):
        raise _wrong(table, row, "one number" if n_rated == 1 else f"{n_rated} numbers")
    return found


def _wrong(table: TrialTable, row: int, wanted: str) -> DataError:
    return DataError(
        f"Session {table['session'][row]}, trial {table['trial'][row]}: the response "
        f"{str(table['response'][row])!r} is not {wanted}.",
        "Restore the exported value.",
    )
