"""What the tables of enhancers share: test sentences, and the row of one network."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from jndlab.compression.distances import measure_distances
from jndlab.compression.model import Model
from jndlab.compression.training.data import RATE_HZ, Pairs
from jndlab.compression.training.synthesis import synthesise_pairs

TEST_SEED = 3
"""The bundled enhancer was trained on seed 1 and validated on seed 2."""
SNRS_DB = (0.0, 10.0)

Sounds = Sequence[NDArray[np.float64]]


def test_pairs(n: int, cache: Path | None) -> Pairs:
    """Sentences that no training has, in new noise at 0 to 10 dB; voices are those of training."""
    return synthesise_pairs(n, 3.0, TEST_SEED, snr_db=SNRS_DB, held_out=True, cache=cache)


def outputs_of(model: Model, pairs: Pairs) -> list[NDArray[np.float64]]:
    return [model.enhance(noisy.astype(np.float64)) for noisy in pairs.noisy]


def row(outputs: Sounds, pairs: Pairs, baseline: Sounds | None) -> dict[str, Any]:
    """Means over the items: against clean speech, and against the baseline's output."""
    scores = [
        measure_distances(clean.astype(np.float64), output, RATE_HZ)
        for clean, output in zip(pairs.clean, outputs, strict=True)
    ]
    cells: dict[str, Any] = {
        "SI-SDR": _mean(si_sdr_db(o, c) for o, c in zip(outputs, pairs.clean, strict=True)),
        "STOI": _mean((one.stoi for one in scores), 3),
        "PESQ": _mean((one.pesq for one in scores), 2),
    }
    if baseline is None:
        return {**cells, "diff. SNR": "", "PESQ to baseline": "", "over mask": ""}
    distances = [
        measure_distances(one, other, RATE_HZ) for one, other in zip(baseline, outputs, strict=True)
    ]
    return {
        **cells,
        "diff. SNR": _mean(one.difference_snr_db for one in distances),
        "PESQ to baseline": _mean((one.pesq for one in distances), 2),
        "over mask": f"{100 * np.mean([one.frames_above_mask for one in distances]):.0f} %",
    }


def si_sdr_db(estimate: NDArray[np.float64], clean: NDArray[np.floating]) -> float:
    """Scale-invariant SDR in dB (Le Roux et al. 2019, Eq. 5), means removed."""
    estimate = estimate - estimate.mean()
    reference = clean.astype(np.float64) - clean.mean()
    target = estimate @ reference / (reference @ reference) * reference
    error = estimate - target
    return float(10 * np.log10((target @ target) / (error @ error)))


def _mean(values: Any, digits: int = 1) -> str:
    known = [value for value in values if value is not None]
    return f"{np.mean(known):.{digits}f}" if known else "not installed"
