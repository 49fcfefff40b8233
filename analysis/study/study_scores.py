"""Agreement of the manifest's scores with the listeners of a study."""

from __future__ import annotations

from typing import Any, Literal

import numpy as np

from jndlab.analysis.study.data import TrialTable
from jndlab.analysis.study.exclusions import scored_trials
from jndlab.analysis.study.model_facts import ModelFacts
from jndlab.analysis.study.score_agreement import ScoreAgreement, score_agreement
from jndlab.analysis.study.session_rows import require_one_study
from jndlab.errors import DataError

By = Literal["level", "item"]


def study_score_agreement(
    table: TrialTable,
    facts: ModelFacts,
    score: str,
    *,
    seed: int | np.random.Generator,
    by: By = "item",
    **options: Any,
) -> ScoreAgreement:
    """Agreement of one score with the answered test trials of a study.

    ``by`` "item": every item at every level of every condition is a stimulus, the levels are groups
    and items are resampled as a whole; "level": scores are means over the items that were heard.
    Further options: :func:`~jndlab.analysis.study.score_agreement.score_agreement`.

    DataError: no trials, no such score, a tested level or item that the manifest lacks.

    >>> from jndlab.analysis.study.example import ITEMS, LEVELS, example_trials
    >>> from jndlab.analysis.study.manifest import load_model_facts
    >>> facts = load_model_facts(
    ...     {"item": item, "condition": "seofp", "level": level, "pesq": 2.0 + level / 5 + at / 50}
    ...     for at, item in enumerate(ITEMS) for level in LEVELS
    ... )
    >>> result = study_score_agreement(example_trials(), facts, "pesq", seed=1, n_resamples=100)
    >>> len(result.stimuli), result.n_listeners, result.within is not None
    (32, 8, True)
    >>> result.overall.spearman.estimate < -0.6
    True
    """
    if by not in ("level", "item"):
        raise DataError(f"There is no by={by!r}.", 'Use "level" or "item".')
    trials = scored_trials(table)
    require_one_study(trials)
    keys = list(
        zip(
            trials["condition"].tolist(),
            trials["level"].tolist(),
            trials["item"].tolist() if by == "item" else [""] * len(trials),
            strict=True,
        )
    )
    stimuli = sorted(set(keys))
    column = {key: at for at, key in enumerate(stimuli)}
    listeners, row = np.unique(trials["participant"], return_inverse=True)
    n_trials = np.zeros((len(listeners), len(stimuli)))
    n_correct = np.zeros_like(n_trials)
    where = np.array([column[key] for key in keys])
    np.add.at(n_trials, (row, where), 1.0)
    np.add.at(n_correct, (row, where), trials["correct"].astype(float))
    values = _scores(trials, facts, score, stimuli)
    by_item = by == "item"
    return score_agreement(
        values,
        n_correct,
        n_trials,
        paradigm=str(trials["paradigm"][0]),
        seed=seed,
        score=score,
        labels=[_label(*key) for key in stimuli],
        items=[item for _, _, item in stimuli] if by_item else None,
        groups=[(condition, level) for condition, level, _ in stimuli] if by_item else None,
        **options,
    )


def _scores(
    trials: TrialTable, facts: ModelFacts, score: str, stimuli: list[tuple[str, float, str]]
) -> list[float]:
    """The score of each stimulus; those without an item get the mean over the items heard."""
    known: dict[tuple[str, float, str], float] = {}
    for condition in sorted({condition for condition, _, _ in stimuli}):
        facts.require_levels(condition, [at for name, at, _ in stimuli if name == condition])
        for (item, level), value in facts.score_by_item(score, condition=condition).items():
            known[condition, level, item] = value
        if not stimuli[0][2]:
            heard = np.unique(trials["item"][trials["condition"] == condition]).tolist()
            levels, means = facts.score_by_level(score, condition=condition, items=heard)
            known |= {
                (condition, float(at), ""): float(mean)
                for at, mean in zip(levels, means, strict=True)
            }
    missing = [key for key in stimuli if key not in known]
    if missing:
        raise DataError(
            f"{facts.source} has no {score} of {_label(*missing[0])}, which was tested.",
            "Fill it in for every item at every level.",
        )
    return [known[key] for key in stimuli]


def _label(condition: str, level: float, item: str) -> str:
    return f"{condition} {level:g}" + (f" {item}" if item else "")
