"""Same-different and yes/no by hits and false alarms: truth recovered, nothing pretended."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.special import ndtr, ndtri

from jndlab.analysis import AnalysisOptions, analyse_detection, analyse_study
from jndlab.analysis.detection.same_different import d_prime_same_different, hit_rate_at
from jndlab.analysis.study.detection_counts import (
    condition_labels,
    detection_counts,
    uneven_false_alarms,
)
from jndlab.errors import DataError
from tests.analysis.study.kinds import detection_rows, row_of, table_of

FEW = AnalysisOptions(n_resamples=100, group_model=False)
LEVELS = (1.0, 2.0, 3.0, 4.0, 5.0, 6.0)


def counted_rows(paradigm, hits: dict[float, float], false_alarms: float, *, n=200, listeners=6):
    """Exactly these rates at every listener."""
    yes, no = ("yes", "no") if paradigm == "yes-no" else ("different", "same")
    signal, noise = ("C", "B") if paradigm == "yes-no" else ("BC", "BB")
    rows = []
    for participant in range(1, listeners + 1):
        for level, rate in hits.items():
            for order, share in ((signal, rate), (noise, false_alarms)):
                for at in range(n):
                    answer = yes if at < round(share * n) else no
                    rows.append(
                        row_of(participant, 1, paradigm, level=level, order=order, response=answer)
                    )
    return rows


def test_the_counts_of_a_condition_are_what_was_said() -> None:
    rows = [
        row_of(1, 1, "same-different", level=2.0, order="BC", response="different"),
        row_of(1, 2, "same-different", level=2.0, order="CB", response="same"),
        row_of(1, 3, "same-different", level=2.0, order="BB", response="different"),
        row_of(1, 4, "same-different", level=5.0, order="CC", response="same"),
        row_of(2, 1, "same-different", level=5.0, order="BC", response="different"),
    ]
    counts = detection_counts(table_of(rows), "seofp")
    assert counts.levels == (2.0, 5.0)
    assert counts.n_hits.tolist() == [[1.0, 0.0], [0.0, 1.0]]
    assert counts.n_signal.tolist() == [[2.0, 0.0], [0.0, 1.0]]
    assert counts.n_false_alarms.tolist() == [1.0, 0.0]
    assert counts.n_noise.tolist() == [2.0, 0.0]


def test_d_prime_and_criterion_of_yes_no_are_those_of_the_rates() -> None:
    hits = {level: float(ndtr(level / 2.0 - 1.0)) for level in LEVELS}
    table = table_of(counted_rows("yes-no", hits, float(ndtr(-1.0)), n=400, listeners=2))
    (condition,) = analyse_detection(table, seed=1, options=FEW).conditions
    for row in condition.levels:
        assert row.d_primes[0].estimate == pytest.approx(row.level / 2.0, abs=0.02)
        assert row.d_primes[0].criterion == pytest.approx(1.0 - row.level / 4.0, abs=0.02)
        assert row.over_listeners.estimate == pytest.approx(row.level / 2.0, abs=0.03)
    assert condition.false_alarms.share == pytest.approx(ndtr(-1.0), abs=0.002)
    assert condition.jnds[0].unit_of_inference == "trials"  # two listeners say nothing of others
    assert any("Listeners: 2" in warning for warning in condition.warnings)


@pytest.mark.parametrize("model", ["independent_observation", "differencing"])
def test_same_different_is_inverted_by_either_model(model) -> None:
    hits = {one: float(hit_rate_at(one / 2.0, np.array(0.3), model=model)) for one in LEVELS}
    table = table_of(counted_rows("same-different", hits, 0.3, n=300, listeners=2))
    options = AnalysisOptions(n_resamples=100, decision_model=model)
    (condition,) = analyse_detection(table, seed=1, options=options).conditions
    assert condition.levels[0].d_primes[0].model == model
    for row in condition.levels:
        expected = float(d_prime_same_different(row.hits.share, 0.3, model=model))
        assert row.d_primes[0].estimate == pytest.approx(expected, abs=1e-6)
        assert row.d_primes[0].estimate == pytest.approx(row.level / 2.0, abs=0.06)


def test_same_different_goes_by_differencing_unless_the_plan_says_otherwise() -> None:
    table = table_of(counted_rows("same-different", {1.0: 0.4, 2.0: 0.6, 3.0: 0.9}, 0.3, n=40))
    (condition,) = analyse_detection(table, seed=1, options=FEW).conditions
    assert [one.model for one in condition.levels[0].d_primes] == [
        "differencing",
        "independent_observation",
    ]
    assert "differencing" in condition.jnds[0].definition


def test_false_alarms_that_go_with_the_level_are_told() -> None:
    """As of listeners who know the level: then one rate of false alarms is that of no level."""
    rows = [
        row_of(who, 1, "same-different", level=level, order=order, response=answer)
        for who in range(1, 7)
        for level, share in ((1.0, 0.5), (2.0, 0.4), (3.0, 0.05))
        for order, rate in (("BB", share), ("CC", share), ("BC", 0.6), ("CB", 0.6))
        for answer in ["different"] * round(20 * rate) + ["same"] * (20 - round(20 * rate))
    ]
    (condition,) = analyse_detection(table_of(rows), seed=1, options=FEW).conditions
    (told,) = (one for one in condition.warnings if "false alarms differs" in one)
    assert "50%, 40%, 5%" in told
    steady = table_of(counted_rows("same-different", {1.0: 0.4, 2.0: 0.6, 3.0: 0.9}, 0.3, n=40))
    rates, p_value = uneven_false_alarms(steady)
    assert rates == [0.3, 0.3, 0.3]
    assert p_value == pytest.approx(1.0)


def test_the_jnd_is_where_d_prime_is_one_whatever_the_bias() -> None:
    """A curve of hits that is a cumulative normal from its own rate of false alarms."""
    values = []
    for false_alarms in (0.05, 0.4):
        hits = {
            one: false_alarms + (1.0 - false_alarms) * float(ndtr((one - 3.5) / 0.8))
            for one in LEVELS
        }
        table = table_of(counted_rows("yes-no", hits, false_alarms))
        (condition,) = analyse_detection(table, seed=1, options=FEW).conditions
        wanted = float(ndtr(1.0 + ndtri(false_alarms)))
        share = (wanted - false_alarms) / (1.0 - false_alarms)
        truth = 3.5 + 0.8 * float(ndtri(share))
        jnd = condition.jnds[0].threshold
        assert jnd.value == pytest.approx(truth, abs=0.05)
        assert jnd.target_probability == pytest.approx(wanted, abs=0.02)
        assert condition.fit is not None
        assert condition.fit.guess_rate == pytest.approx(false_alarms, abs=0.01)
        values.append(jnd.value)
    assert values[0] != pytest.approx(values[1], abs=0.05)  # these are two truths indeed


@pytest.mark.parametrize("paradigm", ["yes-no", "same-different"])
def test_observers_with_noise_and_a_criterion_are_recovered(paradigm) -> None:
    """Means over listeners hold the truth although the listeners' criteria differ."""
    rows = detection_rows(
        paradigm,
        lambda level: level / 2.0,
        (1.0, 2.0, 3.0, 4.0, 5.0),
        n_listeners=16,
        per_order=40,
        criterion=0.8 if paradigm == "yes-no" else 1.5,
        spread=0.2,
    )
    model = None if paradigm == "yes-no" else "differencing"
    options = AnalysisOptions(n_resamples=100, decision_model=model)
    (condition,) = analyse_detection(table_of(rows), seed=1, options=options).conditions
    for row in condition.levels[1:]:
        interval = row.over_listeners.interval
        assert interval is not None
        assert interval.low - 0.1 < row.level / 2.0 < interval.high + 0.1
    jnd = condition.jnds[0]
    assert jnd.unit_of_inference == "listeners"
    assert jnd.threshold.interval.low < 2.0 < jnd.threshold.interval.high
    assert sum(one.threshold is not None for one in condition.listeners) >= 14


