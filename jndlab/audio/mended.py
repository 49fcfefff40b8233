"""What mending makes of the sounds of an item."""

from __future__ import annotations

from dataclasses import dataclass

from jndlab.audio.pairs import Source
from jndlab.audio.reading import Samples
from jndlab.audio.treatment import Ends, Treatment


@dataclass(frozen=True, slots=True, kw_only=True)
class MendedVersion:
    """One version of an item after mending."""

    source: Source
    samples: Samples | None
    """None: as it was."""
    treatment: Treatment
    reasons: tuple[str, ...]
    """Codes of the findings that asked for it."""
    left: tuple[str, ...]
    """What could have been mended but was not, in words."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MendedItem:
    """All versions of an item, the baseline first."""

    versions: tuple[MendedVersion, ...]
    ends: Ends
    """On the time axis of the baseline, for every version that was changed."""
    gain_db: float
    """Applied to all versions alike, where one of them would have exceeded full scale."""
