"""The paradigms: intervals and orders, wording, possible responses, chance level.

A paradigm is one entry of :data:`PARADIGMS`; page, plan, scoring and simulation read it here.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from jndlab.languages.marks import N_
from jndlab.study.trials import BASELINE, GUESS_RATES, Interval, ParadigmName, TrialKind

Source = Literal["baseline", "compressed"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """One order of presentation: what each interval plays, and the response that is right."""

    code: str
    sources: tuple[Source, ...]
    correct_response: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Paradigm:
    """One trial type."""

    name: ParadigmName
    title: str
    labels: tuple[str, ...]
    """Labels of the intervals on the page."""
    playback: Literal["switched", "sequence"]
    """switched: the participant changes between intervals at will; sequence: one after the
    other, scheduled in one go."""
    orders: tuple[Order, ...]
    responses: tuple[str, ...]
    response_labels: tuple[str, ...]
    """What the answer buttons say, in the order of ``responses``."""
    question: str
    gate: str
    """Shown until the answers open."""
    instructions: tuple[str, ...]

    @property
    def guess_rate(self) -> float:
        """Chance of a correct response by guessing."""
        return GUESS_RATES[self.name]

    def intervals(
        self, order: Order, *, kind: TrialKind, condition: str, level: float
    ) -> tuple[Interval, ...]:
        """The intervals of one trial. An identical pair plays the baseline throughout."""
        return tuple(
            Interval(label=label, condition=BASELINE, level=None)
            if source == "baseline" or kind == "identical"
            else Interval(label=label, condition=condition, level=level)
            for label, source in zip(self.labels, order.sources, strict=True)
        )

    def seconds_per_trial(self, clip_seconds: float, gap_seconds: float) -> float:
        """Rough time that a trial takes, for planning: listening plus deciding."""
        n_clips = len(self.labels)
        if self.playback == "sequence":
            return n_clips * clip_seconds + (n_clips - 1) * gap_seconds + 2.0
        return 1.3 * n_clips * clip_seconds + 2.5


ABX = Paradigm(
    name="abx",
    title=N_("Which one is X?"),
    labels=("A", "B", "X"),
    playback="switched",
    orders=(
        Order(code="AB-A", sources=("baseline", "compressed", "baseline"), correct_response="A"),
        Order(code="AB-B", sources=("baseline", "compressed", "compressed"), correct_response="B"),
        Order(code="BA-A", sources=("compressed", "baseline", "baseline"), correct_response="B"),
        Order(code="BA-B", sources=("compressed", "baseline", "compressed"), correct_response="A"),
    ),
    responses=("A", "B"),
    response_labels=(N_("X is A"), N_("X is B")),
    question=N_("Is X the same as A or the same as B?"),
    gate=N_("Listen to A, B and X first."),
    instructions=(
        N_("You hear the same sentence in two versions, A and B. X is one of the two."),
        N_(
            "Listen to A, B and X as often as you like and change between them at any moment. "
            "Then say which of the two X is."
        ),
        N_("The difference is often very small. If you cannot tell, guess."),
    ),
)

TWO_INTERVAL = Paradigm(
    name="two-interval",
    title=N_("The first or the second?"),
    labels=("1", "2"),
    playback="sequence",
    orders=(
        Order(code="BC", sources=("baseline", "compressed"), correct_response="2"),
        Order(code="CB", sources=("compressed", "baseline"), correct_response="1"),
    ),
    responses=("1", "2"),
    response_labels=(N_("The first"), N_("The second")),
    question=N_("Which one was the processed one?"),
    gate=N_("Listen to both first."),
    instructions=(
        N_(
            "You hear the same sentence twice. One of the two is the original, the other one was "
            "processed and may sound a little worse."
        ),
        N_("Say which one was the processed one: the first or the second."),
        N_("The difference is often very small. If you cannot tell, guess."),
    ),
)

PARADIGMS: dict[ParadigmName, Paradigm] = {entry.name: entry for entry in (ABX, TWO_INTERVAL)}
