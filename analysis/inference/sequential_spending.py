"""How much of an error rate may be used up by each look at the data.

Lan & DeMets 1983 (*Biometrika* 70, 659–663): a function of the share of the data that is in, from 0
to the whole rate. The number and the moments of the looks need not be fixed beforehand, as long as
the data do not decide them.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import ndtr, ndtri

from jndlab.errors import DataError

Floats = NDArray[np.float64]
Spending = Literal["obrien-fleming", "pocock"] | tuple[Literal["power"], float]


def spent_error(share: ArrayLike, *, rate: float, spending: Spending = "obrien-fleming") -> Floats:
    """The part of ``rate`` that may be spent when ``share`` of the planned trials are in.

    Shape of ``share``; shares above 1 count as 1. With t the share and α the (one-sided) rate:

    - "obrien-fleming": 2 − 2 Φ(z / √t) with Φ(z) = 1 − α/2: hardly anything early, nearly all of
      the fixed-sample test at the end (Lan & DeMets 1983);
    - "pocock": α ln(1 + (e − 1) t): early stops are easy, the end is dear (Lan & DeMets 1983);
    - ("power", ρ): α t^ρ; ρ = 1 is near Pocock, 3 near O'Brien and Fleming (Kim & DeMets 1987,
      *Biometrika* 74, 149–154).

    DataError: no such function, a share below 0.

    >>> spent_error([0.2, 0.5, 1.0], rate=0.05, spending=("power", 2)).round(5).tolist()
    [0.002, 0.0125, 0.05]
    """
    times = np.minimum(np.asarray(share, dtype=float), 1.0)
    if not np.all(times >= 0.0):
        raise DataError("A share of the data cannot be below 0.", "Give shares from 0 to 1.")
    name, power = _spending(spending)
    if name == "power":
        return np.asarray(rate * times**power)
    if name == "pocock":
        return np.asarray(rate * np.log1p((np.e - 1.0) * times))
    with np.errstate(divide="ignore"):
        quantile = -ndtri(rate / 2.0) / np.sqrt(times)
    return np.asarray(2.0 * ndtr(-quantile))


def require_spending(spending: Spending) -> Spending:
    """The spending function as it was named, checked. DataError: there is none of that name.

    >>> require_spending("O'Brien-Fleming"), require_spending(("power", 3))
    ('obrien-fleming', ('power', 3.0))
    """
    name, power = _spending(spending)
    return ("power", power) if name == "power" else name  # type: ignore[return-value]


def spending_text(spending: Spending) -> str:
    """The spending function in words, for a method's description.

    >>> spending_text("pocock")
    'Pocock-type spending function (Lan & DeMets 1983)'
    """
    name, power = _spending(spending)
    if name == "power":
        return f"power spending function with exponent {power:g} (Kim & DeMets 1987)"
    title = "O'Brien-Fleming" if name == "obrien-fleming" else "Pocock"
    return f"{title}-type spending function (Lan & DeMets 1983)"


def _spending(spending: Spending) -> tuple[str, float]:
    if isinstance(spending, str):
        name = spending.lower().replace("_", "-").replace("'", "")
        if name in ("obrien-fleming", "pocock"):
            return name, 0.0
    elif isinstance(spending, Sequence) and len(spending) == 2 and spending[0] == "power":
        try:
            power = float(spending[1])
        except (TypeError, ValueError):
            power = 0.0
        if 0.0 < power < np.inf:
            return "power", power
    raise DataError(
        f"There is no spending function {spending!r}.",
        'Use "obrien-fleming", "pocock" or ("power", 2), with an exponent above 0.',
    )
