"""Level, loudness and active speech level of a pair: from figures to findings."""

from __future__ import annotations

from collections.abc import Iterator

from jndlab.audio.limits import PairLimits
from jndlab.audio.pair_figures import PairFigures
from jndlab.audio.pairs import Fault


def level_faults(figures: PairFigures, limits: PairLimits) -> Iterator[Fault]:
    """One at most: a factor that was forgotten, or a change of loudness that came along."""
    mostly_gain = (figures.gain_share or 0.0) >= limits.gain_share
    gain = _certain_gain(figures, limits)
    loudness = figures.loudness_lu
    audible = loudness is not None and abs(loudness) > limits.loudness_warning_lu
    if loudness is not None and audible and not (mostly_gain and gain is not None):
        yield _loudness(loudness, limits)
    elif gain is not None and abs(gain) > limits.gain_warning_db:
        yield _gain(gain, mostly_gain, limits)


def _certain_gain(figures: PairFigures, limits: PairLimits) -> float | None:
    """Of the two estimates the first that counts; None if the compression hides both."""
    certain = [
        gain
        for gain, error in (
            (figures.gain_db, figures.gain_error_db),
            (figures.common_gain_db, figures.common_gain_error_db),
        )
        if gain is not None and abs(gain) > limits.certainty * (error or 0.0)
    ]
    large = [gain for gain in certain if abs(gain) > limits.gain_warning_db]
    return next(iter(large or certain), None)


def _loudness(loudness: float, limits: PairLimits) -> Fault:
    return Fault(
        code="loudness",
        severity="warning",
        message=f"is {abs(loudness):.2f} LU {_louder(loudness)} than the baseline",
        remedy="Match the loudness when you render, unless it belongs to what you test.",
        figure=loudness,
        limit=limits.loudness_warning_lu,
        unit="LU",
    )


def _gain(gain: float, mostly_gain: bool, limits: PairLimits) -> Fault:
    is_error = abs(gain) > limits.gain_error_db and mostly_gain
    return Fault(
        code="gain",
        severity="error" if is_error else "warning",
        message=f"is {abs(gain):.2f} dB {_louder(gain)} than the baseline by one factor over "
        "the whole sound",
        remedy="Match the levels when you render, unless the level belongs to what you test.",
        figure=gain,
        limit=limits.gain_error_db if is_error else limits.gain_warning_db,
        unit="dB",
    )


def speech_level_faults(figures: PairFigures, limits: PairLimits) -> Iterator[Fault]:
    """The active speech level, which says something new where nothing else was found."""
    level = figures.speech_level_db
    if level is None or abs(level) <= limits.speech_level_warning_db:
        return
    one, other = figures.baseline.activity, figures.compressed.activity
    active = "" if one is None or other is None else f", active {other:.0%} against {one:.0%}"
    yield Fault(
        code="speech-level",
        severity="warning",
        message=f"has an active speech level {abs(level):.2f} dB "
        f"{'above' if level > 0 else 'below'} the baseline's{active}",
        remedy="Listen to the pauses and to the soft words: were they cut, or filled?",
        figure=level,
        limit=limits.speech_level_warning_db,
        unit="dB",
    )


def _louder(figure: float) -> str:
    return "louder" if figure > 0 else "softer"
