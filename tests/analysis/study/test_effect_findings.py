"""Sentences about bias, learning and items."""

from __future__ import annotations

from jndlab.analysis import TrialTable
from jndlab.analysis.study.effect_findings import bias_findings, item_findings, learning_findings
from jndlab.analysis.study.example import example_rows, example_trials
from jndlab.analysis.study.interval_bias import check_interval_bias
from jndlab.analysis.study.item_effects import check_items
from jndlab.analysis.study.learning import check_learning


def test_a_costly_bias_is_a_warning_and_a_cheap_one_a_note() -> None:
    (strong,) = bias_findings(check_interval_bias(example_trials(n_listeners=20, bias=0.45)))
    assert strong.severity == "warning"
    assert "prefer response A" in strong.sentence
    (weak,) = bias_findings(check_interval_bias(example_trials(n_listeners=20, bias=-0.1)))
    assert weak.severity == "note"
    assert "prefer response B" in weak.sentence
    assert list(bias_findings(check_interval_bias(example_trials(n_listeners=20)))) == []


def test_biases_that_cancel_are_noted() -> None:
    rows = example_rows(n_listeners=8, bias=0.35)
    other = example_rows(n_listeners=8, bias=-0.35, seed=2)
    rows = [one for one in rows if one["participant"] <= 4]
    rows += [one for one in other if one["participant"] > 4]
    (found,) = bias_findings(check_interval_bias(TrialTable.from_rows(rows)))
    assert found.sentence.startswith("Single listeners prefer a response, not all the same")


def test_learning_and_fatigue_have_different_remedies() -> None:
    (better,) = learning_findings(check_learning(example_trials(n_listeners=16, learning=4.0)))
    (worse,) = learning_findings(check_learning(example_trials(n_listeners=16, learning=-4.0)))
    assert "got better" in better.sentence
    assert "more practice" in better.remedy
    assert "got worse" in worse.sentence
    assert "shorter sessions" in worse.remedy


def test_an_odd_item_is_named_with_its_deviation() -> None:
    rows = example_rows(n_listeners=16)
    for one in rows:
        if one["item"] == "p287_003":
            one.update(response=one["correct_response"], correct=True)
    (found,) = item_findings(check_items(TrialTable.from_rows(rows)))
    assert found.severity == "note"
    assert "p287_003 (+0.3" in found.sentence