def test_confidence_gives_the_roc_of_every_level() -> None:
    rows = detection_rows(
        "yes-no", lambda level: level / 2.0, (1.0, 2.0, 3.0, 4.0), per_order=40, confidence=True
    )
    (condition,) = analyse_detection(table_of(rows), seed=1, options=FEW).conditions
    for row in condition.levels:
        assert row.roc is not None
        assert row.roc.fit is not None
        assert len(row.roc.noise_counts) == 6
        assert sum(row.roc.signal_counts) == row.hits.n_trials
        assert sum(row.roc.noise_counts) == condition.false_alarms.n_trials
        assert row.roc.fit.interval.low < row.level / 2.0 < row.roc.fit.interval.high
        area = float(ndtr(row.level / 2.0 / np.sqrt(2.0)))
        assert row.roc.area.estimate == pytest.approx(area, abs=0.05)


def test_without_confidence_there_is_no_roc_and_no_proportion_correct() -> None:
    rows = detection_rows("same-different", lambda level: level, (1.0, 2.0, 3.0), n_listeners=3)
    analysis = analyse_detection(table_of(rows), seed=1, options=FEW)
    assert analysis.guess_rate is None
    assert analysis.checks.bias is None
    assert analysis.checks.catch.chance is None
    (condition,) = analysis.conditions
    assert [order for order, _ in condition.false_alarms_by_order] == ["BB", "CC"]
    assert all(row.roc is None for row in condition.levels)
    assert not any("identical" in warning for warning in analysis.warnings)


def test_hits_without_false_alarms_are_refused() -> None:
    rows = [row_of(1, at, "yes-no", level=1.0, order="C", response="yes") for at in (1, 2, 3)]
    with pytest.raises(DataError, match="without a difference"):
        analyse_detection(table_of(rows), seed=1)


def test_each_analysis_refuses_the_other_kind_of_task() -> None:
    table = table_of([row_of(1, 1, "yes-no", level=1.0, order="C", response="yes")])
    with pytest.raises(DataError, match="analyse_parts"):
        analyse_study(table, seed=1)
    table = table_of([row_of(1, 1, "abx", level=1.0, order="AB-A", response="A")])
    with pytest.raises(DataError, match="analyse_parts"):
        analyse_detection(table, seed=1)


def test_a_condition_heard_beside_another_one_is_one_of_its_own() -> None:
    rows = [
        row_of(1, 1, "same-different", level=1.0, order="BC", response="same"),
        row_of(
            1,
            2,
            "same-different",
            level=1.0,
            order="BC",
            response="same",
            compared_with="prune",
            compared_level=0.5,
        ),
    ]
    assert condition_labels(table_of(rows)).tolist() == ["seofp", "seofp against prune 0.5"]
