"""Group-sequential plans: exact boundaries for a few looks, one error rate for all of them."""

from __future__ import annotations

from collections.abc import Sequence

from jndlab.analysis.inference.equivalence_bounds import BoundOn, bound_scale, require_bound
from jndlab.analysis.inference.proportions import Alternative, require_alternative
from jndlab.analysis.inference.sequential_design import StopRule, require_looks
from jndlab.analysis.inference.sequential_input import require_rate, unit_advice
from jndlab.analysis.inference.sequential_plan import GroupSequentialPlan, make_plan
from jndlab.analysis.inference.sequential_spending import Spending, require_spending
from jndlab.analysis.inference.trial_counts import require_chance
from jndlab.errors import DataError


def plan_group_sequential(
    n_trials: Sequence[int] | int,
    *,
    chance: float,
    n_looks: int | None = None,
    alpha: float = 0.05,
    spending: Spending = "obrien-fleming",
    alternative: Alternative = "greater",
    futility_proportion: float | None = None,
    beta: float = 0.1,
) -> GroupSequentialPlan:
    """Boundaries of a test of the proportion correct against ``chance`` with several looks.

    ``n_trials``: trials so far at each look, or their total and ``n_looks`` looks evenly spaced.
    At look k the study stops with a difference when the correct responses reach a boundary: the
    smallest count with which at most α(n_k / n) of all studies at chance have stopped so far. α(·)
    is the ``spending`` function ("obrien-fleming", "pocock" or ("power", ρ); Lan & DeMets 1983,
    *Biometrika* 70, 659–663). Probabilities are exact binomial ones, so the size is never above
    ``alpha``, and below it only because counts are whole numbers. "two-sided" spends half
    on either side.

    With ``futility_proportion``, the proportion correct hoped for, the study is also given up when
    so few correct responses would come from it in at most β(n_k / n) of studies, β(1) = ``beta``
    (Pampallona, Tsiatis & Kim 2001, *Drug Information Journal* 35, 1113–1121). The size holds also
    if that is not obeyed. Giving up is no evidence that there is no difference.

    Trials are taken as independent: those of one listener, or of several of whom under the null
    hypothesis nobody hears anything. DataError: looks that do not increase, impossible options.

    >>> plan = plan_group_sequential([40, 80, 120], chance=0.5)
    >>> plan.boundaries.upper, round(plan.size_difference, 4)
    ((31, 51, 70), 0.0434)
    """
    null, side = require_chance(chance), require_alternative(alternative)
    rate = require_rate(alpha, "alpha") / (2.0 if side == "two-sided" else 1.0)
    claim = StopRule(stop="different", proportion=null, rate=rate)
    futility = _futility(futility_proportion, beta, null, side)
    looks = require_looks(n_trials, n_looks)
    return make_plan(
        looks,
        n_total=looks[-1],
        question="difference",
        chance=null,
        bound=None,
        alternative=side,
        alpha=alpha,
        spending=require_spending(spending),
        lower_rule=futility if side == "greater" else claim,
        upper_rule=futility if side == "less" else claim,
    )


def plan_group_sequential_equivalence(
    n_trials: Sequence[int] | int,
    *,
    paradigm: str,
    bound: float | None = None,
    bound_on: BoundOn = "proportion_correct",
    model: str | None = None,
    n_looks: int | None = None,
    alpha: float = 0.05,
    spending: Spending = "obrien-fleming",
    test_difference: bool = True,
    beta: float | None = None,
    n_listeners: int | None = None,
) -> GroupSequentialPlan:
    """Boundaries of the claim that the proportion correct is below ``bound``, with several looks.

    The study stops with equivalence when the correct responses are few enough: of all studies
    with trials correct at the bound, at most α(n_k / n) get so few by look k. With
    ``test_difference`` it also stops with a difference when they are so many that chance is ruled
    out. Each claim has an error rate of ``alpha``, whether or not the other boundary is obeyed; at
    most one of them can be false. Both can hold: there is a difference, but a small one. Without
    ``test_difference``, ``beta`` lets the study be given up when so many correct responses would
    come from guessing in at most β(n_k / n) of studies. α(·) and β(·) are spending functions (Lan &
    DeMets 1983, *Biometrika* 70, 659–663), as in :func:`plan_group_sequential`.

    The bound is one on proportion correct, d′ or discriminators, as in ``equivalence_test``.
    Trials are taken as independent. Those of several listeners are not (``n_listeners`` above 1
    warns); ``sequential_equivalence_listeners`` has the listener as its unit.
    DataError: no bound, looks that do not increase, impossible options.

    >>> plan = plan_group_sequential_equivalence([100, 200, 300], paradigm="abx", bound=0.6)
    >>> plan.boundaries.lower, plan.boundaries.upper
    ((43, 104, 165), (67, 116, 166))
    """
    scale = bound_scale(paradigm, bound_on=bound_on, model=model)
    limit = require_bound(bound, scale)
    rate = require_rate(alpha, "alpha")
    if test_difference and beta is not None:
        raise DataError(
            "A study that also tests for a difference stops above by that test, not for futility.",
            "Leave beta out, or set test_difference=False.",
        )
    above: StopRule | None = None
    if test_difference:
        above = StopRule(stop="different", proportion=scale.chance, rate=rate)
    elif beta is not None:
        above = StopRule(stop="futility", proportion=scale.chance, rate=require_rate(beta, "beta"))
    looks = require_looks(n_trials, n_looks)
    return make_plan(
        looks,
        n_total=looks[-1],
        question="difference and equivalence" if test_difference else "equivalence",
        chance=scale.chance,
        bound=limit.proportion,
        alternative="greater" if test_difference else None,
        alpha=alpha,
        spending=require_spending(spending),
        lower_rule=StopRule(stop="equivalent", proportion=limit.proportion, rate=rate),
        upper_rule=above,
        warnings=unit_advice(n_listeners),
    )


def _futility(
    proportion: float | None, beta: float, chance: float, alternative: Alternative
) -> StopRule | None:
    if proportion is None:
        return None
    hoped = require_chance(proportion)
    if alternative == "two-sided":
        raise DataError(
            "Futility of a two-sided test has no side to stop at.",
            'Use alternative="greater", or leave futility_proportion out.',
        )
    if (hoped <= chance) if alternative == "greater" else (hoped >= chance):
        raise DataError(
            f"A proportion of {hoped:g} hoped for is no effect in the direction of "
            f"{alternative!r} than chance, {chance:.4g}.",
            "Give the proportion correct that the study should be able to find.",
        )
    return StopRule(stop="futility", proportion=hoped, rate=require_rate(beta, "beta"))
