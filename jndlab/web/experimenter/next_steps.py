"""What is done and what is left on the way to a launch, for the first page of a study."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from jndlab.errors import StudyError
from jndlab.settings import Settings
from jndlab.store.engine import Store
from jndlab.store.models import DraftRow
from jndlab.studies.gate import gate_summary, is_current
from jndlab.studies.sound_files import table_of
from jndlab.study.definition import StudyDefinition
from jndlab.study.phrases import plural
from jndlab.study.study_file import parse_study
from jndlab.web.experimenter.task_choices import task_words, trial_words

StepState = Literal["done", "next", "later", "blocked"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One step on the way."""

    endpoint: str
    title: str
    state: StepState
    said: str
    """How it stands, in a line."""


def next_steps(
    store: Store, settings: Settings, study_id: int, draft: DraftRow | None
) -> list[Step]:
    """The steps before a launch, in order; the first one that is not done is the next."""
    study = _definition(draft)
    if study is None:
        return [
            _step("sounds", "Sounds", "next", "Put in the baseline and its compressed versions."),
            _step("design", "Design", "later", "Trial type, numbers of trials, texts."),
            _step("gate", "Pair gate", "later", "Does a pair differ in nothing but compression?"),
        ]
    conditions = study.stimuli.conditions
    n_levels = sum(len(one.levels) for one in conditions)
    return [
        _sounds_step(
            settings,
            study_id,
            f"{plural(len(study.stimuli.items), 'item')}, {plural(len(conditions), 'condition')} "
            f"with {plural(n_levels, 'level')}",
        ),
        _step(
            "design",
            "Design",
            "done",
            f"{task_words(study)}, {trial_words(study)} a session.",
        ),
        _gate_step(store, settings, study_id),
    ]


def _sounds_step(settings: Settings, study_id: int, what: str) -> Step:
    missing = table_of(settings, study_id).missing
    if missing:
        return _step(
            "sounds", "Sounds", "blocked", f"{what}; {plural(len(missing), 'file')} missing."
        )
    return _step("sounds", "Sounds", "done", f"{what}.")


def _gate_step(store: Store, settings: Settings, study_id: int) -> Step:
    record = gate_summary(store, settings, study_id)
    if record is None or not is_current(settings, study_id, record):
        return _step("gate", "Pair gate", "next", "The sounds were not checked yet.")
    if record.errors:
        n_errors = plural(len(record.errors), "error")
        return _step("gate", "Pair gate", "blocked", f"{n_errors} to be mended.")
    if record.unexplained:
        n_open = plural(len(record.unexplained), "warning")
        return _step("gate", "Pair gate", "blocked", f"{n_open} without a written reason.")
    n_pairs = plural(len(record.pairs), "pair")
    return _step("gate", "Pair gate", "done", f"Nothing stands against these {n_pairs}.")


def _definition(draft: DraftRow | None) -> StudyDefinition | None:
    if draft is None:
        return None
    try:
        return parse_study(draft.text)
    except StudyError:  # saved by an older jndlab, with other rules
        return None


def _step(page: str, title: str, state: StepState, said: str) -> Step:
    return Step(endpoint=f"experimenter.{page}", title=title, state=state, said=said)
