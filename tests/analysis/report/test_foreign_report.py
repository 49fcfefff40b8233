"""The report over other people's trials: the numbers of our own, and no claim about the test."""

from __future__ import annotations

import csv
import re
from pathlib import Path
from typing import Any

import pytest

from jndlab.analysis import (
    AnalysisOptions,
    ForeignTrials,
    TrialTable,
    analyse_foreign_trials,
    analyse_study,
    foreign_procedure,
    load_foreign_trials,
    render_report,
)
from jndlab.analysis.study.example import example_rows

FEW = AnalysisOptions(n_resamples=100, group_model=False)


def foreign(folder: Path, names: dict[str, str], rows: list[dict[str, Any]]) -> ForeignTrials:
    """A table with these columns (header -> our column), read back."""
    path = folder / "mine.csv"
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(names)
        for row in rows:
            writer.writerow([row[column] for column in names.values()])
    return load_foreign_trials(path, paradigm="abx", compression="falls", level_unit="bits")


@pytest.fixture(scope="module")
def rows() -> list[dict[str, Any]]:
    return [row for row in example_rows() if row["phase"] == "main"]


FULL = {
    "participant": "participant",
    "trial": "trial",
    "item": "item",
    "method": "condition",
    "bits": "level",
    "answer": "response",
    "right_answer": "correct_response",
    "trial_type": "trial_kind",
    "rt_ms": "response_time_ms",
}
BARE = {"bits": "level", "hit": "correct"}


def test_the_numbers_are_those_of_the_same_trials_as_our_own(
    tmp_path: Path, rows: list[dict[str, Any]]
) -> None:
    theirs = analyse_foreign_trials(foreign(tmp_path, FULL, rows), seed=3, options=FEW)
    ours = analyse_study(TrialTable.from_rows(rows), seed=3, options=FEW)
    assert theirs.conditions[0].levels == ours.conditions[0].levels
    assert theirs.conditions[0].jnds == ours.conditions[0].jnds
    assert (theirs.gross, theirs.identical) == (ours.gross, ours.identical)
    assert theirs.checks.bias is not None
    assert ours.checks.bias is not None
    assert theirs.checks.bias.response == ours.checks.bias.response
    assert theirs.checks.bias.others == ()
    assert [one.order for one in theirs.checks.bias.orders] == ["(A right)", "(B right)"]
    assert theirs.n_listeners == ours.n_listeners


def test_nothing_is_claimed_that_the_table_does_not_tell(
    tmp_path: Path, rows: list[dict[str, Any]]
) -> None:
    trials = foreign(tmp_path, BARE, [row for row in rows if row["trial_kind"] == "test"])
    analysis = analyse_foreign_trials(trials, options=FEW)
    checks = analysis.checks
    assert (checks.bias, checks.times, checks.patterns) == (None, None, None)
    assert (checks.learning, checks.items, checks.interruptions) == (None, None, None)
    assert {one.check for one in checks.findings} <= {"catch", "flow"}
    page = render_report(analysis, procedure=foreign_procedure(trials))
    text = " ".join(re.sub(r"<style.*?</style>|<[^>]+>", " ", page, flags=re.DOTALL).split())
    assert "This test was not run by jndlab. The answers were read from mine.csv" in text
    assert "cannot say whether listeners were blind" in text
    assert "The table does not tell enough to check runs of equal answers, response times" in text
    for claim in (
        "1970",
        "pairs were presented",
        "The study file",
        "as processed by the baseline",
        "to 1 item",
        "was not registered",
        "Items: 1",
    ):
        assert claim not in text, claim


def test_the_same_file_gives_the_same_report(tmp_path: Path, rows: list[dict[str, Any]]) -> None:
    pages = set()
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        trials = foreign(tmp_path / name, FULL, rows)
        analysis = analyse_foreign_trials(trials, options=FEW)
        pages.add(render_report(analysis, procedure=foreign_procedure(trials)))
    assert len(pages) == 1
