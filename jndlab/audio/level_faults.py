"""Level, loudness and active speech level of a pair: from figures to findings."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

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
    elif gain is not None:
        yield _gain(gain, mostly_gain, limits)


def gain_to_mend(gain: float, figures: PairFigures, limits: PairLimits) -> float:
    """How much of a gain that was found to take out, in dB.

    All of it where that leaves the two equally loud, to the limit of a gain; else no more than the
    loudness differs by. A factor that makes two sounds unequally loud is not one that was
    forgotten.
    """
    loudness = figures.loudness_lu
    if loudness is None or abs(loudness - gain) <= limits.gain_warning_db:
        return gain
    return min(gain, loudness, key=abs)


def _certain_gain(figures: PairFigures, limits: PairLimits) -> float | None:
    """Of the two estimates the first that counts: certain, above its limit, and heard."""
    for gain, error in (
        (figures.gain_db, figures.gain_error_db),
        (figures.common_gain_db, figures.common_gain_error_db),
    ):
        if gain is None or abs(gain) <= limits.certainty * (error or 0.0):
            continue
        if abs(gain) > limits.gain_warning_db and _is_heard(gain, figures, limits):
            return gain
    return None


def _is_heard(gain: float, figures: PairFigures, limits: PairLimits) -> bool:
    """Whether the loudness differs in the direction of a gain, by more than the gain's limit.

    True where there is no loudness. A version whose loudness was matched to its baseline's is not
    louder or softer to a listener, whatever factor is left between what the two have in common.
    """
    loudness = figures.loudness_lu
    return loudness is None or loudness * np.sign(gain) > limits.gain_warning_db


def _is_matched(figures: PairFigures, limits: PairLimits) -> bool:
    """Whether the two are equally loud, to the limit of a gain."""
    loudness = figures.loudness_lu
    return loudness is not None and abs(loudness) <= limits.gain_warning_db


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
    """The active speech level, which says something new where nothing else was found.

    In a pair of equal loudness only what pauses do to it counts: the rest is another spectrum,
    which is compression.
    """
    level = figures.speech_level_db
    if level is None or abs(level) <= limits.speech_level_warning_db:
        return
    one, other = figures.baseline.activity, figures.compressed.activity
    if _is_matched(figures, limits) and one and other:
        by_pauses = 10 * np.log10(one / other)
        if by_pauses * np.sign(level) <= limits.speech_level_warning_db:
            return
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
