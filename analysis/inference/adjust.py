"""p-values of many tests, adjusted so that the errors of the whole family are held."""

from __future__ import annotations

from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from jndlab.errors import DataError

Floats = NDArray[np.float64]
Adjustment = Literal["bonferroni", "holm", "hochberg", "hommel", "bh", "by"]
_METHODS: dict[str, str] = {
    "bonferroni": "bonferroni",
    "holm": "holm",
    "hochberg": "simes-hochberg",
    "hommel": "hommel",
    "bh": "fdr_bh",
    "fdr": "fdr_bh",
    "by": "fdr_by",
}


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
    try:
        values = np.atleast_1d(np.asarray(p_values, dtype=float))
    except (TypeError, ValueError):
        values = np.array([np.nan])
    if values.ndim != 1 or not np.all((values >= 0.0) & (values <= 1.0)):
        raise DataError("A p-value must lie between 0 and 1.", "Give one row of raw p-values.")
    key = str(method).lower()
    if key not in _METHODS:
        raise DataError(
            f"There is no adjustment {method!r}.", f"Use one of: {', '.join(_METHODS)}."
        )
    if values.size == 0:
        return values
    from statsmodels.stats.multitest import multipletests

    return np.asarray(multipletests(values, method=_METHODS[key])[1], dtype=float)
