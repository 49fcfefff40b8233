"""Every figure of a report, with its words: the page shows them, and files hold them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from jndlab.analysis.report import check_descriptions as told
from jndlab.analysis.report import check_plots as checks
from jndlab.analysis.report import session_plots as sessions
from jndlab.analysis.report.detection_plots import (
    describe_d_primes,
    describe_detection,
    describe_roc,
    plot_d_primes,
    plot_detection,
    plot_roc,
)
from jndlab.analysis.report.equivalence_plot import describe_equivalence, plot_equivalence
from jndlab.analysis.report.fit_descriptions import (
    describe_goodness,
    describe_influential,
    describe_priors,
    describe_residuals,
)
from jndlab.analysis.report.fit_plots import (
    plot_goodness,
    plot_influential,
    plot_priors,
    plot_residuals,
)
from jndlab.analysis.report.flow_plot import describe_flow, plot_flow
from jndlab.analysis.report.forest_plot import plot_listeners
from jndlab.analysis.report.listener_curves import plot_listener_curves
from jndlab.analysis.report.objective_plots import describe_score_agreement, plot_score_agreement
from jndlab.analysis.report.plots import plot_psychometric
from jndlab.analysis.report.size_plots import describe_size_at_jnd, plot_size_at_jnd
from jndlab.analysis.report.track_plots import describe_tracks, plot_tracks
from jndlab.analysis.report.wording import describe_curve, describe_listeners
from jndlab.analysis.study.data_checks import DataChecks
from jndlab.analysis.study.detection_results import DetectionAnalysis, DetectionCondition
from jndlab.analysis.study.interruptions import Interruptions
from jndlab.analysis.study.results import ConditionAnalysis, StudyAnalysis

if TYPE_CHECKING:
    from matplotlib.figure import Figure


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportFigure:
    """One figure, and the same in words for those who do not see it."""

    name: str
    """What it shows, such as "curve"; listener-curves have a number behind it."""
    figure: Figure
    alternative: str


def condition_figures(condition: ConditionAnalysis) -> Iterator[ReportFigure]:
    """The figures of one condition, in the order of the page.

    curve, equivalence, tracks-1 …, listeners, listener-curves-1 …, at-jnd-NAME, priors, goodness,
    residuals, influential: those for which there is something to show.
    """
    yield _made("curve", plot_psychometric(condition), describe_curve(condition))
    equivalence = plot_equivalence(condition)
    if equivalence is not None:
        yield _made("equivalence", equivalence, describe_equivalence(condition))
    for number, page in enumerate(plot_tracks(condition), start=1):
        yield _made(f"tracks-{number}", page, describe_tracks(condition))
    if len(condition.listeners) > 1:
        yield _made("listeners", plot_listeners(condition), describe_listeners(condition))
        for number, page in enumerate(plot_listener_curves(condition), start=1):
            words = "Each listener's proportion correct at every level, the own curve and the "
            yield _made(f"listener-curves-{number}", page, f"{words}group's, one panel each.")
    if condition.card is not None and condition.card.jnd is not None:
        for fact in condition.card.jnd.facts:
            drawn = plot_size_at_jnd(condition.card.jnd, fact.name)
            words = describe_size_at_jnd(condition.card.jnd, fact.name)
            yield _made(f"at-jnd-{fact.name}", drawn, words)
    yield from _diagnostics(condition)


def _diagnostics(condition: ConditionAnalysis) -> Iterator[ReportFigure]:
    unit = condition.level_unit or "level"
    if condition.fit is not None:
        priors = plot_priors(condition.fit, level_unit=unit)
        yield _made("priors", priors, describe_priors(condition.fit))
    if condition.goodness is not None:
        goodness = plot_goodness(condition.goodness)
        yield _made("goodness", goodness, describe_goodness(condition.goodness))
    if condition.trends is not None:
        trends = plot_residuals(condition.trends, level_unit=unit)
        yield _made("residuals", trends, describe_residuals(condition.trends))
    if condition.influence is not None:
        influence = plot_influential(condition.influence, level_unit=unit)
        yield _made("influential", influence, describe_influential(condition.influence))


def detection_figures(condition: DetectionCondition, headline: str) -> Iterator[ReportFigure]:
    """The figures of one condition of a detection task: curve, d_prime, roc."""
    yield _made("curve", plot_detection(condition), describe_detection(condition, headline))
    yield _made("d_prime", plot_d_primes(condition), describe_d_primes(condition))
    roc = plot_roc(condition)
    if roc is not None:
        yield _made("roc", roc, describe_roc(condition))


def study_figures(analysis: StudyAnalysis | DetectionAnalysis) -> Iterator[ReportFigure]:
    """The figures of the study as a whole: flow, data checks, agreement of scores."""
    yield _made("flow", plot_flow(analysis.checks.flow), describe_flow(analysis.checks.flow))
    yield from _check_figures(analysis.checks)
    if isinstance(analysis, DetectionAnalysis):
        return
    for one in analysis.agreements:
        words = describe_score_agreement(one)
        yield _made(f"score-{one.score}", plot_score_agreement(one), words)


def _check_figures(found: DataChecks) -> Iterator[ReportFigure]:
    catch = found.catch
    if catch.sessions:
        yield _made("catch", checks.plot_catch_trials(catch), told.describe_catch_trials(catch))
    if found.patterns is not None:
        patterns = sessions.plot_response_patterns(found.patterns)
        yield _made("patterns", patterns, told.describe_response_patterns(found.patterns))
    if found.times is not None:
        times = sessions.plot_response_times(found.times)
        yield _made("times", times, told.describe_response_times(found.times))
    if found.interruptions is not None and _anything(found.interruptions):
        calm = sessions.plot_interruptions(found.interruptions)
        yield _made("interruptions", calm, told.describe_interruptions(found.interruptions))
    if found.bias is not None:
        bias = checks.plot_interval_bias(found.bias)
        yield _made("bias", bias, told.describe_interval_bias(found.bias))
    if found.learning is not None:
        learning = checks.plot_learning(found.learning)
        yield _made("learning", learning, told.describe_learning(found.learning))
    if found.items is not None:
        yield _made("items", checks.plot_items(found.items), told.describe_items(found.items))


def _anything(calm: Interruptions) -> bool:
    return calm.n_reloaded > 0 or any(one.gaps for one in calm.sessions)


def _made(name: str, figure: Figure, alternative: str) -> ReportFigure:
    return ReportFigure(name=file_name(name), figure=figure, alternative=alternative)


def file_name(text: str) -> str:
    """Text as it may be part of a file's name.

    >>> file_name("a b/c")
    'a-b-c'
    """
    return re.sub(r"[^A-Za-z0-9._-]+", "-", text)
