"""Every paradigm with a right answer, by every procedure, over HTTP: the threshold is found again.

A few listeners of one truth take one part per paradigm. From the exported rows: constant stimuli by
the fitted curve, staircases by the mean of their tracks, QUEST+ and Psi by the posterior of all
answers. Intervals are simultaneous: each of the twelve at 1 − 0.05/12; and once more, far narrower,
over all paradigms of one chance level.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest
from scipy.stats import t as student_t

from jndlab.analysis import ConfidenceInterval, fit_psychometric
from jndlab.sigmoids import inverse_sigmoid
from jndlab.study.plan import plan_session
from jndlab.study.procedures.interleave import Interleaved
from jndlab.study.procedures.questplus import QuestPlus
from jndlab.study.procedures.staircase import Staircase
from jndlab.study.trials import GUESS_RATES
from tests.paradigm_studies import (
    FORCED_CHOICE,
    THRESHOLD,
    TRUTH,
    WIDTH,
    Row,
    Running,
    by_level,
    by_participant,
    of_part,
    outcomes,
)

N_LISTENERS = {"constant": 2, "staircase": 3, "questplus": 2, "psi": 2}
SEED = 1
COVERAGE = 1 - 0.05 / len(FORCED_CHOICE)
GROUPS = sorted(set(GUESS_RATES.values()))
GROUP_COVERAGE = 1 - 0.05 / len(GROUPS)
WIDE = 7.0
"""Levels that an interval may be wide at most for one paradigm, and less for several together: what
a test with wider ones would miss."""
NARROW = 0.75
Session = tuple[Interleaved, list[Row]]
"""The tracks of a session's plan, and its exported rows."""


def test_constant_stimuli(paradigms: Running) -> None:
    rows = paradigms.take("constant", n_listeners=N_LISTENERS["constant"], seed=SEED)
    assert {row["procedure"] for row in rows} == {"constant-stimuli"}
    for paradigm in FORCED_CHOICE:
        interval = fitted_interval(of_part(rows, paradigm), coverage=COVERAGE)
        assert interval.low < THRESHOLD < interval.high, paradigm
    for guess_rate in GROUPS:
        alike = [row for one in of_group(guess_rate) for row in of_part(rows, one)]
        interval = fitted_interval(alike, coverage=GROUP_COVERAGE)
        print(f"chance {guess_rate:.2f}: {interval}")
        assert interval.low < THRESHOLD < interval.high
        assert interval.high - interval.low < WIDE / math.sqrt(len(of_group(guess_rate)))


def test_staircases(paradigms: Running) -> None:
    found = tracks_of(paradigms, "staircase")
    errors = []
    for paradigm, sessions in found.items():
        for tracks, rows in sessions:
            (status,) = tracks.statuses(outcomes(rows)).values()
            assert status.stopped is not None
            assert status.estimate is not None
            errors.append(status.estimate - target_level(paradigm, tracks))
    by_paradigm = np.reshape(errors, (len(found), -1))
    # One spread for all paradigms, since three tracks tell too little of it.
    freedom = by_paradigm.size - len(found)
    spread = math.sqrt(((by_paradigm - by_paradigm.mean(axis=1, keepdims=True)) ** 2).sum())
    error = spread / math.sqrt(freedom * by_paradigm.shape[1])
    off = float(student_t.ppf(1 - (1 - COVERAGE) / 2, freedom)) * error
    assert off < 2.0
    assert np.abs(by_paradigm.mean(axis=1)).max() < off
    over_all = by_paradigm.mean()
    off = float(student_t.ppf(0.975, freedom)) * error / math.sqrt(len(found))
    print(f"mean distance from the target levels {over_all:.3f} ± {off:.3f} levels")
    assert abs(over_all) < off < NARROW


@pytest.mark.parametrize("procedure", ["questplus", "psi"])
def test_posteriors(paradigms: Running, procedure: str) -> None:
    found = tracks_of(paradigms, procedure)
    for paradigm in FORCED_CHOICE:
        low, high = posterior_interval(found[paradigm], coverage=COVERAGE)
        assert low < THRESHOLD < high, paradigm
    for guess_rate in GROUPS:
        alike = [session for one in of_group(guess_rate) for session in found[one]]
        low, high = posterior_interval(alike, coverage=GROUP_COVERAGE)
        print(f"chance {guess_rate:.2f}: {low:.2f} to {high:.2f}")
        assert low < THRESHOLD < high
        assert high - low < WIDE / math.sqrt(len(of_group(guess_rate)))


def of_group(guess_rate: float) -> list[str]:
    """The paradigms of one chance level: one curve is true of all of them."""
    return [one for one in FORCED_CHOICE if GUESS_RATES[one] == guess_rate]


def fitted_interval(rows: Sequence[Row], *, coverage: float) -> ConfidenceInterval:
    """Of the threshold, from rows of paradigms that have one chance level."""
    levels = by_level(rows)
    fit = fit_psychometric(
        list(levels),
        [sum(row["correct"] == "1" for row in own) for own in levels.values()],
        [len(own) for own in levels.values()],
        paradigm=rows[0]["paradigm"],
        direction="falls",
        lapse_rate=TRUTH.lapse_rate,  # its prior weighs as much as so few trials
        overdispersion=False,
    )
    return fit.interval("threshold", coverage=coverage)


def posterior_interval(sessions: Sequence[Session], *, coverage: float) -> tuple[float, float]:
    """Of the threshold, from all answers of sessions whose tracks have the same settings."""
    (track,) = sessions[0][0].tracks
    assert isinstance(track.procedure, QuestPlus)
    answers = [replace(outcome, track="") for _, rows in sessions for outcome in outcomes(rows)]
    posterior = track.procedure.posterior(answers)
    return track.procedure.marginal("threshold", posterior).interval(coverage)


def tracks_of(paradigms: Running, procedure: str) -> dict[str, list[Session]]:
    """For each paradigm and listener: the tracks of the plan, and the exported rows."""
    study = paradigms.studies[procedure]
    rows = paradigms.take(procedure, n_listeners=N_LISTENERS[procedure], seed=SEED)
    assert {row["procedure"] for row in rows} == {procedure}
    plans = {
        participant: plan_session(study, participant=participant, seed=study.seed)
        for participant in by_participant(rows)
    }
    found: dict[str, list[Session]] = {}
    for paradigm in FORCED_CHOICE:
        for participant, own in by_participant(of_part(rows, paradigm)).items():
            tracks = plans[participant].adaptive_part(paradigm).make()
            assert isinstance(tracks, Interleaved)
            assert tracks.next_choice(outcomes(own)) is None  # it went on until it had stopped
            found.setdefault(paradigm, []).append((tracks, own))
    return found


def target_level(paradigm: str, tracks: Interleaved) -> float:
    """The level at which the truth has the staircase's proportion correct."""
    (track,) = tracks.tracks
    assert isinstance(track.procedure, Staircase)
    guess_rate = GUESS_RATES[paradigm]
    heard = (track.procedure.target_probability - guess_rate) / (1 - guess_rate - TRUTH.lapse_rate)
    return float(inverse_sigmoid("norm", heard, THRESHOLD, WIDTH, falling=True))
