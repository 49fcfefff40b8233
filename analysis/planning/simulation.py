"""What planning needs of a simulation: the counts of one study, and who is left in the end.

A simulation is any callable that is given a generator and two numbers and gives the counts of one
study. So :func:`jndlab.analysis.planning.plan.plan_study` knows neither study files nor procedures:
a study's own plan, or a procedure that adapts, comes in by the same door as plain numbers.
"""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass, field
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from jndlab.analysis.checks import one_number
from jndlab.analysis.records import to_dict
from jndlab.errors import DataError
from jndlab.study.trials import Direction

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]


@dataclass(frozen=True, slots=True, kw_only=True)
class SimulatedStudy:
    """The counts of one simulated study, after everybody who is to be left out was."""

    levels: Floats = field(repr=False)
    """Shape (levels,)."""
    n_correct: Floats = field(repr=False)
    """Shape (listeners, levels)."""
    n_trials: Floats = field(repr=False)
    """Shape (listeners, levels); 0 where a listener did not hear a level."""
    paradigm: str
    direction: Direction = "rises"
    n_recruited: int

    @property
    def n_listeners(self) -> int:
        """Listeners whose data are analysed."""
        return len(self.n_correct)


class Simulate(Protocol):
    """One simulated study of ``n_listeners`` recruited listeners.

    It takes all chance from ``rng``. To run in other processes it must be picklable: a function of
    a module, or a dataclass with ``__call__``.
    """

    def __call__(
        self, rng: np.random.Generator, *, n_listeners: int, trials_per_level: int
    ) -> SimulatedStudy: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Attrition:
    """Who is left out before the analysis, by rules that were stated beforehand."""

    dropout: float = 0.0
    """Share of the recruited who do not finish; none of their trials are used."""
    guessers: float = 0.0
    """Share of listeners who guess in every trial, catch trials included."""
    gross_trials: int = 0
    """Catch trials per listener that any attentive listener gets right."""
    min_gross_correct: float | None = None
    """Listeners with a smaller share of these right are excluded; None: no such rule."""

    def __post_init__(self) -> None:
        for name in ("dropout", "guessers"):
            share = one_number(getattr(self, name), name)
            if not 0.0 <= share < 1.0:
                raise DataError(
                    f"A share of {name} of {share:g} cannot be.",
                    "Give a number from 0 to below 1, such as 0.1.",
                )
        if not one_number(self.gross_trials, "gross_trials") >= 0 or self.gross_trials % 1:
            raise DataError("gross_trials is no number of trials.", "Give 0 or more.")
        least = self.min_gross_correct
        if least is not None and not 0.0 <= one_number(least, "min_gross_correct") <= 1.0:
            raise DataError(
                f"min_gross_correct cannot be {self.min_gross_correct}.",
                "Give a proportion, such as 0.8.",
            )

    def finished(self, rng: np.random.Generator, n_listeners: int) -> Bools:
        """Who of the recruited does not drop out, shape (listeners,)."""
        return np.asarray(rng.random(n_listeners) >= self.dropout)

    def attentive(self, n_right: Floats) -> Bools:
        """Who is not excluded, from the number right of all gross trials, shape (listeners,)."""
        if self.min_gross_correct is None:
            return np.ones(len(n_right), dtype=bool)
        return np.asarray(n_right >= self.min_gross_correct * self.gross_trials - 1e-9)

    def stay(self, rng: np.random.Generator, gross_correct: Floats) -> Bools:
        """Who is analysed; ``gross_correct``: proportion correct on gross trials, (listeners,)."""
        n_right = rng.binomial(self.gross_trials, gross_correct).astype(float)
        return self.finished(rng, len(gross_correct)) & self.attentive(n_right)


EVERYBODY_STAYS = Attrition()


def describe(made: object) -> dict[str, Any]:
    """A simulation or a goal as plain values, so that a plan can say how it was made."""
    kind = getattr(made, "__name__", type(made).__name__)
    if dataclasses.is_dataclass(made) and not isinstance(made, type):
        return {"kind": kind, **to_dict(made)}
    return {"kind": kind}
