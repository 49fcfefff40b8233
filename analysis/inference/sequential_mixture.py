"""Evidence of trials against one proportion correct that stays valid however often one looks.

The likelihood ratio of a proportion p₁ against p₀, in expectation 1 under p₀ after every trial and
so a martingale, mixed over p₁ by a beta distribution (Ville 1939; Robbins 1970, *Ann. Math. Stat.*
41, 1397–1409; Howard, Ramdas, McAuliffe & Sekhon 2021, *Ann. Stat.* 49, 1055–1080).
With p₁ > p₀ only, it falls in expectation for every smaller proportion, too, even if that changes
from trial to trial. The chance that it ever reaches 1/α is at most α.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import betainc, betaincc, betaln, xlog1py, xlogy

from jndlab.analysis.checks import numbers
from jndlab.analysis.inference.proportions import Alternative
from jndlab.errors import DataError

Floats = NDArray[np.float64]
Prior = tuple[float, float]
_HALVINGS = 50
_SHARPEST = 100.0
"""A beta distribution sharper than that has no mass left on the other side of chance."""


def require_prior(prior: Prior) -> Prior:
    """The two parameters of a beta distribution. DataError: they are none.

    >>> require_prior((1, 2))
    (1.0, 2.0)
    """
    found = numbers(prior, "prior")
    if found.shape != (2,) or not np.all((found > 0.0) & (found <= _SHARPEST)):
        raise DataError(
            f"{prior!r} are not the parameters of a beta distribution that spreads its bets.",
            f"Give two numbers above 0, at most {_SHARPEST:g}, such as (1, 1) for all proportions "
            "alike.",
        )
    return float(found[0]), float(found[1])


def log_e_value(
    n_correct: ArrayLike,
    n_trials: ArrayLike,
    null: ArrayLike,
    *,
    prior: Prior,
    low: ArrayLike = 0.0,
    high: ArrayLike = 1.0,
) -> Floats:
    """Natural logarithm of ∫ p^k (1 − p)^(n − k) dπ(p) / (null^k (1 − null)^(n − k)).

    π is the beta distribution ``prior`` cut to ``low``..``high``. All arguments broadcast.

    >>> round(float(np.exp(log_e_value(15, 20, 0.5, prior=(1, 1)))), 4)
    3.2206
    """
    k, n = np.asarray(n_correct, dtype=float), np.asarray(n_trials, dtype=float)
    a, b = prior
    p0 = np.asarray(null, dtype=float)
    with np.errstate(divide="ignore", invalid="ignore"):
        mixed = betaln(k + a, n - k + b) + np.log(_mass(k + a, n - k + b, low, high))
        mixed -= betaln(a, b) + np.log(_mass(a, b, low, high))
        return np.asarray(mixed - xlogy(k, p0) - xlog1py(n - k, -p0))


def _mass(a: ArrayLike, b: ArrayLike, low: ArrayLike, high: ArrayLike) -> Floats:
    """Probability of ``low``..``high`` in a beta distribution, from the tail that is smaller."""
    below = betainc(a, b, high) - betainc(a, b, low)
    above = betaincc(a, b, low) - betaincc(a, b, high)
    return np.asarray(np.where(betainc(a, b, low) > 0.5, above, below))


def mixture_limits(
    n_correct: ArrayLike,
    n_trials: ArrayLike,
    *,
    error: float,
    alternative: Alternative,
    prior: Prior,
    floor: float = 0.0,
) -> tuple[Floats, Floats]:
    """Lower and upper ends of the proportions whose e-value stays below 1/``error``, per moment.

    "two-sided": from one mixture over all proportions. "greater": lower ends only (the upper are
    1), "less": upper ends only, from mixtures over the one side and so a little narrower.
    ``floor``: the least proportion in the mixtures for upper ends.

    >>> low, high = mixture_limits(60, 100, error=0.05, alternative="two-sided", prior=(1, 1))
    >>> round(float(low), 3), round(float(high), 3)
    (0.441, 0.746)
    """
    k, n = np.asarray(n_correct, dtype=float), np.asarray(n_trials, dtype=float)
    target = -np.log(error)
    low, high = np.zeros(k.shape), np.ones(k.shape)
    one_sided = alternative != "two-sided"

    def above(p: Floats) -> Floats:
        return log_e_value(k, n, p, prior=prior, low=p if one_sided else 0.0)

    def below(p: Floats) -> Floats:
        if not one_sided:
            return log_e_value(k, n, p, prior=prior)
        return log_e_value(k, n, p, prior=prior, low=floor, high=p)

    if alternative != "less":
        low = _crossing(above, outside=low, inside=k / n, target=target)
    if alternative != "greater":
        high = _crossing(below, outside=high, inside=np.maximum(k / n, floor), target=target)
    return low, high


def _crossing(
    log_e: Callable[[Floats], Floats], *, outside: Floats, inside: Floats, target: float
) -> Floats:
    """Between ``outside`` and ``inside``, where the e-value comes down to the target.

    The last proportion that is still ruled out, or ``outside``.
    """
    for _ in range(_HALVINGS):
        middle = (outside + inside) / 2.0
        ruled_out = log_e(middle) >= target
        outside, inside = np.where(ruled_out, middle, outside), np.where(ruled_out, inside, middle)
    return outside
