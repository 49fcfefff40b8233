"""A study definition as simulated listeners for planning, with defaults for what nobody knows yet.

Planning itself (:mod:`jndlab.analysis.planning`) knows plain numbers only; here a study's levels,
trials and catch trials become such numbers, or its own sessions are answered trial by trial.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from pydantic import ValidationError

from jndlab.analysis.paradigms import require_guess_rate
from jndlab.analysis.planning.listeners import CurveListeners, ProportionListeners
from jndlab.analysis.planning.simulation import Attrition, SimulatedStudy
from jndlab.errors import DataError
from jndlab.listeners.model import SimulatedListener, Truth
from jndlab.session_planning import only_condition, session_counts
from jndlab.study.definition import Condition, Design, StudyDefinition
from jndlab.study.paradigms import PARADIGMS
from jndlab.study.session_parts import SessionPart, all_parts

DEFAULT_PROPORTION_SPREAD = 0.05


@dataclass(frozen=True, slots=True, kw_only=True)
class Assumptions:
    """What a planner assumes of the listeners; None: a default that the study suggests."""

    threshold: float | None = None
    """None: the middle of the levels."""
    width: float | None = None
    """None: half the range of the levels."""
    spread: float | None = None
    """Standard deviation of thresholds between listeners; None: a quarter of the width."""
    lapse_rate: float = 0.02
    proportion_correct: float | None = None
    """Of the average listener, in place of a curve."""
    proportion_spread: float | None = None
    """Standard deviation of it between listeners; None: 0.05, or 0 at chance."""
    dropout: float = 0.0
    guessers: float = 0.0
    min_gross_correct: float | None = None

    def attrition(self, study: StudyDefinition) -> Attrition:
        """Who is left out, with the study's own number of gross catch trials."""
        return Attrition(
            dropout=self.dropout,
            guessers=self.guessers,
            gross_trials=study.design.gross_trials,
            min_gross_correct=self.min_gross_correct,
        )


def planned_part(study: StudyDefinition, name: str | None) -> StudyDefinition:
    """The study as if its sessions had this part only. DataError: there is none of that name, or
    several."""
    parts = all_parts(study)
    found = [part for part in parts if name in (None, part.name)]
    if len(found) != 1:
        what = "several parts" if name is None else f"no part {name!r}"
        names = ", ".join(part.name for part in parts if part.name) or "none"
        raise DataError(f"The study has {what}.", f"Choose one with --part: {names}.")
    return study_of_part(study, found[0])


def study_of_part(study: StudyDefinition, part: SessionPart) -> StudyDefinition:
    """The study as if its sessions had this part only."""
    if not study.parts:
        return study
    return study.model_copy(
        update={
            "parts": (),
            "paradigm": part.paradigm.name,
            "stimuli": study.stimuli.model_copy(update={"conditions": part.conditions}),
            "design": study.design.model_copy(
                update={
                    "procedure": part.procedure,
                    "part_order": "listed",
                    "assignment": "within-participants",
                }
            ),
        }
    )


def require_chance(study: StudyDefinition) -> None:
    """Raise DataError unless the paradigm has a chance level, which all goals here rest on."""
    paradigm = PARADIGMS[study.paradigm]
    if paradigm.measure == "correct":
        return
    if paradigm.measure == "detection":
        raise DataError(
            f"{paradigm.called} has no chance level: how often either is said depends on the "
            "listener's bias, which is not assumed here.",
            "Plan the same study as two-interval, or simulate it: jndlab simulate, then jndlab "
            "report.",
        )
    raise DataError(
        f"In {paradigm.called} nothing is right or wrong: there is no such goal.",
        "Plan for a difference: --goal difference.",
    )


def planned_condition(study: StudyDefinition, name: str | None) -> Condition:
    """The condition to plan for. DataError: there is none of that name, or several."""
    conditions = {condition.name: condition for condition in study.stimuli.conditions}
    if name is None and len(conditions) == 1:
        return next(iter(conditions.values()))
    if name not in conditions:
        what = "several conditions" if name is None else f"no condition {name!r}"
        raise DataError(
            f"The study has {what}.", f"Choose one with --condition: {', '.join(conditions)}."
        )
    return conditions[name]


