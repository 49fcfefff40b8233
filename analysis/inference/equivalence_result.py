"""What an equivalence test finds."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from jndlab.analysis.inference.equivalence_bounds import BoundOn
from jndlab.analysis.inference.equivalence_counts import Unit
from jndlab.analysis.inference.equivalence_wording import Verdict
from jndlab.analysis.intervals import ConfidenceInterval
from jndlab.analysis.records import to_dict


@dataclass(frozen=True, slots=True, kw_only=True)
class EquivalenceTest:
    """Whether an effect is smaller than a bound, whether there is one, and what may be said."""

    verdict: Verdict
    wording: str
    """What may be said in a report: it follows from the verdict and claims no more."""
    p_value: float
    """One-sided, against a proportion correct of the bound or more."""
    p_value_tost: float
    """The larger of two one-sided p-values: against the bound, and against its mirror image."""
    p_value_difference: float
    """Exact and one-sided, against guessing by everybody."""
    estimate: float
    """Proportion correct; over listeners the mean of their proportions."""
    interval: ConfidenceInterval
    """Of the proportion correct: from 0 to the one-sided limit, or with ``two_sided`` to both."""
    interval_d_prime: ConfidenceInterval
    """The same limits as d′; 0 at chance and below."""
    interval_discriminators: ConfidenceInterval
    """The same limits as shares of discriminators; 0 at chance and below."""
    smallest_rejected_bound: float | None
    """The smallest bound, on the scale of the bound, that these data reject; None: they reject
    none. A bound chosen by it is no claim, but it says what the data can rule out."""
    bound: float
    bound_on: BoundOn
    bound_proportion: float
    """The bound as a proportion correct."""
    lower_bound_proportion: float
    """Its mirror image below chance, 2 · chance − bound: the other bound of TOST."""
    alpha: float
    two_sided: bool
    unit: Unit
    n_listeners: int | None
    """None where the counts do not say."""
    n_correct: int
    n_trials: int
    paradigm: str
    model: str | None
    chance: float
    largest_spread: float | None
    """Standard deviation between listeners that the claim withstands; None: the unit is the trial.
    """
    observed_spread: float | None
    """Standard deviation between listeners beyond what guessing explains, by moments."""
    method: str
    warnings: tuple[str, ...]

    def to_dict(self) -> Any:
        """The fields, ready for JSON."""
        return to_dict(self)
