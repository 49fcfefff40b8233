"""The model card: versions in order, only what says something, and the JND in its terms."""

from __future__ import annotations

import pytest

from jndlab.analysis import AnalysisOptions, TrialTable, analyse_study, load_model_facts, model_card
from jndlab.analysis.fits.fit import Threshold
from jndlab.analysis.intervals import ConfidenceInterval
from jndlab.errors import DataError

LEVELS = (10, 7, 5, 4, 3, 2, 1, 0)


def facts_of(**without):
    rows = []
    for item in [f"item{number}" for number in range(6)]:
        base = {"item": item, "condition": "baseline", "level": "", "bytes": 4000, "parameters": 99}
        rows.append(base | {"si_sdr": "", "checkpoint_digest": "b"})
        rows += [
            {
                "item": item,
                "condition": "seofp",
                "level": level,
                "bytes": 1000 + 100 * level,
                "parameters": 99,
                "si_sdr": 10.0 + 6 * level,
                "checkpoint_digest": f"c{level}",
            }
            for level in LEVELS
            if level not in without.get("levels", ())
        ]
    return load_model_facts(rows)


def test_versions_from_the_baseline_to_the_most_compressed() -> None:
    card = model_card(facts_of(), condition="seofp", direction="falls", levels=[0, 3, 10])
    assert [one.level for one in card.versions] == [None, 10.0, 3.0, 0.0]
    assert [one.times_smaller for one in card.versions] == [None, 2.0, 4000 / 1300, 4.0]
    assert [one.scores.get("si_sdr") for one in card.versions] == [None, 70.0, 28.0, 10.0]
    assert card.versions[1].checkpoint_digests == ("c10",)
    assert card.jnd is None


def test_a_tested_level_must_be_in_the_manifest() -> None:
    with pytest.raises(DataError, match="lacks level 5 of seofp"):
        model_card(facts_of(levels=(5,)), condition="seofp", direction="falls", levels=[5, 3])
    with pytest.raises(DataError, match="no condition 'other'"):
        model_card(facts_of(), condition="other", direction="falls", levels=[5, 3])


def test_a_study_gets_its_card_and_the_agreement_of_its_scores(study_rows) -> None:
    options = AnalysisOptions(n_resamples=100, group_model=False)
    table = TrialTable.from_rows(study_rows())
    analysis = analyse_study(table, seed=1, options=options, facts=facts_of())
    (condition,) = analysis.conditions
    assert condition.card is not None
    assert condition.card.jnd is not None
    # The number of parameters is the same everywhere: it says nothing of a JND.
    assert [one.name for one in condition.card.jnd.facts] == ["bytes", "si_sdr"]
    assert condition.card.sizes == ("parameters", "bytes")
    size = condition.card.jnd.fact("bytes")
    assert size.estimate is not None
    assert size.times_smaller == pytest.approx(4000 / size.estimate)
    (agreement,) = analysis.agreements
    assert agreement.score == "si_sdr"
    assert agreement.overall.spearman.estimate < -0.7
    assert analyse_study(table, seed=1, options=options).agreements == ()


def threshold(value: float) -> Threshold:
    interval = ConfidenceInterval(low=value - 1, high=value + 1, coverage=0.95, method="profile")
    return Threshold(
        target_probability=0.75,
        lapse_free=True,
        value=value,
        interval=interval,
        inside_tested_range=True,
    )


def twin_rows():
    for item in ("a", "b"):
        yield {"item": item, "condition": "baseline", "level": "", "bytes": 800, "seed": 1}
        for level, snr in ((0, 21.0), (1, 23.0), (2, 17.0), (3, 11.0)):
            yield {
                "item": item,
                "condition": "width",
                "level": level,
                "bytes": 800 / 2**level,
                "snr": snr,
                "origin": "separately-trained" if level else "seed-twin",
                "seed": 1 if level else 2,
                "bytes_rule": "32 bits per weight",
            }


def test_a_seed_twin_has_a_size_but_says_nothing_of_scores_at_the_jnd() -> None:
    facts = load_model_facts(twin_rows())
    card = model_card(
        facts, condition="width", direction="rises", levels=[0, 1, 2, 3], jnd=threshold(1.5)
    )
    assert [one.origin for one in card.versions] == ["", "seed-twin", *["separately-trained"] * 3]
    assert [one.seed for one in card.versions] == ["1", "2", "1", "1", "1"]
    assert card.origin == "separately-trained"
    assert card.jnd is not None
    assert card.jnd.fact("snr").levels == (1.0, 2.0, 3.0)
    assert card.jnd.fact("snr").estimate == pytest.approx(20.0)
    assert card.jnd.fact("bytes").levels == (0.0, 1.0, 2.0, 3.0)
    assert card.warnings == ()
    (rule,) = card.rules
    assert (rule.size, rule.levels) == ("bytes", (0.0, 1.0, 2.0, 3.0))


def test_a_score_that_one_item_lacks_leaves_the_others_alone() -> None:
    rows = [row | {"pesq": 4.0 - 0.5 * (row["level"] or 0)} for row in twin_rows() if row["level"]]
    rows[0]["pesq"] = ""
    card = model_card(
        load_model_facts(rows),
        condition="width",
        direction="rises",
        levels=[1, 2],
        jnd=threshold(2),
    )
    assert card.jnd is not None
    assert [one.name for one in card.jnd.facts] == ["bytes", "snr"]
    assert "pesq is left out at the JND" in card.warnings[0]
    assert "item a at level 1" in card.warnings[0]
