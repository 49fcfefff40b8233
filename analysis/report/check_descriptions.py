"""The figures of the checks in words: alternative text for those who cannot see them."""

from __future__ import annotations

from jndlab.analysis.intervals import ConfidenceInterval
from jndlab.analysis.study.catch_trials import CatchResults, CatchTotal
from jndlab.analysis.study.data_findings import is_small, listed, p_text
from jndlab.analysis.study.interruptions import Interruptions
from jndlab.analysis.study.interval_bias import IntervalBias
from jndlab.analysis.study.item_effects import ItemEffects
from jndlab.analysis.study.learning import Learning
from jndlab.analysis.study.response_patterns import ResponsePatterns
from jndlab.analysis.study.response_times import ResponseTimes
from jndlab.analysis.study.within_listeners import MeanEffect


def describe_catch_trials(catch: CatchResults) -> str:
    """What :func:`~jndlab.analysis.report.check_plots.plot_catch_trials` shows.

    >>> from jndlab.analysis.study.example import example_trials
    >>> from jndlab.analysis.study.catch_trials import check_catch_trials
    >>> describe_catch_trials(check_catch_trials(example_trials()))[:54]
    'Share of right answers of 8 sessions. Practice: 32 of '
    """
    leak = (
        "" if catch.leak_p_value is None else f" (test of chance: p {p_text(catch.leak_p_value)})"
    )
    below = f"; below the rule: {listed(catch.below_gross)}" if catch.below_gross else ""
    return (
        f"Share of right answers of {len(catch.sessions)} sessions. Practice: "
        f"{_total(catch.practice)}. Gross catch trials: {_total(catch.gross)}{below}. Identical "
        f"pairs, agreement with the key: {_total(catch.identical)}{leak}."
    )


def describe_interval_bias(bias: IntervalBias) -> str:
    """What :func:`~jndlab.analysis.report.check_plots.plot_interval_bias` shows.

    >>> from jndlab.analysis.study.example import example_trials
    >>> from jndlab.analysis.study.interval_bias import check_interval_bias
    >>> describe_interval_bias(check_interval_bias(example_trials(bias=0.2)))[:60]
    'Share of response A beyond one half, one point per listener:'
    """
    orders = "; ".join(f"{o.order}: {o.n_correct / o.n_trials:.0%}" for o in bias.orders)
    return (
        f"Share of response {bias.preferred} beyond {bias.fair_share}, one point per listener: "
        f"{_effect(bias.response)} Right answers by order: {orders}."
    )


def describe_learning(learning: Learning) -> str:
    """What :func:`~jndlab.analysis.report.check_plots.plot_learning` shows.

    >>> from jndlab.analysis.study.example import example_trials
    >>> from jndlab.analysis.study.learning import check_learning
    >>> describe_learning(check_learning(example_trials()))[-29:]
    '+0.025; 4: -0.018; 5: +0.032.'
    """
    blocks = "; ".join(f"{one.block}: {one.deviation:+.3f}" for one in learning.blocks)
    return (
        "Change in proportion correct at equal levels from the first to the last trial, one point "
        f"per listener: {_effect(learning.trend)} Blocks against each listener's own mean: "
        f"{blocks}."
    )


def describe_response_times(times: ResponseTimes) -> str:
    """What :func:`~jndlab.analysis.report.session_plots.plot_response_times` shows.

    >>> from jndlab.analysis.study.example import example_trials
    >>> from jndlab.analysis.study.response_times import check_response_times
    >>> print(describe_response_times(check_response_times(example_trials()))[:57])
    576 response times of 8 sessions on a logarithmic axis in
    """
    medians = [one.median_ms / 1000.0 for one in times.sessions if one.median_ms > 0]
    span = f" from {min(medians):.1f} to {max(medians):.1f} s" if medians else " unknown"
    too_fast = sum(one.n_too_fast for one in times.sessions)
    unusual = sum(one.n_fast + one.n_slow for one in times.sessions)
    return (
        f"{times.n_trials} response times of {len(times.sessions)} sessions on a logarithmic axis "
        f"in seconds, a row per session. Medians{span}. Below {times.too_fast_ms:g} ms: "
        f"{too_fast}; unusual for the listener: {unusual}."
    )


