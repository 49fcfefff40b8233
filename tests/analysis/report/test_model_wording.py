"""Sentences about compressed models, and the model card on the page."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from jndlab.analysis import (
    AnalysisOptions,
    TrialTable,
    analyse_study,
    load_model_facts,
    render_report,
)
from jndlab.analysis.fits.fit import Threshold
from jndlab.analysis.intervals import ConfidenceInterval
from jndlab.analysis.report.model_wording import (
    counted,
    headroom_sentence,
    origin_sentence,
    separate_sentences,
)
from jndlab.analysis.report.wording import at_jnd
from jndlab.analysis.study.headroom import GAIN_UNIT, headroom
from jndlab.analysis.study.model_card import model_card
from jndlab.analysis.study.objective_results import FactAtJnd, JndInUnits

LEVELS = (0.0, 1.0, 2.0, 4.0, 6.0)
SNR = (21.0, 23.0, 19.0, 13.0, 9.0)


def sentence(value: float, low: float, high: float, *, inside: bool = True) -> str:
    interval = ConfidenceInterval(low=low, high=high, coverage=0.95, method="profile")
    jnd = Threshold(
        target_probability=0.75,
        lapse_free=True,
        value=value,
        interval=interval,
        inside_tested_range=inside,
    )
    return headroom_sentence(headroom(jnd, (-24.0, 0.0, 12.0)))


def test_headroom_says_how_much_larger_the_difference_could_be() -> None:
    text = sentence(6.0, 4.0, 8.0)
    assert text.startswith("Headroom: +6.0 dB (95% interval 4.0 to 8.0 dB). The difference ")
    assert "could be 2.0 times as large before listeners are right in 75%" in text
    assert text.endswith("as it is, it stays below the just-noticeable difference.")


def test_negative_headroom_is_audible_as_it_is() -> None:
    text = sentence(-6.0, -8.0, -4.0)
    assert text.startswith("Headroom: −6.0 dB (95% interval −8.0 to −4.0 dB).")
    assert "would have to be 2.0 times smaller" in text
    assert text.endswith("it is audible as it is.")


def test_an_interval_around_zero_settles_nothing() -> None:
    for value in (1.0, -1.0):
        assert sentence(value, -3.0, 3.0).endswith("or above it is not settled.")


def test_headroom_beyond_the_tested_gains_is_not_quoted() -> None:
    above = sentence(20.0, 13.0, 30.0, inside=False)
    assert "Up to the highest gain tested, 12 dB" in above
    assert "test higher gains" in above
    below = sentence(-40.0, -60.0, -30.0, inside=False)
    assert "Already at the lowest gain tested, −24 dB" in below
    assert "audible as it is" in below
    assert "20" not in above
    assert "40" not in below


def family_rows(items, *, twin: bool = True):
    rows = []
    for item in items:
        base = {"item": item, "model": "gru-mask", "bytes_rule": "32 bits per weight", "macs": 9e6}
        rows.append(base | {"condition": "baseline", "level": "", "bytes": 64000, "seed": 1})
        for level, snr in zip(LEVELS, SNR, strict=True):
            own = {"origin": "separately-trained", "seed": 1}
            if level == 0.0 and twin:
                own = {"origin": "seed-twin", "seed": 2}
            rule = {"bytes_rule": "16 bits per weight"} if level == 6.0 else {}
            rows.append(
                base
                | {"condition": "seofp", "level": level, "bytes": 64000 / 2**level}
                | {"method": "GroupComm", "difference_snr_db": snr, **own, **rule}
            )
    return rows


@pytest.fixture(scope="module")
def analysis():
    from tests.analysis.conftest import make_study

    common = {"level_unit": "log2 of times smaller", "compression": "rises"}
    table = TrialTable.from_rows(
        make_study(n_listeners=4, levels=LEVELS, mean=2.0, width=4.0, common=common)
    )
    options = AnalysisOptions(n_resamples=100, group_model=False)
    facts = load_model_facts(family_rows([f"item{number}" for number in range(6)]))
    return analyse_study(table, seed=1, options=options, facts=facts)


def test_a_twin_is_placed_and_preference_is_offered(analysis) -> None:
    (condition,) = analysis.conditions
    assert condition.twin is not None
    (distance,) = condition.twin.distances
    assert distance.level == pytest.approx(1.5)
    about_twin, preference = separate_sentences(condition)
    row = condition.levels[0]
    assert about_twin.startswith("The seed twin (seed 2) is as large as the baseline")
    assert f"were right in {row.proportion_correct:.0%} of the trials" in about_twin
    assert "where guessing gives 50%" in about_twin
    assert f"it would score {distance.proportion_correct:.0%} by Difference SNR in dB" in about_twin
    assert "Ask for preference in place of detection" in preference


def test_a_twin_that_is_missing_is_asked_for(analysis) -> None:
    (condition,) = analysis.conditions
    without = replace(condition, twin=None)
    assert "has no seed twin" in separate_sentences(without)[0]
    assert condition.card is not None
    trained = replace(without, card=replace(condition.card, origin="post-training"))
    assert separate_sentences(trained) == ()
    assert separate_sentences(replace(without, card=None)) == ()


def test_the_page_has_the_card_with_rules_and_seeds(analysis) -> None:
    page = render_report(analysis)
    text = re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page))
    assert "Model: gru-mask. Method: GroupComm. Versions: trained separately" in text
    assert "Multiply-accumulates of every version: 9,000,000." in text
    assert "0 (seed twin)" in text
    assert "baseline, 0, 1, 2 and 4: 32 bits per weight; 6: 16 bits per weight." in text
    assert text.count("Ask for preference in place of detection") == 1
    assert "Distance to the baseline Seed twin" in text
    card, listeners = page.index("<h3>Model card</h3>"), page.index("<h3>Listeners</h3>")
    assert page.index("<h3>Just-noticeable difference</h3>") < card < listeners


def test_gains_are_more_of_the_difference_and_not_more_compression(study_rows) -> None:
    common = {"level_unit": GAIN_UNIT, "compression": "rises"}
    rows = study_rows(
        n_listeners=4, levels=(-24, -12, 0, 12), mean=-6, width=14, sd=1, common=common
    )
    options = AnalysisOptions(n_resamples=100, group_model=False)
    (condition,) = analyse_study(TrialTable.from_rows(rows), seed=1, options=options).conditions
    found = condition.headroom
    assert found is not None
    assert found.gain_db == condition.jnds[0].threshold.value
    assert (found.lowest_db, found.highest_db) == (-24.0, 12.0)
    from jndlab.analysis.report.plots import level_axis_label

    assert level_axis_label(condition) == f"{GAIN_UNIT} (higher = more of the difference)"


def test_other_units_have_no_headroom(analysis) -> None:
    assert analysis.conditions[0].headroom is None


def test_what_nobody_said_is_not_said() -> None:
    rows = [{"item": "a", "condition": "seofp", "level": level, "bytes": 5} for level in (1, 2)]
    card = model_card(load_model_facts(rows), condition="seofp", direction="falls", levels=[1, 2])
    assert origin_sentence(card) == "Size in bytes of every version: 5."
    assert counted(card) == []


@pytest.mark.parametrize(
    ("times", "low", "high", "words"),
    [
        (5.9, 5.2, 6.2, "5.9 times smaller than the baseline (5.2 to 6.2)"),
        (0.8, 0.5, 1.0, "1.2 times larger than the baseline (1.0 to 2.0)"),
        (0.8, 0.0, 1.0, "times larger than the baseline (1"),
    ],
)
def test_what_costs_more_is_not_called_smaller(
    times: float, low: float, high: float, words: str
) -> None:
    ends = ConfidenceInterval(low=low, high=high, coverage=0.95, method="profile")
    fact = FactAtJnd(
        name="macs",
        kind="size",
        estimate=100 / times,
        interval=ends,
        baseline=100.0,
        times_smaller=times,
        times_smaller_interval=ends,
        levels=(1.0, 2.0),
        values=(90.0, 50.0),
        warnings=(),
    )
    jnd = JndInUnits(
        condition="a",
        unit="b",
        direction="rises",
        value=1.5,
        interval=ends,
        facts=(fact,),
        warnings=(),
        method="m",
        source="s",
        version="1",
    )
    assert words in at_jnd(jnd)
