"""The report of a study of several parts: one page with a chapter for each."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from jndlab.analysis.paradigms import get_paradigm
from jndlab.analysis.quality.results import QualityAnalysis
from jndlab.analysis.report import detection_page, quality_page, quality_words, render
from jndlab.analysis.report.adaptive_wording import adaptive_sentence
from jndlab.analysis.report.detection_methods import detection_headline
from jndlab.analysis.report.wording import headline, plural
from jndlab.analysis.study.by_measure import AnyAnalysis, PartAnalysis
from jndlab.analysis.study.detection_results import DetectionAnalysis
from jndlab.analysis.study.results import StudyAnalysis


@dataclass(frozen=True, slots=True, kw_only=True)
class Chapter:
    """One part as the page holds it."""

    anchor: str
    heading: str
    meta: str
    headlines: tuple[str, ...]
    body: str


def render_parts(
    parts: Sequence[PartAnalysis], *, title: str | None = None, procedure: Sequence[str] = ()
) -> str:
    """The HTML text of the report on every part, self-contained, as
    :func:`~jndlab.analysis.report.render.render_report` makes it. A single part makes the page that
    its kind of task has; several make a page with a list of results and a chapter for each.
    ``procedure`` is told in the first chapter.

    >>> from jndlab.analysis import AnalysisOptions
    >>> from jndlab.analysis.study.by_measure import analyse_parts
    >>> from jndlab.analysis.study.example import example_trials
    >>> few = AnalysisOptions(n_resamples=100, group_model=False)
    >>> render_parts(analyse_parts(example_trials(), seed=1, options=few))[:15]
    '<!doctype html>'
    """
    if len(parts) == 1:
        return _whole(parts[0].analysis, title, procedure)
    first = parts[0].analysis
    days = sorted(
        {day[:10] for one in parts for day in (one.analysis.first_trial_at,) if day}
        | {day[:10] for one in parts for day in (one.analysis.last_trial_at,) if day}
    )
    chapters = [
        _chapter(number, one, procedure if number == 1 else ())
        for number, one in enumerate(parts, start=1)
    ]
    return (
        render.environment()
        .get_template("chapters.html.jinja")
        .render(
            analysis=first,
            version=first.version,
            title=title or first.study,
            chapters=chapters,
            n_listeners=_n_listeners(parts),
            first_day=days[0] if days else "",
            last_day=days[-1] if days else "",
        )
    )


def headlines(analysis: AnyAnalysis) -> tuple[str, ...]:
    """The result in a sentence or two per condition, each with the name of its condition."""
    if isinstance(analysis, StudyAnalysis):
        return tuple(
            f"{one.condition}: {adaptive_sentence(one) or headline(one)}"
            for one in analysis.conditions
        )
    if isinstance(analysis, DetectionAnalysis):
        return tuple(f"{one.condition}: {detection_headline(one)}" for one in analysis.conditions)
    return tuple(_quality_headlines(analysis))


def _quality_headlines(analysis: QualityAnalysis) -> Iterator[str]:
    for condition in analysis.conditions:
        yield f"{condition.condition}: {quality_words.headline(analysis, condition)}"


def _n_listeners(parts: Sequence[PartAnalysis]) -> int:
    """Of the whole study: parts that share nobody, as between participants, add up."""
    everybody = frozenset[int]().union(*(one.participants for one in parts))
    apart = len(everybody) == sum(len(one.participants) for one in parts)
    numbers = [one.analysis.n_listeners for one in parts]
    return sum(numbers) if everybody and apart else max(numbers)


def _whole(analysis: AnyAnalysis, title: str | None, procedure: Sequence[str]) -> str:
    if isinstance(analysis, StudyAnalysis):
        return render.render_report(analysis, title=title, procedure=procedure)
    if isinstance(analysis, DetectionAnalysis):
        return detection_page.render_detection(analysis, title=title, procedure=procedure)
    return quality_page.render_quality(analysis, title=title, procedure=procedure)


def _chapter(number: int, part: PartAnalysis, procedure: Sequence[str]) -> Chapter:
    analysis = part.analysis
    if isinstance(analysis, StudyAnalysis):
        body = render.render_body(analysis, procedure=procedure)
    elif isinstance(analysis, DetectionAnalysis):
        body = detection_page.render_body(analysis, procedure=procedure)
    else:
        body = quality_page.render_body(analysis, procedure=procedure)
    return Chapter(
        anchor=f"part-{number}",
        heading=f"Part {number}: {part.name}",
        meta=f"{_task(analysis)}, {plural(analysis.n_listeners, 'listener')}, "
        f"{plural(analysis.n_trials, 'trial')}.",
        headlines=headlines(analysis),
        body=body,
    )


def _task(analysis: AnyAnalysis) -> str:
    if isinstance(analysis, QualityAnalysis):
        task = quality_words.TITLES[analysis.paradigm]
    else:
        task = get_paradigm(analysis.paradigm).title
    return task[0].upper() + task[1:]
