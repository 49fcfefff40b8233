"""The job that works out how certain the result of a planned study will be."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from jndlab.errors import JndlabError
from jndlab.study.definition import Condition, StudyDefinition

if TYPE_CHECKING:
    from jndlab.web.jobs.worker import Job

MOST_CONDITIONS = 4
N_SIMULATIONS = 12
N_RESAMPLES = 100
N_EQUIVALENCE = 24
POWER = 0.9


def run(job: Job) -> dict[str, Any]:
    """Options: definition and n_listeners. Result: a table per condition, and the assumptions."""
    study = StudyDefinition.from_json(job.options["definition"])
    n_listeners = int(job.options["n_listeners"])
    conditions = study.stimuli.conditions[:MOST_CONDITIONS]
    n_steps = len(conditions) + 1
    told = []
    for number, condition in enumerate(conditions):
        job.progress(number, n_steps)
        told.append(_threshold(study, condition, n_listeners))
    job.progress(len(conditions), n_steps)
    return {
        "n_listeners": n_listeners,
        "conditions": told,
        "equivalence": _equivalence(study, n_listeners),
    }


def numbers_around(n_listeners: int) -> list[int]:
    """Half as many, as many, and twice as many listeners."""
    return sorted({max(2, n_listeners // 2), max(2, n_listeners), 2 * n_listeners})


def _threshold(study: StudyDefinition, condition: Condition, n_listeners: int) -> dict[str, Any]:
    from jndlab.analysis.planning.plan import plan_study
    from jndlab.analysis.planning.wording import describe_assumptions
    from jndlab.study_planning import Assumptions, curve_listeners, usual_interval_width

    told: dict[str, Any] = {"condition": condition.name, "unit": condition.unit}
    try:
        width = usual_interval_width(condition)
        made = plan_study(
            curve_listeners(study, condition, Assumptions(min_gross_correct=_least(study))),
            goal="threshold",
            listeners=numbers_around(n_listeners),
            trials=[study.design.trials_per_level],
            interval_width=width,
            target_probability=_target(study),
            n_simulations=N_SIMULATIONS,
            n_resamples=N_RESAMPLES,
            seed=1,
        )
    except JndlabError as error:
        return told | {"problem": f"{error.message} {error.remedy}"}
    rows = [
        {"n_listeners": cell.n_listeners, "half_width": _finite(cell.width_50 / 2)}
        for cell in made.cells
    ]
    assumed = describe_assumptions(made, unit=condition.unit)
    return told | {"rows": rows, "step": width / 2, "assumed": assumed}


def _equivalence(study: StudyDefinition, n_listeners: int) -> dict[str, Any] | None:
    """How often a study would show that nobody hears it, if nobody does."""
    plan = study.analysis
    if plan is None or plan.equivalence_bound is None:
        return None
    from jndlab.analysis.paradigms import require_guess_rate
    from jndlab.analysis.planning.plan import plan_study
    from jndlab.study_planning import Assumptions, proportion_listeners

    try:
        made = plan_study(
            proportion_listeners(
                study,
                Assumptions(min_gross_correct=_least(study)),
                default=require_guess_rate(study.paradigm),
            ),
            goal="equivalence",
            listeners=[max(2, n_listeners)],
            trials=[study.design.trials_per_level],
            bound=plan.equivalence_bound,
            bound_on=plan.bound_on,
            model=plan.decision_model if plan.bound_on == "d_prime" else None,
            alpha=plan.alpha,
            n_simulations=N_EQUIVALENCE,
            seed=1,
            power=POWER,
        )
    except JndlabError as error:
        return {"problem": f"{error.message} {error.remedy}"}
    [cell] = made.cells
    return {"power": cell.power, "bound": plan.equivalence_bound, "bound_on": plan.bound_on}


def _target(study: StudyDefinition) -> float | None:
    return study.analysis.target_probability if study.analysis else None


def _least(study: StudyDefinition) -> float | None:
    return study.analysis.min_gross_correct if study.analysis else None


def _finite(value: float) -> float | None:
    return value if value < float("inf") else None
