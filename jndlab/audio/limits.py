"""How far the two sounds of a pair may differ in anything but the compression.

They are settings of a study: each with its reason in :mod:`jndlab.study.pair_limits`.
"""

from __future__ import annotations

from jndlab.study.pair_limits import PairLimits as PairLimits

LIMITS = PairLimits()
"""Where a study says nothing else."""
