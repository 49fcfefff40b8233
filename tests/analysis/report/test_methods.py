"""The methods section: numbers filled in, every work cited is listed, and only those."""

from __future__ import annotations

import re

import pytest

from jndlab.analysis import AnalysisOptions, TrialTable, analyse_study
from jndlab.analysis.report.citations import Citations
from jndlab.analysis.report.methods import study_methods


def methods_of(rows, procedure=(), **options):
    made = AnalysisOptions(**({"n_resamples": 100, "group_model": False} | options))
    analysis = analyse_study(TrialTable.from_rows(rows), seed=7, options=made)
    paragraphs, references = study_methods(analysis, procedure)
    return dict(paragraphs), references


def test_numbers_of_the_study_are_filled_in(study_rows) -> None:
    told, _ = methods_of(study_rows(), equivalence_bound=0.6, target_probability=0.8)
    assert told["Participants"].startswith("8 listeners (8 sessions, 8 finished) gave the ")
    assert "on 2026-03-02" in told["Participants"]
    assert "10, 7, 5, 4, 3, 2, 1 and 0 (fraction bits)" in told["Stimuli"]
    assert "chance level 50%" in told["Psychometric function"]
    assert "reaches 80% correct" in told["Just-noticeable difference"]
    assert "100 resamples" in told["Just-noticeable difference"]
    assert "proportion correct of 0.6" in told["Tests"]
    assert "seed 7" in told["Software"]


def test_what_was_not_done_is_not_told(study_rows) -> None:
    told, references = methods_of(study_rows(n_listeners=3))
    assert "resamples" not in told["Just-noticeable difference"]
    assert "Equivalence" not in told["Tests"]
    assert "mixed model" not in told["Just-noticeable difference"]
    assert not any("Schuirmann" in work.before for work in references)


@pytest.mark.parametrize("bound", [None, 0.6])
def test_numbers_in_brackets_are_those_of_the_list(study_rows, bound) -> None:
    told, references = methods_of(study_rows(), equivalence_bound=bound, group_model=True)
    cited = {
        int(n)
        for text in told.values()
        for group in re.findall(r"\[([\d, ]+)\]", text)
        for n in group.split(",")
    }
    assert cited == set(range(1, len(references) + 1))


def test_rules_are_told_with_whom_they_hit_even_if_nobody(study_rows) -> None:
    rows = study_rows()
    for row in rows:
        if row["participant"] == 2 and row["trial_kind"] == "gross":
            row.update(correct=False, response="B" if row["correct_response"] == "A" else "A")
    told, _ = methods_of(rows, min_gross_correct=0.75)
    assert "8 sessions began, 0 of them ended in practice." in told["Exclusions"]
    assert "right answers to gross catch trials (1 left out)" in told["Exclusions"]
    assert "without an answer to a test trial (0 left out)" in told["Exclusions"]
    assert "Analysed sessions: 7." in told["Exclusions"]


def test_scores_are_told_where_there_are_any(study_rows) -> None:
    assert "Objective scores" not in methods_of(study_rows())[0]


def test_the_procedures_own_account_of_the_stimuli_wins(study_rows) -> None:
    told, _ = methods_of(study_rows(), procedure=[("Stimuli", "four sentences.")])
    assert told["Stimuli"] == "four sentences."


def test_works_are_numbered_as_they_come() -> None:
    citations = Citations()
    assert citations.cite("holm") == "[1]"
    assert citations.cite("clopper", "holm") == "[1, 2]"
    assert [work.title for work in citations.references()] == [
        "Scandinavian Journal of Statistics",
        "Biometrika",
    ]
