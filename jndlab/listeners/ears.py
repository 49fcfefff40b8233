"""What a simulated listener has of a sound: how well it is told from the baseline, how good it is.

All follows from one number per sound, the share F of 0 to 1 to which its compression is heard: the
truth's sigmoid at the level.

Forced choice: the difference is noticed with probability F, less the lapses.
Detection: d′ = √2 Φ⁻¹(½ + ½F), the sensitivity with which an unbiased listener's two-interval
trials follow that very curve (Green & Swets 1966): 0 where nothing is heard, 0.954 at the
threshold. The baseline's observations have the mean 0, a sound's the mean d′, all the standard
deviation 1.
Quality: 1 − loss · F; 1 is the baseline's.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import ndtri

from jndlab.listeners.truth import Truth
from jndlab.sigmoids import sigmoid
from jndlab.study.definition import StudyDefinition
from jndlab.study.trials import ANCHOR, BASELINE

MOST_D_PRIME = 8.0
"""Nobody is surer than that."""
PLAIN_ANCHOR_HZ = 14_000.0
"""An anchor with this cut-off is as good as the baseline; one with half of it half as good."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ears:
    """What one listener hears in the sounds of a study."""

    study: StudyDefinition
    truth: Truth
    deviation: float = 0.0
    """Of this listener's threshold, in levels."""

    def heard(self, condition: str, level: float | None) -> float:
        """F: the share to which the compression of a sound is heard, 0 to 1."""
        return self._share(condition, level, more=True)

    def d_prime(self, condition: str, level: float | None) -> float:
        """Distance from the baseline in standard deviations of one observation."""
        missed = self._share(condition, level, more=False)
        return min(MOST_D_PRIME, float(-np.sqrt(2.0) * ndtri(0.5 * missed)))

    def quality(self, condition: str, level: float | None) -> float:
        """1 for the baseline, less for what is heard to be worse."""
        if condition == ANCHOR and level is not None:
            return min(1.0, level / PLAIN_ANCHOR_HZ)
        return 1.0 - self.truth.quality_loss * self.heard(condition, level)

    def _share(self, condition: str, level: float | None, *, more: bool) -> float:
        """F, or 1 − F without cancellation."""
        if condition == BASELINE or level is None:
            return 0.0 if more else 1.0
        known = self.study.condition(condition)
        return float(
            sigmoid(
                self.truth.sigmoid,
                level,
                self.truth.threshold_of(known) + self.deviation,
                self.truth.width_of(known),
                falling=(known.compression == "falls") == more,
            )
        )