def usual_interval_width(condition: Condition) -> float:
    """Two steps between levels, in their unit: a JND known to one step either way."""
    if len(condition.levels) < 2:
        raise DataError(
            "A threshold cannot be found with one level.",
            "Plan for a test at that level: --goal equivalence or --goal difference.",
        )
    return 2.0 * float(np.median(np.diff(sorted(condition.levels))))


def curve_listeners(
    study: StudyDefinition, condition: Condition, assumed: Assumptions
) -> CurveListeners:
    """Listeners who hear every level of the condition as often, and differ in threshold."""
    low, high = min(condition.levels), max(condition.levels)
    width = ((high - low) / 2.0 or 1.0) if assumed.width is None else assumed.width
    return CurveListeners(
        levels=condition.levels,
        paradigm=study.paradigm,
        direction=condition.compression,
        threshold=(low + high) / 2.0 if assumed.threshold is None else assumed.threshold,
        width=width,
        threshold_spread=width / 4.0 if assumed.spread is None else assumed.spread,
        lapse_rate=assumed.lapse_rate,
        attrition=assumed.attrition(study),
    )


def proportion_listeners(
    study: StudyDefinition, assumed: Assumptions, *, default: float | None
) -> ProportionListeners:
    """Listeners of whom only the proportion correct at one level is assumed."""
    value = default if assumed.proportion_correct is None else assumed.proportion_correct
    if value is None:
        raise DataError(
            "How large a difference is to be found is not said.",
            "Give the average listener's share of correct responses, such as "
            "--proportion-correct 0.65, or one of the study's levels with --level.",
        )
    spread = assumed.proportion_spread
    if spread is None:
        at_the_end = value in (require_guess_rate(study.paradigm), 1.0)
        spread = 0.0 if at_the_end else DEFAULT_PROPORTION_SPREAD
    return ProportionListeners(
        paradigm=study.paradigm,
        proportion_correct=value,
        spread=spread,
        gross_lapse_rate=assumed.lapse_rate,
        attrition=assumed.attrition(study),
    )


def with_trials(study: StudyDefinition, trials_per_level: int) -> StudyDefinition:
    """The study with another number of trials. DataError: none that a study file allows."""
    try:
        design = Design.model_validate(
            {**study.design.model_dump(), "trials_per_level": trials_per_level}
        )
    except ValidationError as error:
        raise DataError(
            f"A study cannot have {trials_per_level} trials per level: "
            f"{error.errors()[0]['msg'].lower()}.",
            "Give numbers that trials_per_level of a study file can have.",
        ) from None
    return study.model_copy(update={"design": design})


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionListeners:
    """The study's own sessions, planned as for people and answered trial by trial.

    Whatever a procedure makes of the answers, the trials are those that people would hear. The
    sessions hold the planned condition only. For constant stimuli the counts are distributed as
    those of ``listeners``, at a thousand times the cost.
    """

    study: StudyDefinition = field(repr=False)
    condition: str
    listeners: CurveListeners

    def __call__(
        self, rng: np.random.Generator, *, n_listeners: int, trials_per_level: int
    ) -> SimulatedStudy:
        """The counts of one study."""
        study = only_condition(with_trials(self.study, trials_per_level), self.condition)
        people, seed = self.listeners.draw(rng, n_listeners), int(rng.integers(2**31))
        levels = self.listeners.levels
        n_correct, n_trials = np.zeros((2, n_listeners, len(levels)))
        n_gross_right = np.zeros(n_listeners)
        for i in range(n_listeners):
            truth = Truth(
                threshold=float(people.threshold[i]),
                width=float(people.width[i]),
                lapse_rate=float(people.lapse_rate[i]),
                sigmoid=self.listeners.sigmoid,
            )
            listener = SimulatedListener(study=study, truth=truth, seed=seed, participant=i + 1)
            n_correct[i], n_trials[i], n_gross_right[i] = session_counts(listener, levels)
        attrition = self.listeners.attrition
        stay = attrition.finished(rng, n_listeners) & attrition.attentive(n_gross_right)
        return SimulatedStudy(
            levels=np.array(levels),
            n_correct=n_correct[stay],
            n_trials=n_trials[stay],
            paradigm=self.listeners.paradigm,
            direction=self.listeners.direction,
            n_recruited=n_listeners,
        )
