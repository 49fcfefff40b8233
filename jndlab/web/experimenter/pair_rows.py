"""Figures of a pair beside their limits, in the words of the page."""

from __future__ import annotations

from dataclasses import dataclass

from jndlab.audio.limits import PairLimits
from jndlab.audio.pair_figures import ClipFigures, PairFigures


@dataclass(frozen=True, slots=True, kw_only=True)
class FigureRow:
    """One line of the table; empty where nothing could be measured."""

    name: str
    baseline: str = ""
    compressed: str = ""
    difference: str = ""
    limit: str = ""
    codes: tuple[str, ...] = ()
    """Codes of the findings that rest on this figure."""


def figure_rows(figures: PairFigures, rate_hz: int, limits: PairLimits) -> list[FigureRow]:
    """All figures of a pair."""
    one, other = figures.baseline, figures.compressed
    return [
        FigureRow(
            name="Level of the difference, re the baseline",
            difference=_db(figures.difference_db) if figures.difference_db > -200 else "none",
            limit=f"no more than {limits.monotone_db:g} dB below a less compressed level",
            codes=("not-monotone", "direction", "identical", "same-sound"),
        ),
        FigureRow(
            name="Delay",
            difference=_delay(figures, rate_hz),
            limit=f"warning from {limits.delay_warning_samples:g}, "
            f"error from {limits.delay_error_samples:g} sample",
            codes=("delay",),
        ),
        FigureRow(
            name="Gain, one factor over the whole sound",
            difference=_with_error(figures.gain_db, figures.gain_error_db, "dB", 2),
            limit=f"warning above {limits.gain_warning_db:g}, error above "
            f"{limits.gain_error_db:g} dB, where the loudness goes with it",
            codes=("gain",),
        ),
        FigureRow(
            name="Gain that all bands share",
            difference=_with_error(figures.common_gain_db, figures.common_gain_error_db, "dB", 2),
            limit=f"warning above {limits.gain_warning_db:g} dB, where the loudness goes with it",
            codes=("gain",),
        ),
        FigureRow(
            name="Loudness (ITU-R BS.1770-4)",
            baseline=_lufs(one.loudness_lufs),
            compressed=_lufs(other.loudness_lufs),
            difference="" if figures.loudness_lu is None else f"{_plus(figures.loudness_lu, 2)} LU",
            limit=f"warning above {limits.loudness_warning_lu:g} LU",
            codes=("loudness",),
        ),
        FigureRow(
            name="Active speech level (ITU-T P.56)",
            baseline=_speech(one),
            compressed=_speech(other),
            difference="" if figures.speech_level_db is None else _signed(figures.speech_level_db),
            limit=f"warning above {limits.speech_level_warning_db:g} dB, where nothing else "
            "was found",
            codes=("speech-level",),
        ),
        FigureRow(
            name="Level, root mean square",
            baseline=_db(one.level_db),
            compressed=_db(other.level_db),
            difference=_signed(other.level_db - one.level_db),
            codes=("silent",),
        ),
        FigureRow(
            name="Peak",
            baseline=_db(one.peak_db),
            compressed=_db(other.peak_db),
            difference=_signed(other.peak_db - one.peak_db),
            limit="no sample at full scale",
            codes=("clipped",),
        ),
        _true_peak(one, other, limits),
        FigureRow(
            name="Sample that stands out most",
            difference=_click(figures, rate_hz),
            limit=f"warning above {limits.click_warning:g} times its surroundings",
            codes=("click",),
        ),
        FigureRow(
            name="Polarity",
            difference=_polarity(figures),
            limit="the same",
            codes=("polarity", "unrelated"),
        ),
        FigureRow(
            name="Constant offset, of full scale",
            difference=f"{figures.offset:+.1e}",
            limit=f"warning above {limits.offset_warning:g}",
            codes=("offset",),
        ),
        _silence("before", one.leading_ms, other.leading_ms, limits, "leading-silence"),
        _silence("after", one.trailing_ms, other.trailing_ms, limits, "trailing-silence"),
        FigureRow(
            name="Reaches up to",
            baseline=_hz(figures.baseline_hz),
            compressed=_hz(figures.compressed_hz),
            limit=f"less than {limits.bandwidth_ratio:g} times the other",
            codes=("bandwidth",),
        ),
    ]


def _silence(
    where: str, one_ms: float, other_ms: float, limits: PairLimits, code: str
) -> FigureRow:
    return FigureRow(
        name=f"Silence {where} the sound",
        baseline=f"{one_ms:.1f} ms",
        compressed=f"{other_ms:.1f} ms",
        difference=f"{_plus(other_ms - one_ms, 1)} ms",
        limit=f"warning above {limits.silence_warning_ms:g} ms, if the other one is heard then",
        codes=(code,),
    )


def _true_peak(one: ClipFigures, other: ClipFigures, limits: PairLimits) -> FigureRow:
    peaks = (one.true_peak_db, other.true_peak_db)
    known = [peak for peak in peaks if peak is not None]
    return FigureRow(
        name="Peak between the samples (ITU-R BS.1770-4)",
        baseline="" if peaks[0] is None else f"{peaks[0]:+.1f} dB",
        compressed="" if peaks[1] is None else f"{peaks[1]:+.1f} dB",
        difference=_signed(known[1] - known[0]) if len(known) == 2 else "",
        limit=f"warning above {limits.true_peak_warning_db:g} dB re full scale",
        codes=("true-peak",),
    )


def _click(figures: PairFigures, rate_hz: int) -> str:
    if figures.click is None or figures.click_place is None:
        return ""
    return f"{figures.click:.1f}, at {figures.click_place / rate_hz:.3f} s"


def _speech(clip: ClipFigures) -> str:
    if clip.speech_level_db is None or clip.activity is None:
        return ""
    return f"{clip.speech_level_db:.1f} dB, active {clip.activity:.0%}"


def _delay(figures: PairFigures, rate_hz: int) -> str:
    if figures.delay_samples is None:
        return ""
    shown = _with_error(figures.delay_samples, figures.delay_error, "samples", 3)
    return f"{shown} ({_plus(1000 * figures.delay_samples / rate_hz, 3)} ms)"


def _polarity(figures: PairFigures) -> str:
    if figures.correlation is None:
        return ""
    if figures.delay_samples is None:
        return f"cannot be told (correlation {abs(figures.correlation):.2f})"
    word = "the same" if figures.correlation > 0 else "inverted"
    return f"{word} (correlation {figures.correlation:.3f})"


def _with_error(figure: float | None, error: float | None, unit: str, digits: int) -> str:
    if figure is None or error is None:
        return ""
    return f"{_plus(figure, digits)} ± {error:.{digits}f} {unit}"


def _plus(figure: float, digits: int) -> str:
    """With its sign, except for what rounds to zero."""
    rounded = round(figure, digits)
    return f"{rounded:+.{digits}f}" if rounded else f"{0:.{digits}f}"


def _db(level: float) -> str:
    return f"{level:.1f} dB"


def _signed(difference: float) -> str:
    return f"{_plus(difference, 2)} dB"


def _lufs(loudness: float | None) -> str:
    return "" if loudness is None else f"{loudness:.1f} LUFS"


def _hz(frequency: float | None) -> str:
    return "" if frequency is None else f"{frequency / 1000:.1f} kHz"
