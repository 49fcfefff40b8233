"""Same-different trials: d′ from two rates or four counts, under both decision models.

"Different" said of different pairs is a hit (rate H), said of same pairs a false alarm (rate F).

Independent observation: each stimulus is put into its class, the pair judged by likelihood. The
unbiased listener is right in Φ(d′/2)² + Φ(−d′/2)² of trials; a biased one's ROC is taken as a
straight line of slope 1 in z, so that this proportion is Φ(½(z(H) − z(F))) (Macmillan & Creelman
2005, ch. 9). The exact ROC bends: for a likelihood-ratio listener with c = ±0.8 this d′ is 6 % too
large at d′ = 1, 3 % at d′ = 2 and less than 1 % at d′ = 3; without bias it is exact.

Differencing: "different" is said when the observations lie further apart than a criterion k:
F = 2Φ(−k/√2) and H = Φ((d′ − k)/√2) + Φ((−d′ − k)/√2) (Kaplan, Macmillan & Creelman 1978,
*Behavior Research Methods & Instrumentation* 10, 796–813). In maximum likelihood k is called τ and
d′ is called δ (Christensen & Brockhoff 2009, *Food Quality and Preference* 20, 514–520).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import ndtr, ndtri

from jndlab.analysis.checks import numbers
from jndlab.analysis.detection.inverse import Floats
from jndlab.analysis.paradigms import DIFFERENCING, get_paradigm
from jndlab.errors import DataError

_SQRT_2 = float(np.sqrt(2.0))
_N_HALVINGS = 60
"""40 · 2⁻⁶⁰ is below machine precision."""


def d_prime_same_different(
    hit_rate: ArrayLike, false_alarm_rate: ArrayLike, *, model: str | None = None
) -> Floats:
    """d′ of same-different trials from the two rates of "different", elementwise.

    Shapes are broadcast; a number for numbers. ``model`` is "independent_observation" (the
    default) or "differencing"; which one holds is seldom known, so quote both. Where H < F, which
    neither model expects, d′ is negative under independent observation (H and F exchanged) and 0
    under differencing, the nearest there is. Infinite where H is 1 or F is 0.

    Formulas at the head of this module (Macmillan & Creelman 2005; Kaplan, Macmillan & Creelman
    1978). DataError: unknown model, a rate outside 0 to 1, both rates 0 or both 1 (they say
    nothing).

    >>> round(float(d_prime_same_different(0.8, 0.4, model="differencing")), 4)
    2.3496
    >>> round(float(d_prime_same_different(0.8, 0.4, model="independent_observation")), 4)
    1.8497
    """
    chosen = get_paradigm("same_different").model(model)
    try:
        hits, false_alarms = np.broadcast_arrays(
            numbers(hit_rate, "hit_rate"), numbers(false_alarm_rate, "false_alarm_rate")
        )
    except ValueError:
        raise DataError("The rates differ in shape.", "Give one of each per listener.") from None
    if not np.all((hits >= 0) & (hits <= 1) & (false_alarms >= 0) & (false_alarms <= 1)):
        raise DataError("A rate lies between 0 and 1.", "Give rates, not % or counts.")
    if np.any((hits == false_alarms) & ((hits == 0.0) | (hits == 1.0))):
        raise DataError(
            "A hit rate and a false-alarm rate that are both 0 or both 1 say nothing about d′.",
            "Use corrected_rate on the counts, or estimate_same_different for an interval.",
        )
    if chosen == DIFFERENCING:
        result = _by_differencing(hits, false_alarms)
    else:
        result = d_prime_of_distance(ndtri(hits) - ndtri(false_alarms))
    return result[()] if result.ndim == 0 else result


def d_prime_of_distance(distance: Floats) -> Floats:
    """d′ under independent observation from z(H) − z(F), elementwise and odd in it.

    With error q = Φ(−distance/2), Φ(−d′/2) is the smaller root of 2x(1 − x) = q.

    >>> round(float(d_prime_of_distance(np.array(1.0949682))), 4)
    1.8497
    """
    error = ndtr(-np.abs(distance) / 2.0)
    # x = (1 - sqrt(1 - 2q)) / 2, written so that it does not cancel for small q
    x = error / (1.0 + np.sqrt(1.0 - 2.0 * error))
    return np.asarray(-2.0 * ndtri(x) * np.sign(distance) + 0.0)  # no -0


def hit_rate_at(d_prime: float, false_alarm_rate: Floats, *, model: str) -> Floats:
    """The rate of "different" to pairs that differ by ``d_prime`` ≥ 0, elementwise: the inverse of
    :func:`d_prime_same_different` for rates of false alarms between 0 and 1.

    >>> hit = hit_rate_at(2.0, np.array(0.3), model="differencing")
    >>> round(float(d_prime_same_different(hit, 0.3, model="differencing")), 9)
    2.0
    """
    if model == DIFFERENCING:
        criterion = -_SQRT_2 * ndtri(np.asarray(false_alarm_rate) / 2.0)
        return hit_and_miss_rate(np.asarray(d_prime), criterion)[0]
    x = float(ndtr(-d_prime / 2.0))
    distance = -2.0 * float(ndtri(2.0 * x * (1.0 - x)))
    return np.asarray(ndtr(ndtri(false_alarm_rate) + distance))


def hit_and_miss_rate(d_prime: Floats, criterion: Floats) -> tuple[Floats, Floats]:
    """H and 1 − H under differencing, elementwise, each without cancellation in its tail.

    >>> hit, miss = hit_and_miss_rate(np.array(1.0), np.array(1.0))
    >>> round(float(hit), 4), round(float(hit + miss), 12)
    (0.5786, 1.0)
    """
    near, far = (criterion - d_prime) / _SQRT_2, (criterion + d_prime) / _SQRT_2
    return np.asarray(ndtr(-near) + ndtr(-far)), np.asarray(ndtr(near) - ndtr(-far))


def _by_differencing(hits: Floats, false_alarms: Floats) -> Floats:
    """Halving between 0 and k + √2 z(H), which ignores the far tail of H and so is too large."""
    finite = (hits > false_alarms) & (hits < 1.0) & (false_alarms > 0.0)
    hit = np.where(finite, hits, 0.75)
    criterion = -_SQRT_2 * ndtri(np.where(finite, false_alarms, 0.25) / 2.0)
    low = np.zeros(hit.shape)
    high = np.maximum(criterion + _SQRT_2 * ndtri(hit), 0.0)
    for _ in range(_N_HALVINGS):
        middle = (low + high) / 2.0
        rate, miss = hit_and_miss_rate(middle, criterion)
        too_small = np.where(hit < 0.5, rate < hit, miss > 1.0 - hit)
        low, high = np.where(too_small, middle, low), np.where(too_small, high, middle)
    result = np.where(finite, (low + high) / 2.0, np.inf)
    return np.where(hits <= false_alarms, 0.0, result)
