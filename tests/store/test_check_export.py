"""The table of checks and the counts of who passed, for the export and the report."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from jndlab.export.checks import CHECK_COLUMNS, CheckCount, check_rows, count_checks
from jndlab.export.files import export_study
from jndlab.sessions import answer_check, position, release_check
from jndlab.web.check_procedure import describe_checks
from tests.store.launching import Launched, make_template, open_copy

CHECKS = [
    {"kind": "level"},
    {"kind": "left-right", "n_trials": 2, "on_fail": "retry"},
    {"kind": "headphones-antiphase", "n_trials": 1, "on_fail": "screen-out"},
]


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_template(tmp_path_factory.mktemp("checked"), checks=CHECKS)


@pytest.fixture
def launched(template: Path, tmp_path: Path) -> Iterator[Launched]:
    launched = open_copy(template, tmp_path)
    yield launched
    launched.store.close()


def take(launched: Launched, *marks: bool) -> str:
    """Take the checks with right and wrong answers in turn; returns the step it comes to."""
    token = launched.open(simulated=False)
    release_check(launched.store, token)
    for mark in marks:
        view = release_check(launched.store, token)
        answer = launched.right_answer(view.name) or "-9"
        if not mark:
            answer = next(other for other in view.answers if other != answer)
        answer_check(launched.store, token, view.name, answer)
    return position(launched.store, token).step


@pytest.fixture
def taken(launched: Launched) -> Launched:
    """Six sessions that came to different ends."""
    assert take(launched) == "check"  # a level that was never set
    assert take(launched, True, True, True, True) == "trial"
    assert take(launched, True, True, False, True, True, True) == "trial"  # left/right at once more
    assert take(launched, True, False, False, False, False, True) == "trial"  # failed, flagged
    assert take(launched, True, True, True, False) == "screened-out"
    assert take(launched, True, True) == "check"
    launched.open(simulated=True)
    return launched


def counted(taken: Launched) -> tuple[CheckCount, ...]:
    rows = list(check_rows(taken.store, "tiny"))
    digest = str(rows[0]["study_digest"])
    return count_checks(taken.study.check_rules(), rows, kind="participant", digest=digest)


def test_sessions_are_counted_at_each_check(taken: Launched) -> None:
    level, sides, headphones = counted(taken)
    assert (level.n_began, level.n_passed, level.n_open) == (6, 5, 1)
    assert (sides.n_began, sides.n_passed, sides.n_passed_later) == (5, 3, 1)
    assert (sides.n_failed, sides.n_screened_out, sides.n_open) == (1, 0, 1)
    assert (headphones.n_began, headphones.n_passed, headphones.n_failed) == (4, 3, 1)
    assert headphones.n_screened_out == 1


def test_the_report_says_who_failed_what(taken: Launched) -> None:
    said = describe_checks(taken.study.check_rules(), counted(taken))
    assert said.startswith("Checks: before the first trial, in this order: a comfortable level")
    assert "done in 5 of 6 sessions" in said
    assert (
        "3 of 5 sessions passed, 1 of them not at the first try, 1 failed and went on, "
        "1 did not end it" in said
    )
    assert "(failing ended the session): 3 of 4 sessions passed, 1 screened out." in said
    assert "none" in describe_checks([], [])


def test_the_table_has_one_row_per_sound_with_its_answer(taken: Launched, tmp_path: Path) -> None:
    rows = list(check_rows(taken.store, "tiny"))
    assert all(list(row) == [column.name for column in CHECK_COLUMNS] for row in rows)
    assert len(rows) == 1 + 4 + 6 + 6 + 4 + 2
    for row in rows:
        if row["kind"] != "level" and row["correct"] is not None:
            assert row["correct"] == int(row["answer"] == row["right_answer"])
        empty = {name for name, value in row.items() if value is None}
        assert not empty & {column.name for column in CHECK_COLUMNS if column.required}
    fourth = [row for row in rows if row["participant"] == 4]
    assert [(row["check"], row["attempt"], row["trial"]) for row in fourth] == [
        (1, 1, 1),
        (2, 1, 1),
        (2, 1, 2),
        (2, 2, 1),
        (2, 2, 2),
        (3, 1, 1),
    ]
    assert [row["attempt_outcome"] for row in fourth] == ["passed", *["failed"] * 4, "passed"]
    assert {row["session_state"] for row in rows if row["participant"] == 5} == {"screened-out"}


def test_the_export_writes_the_table_and_its_dictionary(taken: Launched, tmp_path: Path) -> None:
    written = {path.name: what for path, what in export_study(taken.store, "tiny", tmp_path)}
    assert written["tiny-checks.csv"] == "23 sounds of checks before the trials"
    with (tmp_path / "tiny-checks.csv").open(encoding="utf-8", newline="") as file:
        assert len(list(csv.DictReader(file))) == 23
    described = json.loads((tmp_path / "tiny-checks.dictionary.json").read_text(encoding="utf-8"))
    assert [column["name"] for column in described["columns"]] == [c.name for c in CHECK_COLUMNS]
