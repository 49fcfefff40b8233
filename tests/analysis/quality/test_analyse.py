"""The analysis as a whole: truth recovered, screening applied, equal seeds, bad input."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest

from jndlab.analysis import AnalysisOptions, TrialTable, analyse_quality
from jndlab.errors import DataError
from tests.analysis.quality.simulated import TRUTH, simulate, simulated_table

PARADIGMS = ("preference", "acr", "dcr", "ccr", "mushra", "bs1116")
FEW = AnalysisOptions(n_resamples=99)


def analysed(paradigm, *, options=FEW, bound=None, seed=1, **changes):
    table = simulated_table(paradigm, **changes)
    return analyse_quality(table, seed=seed, options=options, bound=bound)


def by_name(analysis):
    return {
        one.stimulus.name: one for condition in analysis.conditions for one in condition.results
    }


@pytest.mark.parametrize("paradigm", PARADIGMS)
def test_the_order_of_the_versions_is_recovered(paradigm) -> None:
    analysis = analysed(paradigm, n_listeners=20, n_identical=4 if paradigm == "dcr" else 0)
    results = by_name(analysis)
    assert len(results) == 5
    assert analysis.n_listeners == 20
    means = [results[f"seofp@{level}"].rating.mean for level in (4, 2, 0)]
    assert means[0] > means[1] > means[2]
    worst, best = results["seofp@0"].contrast, results["seofp@4"].contrast
    assert worst.p_value_holm < 0.001
    assert worst.difference.mean < 0.0
    assert abs(best.difference.mean) < 4.0 * best.difference.standard_error
    assert json.dumps(analysis.to_dict())


@pytest.mark.parametrize("paradigm", PARADIGMS)
def test_equal_seeds_give_equal_results(paradigm) -> None:
    rows = simulate(paradigm, n_listeners=6, n_items=2)
    one = analyse_quality(TrialTable.from_rows(rows), seed=3, options=FEW)
    again = analyse_quality(TrialTable.from_rows(rows[::-1]), seed=3, options=FEW)
    assert one.data_digest == again.data_digest
    assert [x.rating.resampled for x in by_name(one).values()] == [
        x.rating.resampled for x in by_name(again).values()
    ]
    other = analyse_quality(TrialTable.from_rows(rows), seed=4, options=FEW)
    assert other.seed == 4


@pytest.mark.parametrize("paradigm", ["acr", "dcr", "ccr"])
def test_latent_opinions_are_recovered_by_the_ordinal_model(paradigm) -> None:
    n_identical = 0 if paradigm == "acr" else 8
    analysis = analysed(paradigm, n_listeners=40, n_identical=n_identical)
    fit = analysis.ordinal
    assert fit is not None
    assert fit.converged
    assert analysis.ordinal_reference == "baseline"
    for (condition, level), truth in TRUTH.items():
        if level is not None:
            found = fit.effect(f"{condition}@{level:g}")
            # Opinions differ by 0.4 between listeners, which the unit of the scale takes in.
            seen = truth / np.sqrt(1.0 + 0.4**2)
            assert abs(found.estimate - seen) < 4.0 * found.standard_error
            assert found.standard_error < 0.25


def test_scale_values_of_every_pair_are_recovered() -> None:
    analysis = analysed("preference", n_listeners=30, every_pair=True, spread=0.2)
    thurstone, bradley = analysis.scales
    names = dict(zip(thurstone.stimuli, thurstone.values, strict=True))
    for stimulus, truth in TRUTH.items():
        name = stimulus[0] if stimulus[1] is None else f"{stimulus[0]}@{stimulus[1]:g}"
        assert names[name] == pytest.approx(truth, abs=0.3)
    assert thurstone.degrees_of_freedom == 15 - 5
    assert np.corrcoef(thurstone.values, bradley.values)[0, 1] > 0.99
    assert len(analysis.preferences) == 15
    assert len(analysis.pairs) == 10
    assert len(by_name(analysis)) == 5  # those against the baseline


def test_differences_are_within_listeners_and_items() -> None:
    rows = simulate("acr", n_listeners=3, n_items=2)
    for row in rows:
        level, item = row["level"], row["item"]
        row["response"] = str({None: 5, 4.0: 4}.get(level, 2) - (item == "item1"))
    # Listener 3 rated the baseline on one item only: the other one must not enter.
    rows = [
        row
        for row in rows
        if not (row["participant"] == 3 and row["level"] is None and row["item"] == "item1")
    ]
    found = by_name(analyse_quality(TrialTable.from_rows(rows), seed=1, options=FEW))["seofp@4"]
    assert found.contrast.difference.values == (-1.0, -1.0, -1.0)
    assert found.rating.mean == 3.5


def test_mushra_leaves_out_who_does_not_find_the_reference() -> None:
    analysis = analysed("mushra", careless=(3, 5))
    assert analysis.mushra.excluded == (3, 5)
    assert analysis.n_listeners == 14
    other = analysis.other_selection
    assert other.n_listeners == 16
    everybody = {stimulus.name: rating for stimulus, rating, _ in other.ratings}
    assert everybody["baseline"].mean < analysis.reference.rating.mean - 2.0
    assert [one.stimulus.level for one in analysis.anchors] == [3500.0, 7000.0]
    assert analysis.reference.median > 90


def test_post_screening_never_leaves_nobody() -> None:
    analysis = analysed("mushra", n_listeners=3, careless=(1, 2, 3))
    assert analysis.n_listeners == 3
    assert "every listener" in analysis.warnings[0]


def test_bs1116_says_who_heard_anything() -> None:
    truth = {("baseline", None): 0.0, ("seofp", 0.0): -0.01}
    analysis = analysed("bs1116", truth=truth, n_listeners=10, spread=0.01)
    assert 0.3 < analysis.experts.identification < 0.7
    assert len(analysis.experts.excluded) >= 8
    assert any("cannot tell the two apart" in one for one in analysis.warnings)


def test_dcr_takes_the_baseline_beside_itself_as_its_rating() -> None:
    assert analysed("dcr", n_listeners=6).reference is None
    analysis = analysed("dcr", n_listeners=6, n_identical=4)
    assert analysis.reference.rating.n_votes == 24
    assert by_name(analysis)["seofp@0"].contrast.difference.mean < -1.0


def test_levels_stand_in_the_order_of_compression() -> None:
    falls, rises = analysed("acr", n_listeners=4).conditions[::-1]
    assert [one.stimulus.level for one in falls.results] == [4.0, 2.0, 0.0]
    assert [one.stimulus.level for one in rises.results] == [0.5, 0.9]
    unknown = analysed("mushra", n_listeners=4).conditions[1]
    assert (unknown.direction, unknown.results[0].stimulus.level) == (None, 0.0)
    table = simulated_table("mushra", n_listeners=4)
    told = analyse_quality(
        table, seed=1, options=FEW, directions={"seofp": "falls"}, units={"seofp": "bits"}
    ).conditions[1]
    assert (told.direction, told.level_unit, told.results[0].stimulus.level) == ("falls", "bits", 4)


def test_a_bound_makes_a_statement_and_none_makes_none() -> None:
    assert by_name(analysed("mushra"))["seofp@4"].contrast.equivalence.verdict is None
    bounded = by_name(analysed("mushra", options=replace(FEW, quality_bound=6.0)))
    assert bounded["seofp@4"].contrast.equivalence.verdict == "equivalent"
    assert bounded["seofp@0"].contrast.equivalence.verdict == "different"
    share = analysed("preference", options=replace(FEW, quality_bound=5.0), n_listeners=5)
    assert share.bound is None  # no share is as far as that from one half


def test_practice_and_other_kinds_of_session_are_no_votes() -> None:
    rows = simulate("acr", n_listeners=6)
    for row in rows[:3]:
        row["phase"] = "practice"
    for row in rows:
        if row["participant"] == 6:
            row["session_kind"] = "simulated"
    analysis = analyse_quality(TrialTable.from_rows(rows), seed=1, options=FEW)
    assert analysis.n_listeners == 5
    assert analysis.n_trials == 5 * 24 - 3
    assert {one.reason for one in analysis.exclusions} == {
        "session of a simulated listener",
        "practice trial",
    }


def test_only_one_condition() -> None:
    analysis = analysed("ccr", options=replace(FEW, condition="prune"), n_listeners=5)
    assert [one.condition for one in analysis.conditions] == ["prune"]
    with pytest.raises(DataError, match="no analysed answers to a condition 'other'"):
        analysed("ccr", options=replace(FEW, condition="other"), n_listeners=5)


def test_one_listener_is_described_and_nothing_is_claimed() -> None:
    for paradigm in PARADIGMS:
        analysis = analysed(paradigm, n_listeners=1, n_items=2)
        assert any("One listener" in one for one in analysis.warnings), paradigm
        assert all(one.rating.interval is None for one in by_name(analysis).values())


def test_a_version_always_rated_best_has_no_endless_effect() -> None:
    rows = simulate("dcr", n_listeners=8, n_identical=3)
    for row in rows:
        if row["trial_kind"] == "identical":
            row["response"] = "5"
    analysis = analyse_quality(TrialTable.from_rows(rows), seed=1, options=FEW)
    assert any("leaves out baseline" in one for one in analysis.warnings)
    assert analysis.ordinal.converged
    assert analysis.ordinal_reference == "seofp@4"


def test_nothing_to_analyse() -> None:
    rows = simulate("acr", n_listeners=2)
    with pytest.raises(DataError, match="no answered test trials of pilot sessions"):
        analyse_quality(
            TrialTable.from_rows(rows), seed=1, options=replace(FEW, session_kind="pilot")
        )
    mixed = rows + [
        row | {"session": f"t{row['session']}"} for row in simulate("dcr", n_listeners=2)
    ]
    with pytest.raises(DataError, match="different values of paradigm"):
        analyse_quality(TrialTable.from_rows(mixed), seed=1, options=FEW)
