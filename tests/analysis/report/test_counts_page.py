"""The page on counts from anywhere: complete, escaped, and silent on what a table cannot know."""

from __future__ import annotations

import re

import numpy as np
import pytest

from jndlab.analysis import AnalysisOptions, load_counts, render_counts, report_counts
from jndlab.analysis.report.counts_page import counts_files
from jndlab.errors import DataError

QUICK = AnalysisOptions(n_resamples=100)
LEVELS = [1, 2, 3, 4, 5, 6]
POOLED = {"x": LEVELS, "k": [21, 23, 29, 33, 38, 39], "n": [40] * 6}


def group(conditions: tuple[str, ...] = ("prune", "<quant>"), n_listeners: int = 6):
    """Counts of listeners in conditions a level apart, 20 trials each; seed 3."""
    rng = np.random.default_rng(3)
    rows = [
        (
            name,
            f"P{listener}",
            level,
            int(rng.binomial(20, 0.5 + 0.49 / (1 + np.exp(3 + i - level)))),
        )
        for i, name in enumerate(conditions)
        for listener in range(n_listeners)
        for level in LEVELS
    ]
    names = ("condition", "listener", "level", "n_correct")
    columns = dict(zip(names, map(list, zip(*rows, strict=True)), strict=True))
    return load_counts({**columns, "n_trials": [20] * len(rows)})


@pytest.fixture(scope="module")
def grouped():
    options = AnalysisOptions(n_resamples=100, equivalence_bound=0.6)
    return report_counts(group(), paradigm="abx", seed=1, options=options, file_digest="f" * 64)


def words(page: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page))


def test_every_condition_has_its_answer_its_figures_and_its_tables(grouped) -> None:
    page = render_counts(grouped, title="Two & more")
    text = words(page)
    assert "Two &amp; more" in text
    assert "&lt;quant&gt;" in text
    assert "<quant>" not in page
    assert text.count("The just-noticeable difference is") >= 2
    for section in ("Listeners", "Equivalence", "Numbers per level", "Methods", "References"):
        assert text.count(section) >= 1, section
    assert "f" * 64 in text
    images = re.findall(r"<(?:svg|img)[^>]*>", page)
    assert images
    assert all(
        "aria-label" in image or "alt=" in image or "aria-hidden" in image for image in images
    )


def test_nothing_is_fetched_and_nothing_runs(grouped) -> None:
    page = render_counts(grouped)
    assert "<script" not in page
    assert not re.search(r"(?:src|href)=[\"'](?!data:|#)(?!https://doi\.org)", page)


def test_conditions_are_compared_where_listeners_allow(grouped) -> None:
    (comparison,) = grouped.comparisons
    (shift,) = comparison.shifts
    assert {shift.condition, shift.reference} == {"prune", "<quant>"}
    assert 0.5 < abs(shift.estimate) < 1.6  # true: 1


def test_a_table_without_listeners_says_what_it_cannot_tell() -> None:
    report = report_counts(load_counts(POOLED), paradigm="2afc", seed=1, options=QUICK)
    assert "does not say whose answers" in report.warnings[0]
    assert "does not say whose answers" in words(render_counts(report))
    assert report.comparisons == ()


def test_equal_results_give_equal_text_and_files() -> None:
    one, other = (
        report_counts(load_counts(POOLED), paradigm="2afc", seed=1, options=QUICK) for _ in range(2)
    )
    assert render_counts(one) == render_counts(other)
    assert dict(counts_files(one)) == dict(counts_files(other))


def test_conditions_whose_names_differ_in_signs_only_have_files_of_their_own() -> None:
    report = report_counts(group(("a/b", "a b"), 1), paradigm="2afc", seed=1, options=QUICK)
    names = [name for name, _ in counts_files(report)]
    assert len(set(names)) == len(names)


def test_a_curve_that_cannot_be_fitted_leaves_a_page() -> None:
    table = load_counts({"x": [1], "k": [21], "n": [40]})
    text = words(render_counts(report_counts(table, paradigm="2afc", seed=1, options=QUICK)))
    assert "No curve could be fitted" in text


def test_levels_far_apart_are_noticed_and_drawn_by_their_ratio() -> None:
    far = POOLED | {"x": [1.0, 10.0, 100.0, 1e3, 1e4, 1e6]}
    report = report_counts(load_counts(far), paradigm="2afc", seed=1, options=QUICK)
    assert any("lie unevenly" in warning for warning in report.warnings)
    logarithmic = AnalysisOptions(n_resamples=100, sigmoid="lognormal")
    report = report_counts(load_counts(far), paradigm="2afc", seed=1, options=logarithmic)
    assert not any("lie unevenly" in warning for warning in report.warnings)


def test_a_paradigm_without_chance_level_is_refused() -> None:
    with pytest.raises(DataError, match="no chance level"):
        report_counts(load_counts(POOLED), paradigm="yes_no", seed=1)
