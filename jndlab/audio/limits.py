"""How far the two sounds of a pair may differ in anything but the compression, and why so far."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class PairLimits:
    """Limits of the pair gate. Reasons and sources: docs/how-to/pair-gate.md."""

    delay_warning_samples: float = 0.1
    """What a resampler or an odd filter leaves behind; rendering alone gives less than 0.01."""
    delay_error_samples: float = 1.0
    """A render that begins at another sample. Crossfades comb, and the distance is no distance."""
    gain_warning_db: float = 0.1
    """To this, levels are matched in listening tests (Clark 1982), a quarter of the smallest
    known step that is heard (Miller 1947: 0.4 dB)."""
    gain_error_db: float = 1.0
    """Heard by everybody. An error only where the gain makes up most of the difference: then
    the test would measure loudness."""
    gain_share: float = 0.5
    """Share of the difference's power that matching the gain must take away for an error."""
    loudness_warning_lu: float = 0.5
    """About the smallest difference in level heard in speech-like noise (Miller 1947)."""
    offset_warning: float = 1e-3
    """Of full scale: -60 dB. A larger step is heard as a thump when one switches."""
    silence_warning_ms: float = 5.0
    """Twice the shortest gap that is heard (Plomp 1964: 2 to 3 ms)."""
    silence_floor_db: float = -80.0
    """Samples below this are silence, dB re full scale: under 15 dB SPL at a usual level."""
    audible_floor_db: float = -60.0
    """What stands in the other sound's silence must be louder than this to count."""
    bandwidth_ratio: float = 1.12
    """One sixth of an octave (2 ** (1/6)), the width of a band measured here."""
    bandwidth_drop_db: float = 25.0
    """All bands above the edge must differ by this. Coarse quantisation alone changed bands by up
    to 18 dB in the sounds that this was tried with (0 fraction bits, 9 to 19 dB away)."""
    monotone_db: float = 1.0
    """Nearer to the baseline by this than a less compressed level. One fraction bit is 6 dB."""
    related: float = 0.3
    """Largest correlation at any delay. 0.9 at 8 dB from the baseline; another sentence has 0.1."""
    certainty: float = 4.0
    """Delay, gain and offset count only if they exceed this many of their standard errors, which
    keeps heavily compressed pairs from false alarms."""


LIMITS = PairLimits()
