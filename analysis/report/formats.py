"""Numbers in sentences and tables: no more digits than their intervals support."""

from __future__ import annotations

import math

from jndlab.analysis.intervals import ConfidenceInterval


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


def decimals_for(length: float) -> int:
    """As many as two significant digits of a length have.

    >>> decimals_for(0.34), decimals_for(12.0)
    (2, 0)
    """
    if not math.isfinite(length) or length <= 0:
        return 2
    return min(8, max(0, 1 - math.floor(math.log10(length))))


def _decimals(interval: ConfidenceInterval) -> int:
    decimals = decimals_for(interval.length)
    if not math.isfinite(interval.length) or interval.length <= 0:
        return decimals
    ends = [abs(end) for end in (interval.low, interval.high) if end]
    if ends:  # one more where a long interval would leave its shorter end a single digit
        decimals = max(decimals, min(decimals + 1, 1 - math.floor(math.log10(min(ends)))))
    return min(8, max(0, decimals))
