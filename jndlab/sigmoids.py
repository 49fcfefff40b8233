"""Psychometric functions: an unscaled sigmoid, its inverse, and the scaling to proportions.

Every sigmoid has two parameters with the same meaning in all families, as in psignifit
(Schütt, Harmeling, Macke & Wichmann 2016, *Vision Research* 122, 105–123):

``threshold``
    the level at which the unscaled sigmoid is 0.5, in the unit of the level;
``width``
    the distance between the levels at which it is 0.05 and 0.95, in the unit of the level
    (for ``weibull`` and ``lognormal``, which live on the logarithm of the level: in
    natural-log units of the level).

With a standard form S the sigmoid is F(x) = S(a + c (x − threshold) / width), where
a = S⁻¹(0.5) and c = S⁻¹(0.95) − S⁻¹(0.05). A falling sigmoid is 1 − F.

>>> round(float(sigmoid("norm", 3.0, 3.0, 2.0)), 3)
0.5
>>> [round(float(v), 3) for v in sigmoid("norm", [2.0, 4.0], 3.0, 2.0)]
[0.05, 0.95]
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from jndlab.errors import FitError

Floats = NDArray[np.float64]
SigmoidName = Literal[
    "norm",
    "logistic",
    "gumbel",
    "reversed-gumbel",
    "weibull",
    "lognormal",
    "hyperbolic-secant",
    "student-t",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Sigmoid:
    """The standard form of one family: functions of a standardised level t, elementwise."""

    name: str
    cdf: Callable[[Floats], Floats]
    survival: Callable[[Floats], Floats]
    """1 − cdf without cancellation."""
    quantile: Callable[[Floats], Floats]
    density: Callable[[Floats], Floats]
    """First derivative of cdf."""
    curvature: Callable[[Floats], Floats]
    """Second derivative of cdf."""
    log_level: bool = False
    """The family lives on the natural logarithm of the level."""

    @property
    def centre(self) -> float:
        """S⁻¹(0.5)."""
        return float(self.quantile(np.asarray(0.5)))

    @property
    def span(self) -> float:
        """S⁻¹(0.95) − S⁻¹(0.05): standardised units per width."""
        low, high = self.quantile(np.asarray([0.05, 0.95]))
        return float(high - low)


def _special(name: str) -> Callable[[Floats], Floats]:
    """A function of scipy.special, which is loaded when it is called first: a server need not."""

    def call(t: Floats) -> Floats:
        import scipy.special

        result: Floats = getattr(scipy.special, name)(t)
        return result

    return call


ndtr, ndtri, expit, logit = map(_special, ("ndtr", "ndtri", "expit", "logit"))


def _norm_density(t: Floats) -> Floats:
    return np.asarray(np.exp(-0.5 * t * t) / np.sqrt(2.0 * np.pi))


def _logistic_density(t: Floats) -> Floats:
    return np.asarray(expit(t) * expit(-t))


def _gumbel_density(t: Floats) -> Floats:
    # exp(t − exp(t)) does not overflow to nan for large t, unlike exp(t) · exp(−exp(t)).
    return np.asarray(np.exp(t - np.exp(np.minimum(t, 700.0))))


NORM = Sigmoid(
    name="norm",
    cdf=ndtr,
    survival=lambda t: np.asarray(ndtr(-t)),
    quantile=ndtri,
    density=_norm_density,
    curvature=lambda t: -t * _norm_density(t),
)
LOGISTIC = Sigmoid(
    name="logistic",
    cdf=expit,
    survival=lambda t: np.asarray(expit(-t)),
    quantile=logit,
    density=_logistic_density,
    curvature=lambda t: _logistic_density(t) * (expit(-t) - expit(t)),
)
GUMBEL = Sigmoid(
    name="gumbel",
    cdf=lambda t: np.asarray(-np.expm1(-np.exp(np.minimum(t, 700.0)))),
    survival=lambda t: np.asarray(np.exp(-np.exp(np.minimum(t, 700.0)))),
    quantile=lambda p: np.asarray(np.log(-np.log1p(-p))),
    density=_gumbel_density,
    curvature=lambda t: _gumbel_density(t) * -np.expm1(np.minimum(t, 700.0)),
)


def _sech_density(t: Floats) -> Floats:
    # sech without overflow: 2 e^−|x| / (1 + e^−2|x|), x = πt/2.
    decay = np.exp(-0.5 * np.pi * np.abs(t))
    return np.asarray(decay / (1.0 + decay * decay))


HYPERBOLIC_SECANT = Sigmoid(
    name="hyperbolic-secant",
    cdf=lambda t: np.asarray(2.0 / np.pi * np.arctan(np.exp(np.minimum(0.5 * np.pi * t, 700.0)))),
    survival=lambda t: np.asarray(
        2.0 / np.pi * np.arctan(np.exp(np.minimum(-0.5 * np.pi * t, 700.0)))
    ),
    quantile=lambda p: np.asarray(2.0 / np.pi * np.log(np.tan(0.5 * np.pi * p))),
    density=_sech_density,
    curvature=lambda t: np.asarray(-0.5 * np.pi * np.tanh(0.5 * np.pi * t) * _sech_density(t)),
)
# One degree of freedom, as in psignifit: the heaviest tails, closed forms for everything.
STUDENT_T = Sigmoid(
    name="student-t",
    cdf=lambda t: np.asarray(np.arctan2(1.0, -t) / np.pi),
    survival=lambda t: np.asarray(np.arctan2(1.0, t) / np.pi),
    quantile=lambda p: np.asarray(-1.0 / np.tan(np.pi * p)),
    density=lambda t: np.asarray(1.0 / (np.pi * (1.0 + t * t))),
    curvature=lambda t: np.asarray(-2.0 * t / (np.pi * (1.0 + t * t) ** 2)),
)


def mirrored(standard: Sigmoid) -> Sigmoid:
    """The sigmoid 1 − S(−t): what a falling curve looks like on the negated level."""
    if standard.name in ("norm", "logistic", "lognormal", "hyperbolic-secant", "student-t"):
        return standard
    return Sigmoid(
        name=f"mirrored {standard.name}",
        cdf=lambda t: standard.survival(-t),
        survival=lambda t: standard.cdf(-t),
        quantile=lambda p: -standard.quantile(1.0 - p),
        density=lambda t: standard.density(-t),
        curvature=lambda t: -standard.curvature(-t),
        log_level=standard.log_level,
    )


SIGMOIDS: dict[SigmoidName, Sigmoid] = {
    "norm": NORM,
    "logistic": LOGISTIC,
    "gumbel": GUMBEL,
    "reversed-gumbel": replace(mirrored(GUMBEL), name="reversed-gumbel"),
    "weibull": replace(GUMBEL, name="weibull", log_level=True),
    "lognormal": replace(NORM, name="lognormal", log_level=True),
    "hyperbolic-secant": HYPERBOLIC_SECANT,
    "student-t": STUDENT_T,
}
"""The families by name. Weibull is the Gumbel function on the log level (psignifit)."""
_ALIASES: dict[str, SigmoidName] = {
    "gauss": "norm",
    "normal": "norm",
    "probit": "norm",
    "logit": "logistic",
    "rgumbel": "reversed-gumbel",
    "logn": "lognormal",
    "log-normal": "lognormal",
    "sech": "hyperbolic-secant",
    "student": "student-t",
    "tdist": "student-t",
}
"""Names that other packages use for the same functions."""


def sigmoid_name(name: str) -> SigmoidName:
    """The one name of a sigmoid, whatever its case, hyphens or alias. FitError if there is none.

    >>> sigmoid_name("Log_Normal"), sigmoid_name("gauss")
    ('lognormal', 'norm')
    """
    key = str(name).lower().replace("_", "-")
    key = _ALIASES.get(key, key)
    for known in SIGMOIDS:
        if known == key:
            return known
    raise FitError(f"There is no sigmoid called {name!r}.", f"Use one of: {', '.join(SIGMOIDS)}.")


def get_sigmoid(name: str) -> Sigmoid:
    """The standard form called ``name``. FitError if there is none."""
    return SIGMOIDS[sigmoid_name(name)]


def _require_width(width: ArrayLike) -> Floats:
    values = np.asarray(width, dtype=float)
    if not np.all(values > 0):
        raise FitError("The width of a sigmoid must be positive.", "Give a width above 0.")
    return values


def _coordinate(standard: Sigmoid, level: ArrayLike) -> Floats:
    values = np.asarray(level, dtype=float)
    if not standard.log_level:
        return values
    if np.any(values < 0):
        raise FitError(
            f"Levels of the {standard.name} sigmoid cannot be negative.",
            'Use sigmoid "norm" or "logistic", or give levels on a positive scale.',
        )
    with np.errstate(divide="ignore"):
        return np.asarray(np.log(values))


def sigmoid(
    name: str,
    level: ArrayLike,
    threshold: ArrayLike,
    width: ArrayLike,
    *,
    falling: bool = False,
) -> Floats:
    """The unscaled sigmoid, 0 to 1, at ``level``; shapes broadcast.

    ``threshold`` is in the unit of ``level``, and so is ``width`` (families on
    the log level: natural-log units). ``falling`` gives 1 − F: for levels at which fewer means
    more compression.

    FitError: unknown name, width not positive, negative level or threshold on a log level.
    """
    standard = get_sigmoid(name)
    distance = _coordinate(standard, level) - _coordinate(standard, threshold)
    t = standard.centre + standard.span * distance / _require_width(width)
    return np.asarray(standard.survival(t) if falling else standard.cdf(t))


def inverse_sigmoid(
    name: str,
    unscaled: ArrayLike,
    threshold: ArrayLike,
    width: ArrayLike,
    *,
    falling: bool = False,
) -> Floats:
    """The level at which :func:`sigmoid` is ``unscaled`` (0 to 1), in the unit of the level.

    0 and 1 give the ends of the axis, infinite unless the family lives on the log level.
    FitError: as for :func:`sigmoid`, and for values outside 0 to 1.
    """
    standard = get_sigmoid(name)
    values = np.asarray(unscaled, dtype=float)
    if not np.all((values >= 0) & (values <= 1)):
        raise FitError("An unscaled sigmoid lies between 0 and 1.", "Give values from 0 to 1.")
    with np.errstate(divide="ignore"):
        t = standard.quantile(1.0 - values if falling else values)
    x = (
        _coordinate(standard, threshold)
        + _require_width(width) * (t - standard.centre) / standard.span
    )
    return np.asarray(np.exp(x) if standard.log_level else x)


def proportion_correct(unscaled: ArrayLike, guess_rate: ArrayLike, lapse_rate: ArrayLike) -> Floats:
    """guess_rate + (1 − guess_rate − lapse_rate) · unscaled, broadcast.

    The proportion of correct responses of a listener who hears with probability ``unscaled``,
    guesses otherwise, and misses a share ``lapse_rate`` of trials for reasons that are not
    hearing (Wichmann & Hill 2001, *Perception & Psychophysics* 63, 1293–1313, equation 1).
    """
    guess = np.asarray(guess_rate, dtype=float)
    scale = 1.0 - guess - np.asarray(lapse_rate, dtype=float)
    return np.asarray(guess + scale * np.asarray(unscaled, dtype=float))
