"""Proportion correct from sensitivity d′ and back, for every paradigm.

Percent correct depends on the task, d′ does not: at d′ = 1 a listener is right in 76.0 % of
two-interval trials but in 58.2 to 60.0 % of ABX trials (:func:`proportion_correct_at`).

==================  ============================================================  ===============
paradigm            p(d′); T is Owen's function, p as in the sources              below chance
==================  ============================================================  ===============
yes_no              Φ(d′/2), an unbiased listener [1, ch. 1]                      d′ negative
2afc                Φ(d′/√2) [1, ch. 7]                                           d′ negative
3afc, 4afc, m-AFC   ∫ φ(x − d′) Φ(x)^(m−1) dx [2]                                 d′ negative
abx, independent    Φ(d′/√2) Φ(d′/2) + Φ(−d′/√2) Φ(−d′/2) [1, ch. 9; 3]           −d′ of 1 − p
abx, differencing   Φ(d′/√2) Φ(d′/√6) + Φ(−d′/√2) Φ(−d′/√6) [1, ch. 9; 3]         −d′ of 1 − p
axb                 as ABX, under either model: the order of the three sounds     −d′ of 1 − p
                    enters neither rule
abxy                Φ(d′/√2)² + Φ(−d′/√2)² [6]                                    −d′ of 1 − p
two_interval_standard,
  independent       Φ(d′/√2): the standard adds nothing [1, ch. 7]                d′ negative
two_interval_standard,
  differencing      as ABX, differencing: whatever lies farther from the standard −d′ of 1 − p
4iax                Φ(d′/2)² + Φ(−d′/2)² [1, ch. 9; 7]                            −d′ of 1 − p
oddity (triangle)   1 − 4 T(d′/√6, √3) [4]                                        d′ = 0
duo_trio            as ABX, differencing [4]                                      d′ = 0
tetrad              1 − 8 T(d′/√2, 1/√3) [5]                                      d′ = 0
same_different,     Φ(d′/2)² + Φ(−d′/2)², the unbiased listener's [1, ch. 9]      −d′ of 1 − p
  independent
same_different,     the largest over the criterion k of ½ + ½[Φ((d′−k)/√2) +      d′ = 0
  differencing      Φ((−d′−k)/√2)] − Φ(−k/√2) [1, ch. 9]
==================  ============================================================  ===============

[1] Macmillan & Creelman 2005, *Detection Theory: A User's Guide*, 2nd ed.
[2] Hacker & Ratcliff 1979, *Perception & Psychophysics* 26, 168–170.
[3] Hautus & Meng 2002, *Perception & Psychophysics* 64, 89–106.
[4] Ennis 1993, *Journal of Sensory Studies* 8, 353–370; there as integrals, which equal these.
[5] Ennis, Ennis, Yip & O'Mahony 1998, *British Journal of Mathematical and Statistical
    Psychology* 51, 205–215; likewise.
[6] By the argument of [3]: the listener orders A and B, and X and Y, each right in Φ(d′/√2), and is
    right where both or neither are. A likelihood-ratio listener and one who compares differences
    decide by the same sign, (A − B)(X − Y), so there is one model.
[7] The pair that differs more is chosen: |D| > |S| where (D − S)(D + S) > 0, two independent
    normal values of mean d′ and variance 4. A listener who also knows the two kinds of sound by
    heart can do better; d′ by this rule is then too large.

All assume an unbiased listener and observations of equal variance. In yes/no and same-different
trials bias is the rule, so d′ is better taken from two rates: ``d_prime_yes_no`` and
``d_prime_same_different``. Which decision model holds is seldom known: quote d′ under both.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from jndlab.analysis.checks import numbers, one_number
from jndlab.analysis.detection import curves
from jndlab.analysis.detection.choice import ChoiceCurve
from jndlab.analysis.detection.curves import Curve
from jndlab.analysis.detection.inverse import Floats
from jndlab.analysis.paradigms import (
    DIFFERENCING,
    INDEPENDENT,
    PARADIGMS,
    Paradigm,
    get_paradigm,
)
from jndlab.analysis.records import to_dict
from jndlab.errors import DataError

_CURVES: dict[tuple[str, str | None], Curve] = {
    ("yes_no", None): curves.YES_NO,
    ("2afc", None): curves.TWO_INTERVAL,
    ("abx", INDEPENDENT): curves.ABX_INDEPENDENT,
    ("abx", DIFFERENCING): curves.ABX_DIFFERENCING,
    ("abxy", None): curves.ABXY,
    ("axb", INDEPENDENT): curves.ABX_INDEPENDENT,
    ("axb", DIFFERENCING): curves.ABX_DIFFERENCING,
    ("two_interval_standard", INDEPENDENT): curves.TWO_INTERVAL,
    ("two_interval_standard", DIFFERENCING): curves.ABX_DIFFERENCING,
    ("4iax", None): curves.FOUR_INTERVAL,
    ("oddity", None): curves.ODDITY,
    ("duo_trio", None): curves.DUO_TRIO,
    ("tetrad", None): curves.TETRAD,
    ("same_different", INDEPENDENT): curves.SAME_DIFFERENT_INDEPENDENT,
    ("same_different", DIFFERENCING): curves.SAME_DIFFERENT_DIFFERENCING,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class ParadigmProportion:
    """What one value of d′ means in one paradigm under one decision model."""

    paradigm: str
    model: str | None
    d_prime: float
    guess_rate: float
    """The unbiased listener's proportion correct at d′ = 0."""
    proportion_correct: float

    def to_dict(self) -> Any:
        """The fields, ready for JSON."""
        return to_dict(self)


