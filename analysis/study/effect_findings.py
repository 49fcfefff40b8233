"""Findings about effects within listeners: bias, learning, items."""

from __future__ import annotations

from collections.abc import Iterator

from jndlab.analysis.study.data_findings import (
    Finding,
    is_small,
    note,
    p_text,
    warning,
)
from jndlab.analysis.study.interval_bias import IntervalBias
from jndlab.analysis.study.item_effects import ItemEffects
from jndlab.analysis.study.learning import Learning

_COSTLY_BIAS = 0.02
"""Proportion correct lost to a bias at some level from which on it is a warning."""


def bias_findings(bias: IntervalBias) -> Iterator[Finding]:
    """Preferences, and what they cost.

    >>> from jndlab.analysis.study.example import example_trials
    >>> from jndlab.analysis.study.interval_bias import check_interval_bias
    >>> [one.severity for one in bias_findings(check_interval_bias(example_trials(bias=0.2)))]
    ['note']
    """
    response = bias.response
    if len(bias.responses) > 2:
        yield from _preference_among_several(bias)
    elif is_small(response.p_value) and response.estimate is not None:
        preferred = bias.responses[0] if response.estimate > 0 else bias.responses[1]
        lost = max(
            (one.proportion_correct_unbiased - one.proportion_correct for one in bias.levels),
            default=0.0,
        )
        yield Finding(
            check="bias",
            severity="warning" if lost > _COSTLY_BIAS else "note",
            sentence=f"Listeners prefer response {preferred}: "
            f"{0.5 + abs(response.estimate):.1%} of their answers, were both equally often right "
            f"(p {p_text(response.p_value)}).",
            remedy=f"It costs up to {max(lost, 0.0):.3f} in proportion correct: quote d′ with the "
            "bias allowed for beside the plain one.",
        )
    elif is_small(response.heterogeneity_p_value):
        yield note(
            "bias",
            "Single listeners prefer a response, not all the same one "
            f"(p {p_text(response.heterogeneity_p_value)}).",
            "Their d′ with the bias allowed for is larger than the plain one.",
        )
    for effect in bias.others:
        if is_small(effect.p_value) and effect.estimate is not None:
            yield note(
                "bias",
                f"Answers are {'more' if effect.estimate > 0 else 'less'} often right where "
                f"{effect.name} (by {abs(effect.estimate):.3f}, p {p_text(effect.p_value)}).",
                "Orders are balanced, so thresholds are not shifted; report it with the task.",
            )


def _preference_among_several(bias: IntervalBias) -> Iterator[Finding]:
    response = bias.response
    if is_small(response.p_value) and response.estimate is not None:
        share = 1.0 / len(bias.responses) + response.estimate
        yield note(
            "bias",
            f"Listeners {'prefer' if response.estimate > 0 else 'avoid'} response "
            f"{bias.preferred}: {share:.1%} of their answers, were all equally often right, "
            f"instead of {1.0 / len(bias.responses):.1%} (p {p_text(response.p_value)}).",
            "Orders are balanced, so no condition is favoured; the proportion correct is a little "
            "lower than without the preference, and so is d′.",
        )


def learning_findings(learning: Learning) -> Iterator[Finding]:
    """Change along the session.

    >>> from jndlab.analysis.study.example import example_trials
    >>> from jndlab.analysis.study.learning import check_learning
    >>> [one.severity for one in learning_findings(check_learning(example_trials(learning=4.0)))]
    ['warning']
    """
    trend = learning.trend
    if is_small(trend.p_value) and trend.estimate is not None:
        better = trend.estimate > 0
        yield warning(
            "learning",
            f"Listeners got {'better' if better else 'worse'} along the session: the proportion "
            f"correct at equal levels {'rose' if better else 'fell'} by {abs(trend.estimate):.3f} "
            f"(p {p_text(trend.p_value)}).",
            "Intervals are too narrow then. "
            + (
                "Plan more practice, and report the threshold of the later blocks too."
                if better
                else "Plan shorter sessions with more breaks, and report the earlier blocks too."
            ),
        )
    elif is_small(trend.heterogeneity_p_value):
        yield note(
            "learning",
            "Some listeners got better along the session and others worse "
            f"(p {p_text(trend.heterogeneity_p_value)}).",
            "Use a fit that allows for overdispersion.",
        )


def item_findings(items: ItemEffects) -> Iterator[Finding]:
    """Differences between recordings.

    >>> from jndlab.analysis.study.example import example_trials
    >>> from jndlab.analysis.study.item_effects import check_items
    >>> list(item_findings(check_items(example_trials())))
    []
    """
    if not is_small(items.p_value):
        return
    odd = [one for one in items.items if is_small(one.p_value_holm)]
    named = ", ".join(f"{one.item} ({one.deviation:+.2f})" for one in odd[:6])
    yield note(
        "items",
        f"Items differ at equal levels (p {p_text(items.p_value)})"
        + (f", most plainly {named}." if odd else "."),
        "The threshold holds for these items: fit items as random, or report them apart.",
    )
