"""What a report can be asked for, and how a wrong wish is told."""

from __future__ import annotations

import json

import pytest

from jndlab.errors import DataError
from jndlab.study.definition import Analysis
from jndlab.web.report_choice import (
    OPTIONS,
    ReportChoice,
    chosen_options,
    parse_changes,
    parse_version,
    planned_options,
    real_changes,
)


def test_texts_become_the_values_of_the_study_file() -> None:
    written = [
        ("alpha", "0.01"),
        ("equivalence_bound", "1"),
        ("min_gross_correct", "none"),
        ("include_unfinished", "false"),
        ("sigmoid", "weibull"),
    ]
    assert parse_changes(written) == {
        "alpha": 0.01,
        "equivalence_bound": 1,
        "min_gross_correct": None,
        "include_unfinished": False,
        "sigmoid": "weibull",
    }


@pytest.mark.parametrize(
    ("key", "text"),
    [
        ("alpha", "2"),
        ("alpha", "none"),
        ("alpha", "nan"),
        ("alpha", "1e400"),
        ("alpha", "9" * 400),
        ("alpha", "&a [*a]"),
        ("sigmoid", "{a: [1,"),
        ("sigmoid", "x"),
        ("include_unfinished", "maybe"),
        ("target_probability", "0.75 # no, 0.8\n---\n1"),
        ("bound_reason", "because"),
        ("", ""),
        ("__class__", "x"),
    ],
)
def test_a_wrong_option_is_told_with_its_name(key: str, text: str) -> None:
    with pytest.raises(DataError) as refused:
        parse_changes([(key, text)])
    assert key in refused.value.message
    assert refused.value.remedy


@pytest.mark.parametrize(
    ("text", "version"), [("", None), ("newest", None), ("all", "all"), (" 3 ", 3)]
)
def test_a_version_is_a_number_or_all_of_them(text: str, version: object) -> None:
    assert parse_version(text) == version


@pytest.mark.parametrize("text", ["0", "-1", "1.5", "two", "9" * 40, "²"])
def test_what_is_no_version_is_refused(text: str) -> None:
    with pytest.raises(DataError, match="There is no version"):
        parse_version(text)


def test_changes_are_laid_over_the_plan() -> None:
    plan = Analysis(equivalence_bound=0.6, alpha=0.01)
    choice = ReportChoice(condition="seofp", changes={"alpha": 0.1})
    options = chosen_options(plan, choice)
    assert (options.alpha, options.equivalence_bound, options.condition) == (0.1, 0.6, "seofp")
    planned = planned_options(plan, kind="participant")
    assert planned is not None
    assert (planned.alpha, planned.condition) == (0.01, None)
    assert real_changes(plan, {"alpha": 0.01, "sigmoid": "weibull"}) == {"sigmoid": "weibull"}


def test_without_a_plan_the_defaults_are_changed() -> None:
    assert planned_options(None, kind="pilot") is None
    options = chosen_options(None, ReportChoice(kind="pilot", changes={"sigmoid": "logistic"}))
    assert (options.sigmoid, options.session_kind, options.decision_model) == (
        "logistic",
        "pilot",
        None,
    )


def test_every_option_of_the_plan_can_be_changed() -> None:
    for key in OPTIONS:
        default = getattr(Analysis(), key)
        assert getattr(chosen_options(None, ReportChoice(changes={key: default})), key) == default


def test_a_choice_comes_back_from_json() -> None:
    choice = ReportChoice(version="all", condition="a", include_pilot=True, changes={"alpha": 0.1})
    assert ReportChoice.from_dict(json.loads(choice.to_json())) == choice


def test_simulated_listeners_are_never_analysed_with_a_pilot() -> None:
    with pytest.raises(DataError, match="Only participants"):
        ReportChoice(kind="simulated", include_pilot=True)
