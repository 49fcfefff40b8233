"""The report of every kind of task and procedure: complete, nested, and true to what it shows."""

from __future__ import annotations

import pytest
from scipy.special import ndtr

from jndlab.analysis import (
    AnalysisOptions,
    TrackStatus,
    analyse_parts,
    headlines,
    render_parts,
)
from tests.analysis.report.test_render import read
from tests.analysis.study.kinds import detection_rows, exact_rows, staircase_rows, table_of

FEW = AnalysisOptions(n_resamples=100, group_model=False)
SHARES = {1.0: 0.4, 2.0: 0.5, 3.0: 0.65, 4.0: 0.8, 5.0: 0.95}
LEVELS = tuple(float(level) for level in range(1, 9))


def heard(level: float) -> float:
    return 0.5 + 0.5 * float(ndtr((level - 4.0) / 1.2))


def page_of(rows, *, tracks=()) -> tuple[str, str]:
    """The page and its text; reading it checks that its tags nest."""
    parts = analyse_parts(table_of(rows), seed=1, options=FEW, tracks=tracks)
    page = render_parts(parts, title="A study", procedure=["Procedure: as it was."])
    assert "<script" not in page
    assert page.count("<!doctype") == 1
    return page, read(page)[1]


def test_one_of_three() -> None:
    _, text = page_of(exact_rows("3afc", SHARES))
    assert "Just-noticeable difference, 3AFC listening test" in text
    assert "where guessing gives 33.3%" in text
    assert "chance level 33.3%" in text
    assert "beyond one third" not in text  # there is no preference to tell of
    assert "ABX" not in text
    assert "Hacker" in text


def test_interleaved_staircases() -> None:
    _, text = page_of(staircase_rows("abx", heard, LEVELS, starts=(8.0, 4.0)))
    assert "Where the tracks ended" in text
    assert "Staircases end at a mean of" in text
    assert "The procedure’s own estimates were not at hand" in text
    assert "Goodness of fit was not tested" in text
    assert "Levitt" in text
    assert "Kaernbach (2001)" in text


def test_questplus_with_its_own_estimates() -> None:
    rows = staircase_rows("two-interval", heard, LEVELS, procedure="questplus", n_trials=40)
    tracks = [
        TrackStatus(
            session=f"s{who:03d}",
            track="seofp from 8",
            estimate=3.5 + who / 10.0,
            interval=(3.0, 5.0),
            target_probability=0.75,
        )
        for who in range(1, 7)
    ]
    _, text = page_of(rows, tracks=tracks)
    assert "The tracks (QUEST+), which look for 75% correct, end at a mean of" in text
    assert "3.60 (3.00 to 5.00)" in text
    assert "not at hand" not in text
    assert "Watson (2017)" in text


def test_limits_are_told_as_limits() -> None:
    rows = staircase_rows("abx", heard, LEVELS, n_listeners=5)
    tracks = [
        TrackStatus(
            session=f"s{who:03d}",
            track="seofp from 8",
            estimate=1.0 if who == 1 else 4.0,
            bound="at or below" if who == 1 else None,
        )
        for who in range(1, 6)
    ]
    _, text = page_of(rows, tracks=tracks)
    assert "1 listener has a threshold at or below the least compressed level" in text
    assert "at or below 1.00" in text
    assert "end at a median of 4.00 bits" in text


@pytest.mark.parametrize("paradigm", ["same-different", "yes-no"])
def test_detection_never_tells_a_proportion_correct(paradigm) -> None:
    rows = detection_rows(
        paradigm,
        lambda level: level / 2.0,
        (1.0, 2.0, 3.0, 4.0, 5.0),
        criterion=1.5 if paradigm == "same-different" else 0.5,
        confidence=paradigm == "yes-no",
    )
    page, text = page_of(rows)
    assert "there sensitivity d′ is 1" in text
    assert "There is no proportion correct here" in text
    assert "75% correct" not in text
    assert "chance level" not in text
    assert "identical pairs were presented" not in text
    assert ("Receiver operating characteristic" in text) == (paradigm == "yes-no")
    assert ("BB" in text and "CC" in text) == (paradigm == "same-different")
    assert "One recording" not in page


def test_two_parts_are_two_chapters_of_one_page() -> None:
    rows = [
        *exact_rows("abx", SHARES, part="tell"),
        *detection_rows("yes-no", lambda level: level, (1.0, 2.0, 3.0), part="detect"),
    ]
    page, text = page_of(rows)
    assert page.count('<h1 class="chapter">') == 2
    assert page.count("<style>") == 1
    assert "Listening test in 2 parts" in text
    assert text.count("As it was.") == 1  # how data were collected is told once
    parts = analyse_parts(table_of(rows), seed=1, options=FEW)
    for part in parts:
        for sentence in headlines(part.analysis):
            assert sentence in text
