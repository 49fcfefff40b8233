"""The report: self-contained, escaped, honest in its sentences, complete in its sections."""

from __future__ import annotations

import re
from html.parser import HTMLParser

import pytest

from jndlab.analysis import (
    AnalysisOptions,
    ConfidenceInterval,
    TrialTable,
    analyse_study,
    render_report,
)
from jndlab.analysis.report.formats import format_like, format_number, format_p_value, format_share

VOID = {"meta", "img", "br", "link", "input", "hr"}


class Reader(HTMLParser):
    """Checks that tags nest, and collects tags, text and attributes."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if "style" not in self.open:
            self.text.append(data)


def read(html: str) -> tuple[Reader, str]:
    reader = Reader()
    reader.feed(html)
    reader.close()
    assert reader.open == []
    return reader, re.sub(r"\s+", " ", " ".join(reader.text))


def report_of(rows, title=None, **options) -> str:
    made = AnalysisOptions(**({"n_resamples": 100, "group_model": False} | options))
    analysis = analyse_study(TrialTable.from_rows(rows), seed=1, options=made)
    return render_report(analysis, title=title)


def test_nothing_is_fetched_and_nothing_runs(study_rows) -> None:
    reader, _ = read(report_of(study_rows()))
    names = {tag for tag, _ in reader.tags}
    assert not names & {"script", "link", "iframe", "object", "embed", "form"}
    for tag, attributes in reader.tags:
        assert not any(name.startswith("on") for name in attributes)
        for name in ("src", "href", "action", "srcset", "style"):
            value = attributes.get(name)
            assert value is None or value.startswith("data:image/svg+xml;base64,"), (tag, name)


def test_sections_and_text_alternatives(study_rows) -> None:
    analysis = analyse_study(
        TrialTable.from_rows(study_rows()), seed=1, options=AnalysisOptions(n_resamples=100)
    )
    reader, text = read(render_report(analysis, title="Fixed-point DTLN"))
    for heading in (
        "Fixed-point DTLN",
        "Result for seofp",
        "Just-noticeable difference",
        "Numbers per level",
        "Listeners",
        "Catch trials",
        "Who took part, and what was left out",
        "Methods",
        "Data checks",
        "Provenance",
    ):
        assert heading in text
    images = [attributes for tag, attributes in reader.tags if tag == "img"]
    # curve, listeners, their curves, 4 of the fit, flow, 6 of the checks
    assert len(images) == 14
    assert all(str(image["alt"]).endswith(".") for image in images)
    assert "10 fraction bits" in str(images[0]["alt"])
    assert "8 listeners" in str(images[1]["alt"])
    assert "Typical listener: " in str(images[1]["alt"])
    assert analysis.data_digest in text
    assert "Practice trial" in text
    value = format_like(
        analysis.conditions[0].jnds[0].threshold.value,
        analysis.conditions[0].jnds[0].threshold.interval,
    )
    assert f"The just-noticeable difference is {value} fraction bits (95% interval" in text
    assert "valid for the hypothesis that nobody hears anything" in text
    assert "no evidence that the two sound the same" in text


def test_names_from_files_are_escaped(study_rows) -> None:
    nasty = '<img src=x onerror="alert(1)">'
    html = report_of(study_rows(common={"condition": nasty, "level_unit": "<i>bits"}), title=nasty)
    assert "<img src=x" not in html
    assert "<i>" not in html
    assert "&lt;img src=x" in html
    read(html)


def test_simulated_listeners_carry_a_banner(study_rows) -> None:
    _, text = read(report_of(study_rows()))
    assert "Simulated listeners." not in text
    rows = study_rows(common={"session_kind": "simulated"})
    _, text = read(report_of(rows, session_kind="simulated"))
    assert "Simulated listeners. These numbers come from a computer model" in text


def test_nobody_hearing_anything_is_not_sold_as_sameness(study_rows) -> None:
    """Everybody guesses: half of each level's answers are right, exactly."""
    rows = study_rows(repeats=4)
    for one in rows:
        if one["trial_kind"] == "test":
            right = one["trial"] % 2 == 0
            other = "B" if one["correct_response"] == "A" else "A"
            one["response"] = one["correct_response"] if right else other
            one["correct"] = right
    _, text = read(report_of(rows))
    assert "does not reach 75% correct within the tested levels" in text
    assert "This does not show that the difference is inaudible" in text
    assert "That is no proof that nobody hears a difference" in text
    assert "The just-noticeable difference is" not in text
    assert "do not quote it as a JND" in text


def test_thresholds_before_the_tested_levels_are_not_quoted(study_rows) -> None:
    _, text = read(report_of(study_rows(mean=13.0, sd=0.1, width=2.0)))
    assert "already at the least compressed level (10 fraction bits)" in text
    assert "The just-noticeable difference is" not in text


def test_a_report_without_a_curve(study_rows) -> None:
    _, text = read(report_of(study_rows(levels=(3, 1), n_listeners=6)))
    assert "No curve could be fitted" in text
    assert "Test at least 3 different levels" in text


def test_several_conditions_are_told_apart(study_rows) -> None:
    rows = study_rows(n_listeners=5)
    others = study_rows(n_listeners=5, seed=2, common={"condition": "pruning"})
    for one in others:
        one["trial"] += 100
    reader, text = read(report_of(rows + others))
    assert "Result for pruning" in text
    assert "Result for seofp" in text
    curves = [dict(a)["alt"] for tag, a in reader.tags if tag == "img"]
    assert sum(str(alt).startswith("Proportion correct against level") for alt in curves) == 2


def test_equal_results_give_equal_text(study_rows) -> None:
    assert report_of(study_rows()) == report_of(study_rows())


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (format_share(0.75), "75%"),
        (format_share(0.5997), "60%"),
        (format_share(0.582), "58.2%"),
        (format_number(-0.004), "0.00"),
        (format_number(-1.5), "−1.50"),
        (format_number(float("inf")), "∞"),
        (format_p_value(0.0004), "< .001"),
        (format_p_value(0.0312), ".031"),
        (format_p_value(1.0), "1.000"),
    ],
)
def test_numbers_in_text(text: str, expected: str) -> None:
    assert text == expected


@pytest.mark.parametrize(
    ("length", "expected"), [(50.0, "3"), (5.0, "2.8"), (0.5, "2.79"), (0.005, "2.7892")]
)
def test_no_more_digits_than_the_interval_supports(length: float, expected: str) -> None:
    interval = ConfidenceInterval(low=0.0, high=length, coverage=0.95, method="by hand")
    assert format_like(2.78916, interval) == expected


@pytest.mark.parametrize(("n_listeners", "levels"), [(1, (3,)), (1, (3, 2, 1, 0)), (6, (3, 1))])
def test_the_smallest_studies_have_a_report_too(study_rows, n_listeners, levels) -> None:
    rows = study_rows(n_listeners=n_listeners, levels=levels, common={"level_unit": None})
    _, text = read(report_of(rows))
    assert "Numbers per level" in text
