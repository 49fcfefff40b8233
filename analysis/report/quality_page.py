"""The report on preference or ratings: body of a part, and a page of its own."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from jndlab.analysis.quality.ordinal_terms import ORDER
from jndlab.analysis.quality.results import QualityAnalysis, QualityCondition
from jndlab.analysis.report.figures import file_name
from jndlab.analysis.report.formats import format_share
from jndlab.analysis.report.quality_figures import quality_figures
from jndlab.analysis.report.quality_methods import quality_methods
from jndlab.analysis.report.quality_words import (
    SCORES,
    TITLES,
    decimals,
    headline,
    no_proof,
    points,
    preference_for,
    reference_sentence,
    screening_sentences,
    version_name,
)
from jndlab.analysis.report.render import environment, shown_figures

_VERDICTS = {
    "equivalent": "yes",
    "different-but-small": "yes, different",
    "different": "not shown",
    "undecided": "not shown",
}
"""Whether a mean was shown to lie within the bound, in the cell of a table."""
_FIGURES = ("preferences", "scale", "boxes", "categories", "flow")
"""Those that stand outside of the section of a condition."""


def render_quality(
    analysis: QualityAnalysis, *, title: str | None = None, procedure: Sequence[str] = ()
) -> str:
    """The HTML text of the report: styles and figures inside, no script, nothing fetched.

    ``title`` defaults to the name of the study; ``procedure`` are paragraphs on how the data were
    collected, each of the form "Keyword: text". Equal results give equal text.
    """
    return _rendered("quality.html.jinja", analysis, procedure, title=title or analysis.study)


def render_body(analysis: QualityAnalysis, *, procedure: Sequence[str] = ()) -> str:
    """The same without page, banner and title, for a chapter of a page of several parts."""
    return _rendered("quality_body.html.jinja", analysis, procedure, title=analysis.study)


def _rendered(
    template: str, analysis: QualityAnalysis, procedure: Sequence[str], *, title: str
) -> str:
    told = [(keyword, text) for keyword, _, text in (one.partition(": ") for one in procedure)]
    methods, references = quality_methods(analysis, told)
    drawn = shown_figures(quality_figures(analysis))
    record = analysis.record
    return (
        environment()
        .get_template(template)
        .render(
            analysis=analysis,
            version=analysis.version,
            title=title,
            task=TITLES[analysis.paradigm],
            score=SCORES[analysis.paradigm],
            points=points(analysis),
            decimals=decimals(analysis),
            coverage=format_share(analysis.options.coverage),
            parts=[_part(analysis, one, drawn) for one in analysis.conditions],
            name_of=lambda stimulus: version_name(stimulus, analysis),
            preference_of=lambda one: preference_for(analysis, one),
            reference_words=reference_sentence(analysis),
            screening=screening_sentences(analysis),
            all_versions=analysis.versions_rated,
            versions_effects=_effects(analysis),
            verdicts=_VERDICTS,
            figures={name: drawn.get(name) for name in _FIGURES},
            departures=analysis.deviations + (record.departures if record else ()),
            methods=methods,
            references=references,
            first_day=analysis.first_trial_at[:10],
            last_day=analysis.last_trial_at[:10],
        )
    )


def _part(
    analysis: QualityAnalysis, condition: QualityCondition, drawn: dict[str, Any]
) -> dict[str, Any]:
    return {
        "result": condition,
        "unit": condition.level_unit or "level",
        "headline": headline(analysis, condition),
        "no_proof": no_proof(analysis, condition),
        "figure": drawn.get(file_name(f"ratings-{condition.condition}")),
    }


def _effects(analysis: QualityAnalysis) -> list[Any]:
    """Effects of versions and of the order; those of items are for the rest of the table."""
    if analysis.ordinal is None:
        return []
    return [
        one
        for one in analysis.ordinal.effects
        if one.name == ORDER or not one.name.startswith("item ")
    ]