def describe_response_patterns(patterns: ResponsePatterns) -> str:
    """What :func:`~jndlab.analysis.report.session_plots.plot_response_patterns` shows.

    >>> from jndlab.analysis.study.example import example_trials
    >>> from jndlab.analysis.study.response_patterns import check_response_patterns
    >>> describe_response_patterns(check_response_patterns(example_trials()))[-38:]
    'Longer than luck explains: no session.'
    """
    if not patterns.sessions:
        return "No session has two answers, so there are no runs to show."
    same = [one.same.length for one in patterns.sessions]
    alternating = [one.alternating.length for one in patterns.sessions]
    shares = [one.share for one in patterns.sessions]
    flagged = [one.participant for one in patterns.flagged]
    return (
        f"Longest run of equal answers, {min(same)} to {max(same)}, and of alternating answers, "
        f"{min(alternating)} to {max(alternating)}, and share of the commonest response, "
        f"{min(shares):.0%} to {max(shares):.0%}, of {len(same)} sessions. Longer than luck "
        f"explains: {listed(flagged) if flagged else 'no session'}."
    )


def describe_interruptions(calm: Interruptions) -> str:
    """What :func:`~jndlab.analysis.report.session_plots.plot_interruptions` shows.

    >>> from jndlab.analysis.study.example import example_trials
    >>> from jndlab.analysis.study.interruptions import check_interruptions
    >>> describe_interruptions(check_interruptions(example_trials()))[:41]
    'Sessions along their trials. Loaded again'
    """
    reloaded = [one.participant for one in calm.sessions if one.n_reloaded]
    gaps = [
        f"participant {one.participant}, {gap.minutes:.0f} min before the answer to trial "
        f"{gap.trial}"
        for one in calm.sessions
        for gap in one.gaps
    ]
    return (
        f"Sessions along their trials. Loaded again: {calm.n_reloaded} of {calm.n_trials} trials"
        f"{f' ({listed(reloaded)})' if reloaded else ''}. Gaps of more than "
        f"{calm.long_gap_minutes:g} min: {'; '.join(gaps[:8]) or 'none'}."
    )


def describe_items(items: ItemEffects) -> str:
    """What :func:`~jndlab.analysis.report.check_plots.plot_items` shows.

    >>> from jndlab.analysis.study.example import example_trials
    >>> from jndlab.analysis.study.item_effects import check_items
    >>> describe_items(check_items(example_trials()))[-29:]
    'e at equal levels: p = 0.765.'
    """
    rows = sorted(items.items, key=lambda one: one.proportion_correct)
    shown = rows if len(rows) <= 8 else [*rows[:4], *rows[-4:]]
    named = "; ".join(f"{one.item}: {one.proportion_correct:.0%}" for one in shown)
    p = items.p_value
    test = "" if p is None else f" Test of items alike at equal levels: p {p_text(p)}."
    return (
        f"Right answers over all levels of {len(rows)} items, from the hardest to the easiest: "
        f"{named}.{test}"
    )


def _total(total: CatchTotal | None) -> str:
    if total is None:
        return "none"
    return f"{total.n_correct} of {total.n_trials} ({total.n_correct / total.n_trials:.0%})"


def _effect(effect: MeanEffect) -> str:
    if effect.estimate is None:
        return "no listener's data can show it."
    single = [one.listener for one in effect.listeners if is_small(one.p_value_holm)]
    own = f" Beyond chance by themselves: listener {listed(single)}." if single else ""
    test = "" if effect.p_value is None else f", p {p_text(effect.p_value)}"
    return f"mean {effect.estimate:+.3f}{_interval(effect.interval)}{test}.{own}"


def _interval(interval: ConfidenceInterval | None) -> str:
    if interval is None:
        return ""
    return f" ({interval.coverage:.0%} interval {interval.low:+.3f} to {interval.high:+.3f})"
