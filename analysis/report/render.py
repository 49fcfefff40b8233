"""The report of a study: one self-contained HTML file, readable on paper and on a phone."""

from __future__ import annotations

import base64
import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from jndlab.analysis.intervals import ConfidenceInterval
from jndlab.analysis.report.equivalence_plot import (
    describe_equivalence,
    equivalence_sentence,
    plot_equivalence,
)
from jndlab.analysis.report.flow_plot import describe_flow, plot_flow
from jndlab.analysis.report.plots import (
    figure_to_svg,
    level_axis_label,
    plot_listeners,
    plot_psychometric,
)
from jndlab.analysis.study.results import ConditionAnalysis, StudyAnalysis
from jndlab.sigmoids import sigmoid_name

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_TEMPLATE = "report.html.jinja"
SIGNIFICANCE = 0.05


_SIGMOID_NAMES = {
    "norm": "the cumulative normal",
    "logistic": "the logistic",
    "gumbel": "the Gumbel",
    "reversed-gumbel": "the reversed Gumbel",
    "weibull": "the Weibull",
    "lognormal": "the log-normal",
    "hyperbolic-secant": "the hyperbolic secant",
    "student-t": "Student’s t (one degree of freedom)",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Figure:
    uri: str
    alternative: str


def render_report(
    analysis: StudyAnalysis, *, title: str | None = None, procedure: Sequence[str] = ()
) -> str:
    """The HTML text of the report: styles and figures inside, no script, nothing fetched.

    ``title`` defaults to the name of the study; ``procedure`` are paragraphs on how the data
    were collected, each of the form "Keyword: text". Equal results give equal text: the time of
    rendering is not part of it.
    """
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(
        share=format_share,
        p_value=format_p_value,
        number=format_number,
        interval=format_interval,
        like=format_like,
        share_interval=format_share_interval,
    )
    return environment.get_template(_TEMPLATE).render(
        analysis=analysis,
        title=title or analysis.study,
        procedure=[paragraph.partition(": ")[::2] for paragraph in procedure],
        sigmoid=_SIGMOID_NAMES[sigmoid_name(analysis.options.sigmoid)],
        task="ABX" if analysis.paradigm == "abx" else "two-interval",
        parts=[_part(condition) for condition in analysis.conditions],
        coverage=format_share(analysis.options.coverage),
        flow=_figure(plot_flow(analysis.checks.flow), describe_flow(analysis.checks.flow)),
        findings=[str(finding) for finding in analysis.checks.findings],
        first_day=analysis.first_trial_at[:10],
        last_day=analysis.last_trial_at[:10],
    )


def _part(condition: ConditionAnalysis) -> dict[str, Any]:
    listeners = plot_listeners(condition) if len(condition.listeners) > 1 else None
    return {
        "result": condition,
        "unit": condition.level_unit or "level",
        "axis": level_axis_label(condition),
        "headline": headline(condition),
        "audible": _audible(condition),
        "same": equivalence_sentence(condition),
        "equivalence": _figure(plot_equivalence(condition), describe_equivalence(condition)),
        "curve": _Figure(
            uri=_data_uri(figure_to_svg(plot_psychometric(condition))),
            alternative=_describe_curve(condition),
        ),
        "listeners": listeners
        and _Figure(
            uri=_data_uri(figure_to_svg(listeners)), alternative=_describe_listeners(condition)
        ),
    }


def _figure(figure: Figure | None, alternative: str) -> _Figure | None:
    if figure is None:
        return None
    return _Figure(uri=_data_uri(figure_to_svg(figure)), alternative=alternative)


def headline(condition: ConditionAnalysis) -> str:
    """The result of a condition in one or two plain sentences. Promises no more than it can."""
    unit = condition.level_unit or "level"
    if not condition.jnds:
        return (
            "No curve could be fitted, so there is no just-noticeable difference to report. "
            f"{condition.fit_problem or ''}"
        ).strip()
    jnd = condition.jnds[0]
    threshold = jnd.threshold
    target = format_share(threshold.target_probability)
    if threshold.inside_tested_range:
        value = _quantity(format_like(threshold.value, threshold.interval), unit)
        return (
            f"The just-noticeable difference is {value} "
            f"({format_share(threshold.interval.coverage)} interval "
            f"{format_interval(threshold.interval)}): there, attentive listeners are right in "
            f"{target} of the trials, where guessing gives {format_share(condition.guess_rate)}."
        )
    most, least = condition.levels[-1].level, condition.levels[0].level
    if (threshold.value - most) * (most - least) > 0:
        return (
            f"The fitted curve does not reach {target} correct within the tested levels, up to "
            f"the most compressed one ({_quantity(f'{most:g}', unit)}). The just-noticeable "
            "difference lies beyond the tested levels and cannot be given. This does not show "
            "that the difference is inaudible."
        )
    return (
        f"Listeners are estimated to be above {target} correct already at the least compressed "
        f"level ({_quantity(f'{least:g}', unit)}). The just-noticeable difference lies before the "
        "tested levels and cannot be given."
    )


def _quantity(value: str, unit: str) -> str:
    """'3 fraction bits', but 'sparsity 0.8': counted units follow, others lead."""
    return f"{value} {unit}" if unit.endswith(("s", "dB", "bit")) else f"{unit} {value}"


def _audible(condition: ConditionAnalysis) -> str:
    unit = condition.level_unit or "level"
    heard = [f"{row.level:g}" for row in condition.levels if row.p_value_holm < SIGNIFICANCE]
    if not heard:
        return (
            "At no level were answers above chance by more than luck explains. That is no proof "
            "that nobody hears a difference: it may be too few trials."
        )
    text = (
        f"Answers were above chance by more than luck explains at {_quantity(_listed(heard), unit)}"
    )
    if len(heard) == len(condition.levels):
        return f"{text}: at every level tested."
    return (
        f"{text}. At the other levels this test has not shown a difference, which is not the "
        "same as showing that there is none."
    )


def _listed(words: list[str]) -> str:
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"


def _describe_curve(condition: ConditionAnalysis) -> str:
    unit = condition.level_unit or "level"
    points = "; ".join(
        f"{_quantity(f'{row.level:g}', unit)}: {format_share(row.proportion_correct)} correct"
        for row in condition.levels
    )
    return (
        f"Proportion correct against level for {condition.condition}, compression growing to the "
        f"right. {points}. {headline(condition)}"
    )


def _describe_listeners(condition: ConditionAnalysis) -> str:
    values = [one.threshold for one in condition.listeners if one.threshold is not None]
    unit = condition.level_unit or "level"
    if not values:
        return "Each listener's proportion correct with its exact interval."
    return (
        f"Each listener's own threshold with its interval: {len(values)} listeners, from "
        f"{min(values):.3g} to {max(values):.3g} ({unit})."
    )


def _data_uri(svg: str) -> str:
    return "data:image/svg+xml;base64," + base64.b64encode(svg.encode()).decode()


def format_share(value: float) -> str:
    """A proportion as a percentage, without decimals where there are none to show."""
    return f"{100 * value:.1f}".removesuffix(".0") + "%"


def format_number(value: float, decimals: int = 2) -> str:
    """A number with a true minus sign; ∞ for an infinite one."""
    if math.isinf(value):
        return "∞" if value > 0 else "−∞"
    text = f"{value:.{decimals}f}"
    if float(text) == 0:
        text = text.removeprefix("-")
    return text.replace("-", "−")


def format_p_value(value: float) -> str:
    return "< .001" if value < 0.001 else f"{value:.3f}".replace("0.", ".", 1)


def format_like(value: float, interval: ConfidenceInterval) -> str:
    """A number with as many decimals as two significant digits of its interval's length."""
    return format_number(value, _decimals(interval))


def format_interval(interval: ConfidenceInterval, decimals: int | None = None) -> str:
    places = _decimals(interval) if decimals is None else decimals
    return f"{format_number(interval.low, places)} to {format_number(interval.high, places)}"


def format_share_interval(interval: ConfidenceInterval) -> str:
    return f"{interval.low:.0%} to {interval.high:.0%}"


def _decimals(interval: ConfidenceInterval) -> int:
    length = interval.length
    if not math.isfinite(length) or length <= 0:
        return 2
    decimals = 1 - math.floor(math.log10(length))
    ends = [abs(end) for end in (interval.low, interval.high) if end]
    if ends:  # one more where a long interval would leave its shorter end a single digit
        decimals = max(decimals, min(decimals + 1, 1 - math.floor(math.log10(min(ends)))))
    return min(8, max(0, decimals))