def proportion_correct(d_prime: ArrayLike, *, paradigm: str, model: str | None = None) -> Floats:
    """Proportion correct of an unbiased listener with sensitivity ``d_prime``, elementwise.

    A number for a number, an array for an array of the same shape; exact to about 1e-15. The
    formulas and their sources (Macmillan & Creelman 2005 and others) stand at the head of this
    module. ``model`` is the decision model of ABX, AXB, same-different and two-interval trials
    after a standard, "independent_observation" (default) or "differencing".

    DataError: unknown paradigm or model, a missing value, a negative d′ where it has no meaning
    (oddity, duo-trio, tetrad, same-different by differencing).

    >>> round(float(proportion_correct(1.0, paradigm="2afc")), 4)
    0.7602
    >>> proportion_correct([0.0, 1.0], paradigm="abx", model="differencing").round(4).tolist()
    [0.5, 0.5825]
    """
    curve = decision_curve(paradigm, model)
    values = numbers(d_prime, "d_prime")
    if np.any(np.isnan(values)):
        raise DataError("A value of d′ is missing.", "Leave it out, or fill it in.")
    if not curve.signed and np.any(values < 0):
        raise DataError(
            f"d′ below 0 has no meaning for {get_paradigm(paradigm).title}: the proportion correct "
            "is never below chance.",
            "Give d′ of 0 or more.",
        )
    return _same_kind(curve.proportion(values))


def d_prime(proportion_correct: ArrayLike, *, paradigm: str, model: str | None = None) -> Floats:
    """Sensitivity d′ of an unbiased listener from the proportion correct (0 to 1), elementwise.

    The inverse of :func:`proportion_correct` (Macmillan & Creelman 2005 and others: see there), of
    the same shape, to 1e-10 or what the last digit of the proportion allows. Infinite at 1. Below
    chance d′ is negative where the paradigm has a meaning for it (yes/no, m-AFC, ABX, ABXY, AXB,
    4IAX, same-different by independent observation) and 0 elsewhere (oddity, duo-trio, tetrad,
    same-different by differencing), as in the R package sensR.

    DataError: unknown paradigm or model, a proportion missing or outside 0 to 1.

    >>> round(float(d_prime(0.75, paradigm="abx")), 3)
    1.79
    >>> d_prime([0.5, 0.75, 1.0], paradigm="abx", model="differencing").round(3).tolist()
    [0.0, 2.02, inf]
    """
    curve = decision_curve(paradigm, model)
    values = numbers(proportion_correct, "proportion_correct")
    if not np.all((values >= 0.0) & (values <= 1.0)):
        raise DataError("A proportion correct lies between 0 and 1.", "Give proportions, not %.")
    return _same_kind(curve.d_prime(values))


def proportion_correct_at(d_prime: float = 1.0) -> tuple[ParadigmProportion, ...]:
    """The proportion correct that one value of d′ ≥ 0 means in each paradigm and decision model.

    So a JND defined as 75 % correct and one defined as d′ = 1 differ, and by how much depends on
    the task (formulas: Macmillan & Creelman 2005 and others, see :func:`proportion_correct`).
    DataError: d′ missing or below 0.

    >>> for row in proportion_correct_at(1.0)[:3]:
    ...     print(row.paradigm, round(row.proportion_correct, 3))
    yes_no 0.691
    2afc 0.76
    3afc 0.634
    """
    if not one_number(d_prime, "d_prime") >= 0:
        raise DataError(f"d′ of {d_prime} cannot be compared.", "Give a d′ of 0 or more.")
    return tuple(
        ParadigmProportion(
            paradigm=paradigm.name,
            model=model,
            d_prime=d_prime,
            guess_rate=decision_curve(paradigm.name, model).guess_rate,
            proportion_correct=float(
                proportion_correct(d_prime, paradigm=paradigm.name, model=model)
            ),
        )
        for paradigm in PARADIGMS.values()
        for model in paradigm.models or (None,)
    )


def resolve(paradigm: str, model: str | None) -> tuple[Paradigm, str | None]:
    """The paradigm and the decision model meant; any m-AFC ("8afc") is a paradigm here.

    DataError: there is no such paradigm or model.

    >>> found, model = resolve("8AFC", None)
    >>> found.name, found.guess_rate, model
    ('8afc', 0.125, None)
    """
    choice = re.fullmatch(r"0*([2-9]|[1-9]\d+)[-_]?afc", str(paradigm).strip().lower())
    if choice and f"{choice[1]}afc" not in PARADIGMS:
        name = f"{choice[1]}afc"
        found = Paradigm(name=name, title=name.upper(), guess_rate=1 / int(choice[1]))
    else:
        found = get_paradigm(f"{choice[1]}afc" if choice else paradigm)
    return found, found.model(model)


def decision_curve(paradigm: str, model: str | None) -> Curve:
    """The proportion correct as a function of d′, with its slope and inverse.

    DataError: there is no such paradigm or model.

    >>> round(float(decision_curve("2afc", None).slope(np.array(0.0))), 4)
    0.2821
    """
    found, chosen = resolve(paradigm, model)
    return _curve(found.name, chosen)


@cache
def _curve(name: str, model: str | None) -> Curve:
    known = _CURVES.get((name, model))
    return known or ChoiceCurve(n_intervals=int(name.removesuffix("afc")))


def _same_kind(values: Floats) -> Floats:
    """A number instead of an array without dimensions."""
    return values[()] if values.ndim == 0 else values
