"""What counts could have been had a hypothesis been true: scores of listeners and their chances.

Two hypotheses, which ask different things:

- "symmetric": listeners differ, and their differences from chance (or between two conditions) are
  spread alike on both sides of 0. Signs of the scores may then be flipped, listener by listener
  (Fisher 1935, *The Design of Experiments*, §21; Pitman 1937). The listener is the unit. Guesses of
  two possibilities are symmetric as well. With three or more a guesser's score is skewed about
  chance, so that flips are not valid: refused.
- "no_effect": no listener hears anything. Against chance all responses are guesses, binomial with
  any chance level; between two conditions each listener's correct responses are dealt out anew over
  all own trials (hypergeometric), whatever the numbers of trials. Here the trial is the unit: a
  rejection says that somebody hears something, not that listeners on the whole do.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from jndlab.analysis.inference.binomial_probabilities import log_choose
from jndlab.analysis.inference.listener_table import ListenerTable
from jndlab.analysis.inference.random_sums import Support, common_steps
from jndlab.errors import DataError

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Null = Literal["symmetric", "no_effect"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ListenerScores:
    """One score per listener in whole steps, and what else it could have been."""

    scores: Ints
    """Proportion less chance, or difference of two proportions, times the number of steps."""
    supports: list[Support]
    slack: int
    """Rounding of a sum, in steps."""


def choose_null(null: Null | None, *, chance: float | None) -> Null:
    """The hypothesis asked for, or the default: symmetric where that is valid.

    ``chance`` is None between two conditions. DataError: no such hypothesis, flips that are not
    valid.
    """
    flips_are_valid = chance is None or chance == 0.5
    if null is None:
        return "symmetric" if flips_are_valid else "no_effect"
    if null not in ("symmetric", "no_effect"):
        raise DataError(f"There is no hypothesis {null!r}.", 'Use "symmetric" or "no_effect".')
    if null == "symmetric" and not flips_are_valid:
        raise DataError(
            f"Guessers with a chance level of {chance:.4g} are not as often above it as below: "
            "signs may not be flipped.",
            'Use null="no_effect", or compare two conditions.',
        )
    return null


def scores_against_chance(table: ListenerTable, chance: float, null: Null) -> ListenerScores:
    """Of a table of one column: proportions less chance.

    >>> table = ListenerTable(n_correct=np.array([[3]]), n_trials=np.array([[4]]))
    >>> scores_against_chance(table, 0.5, "symmetric").supports[0][0].tolist()
    [-2, 2]
    """
    k, n = table.n_correct[:, 0], table.n_trials[:, 0]
    steps, slack = common_steps(n)
    if null == "symmetric":
        # In half steps, so that a chance of 1/2 is whole.
        scores = _in_steps(2 * k - n, n, steps)
        return ListenerScores(scores=scores, supports=_flips(scores), slack=slack)
    # Chance is the same for the data and the draws: a sum of proportions says the same.
    return ListenerScores(
        scores=_in_steps(k, n, steps),
        supports=[
            (_in_steps(np.arange(one + 1), one, steps), _binomial(int(one), chance)) for one in n
        ],
        slack=slack,
    )


def scores_between(one: ListenerTable, other: ListenerTable, null: Null) -> ListenerScores:
    """Of two tables of the same listeners: the first proportion less the second."""
    k, n = one.n_correct[:, 0], one.n_trials[:, 0]
    k_other, n_other = other.n_correct[:, 0], other.n_trials[:, 0]
    steps, slack = common_steps(np.concatenate([n, n_other]))
    scores = _in_steps(k, n, steps) - _in_steps(k_other, n_other, steps)
    if null == "symmetric":
        return ListenerScores(scores=scores, supports=_flips(scores), slack=slack)
    supports = []
    for total, mine, theirs in zip(k + k_other, n, n_other, strict=True):
        dealt = np.arange(max(0, total - theirs), min(total, mine) + 1)
        values = _in_steps(dealt, mine, steps) - _in_steps(total - dealt, theirs, steps)
        supports.append((values, _hypergeometric(dealt, int(total), int(mine), int(theirs))))
    return ListenerScores(scores=scores, supports=supports, slack=slack)


def _flips(scores: Ints) -> list[Support]:
    # A score of 0 has one value only; two equal ones would be merged anyway.
    return [(np.array([-score, score]), np.array([0.5, 0.5])) for score in scores]


def _in_steps(numerator: Ints, n: Ints | np.int64, steps: int) -> Ints:
    """numerator · steps / n, whole where steps is a multiple of n and else rounded."""
    whole = np.asarray(steps % np.asarray(n) == 0)
    exact = numerator * (steps // np.asarray(n))
    return np.where(whole, exact, np.rint(numerator / n * steps)).astype(np.int64)


def _binomial(n: int, p: float) -> Floats:
    k = np.arange(n + 1)
    return _normalised(log_choose(n, k) + k * np.log(p) + (n - k) * np.log1p(-p))


def _hypergeometric(dealt: Ints, total: int, n: int, n_other: int) -> Floats:
    return _normalised(log_choose(n, dealt) + log_choose(n_other, total - dealt))


def _normalised(log_weights: Floats) -> Floats:
    weights = np.exp(log_weights - log_weights.max())
    return np.asarray(weights / weights.sum())
