"""Numbers in sentences and tables: no more digits than their intervals support."""

from __future__ import annotations

import math

from jndlab.analysis.intervals import ConfidenceInterval

_LARGE, _SMALL = 1e9, 1e-7
"""Beyond these, numbers are written with powers of ten."""
_SUPERSCRIPTS = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")
_UNITS = frozenset({"dB", "Hz", "kHz", "ms", "s", "%", "°", "cm", "mm", "m", "kg", "g", "kbit/s"})


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


def format_level(value: float) -> str:
    """A tested level, as it was given, with a true minus sign: 15 digits keep what was written.

    >>> format_level(-4.0), format_level(0.1 + 0.2), format_level(1e6)
    ('−4', '0.3', '1000000')
    """
    return f"{value:.15g}".replace("-", "−")


def format_axis(unit: str) -> str:
    """The unit of the level as a heading: capital letter for words, units as they are.

    >>> format_axis("fraction bits"), format_axis("dB SNR"), format_axis("ms")
    ('Fraction bits', 'dB SNR', 'ms')
    """
    return unit if is_unit(unit) else unit[:1].upper() + unit[1:]


def is_unit(text: str) -> bool:
    """Whether a text begins with a symbol of a unit, which follows its number."""
    return text.partition(" ")[0] in _UNITS


def format_p_value(value: float) -> str:
    return "< .001" if value < 0.001 else f"{value:.3f}".replace("0.", ".", 1)


def format_like(value: float, interval: ConfidenceInterval) -> str:
    """A number with as many decimals as two significant digits of its interval's length.

    >>> tiny = ConfidenceInterval(low=2e-12, high=4e-12, coverage=0.95, method="as given")
    >>> format_like(3.137e-12, tiny)
    '3.1×10⁻¹²'
    """
    return _written(value, interval)


def format_interval(interval: ConfidenceInterval, decimals: int | None = None) -> str:
    if decimals is None:
        return f"{_written(interval.low, interval)} to {_written(interval.high, interval)}"
    return f"{format_number(interval.low, decimals)} to {format_number(interval.high, decimals)}"


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


def _written(value: float, interval: ConfidenceInterval) -> str:
    """Plain digits where they can be read, else powers of ten."""
    length, ends = interval.length, (abs(interval.low), abs(interval.high))
    if not (math.isfinite(value) and math.isfinite(length)) or length <= 0:
        return format_number(value, _decimals(interval))
    if max(*ends, abs(value)) < _LARGE and length > _SMALL:
        return format_number(value, _decimals(interval))
    digits = 2 + max(0, math.floor(math.log10(max(ends))) - math.floor(math.log10(length)))
    mantissa, _, power = f"{value:.{min(digits, 15) - 1}e}".partition("e")
    return f"{mantissa}×10{str(int(power)).translate(_SUPERSCRIPTS)}".replace("-", "−")


def _decimals(interval: ConfidenceInterval) -> int:
    decimals = decimals_for(interval.length)
    if not math.isfinite(interval.length) or interval.length <= 0:
        return decimals
    ends = [abs(end) for end in (interval.low, interval.high) if end]
    if ends:  # one more where a long interval would leave its shorter end a single digit
        decimals = max(decimals, min(decimals + 1, 1 - math.floor(math.log10(min(ends)))))
    return min(8, max(0, decimals))
