"""p-values of many tests, adjusted so that the errors of the whole family are held."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from jndlab.analysis.checks import numbers
from jndlab.errors import DataError

Floats = NDArray[np.float64]
Adjustment = Literal["bonferroni", "holm", "hochberg", "hommel", "bh", "by"]
_SYNONYMS = {"fdr": "bh"}


def adjust_p_values(p_values: ArrayLike, *, method: Adjustment | str) -> Floats:
    """Adjusted p-values of shape (tests,), in the order given. The family is what is given.

    "holm" (Holm 1979, *Scandinavian Journal of Statistics* 6, 65–70) and "bonferroni" hold the
    family-wise error rate whatever the dependence of the tests; "hochberg" (1988, *Biometrika* 75,
    800–802) and "hommel" (1988, *Biometrika* 75, 383–386) if they are independent or positively
    dependent. "bh" (Benjamini & Hochberg 1995, *J. R. Stat. Soc. B* 57, 289–300) holds the false
    discovery rate under the same condition, "by" (Benjamini & Yekutieli 2001, *Annals of
    Statistics* 29, 1165–1188) under any. The numbers are those of R's ``p.adjust``.

    DataError: a value outside 0 to 1, or no such method.

    >>> adjust_p_values([0.01, 0.04, 0.03], method="holm").round(3).tolist()
    [0.03, 0.06, 0.06]
    >>> adjust_p_values([0.01, 0.04, 0.03], method="BH").round(3).tolist()
    [0.03, 0.04, 0.04]
    """
    values = np.atleast_1d(numbers(p_values, "p_values"))
    if values.ndim != 1 or not np.all((values >= 0.0) & (values <= 1.0)):
        raise DataError("A p-value must lie between 0 and 1.", "Give one row of raw p-values.")
    key = _SYNONYMS.get(str(method).lower(), str(method).lower())
    if key not in _METHODS:
        raise DataError(
            f"There is no adjustment {method!r}.", f"Use one of: {', '.join(_METHODS)}."
        )
    if values.size == 0:
        return values
    order = np.argsort(values)
    adjusted = np.empty_like(values)
    adjusted[order] = np.minimum(1.0, _METHODS[key](values[order]))
    return adjusted


def _bonferroni(p: Floats) -> Floats:
    return np.asarray(len(p) * p)


def _holm(p: Floats) -> Floats:
    return np.asarray(np.maximum.accumulate(_left(p) * p))


def _hochberg(p: Floats) -> Floats:
    return _from_the_top(_left(p) * p)


def _hommel(p: Floats) -> Floats:
    """Closed testing with Simes' test, by Wright 1992, *Biometrics* 48, 1005–1013."""
    n = len(p)
    adjusted = p.copy()
    for m in range(n, 1, -1):
        least = float(np.min(m * p[n - m :] / np.arange(1, m + 1)))
        adjusted[n - m :] = np.maximum(adjusted[n - m :], least)
        adjusted[: n - m] = np.maximum(adjusted[: n - m], np.minimum(least, m * p[: n - m]))
    return adjusted


def _benjamini_hochberg(p: Floats) -> Floats:
    return _from_the_top(p * len(p) / np.arange(1, len(p) + 1))


def _benjamini_yekutieli(p: Floats) -> Floats:
    return _benjamini_hochberg(p) * float(np.sum(1.0 / np.arange(1, len(p) + 1)))


def _left(p: Floats) -> NDArray[np.intp]:
    """How many hypotheses are left when each, in ascending order, is tested."""
    return np.arange(len(p), 0, -1)


def _from_the_top(values: Floats) -> Floats:
    return np.asarray(np.minimum.accumulate(values[::-1])[::-1])


_METHODS: dict[str, Callable[[Floats], Floats]] = {
    "bonferroni": _bonferroni,
    "holm": _holm,
    "hochberg": _hochberg,
    "hommel": _hommel,
    "bh": _benjamini_hochberg,
    "by": _benjamini_yekutieli,
}
"""Of p-values in ascending order."""
