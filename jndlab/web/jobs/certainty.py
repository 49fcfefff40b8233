"""The job that works out how certain the result of a planned study will be."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from jndlab.errors import JndlabError
from jndlab.study.definition import Condition, StudyDefinition
from jndlab.study.session_parts import all_parts
from jndlab.study.trials import TASKS
from jndlab.web.jobs.certainty_of_means import means_of, numbers_around

if TYPE_CHECKING:
    from jndlab.analysis.planning.simulation import Simulate
    from jndlab.web.jobs.worker import Job

MOST_CONDITIONS = 4
N_SIMULATIONS = 12
N_RESAMPLES = 100
N_EQUIVALENCE = 24
POWER = 0.9
N_SESSIONS = 60
"""Of an adaptive procedure: whole sessions that are answered, from which studies are drawn."""


def run(job: Job) -> dict[str, Any]:
    """Options: definition and n_listeners. Result: a table per condition, and the assumptions."""
    from jndlab.study_planning import study_of_part

    whole = StudyDefinition.from_json(job.options["definition"])
    n_listeners = int(job.options["n_listeners"])
    told, equivalence = [], None
    asked = [
        (study_of_part(whole, part), condition, part.name)
        for part in all_parts(whole)
        for condition in part.conditions
    ][:MOST_CONDITIONS]
    for number, (study, condition, name) in enumerate(asked):
        job.progress(number, len(asked) + 1)
        measure = TASKS[study.paradigm].measure
        if measure == "correct":
            entry = _threshold(study, condition, n_listeners)
        elif measure == "detection":
            entry = _refusal(study, condition)
        else:
            entry = means_of(study, condition, n_listeners)
        told.append(entry | ({"condition": f"{name}: {entry['condition']}"} if name else {}))
    job.progress(len(asked), len(asked) + 1)
    fixed = [
        study
        for study, _, _ in asked
        if TASKS[study.paradigm].measure == "correct"
        and study.design.procedure == "constant-stimuli"
    ]
    if fixed:
        equivalence = _equivalence(fixed[0], n_listeners)
    return {"n_listeners": n_listeners, "conditions": told, "equivalence": equivalence}


def _refusal(study: StudyDefinition, condition: Condition) -> dict[str, Any]:
    from jndlab.study_planning import require_chance

    told: dict[str, Any] = {"condition": condition.name, "unit": condition.unit}
    try:
        require_chance(study)
    except JndlabError as error:
        return told | {"problem": f"{error.message} {error.remedy}"}
    return told


def _threshold(study: StudyDefinition, condition: Condition, n_listeners: int) -> dict[str, Any]:
    from jndlab.analysis.planning.plan import plan_study
    from jndlab.analysis.planning.wording import describe_assumptions
    from jndlab.session_planning import pool_sessions
    from jndlab.study_planning import Assumptions, curve_listeners, usual_interval_width

    told: dict[str, Any] = {"condition": condition.name, "unit": condition.unit}
    try:
        width = usual_interval_width(condition)
        people = curve_listeners(study, condition, Assumptions(min_gross_correct=_least(study)))
        listeners: Simulate = people
        n_trials = study.design.trials_per_level
        if study.design.procedure != "constant-stimuli":
            pool = pool_sessions(study, condition.name, people, seed=1, n_sessions=N_SESSIONS)
            listeners, n_trials = pool, pool.trials_per_level
        made = plan_study(
            listeners,
            goal="threshold",
            listeners=numbers_around(n_listeners),
            trials=[n_trials],
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
