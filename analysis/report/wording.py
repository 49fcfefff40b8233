"""The sentences of a report: what a condition's numbers come to, and no more."""

from __future__ import annotations

from jndlab.analysis.report.formats import (
    format_interval,
    format_level,
    format_like,
    format_share,
    is_unit,
)
from jndlab.analysis.study.objective_results import JndInUnits, plain_number
from jndlab.analysis.study.results import ConditionAnalysis
from jndlab.analysis.study.score_titles import score_title

SIGNIFICANCE = 0.05
MOST_LISTED = 16
"""More levels than these are counted, not listed."""


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
        value = quantity(format_like(threshold.value, threshold.interval), unit)
        return (
            f"The just-noticeable difference is {value} "
            f"({format_share(threshold.interval.coverage)} interval "
            f"{format_interval(threshold.interval)}): there, attentive listeners are right in "
            f"{target} of the trials, where guessing gives {format_share(condition.guess_rate)}."
        )
    most, least = condition.levels[-1].level, condition.levels[0].level
    first, last = "the least compressed level", "the most compressed one"
    if not condition.compression:
        first, last = "the level that is hardest to tell", "the one that is easiest to tell"
    if (threshold.value - most) * (most - least) > 0:
        return (
            f"The fitted curve does not reach {target} correct within the tested levels, up to "
            f"{last} ({quantity(format_level(most), unit)}). The just-noticeable "
            "difference lies beyond the tested levels and cannot be given. This does not show "
            "that the difference is inaudible."
        )
    return (
        f"Listeners are estimated to be above {target} correct already at {first} "
        f"({quantity(format_level(least), unit)}). The just-noticeable difference lies before the "
        "tested levels and cannot be given."
    )


def quantity(value: str, unit: str) -> str:
    """'3 fraction bits' and '−8 dB SNR', but 'sparsity 0.8': units follow, names of axes lead."""
    follows = unit.endswith(("s", "bit")) or is_unit(unit)
    return f"{value} {unit}" if follows else f"{unit} {value}"


def audible(condition: ConditionAnalysis) -> str:
    """At which levels answers were above chance, and what that does not show."""
    unit = condition.level_unit or "level"
    heard = [format_level(row.level) for row in condition.levels if row.p_value_holm < SIGNIFICANCE]
    if not heard:
        return (
            "At no level were answers above chance by more than luck explains. That is no proof "
            "that nobody hears a difference: it may be too few trials."
        )
    where = quantity(listed(heard), unit)
    if len(heard) > MOST_LISTED:
        where = f"{len(heard)} of {len(condition.levels)} levels"
    text = f"Answers were above chance by more than luck explains at {where}"
    return f"{text}{not_at_the_others(len(heard), len(condition.levels))}"


def not_at_the_others(n_heard: int, n_levels: int) -> str:
    """How a sentence ends that has named the levels of a significant result: what it does not show
    at the others."""
    if n_heard == n_levels:
        return ": at every level tested."
    return (
        ". At the other levels this test has not shown a difference, which is not the same as "
        "showing that there is none."
    )


def at_jnd(jnd: JndInUnits) -> str:
    """The JND as "times smaller" and on each score, in a sentence or two; empty if neither."""
    sentences = []
    for one in jnd.facts:
        if one.kind == "size" and one.beside_baseline is not None:
            times, ends, word = one.beside_baseline
            sentences.append(
                f"{score_title(one.name)} there: {plain_number(one.estimate or 0.0)}, "
                f"{format_like(times, ends)} times {word} than the baseline "
                f"({format_interval(ends)})."
            )
    scores = [
        f"{score_title(one.name)} {format_like(one.estimate, one.interval)} "
        f"({format_interval(one.interval)})"
        for one in jnd.facts
        if one.kind == "score" and one.estimate is not None
    ]
    if scores:
        sentences.append(f"Objective scores there: {', '.join(scores)}.")
    return " ".join(sentences)


def plural(number: int, noun: str) -> str:
    """A number with its noun.

    >>> plural(1, "listener"), plural(2, "listener")
    ('1 listener', '2 listeners')
    """
    return f"{number} {noun}{'' if number == 1 else 's'}"


def listed(words: list[str]) -> str:
    """'a', 'a and b', 'a, b and c'."""
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"


def describe_curve(condition: ConditionAnalysis) -> str:
    """What the figure of the curve shows, in words."""
    unit = condition.level_unit or "level"
    points = "; ".join(
        f"{quantity(format_level(row.level), unit)}: {format_share(row.proportion_correct)} correct"
        for row in condition.levels
    )
    grows = ", compression growing to the right" if condition.compression else ""
    return (
        f"Proportion correct against level for {condition.condition}{grows}. {points}. "
        f"{headline(condition)}"
    )


def describe_listeners(condition: ConditionAnalysis) -> str:
    """What the forest plot shows, in words."""
    values = [one.threshold for one in condition.listeners if one.threshold is not None]
    unit = condition.level_unit or "level"
    if not values:
        return "Each listener's proportion correct with its exact interval."
    text = (
        f"Each listener's own threshold with its interval: {len(values)} listeners, from "
        f"{min(values):.3g} to {max(values):.3g} ({unit})."
    )
    if condition.jnds:
        jnd = condition.jnds[0].threshold
        whose = "Average curve" if condition.group is not None else "Pooled curve"
        text += f" {whose}: {format_like(jnd.value, jnd.interval)}"
        text += f" ({format_interval(jnd.interval)})."
        typical = condition.typical
        if typical is not None:
            text += f" Typical listener: {format_like(typical.value, typical.interval)}"
            text += f" ({format_interval(typical.interval)})."
    return text
