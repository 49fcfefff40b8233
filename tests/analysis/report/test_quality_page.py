"""The report on preference and ratings: self-contained, complete, honest in its sentences."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from jndlab.analysis import (
    AnalysisOptions,
    StudyRecord,
    TrialTable,
    analyse_quality,
    render_quality,
)
from jndlab.analysis.report.quality_figures import quality_figures
from jndlab.analysis.report.quality_page import render_body
from tests.analysis.quality.simulated import simulate, simulated_table
from tests.analysis.report.test_render import read

PARADIGMS = ("preference", "acr", "dcr", "ccr", "mushra", "bs1116")
FEW = AnalysisOptions(n_resamples=99)


def analysed(paradigm, *, options=FEW, **changes):
    options_of = {"n_listeners": 8, "n_items": 2} | changes
    return analyse_quality(simulated_table(paradigm, **options_of), seed=1, options=options)


@pytest.mark.parametrize("paradigm", PARADIGMS)
def test_a_page_of_each_kind(paradigm) -> None:
    analysis = analysed(paradigm, n_repeated=2, n_identical=2)
    reader, text = read(render_quality(analysis, title="A <b>bold</b> title"))
    assert "A <b>bold</b> title" in text
    names = {tag for tag, _ in reader.tags}
    assert not names & {"script", "link", "iframe", "object", "form"}
    for tag, attributes in reader.tags:
        source = attributes.get("src")
        assert source is None or source.startswith("data:image/svg+xml;base64,")
        if tag == "img":
            assert len(attributes["alt"] or "") > 40
    for heading in (
        "Result for seofp",
        "Listeners",
        "Items",
        "Methods",
        "References",
        "Provenance",
    ):
        assert heading in text
    assert "By more than luck explains" in text
    assert not re.search(r"\bnan\b|\bNone\b", text.partition("Provenance")[0])
    assert analysis.data_digest in text


@pytest.mark.parametrize("paradigm", PARADIGMS)
def test_equal_results_give_equal_pages(paradigm) -> None:
    analysis = analysed(paradigm, n_listeners=5)
    assert render_quality(analysis) == render_quality(analysis)


@pytest.mark.parametrize("paradigm", PARADIGMS)
def test_one_listener_and_one_trial_make_a_page(paradigm) -> None:
    rows = simulate(paradigm, n_listeners=1, n_items=1)[-1:]
    analysis = analyse_quality(TrialTable.from_rows(rows), seed=1, options=FEW)
    _, text = read(render_quality(analysis))
    assert "One listener: nothing here speaks of other listeners." in text


def test_a_body_is_a_part_of_a_page() -> None:
    analysis = analysed("mushra")
    body = render_body(analysis, procedure=["Playback: in turn."])
    assert body.lstrip().startswith("<section")
    assert "<h1" not in body
    assert "Playback." in body
    assert body.count("<h2>Methods</h2>") == 1


def test_no_difference_is_never_called_the_same_without_a_bound() -> None:
    truth = {("baseline", None): 0.0, ("seofp", 4.0): 0.0, ("seofp", 2.0): 0.0}
    for paradigm in PARADIGMS:
        options = {"truth": truth, "n_listeners": 12, "spread": 0.05, "n_identical": 2}
        _, text = read(render_quality(analysed(paradigm, **options)))
        assert "No difference shown is not “the same”" in text
        assert "nothing is claimed to be equivalent" in text


def test_a_stated_bound_is_answered() -> None:
    truth = {("baseline", None): 0.0, ("seofp", 4.0): 0.0}
    options = replace(FEW, quality_bound=8.0)
    small = analysed("mushra", truth=truth, spread=0.05, n_listeners=12, options=options)
    _, text = read(render_quality(small))
    assert "Shown to lie within 8.0 points of 100 of the baseline" in text
    assert "Within 8.00" in text
    _, text = read(render_quality(analysed("ccr", options=replace(FEW, quality_bound=0.01))))
    assert "At no level was the mean shown to lie within 0.01 points of the baseline" in text


def test_who_was_left_out_is_listed_with_the_reason() -> None:
    _, text = read(render_quality(analysed("mushra", careless=(3,), n_items=4)))
    assert "Post-screening left out 1 of 8 listeners" in text
    assert "rated the hidden reference below 90 for" in text
    assert "The same, without post-screening" in text


def test_every_pair_has_a_scale_and_its_fit() -> None:
    _, text = read(render_quality(analysed("preference", every_pair=True)))
    assert "seofp 2 to seofp 0" in text
    assert "with 10 degrees of freedom" in text
    _, star = read(render_quality(analysed("preference")))
    assert "so that nothing tests it" in star


def test_the_plan_and_its_departures_are_told() -> None:
    table = simulated_table("acr", n_listeners=5, n_items=2)
    analysis = analyse_quality(
        table,
        seed=1,
        options=FEW,
        planned=replace(FEW, quality_bound=0.5),
        record=StudyRecord(departures=("5 sessions of 20 planned.",)),
    )
    _, text = read(render_quality(analysis))
    assert "Bound of ratings and preference: planned 0.5, done none." in text
    assert "5 sessions of 20 planned." in text


def test_simulated_listeners_are_not_people() -> None:
    rows = [row | {"session_kind": "simulated"} for row in simulate("acr", n_listeners=5)]
    options = replace(FEW, session_kind="simulated")
    page = render_quality(analyse_quality(TrialTable.from_rows(rows), seed=1, options=options))
    assert "Simulated listeners. These numbers come from a computer model" in page


def test_figures_are_named_for_files() -> None:
    names = [one.name for one in quality_figures(analysed("mushra"))]
    assert names == ["ratings-prune", "ratings-seofp", "boxes", "flow"]
    assert [one.name for one in quality_figures(analysed("preference"))][:2] == [
        "preferences",
        "scale",
    ]
    assert all(re.fullmatch(r"[\w.-]+", name) for name in names)
