"""The section ``gate`` of a study file: how far two sounds of a pair may differ, and why so far.

Sources in full: docs/how-to/pair-gate.md.
"""

from __future__ import annotations

from typing import Any

from pydantic import Field

from jndlab.study.section import Section


class PairLimits(Section):
    """Limits of the pair gate. All of them are optional."""

    delay_warning_samples: float = Field(default=0.1, gt=0.0, le=1e6)
    """Delay, in samples. Rendering alone gives less than 0.01; a resampler or an odd filter leaves
    more."""
    delay_error_samples: float = Field(default=1.0, gt=0.0, le=1e6)
    """Delay that stops a launch: a render that begins at another sample. Crossfades comb, and the
    distance to the baseline is no measure of compression."""
    gain_warning_db: float = Field(default=0.1, gt=0.0, le=60.0)
    """One factor over the whole sound, in dB. To this, levels are matched in listening tests
    (Clark 1982), a quarter of the smallest known step that is heard (Miller 1947: 0.4 dB). A gain
    counts only if the loudness differs by more than this too, in the same direction."""
    gain_error_db: float = Field(default=1.0, gt=0.0, le=60.0)
    """A factor that stops a launch where it makes up most of the difference: the test would measure
    loudness."""
    gain_share: float = Field(default=0.5, ge=0.0, le=1.0)
    """Share of the difference's power that matching the gain must take away for an error."""
    loudness_warning_lu: float = Field(default=0.5, gt=0.0, le=60.0)
    """Difference of the loudness after ITU-R BS.1770-4. About the smallest difference in level that
    is heard in noise (Miller 1947)."""
    speech_level_warning_db: float = Field(default=0.5, gt=0.0, le=60.0)
    """Difference of the active speech level after ITU-T P.56. For the same reason; it sees what the
    gates of the loudness hide. In a pair of equal loudness only what pauses do to it counts."""
    offset_warning: float = Field(default=1e-3, gt=0.0, le=1.0)
    """Constant part, of full scale: -60 dB. A larger step is heard as a thump when one switches."""
    true_peak_warning_db: float = Field(default=0.0, ge=-20.0, le=20.0)
    """Peak between the samples, dB re full scale (ITU-R BS.1770-4, annex 2). What is above 0 is
    clipped when it is converted; EBU R 128 asks for -1 where a codec follows."""
    click_warning: float = Field(default=11.0, ge=5.0, le=22.0)
    """How far one sample of the difference may stand out of its whitened surroundings, as a
    multiple of their root mean square; 22.6 is a single sample and nothing else. Up to 10.2 was
    found in sound pairs."""
    silence_warning_ms: float = Field(default=1.0, gt=0.0, le=10_000.0)
    """Silence before or after the sound. Less than half the shortest gap that is heard (Plomp 1964:
    2 to 3 ms)."""
    silence_floor_db: float = Field(default=-80.0, ge=-140.0, le=-20.0)
    """Samples below this are silence, dB re full scale: under 15 dB SPL at a usual level."""
    audible_floor_db: float = Field(default=-60.0, ge=-140.0, le=-10.0)
    """What stands in the other sound's silence must be louder than this to count."""
    silent_db: float = Field(default=-70.0, ge=-140.0, le=-20.0)
    """A file below this root mean square is silent, dB re full scale, and stops a launch."""
    bandwidth_ratio: float = Field(default=1.12, gt=1.0, le=16.0)
    """Ratio of the upper edges. One sixth of an octave, the width of a band measured here."""
    bandwidth_drop_db: float = Field(default=25.0, ge=6.0, le=100.0)
    """All bands above the edge must differ by this. Coarse quantisation alone changed bands by up
    to 18 dB in the sounds that this was tried with (0 fraction bits, 9 to 19 dB away)."""
    monotone_db: float = Field(default=1.0, gt=0.0, le=60.0)
    """Nearer to the baseline by this than a less compressed level. One fraction bit is 6 dB."""
    related: float = Field(default=0.3, ge=0.0, lt=1.0)
    """Largest correlation at any delay. 0.9 at 8 dB from the baseline; another sentence has 0.1."""
    certainty: float = Field(default=4.0, ge=1.0, le=20.0)
    """Delay, gain and offset count only if they exceed this many of their standard errors, which
    keeps heavily compressed pairs from false alarms."""

    def changed(self) -> dict[str, tuple[float, float]]:
        """What differs from the defaults: the limit by its name, with the default behind it."""
        values: dict[str, Any] = self.model_dump()
        return {
            name: (values[name], field.default)
            for name, field in type(self).model_fields.items()
            if values[name] != field.default
        }
