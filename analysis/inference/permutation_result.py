"""What a permutation test over listeners finds, and what its kinds share."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from jndlab.analysis.inference.permutation_nulls import ListenerScores, Null
from jndlab.analysis.inference.proportions import Alternative
from jndlab.analysis.inference.random_sums import Tails, sum_tails
from jndlab.analysis.inference.resampling import TIE
from jndlab.analysis.inference.typical_values import centre_limits
from jndlab.analysis.intervals import ConfidenceInterval
from jndlab.analysis.records import to_dict
from jndlab.errors import DataError

Floats = NDArray[np.float64]
USUAL_LEVEL = 0.05
"""Level at which a test that can never reject is pointed out."""
_HYPOTHESES: dict[Null, str] = {
    "symmetric": "listeners' true {what} are spread alike on both sides of 0",
    "no_effect": "every single listener's true {what} is 0",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class PermutationTest:
    """A test over listeners by flipping signs, exchanging labels or dealing responses out anew."""

    p_value: float
    estimate: float
    """Mean proportion correct, or difference of two means; every listener counts alike."""
    interval: ConfidenceInterval
    """Of the population's mean, or of the difference; one-sided where the alternative is."""
    alternative: Alternative
    hypothesis: str
    """What the p-value speaks against."""
    chance: float | None
    """None between two conditions."""
    n_listeners: int
    """With trials; of both groups together where they are different people."""
    exact: bool
    """All arrangements were counted; else ``n_resamples`` were drawn."""
    n_resamples: int
    seed: int | None
    """None where a Generator was passed in."""
    method: str
    warnings: tuple[str, ...]
    data_digest: str

    def to_dict(self) -> Any:
        """The fields, ready for JSON."""
        return to_dict(self)


def hypothesis_text(null: Null, what: str) -> str:
    """What the p-value speaks against; ``what`` is a difference."""
    return _HYPOTHESES[null].format(what=what)


def tails_of_scores(scores: ListenerScores, draws: int, rng: np.random.Generator) -> Tails:
    """Both tails of the sum of the scores."""
    return sum_tails(
        scores.supports,
        int(scores.scores.sum()),
        slack=scores.slack,
        n_resamples=draws,
        rng=rng,
    )


def interval_by_flips(
    scores: Floats,
    sides: Alternative,
    coverage: float,
    ends: tuple[float, float],
    draws: int,
    rng: np.random.Generator,
) -> ConfidenceInterval:
    """Of the centre of the scores, within the values ``ends`` that it can have."""
    tail = (1.0 - coverage) / (2.0 if sides == "two-sided" else 1.0)
    low, high = centre_limits(scores, tail=tail, n_resamples=draws, rng=rng)
    # A limit that equals the centre belongs to it, whatever rounding says.
    low, high = low - TIE, high + TIE
    return cut_interval(
        low, high, sides, coverage, ends, "sign flips, means of subsets of listeners"
    )


def cut_interval(
    low: float,
    high: float,
    sides: Alternative,
    coverage: float,
    ends: tuple[float, float],
    method: str,
) -> ConfidenceInterval:
    """An interval within the possible values, one-sided where the alternative is."""
    return ConfidenceInterval(
        low=ends[0] if sides == "less" else float(max(ends[0], low)),
        high=ends[1] if sides == "greater" else float(min(ends[1], high)),
        coverage=coverage,
        method=method + ("" if sides == "two-sided" else ", one-sided"),
    )


def require_two_listeners(n_listeners: int) -> None:
    """Raise DataError if there are fewer."""
    if n_listeners < 2:
        raise DataError(
            "A test over listeners needs two of them or more (in each group).",
            "For the trials of one listener: binomial_test.",
        )


def too_few_to_flip(n_listeners: int) -> tuple[str, ...]:
    """A warning where even unanimous listeners would not be significant."""
    smallest = 0.5**n_listeners
    return (no_small_p(smallest),) if smallest > USUAL_LEVEL else ()


def no_small_p(smallest: float) -> str:
    """The warning that a test can never reject."""
    return (
        f"So few listeners allow no one-sided p-value below {smallest:.2g}, whatever they hear: "
        "the test cannot tell."
    )
