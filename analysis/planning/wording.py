"""A plan in sentences: what was planned for, and how many listeners that takes."""

from __future__ import annotations

from jndlab.analysis.planning.results import PlanCell, StudyPlan


def goal_clause(plan: StudyPlan, *, unit: str = "levels") -> str:
    """What a study of the plan is to reach, as the end of a sentence. ``unit`` of the levels.

    >>> from jndlab.analysis.planning.listeners import ProportionListeners
    >>> from jndlab.analysis.planning.plan import plan_study
    >>> people = ProportionListeners(paradigm="abx", proportion_correct=0.65, spread=0.05)
    >>> plan = plan_study(people, goal="difference", listeners=[4, 8, 12], trials=[20], seed=1)
    >>> goal_clause(plan)
    'a test over listeners finds a difference (alpha 0.05)'
    """
    options = plan.goal_options
    if plan.goal == "threshold":
        return (
            f"the {options['coverage']:.0%} interval of the JND is at most "
            f"{options['interval_width']:g} {unit} wide"
        )
    if plan.goal == "difference":
        return f"a test over listeners finds a difference (alpha {options['alpha']:g})"
    bound, alpha = options["bound"], options["alpha"]
    shown = {
        "proportion_correct": f"listeners are shown to be right in less than {bound:.0%} of trials",
        "d_prime": f"d′ is shown to be below {bound:g}",
        "discriminators": f"fewer than {bound:.0%} of listeners are shown to hear a difference",
    }[options["bound_on"]]
    return f"{shown} (alpha {alpha:g})"


def describe_plan(plan: StudyPlan, *, unit: str = "levels") -> str:
    """The answer of a plan in one or two sentences. ``unit`` of the levels, for a threshold.

    >>> import textwrap
    >>> from jndlab.analysis.planning.listeners import ProportionListeners
    >>> from jndlab.analysis.planning.plan import plan_study
    >>> people = ProportionListeners(paradigm="abx", proportion_correct=0.65, spread=0.05)
    >>> plan = plan_study(people, goal="difference", listeners=[4, 8, 12], trials=[20], seed=1)
    >>> print(textwrap.fill(describe_plan(plan), 96))
    Recruit 8 listeners with 20 trials per level each. Then a test over listeners finds a difference
    (alpha 0.05) in 92.0% of such studies (simulated: 87% to 95%).
    """
    clause = goal_clause(plan, unit=unit)
    if plan.answer is None:
        best = max(plan.cells, key=lambda cell: cell.power)
        return (
            f"Nothing in this grid is enough for a power of {plan.power:.0%}. The best are "
            f"{_size(plan, best)}: then {clause} in {_share(best)}. Plan for more listeners or "
            "trials, or for less."
        )
    others = [cell for cell in plan.smallest if cell != plan.answer]
    also = f" Enough, too: {'; '.join(_size(plan, cell) for cell in others)}." if others else ""
    return f"Recruit {_size(plan, plan.answer)} each. Then {clause} in {_share(plan.answer)}.{also}"


def describe_assumptions(plan: StudyPlan, *, unit: str = "levels") -> str:
    """What a plan rests on, in a sentence; only a name where the simulation says no more.

    >>> from jndlab.analysis.planning.listeners import ProportionListeners
    >>> from jndlab.analysis.planning.plan import plan_study
    >>> people = ProportionListeners(paradigm="abx", proportion_correct=0.65, spread=0.05)
    >>> plan = plan_study(people, goal="difference", listeners=[8], trials=[20], seed=1)
    >>> describe_assumptions(plan)
    'listeners right in 65% ± 5% of trials (mean ± SD); 0% drop out, 0% guess throughout.'
    """
    assumed = plan.assumptions.get("listeners", plan.assumptions)
    if "attrition" not in assumed:
        return f"the listeners of {assumed['kind']}."
    if "threshold" in assumed:
        text = (
            f"thresholds of {assumed['threshold']:.3g} ± {assumed['threshold_spread']:.3g} {unit} "
            f"(mean ± SD of listeners), width {assumed['width']:.3g} {unit}, lapse rate "
            f"{assumed['lapse_rate']:g}"
        )
    else:
        text = (
            f"listeners right in {100 * assumed['proportion_correct']:.3g}% ± "
            f"{100 * assumed['spread']:.3g}% of trials (mean ± SD)"
        )
    attrition = assumed["attrition"]
    text += f"; {attrition['dropout']:.0%} drop out, {attrition['guessers']:.0%} guess throughout"
    if attrition["min_gross_correct"] is not None:
        text += (
            f", excluded below {attrition['min_gross_correct']:.0%} of "
            f"{attrition['gross_trials']} gross catch trials"
        )
    return f"{text}."


def _size(plan: StudyPlan, cell: PlanCell) -> str:
    procedure = plan.assumptions.get("procedure")
    if procedure:
        return (
            f"{cell.n_listeners} listeners with one session ({procedure}, "
            f"{cell.trials_per_listener:.0f} test trials on average)"
        )
    trials = "trial" if cell.trials_per_level == 1 else "trials"
    return f"{cell.n_listeners} listeners with {cell.trials_per_level} {trials} per level"


def _share(cell: PlanCell) -> str:
    low, high = cell.power_interval.low, cell.power_interval.high
    return f"{cell.power:.1%} of such studies (simulated: {low:.0%} to {high:.0%})"
