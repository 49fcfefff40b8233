"""The enhancer that comes with jndlab: how much it helps, how far its seed twin is, how fast it is.

    python benchmarks/enhancer.py [--quick] [--items N] [--cache FOLDER] [--json FILE]

Test sentences are held out from training; the voices and the kinds of noise are those of training,
all synthetic. Three tables:

means
    noisy input, enhancer and twin against clean speech (SI-SDR, STOI, PESQ), and against the
    enhancer's output (difference SNR, PESQ, share of frames above a masking estimate);
by noise
    SI-SDR in dB before and after, for each kind of noise;
training
    SI-SDR gain on the validation sentences by steps, as the checkpoints record it.

Below them: CPU time of the NumPy inference as a share of the sound's length, on one core.
Needs flite and eSpeak NG; PESQ and STOI need pip install "jndlab[scores]".
"""

from __future__ import annotations

import argparse
import time
from pathlib import Path
from typing import Any, cast

import numpy as np
from enhancer_scores import SNRS_DB, TEST_SEED, outputs_of, row, si_sdr_db, test_pairs
from printing import finish, show

from jndlab.compression.enhancer.bundled import (
    ENHANCER,
    TWIN,
    bundled_checkpoint,
    bundled_model,
    twin_model,
)
from jndlab.compression.model import Model
from jndlab.compression.training.data import Pairs
from jndlab.compression.training.noises import KINDS
from jndlab.compression.training.synthesis import synthesise_pairs


def options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--quick", action="store_true", help="2 items")
    parser.add_argument("--items", type=int, default=24, help="test sentences of each table")
    parser.add_argument("--cache", type=Path, help="keep the synthesised speech here")
    parser.add_argument("--json", type=Path, help="write the rows to this file too")
    return parser.parse_args()


def means(pairs: Pairs) -> list[dict[str, Any]]:
    """Noisy input, enhancer, twin."""
    enhanced = outputs_of(bundled_model(), pairs)
    sounds = {
        "noisy input": ([noisy.astype(float) for noisy in pairs.noisy], enhanced),
        "enhancer (seed 1)": (enhanced, None),
        "twin (seed 2)": (outputs_of(twin_model(), pairs), enhanced),
    }
    return [
        {"sound": name, **row(outputs, pairs, baseline)}
        for name, (outputs, baseline) in sounds.items()
    ]


def by_noise(items: int, cache: Path | None) -> list[dict[str, Any]]:
    """SI-SDR before and after, by the kind of noise."""
    rows = []
    for number, kind in enumerate(KINDS):
        pairs = synthesise_pairs(
            items,
            3.0,
            TEST_SEED + 1 + number,
            kinds=(kind,),
            snr_db=SNRS_DB,
            held_out=True,
            cache=cache,
        )
        cells: dict[str, Any] = {"noise": kind, "noisy": _mean(list(pairs.noisy), pairs)}
        cells["enhancer"] = _mean(outputs_of(bundled_model(), pairs), pairs)
        cells["twin"] = _mean(outputs_of(twin_model(), pairs), pairs)
        rows.append(cells)
    return rows


def training() -> list[dict[str, Any]]:
    """SI-SDR gain by steps, from the checkpoints."""
    curves = {}
    for name in (ENHANCER, TWIN):
        facts = bundled_checkpoint(name).training
        before = cast("float", facts["noisy_si_sdr_db"])
        curve = cast("list[tuple[int, float]]", facts["validation"])
        curves[name] = {step: f"{score - before:+.1f} dB" for step, score in curve}
    steps = [step for step in curves[ENHANCER] if step % 500 == 0]
    return [
        {"steps": step, **{name: curve[step] for name, curve in curves.items()}} for step in steps
    ]


def cpu_share(model: Model, pairs: Pairs) -> float:
    """CPU seconds of the inference for each second of sound; the least of five rounds."""
    rounds = []
    for _ in range(5):
        begun = time.process_time()
        outputs_of(model, pairs)
        rounds.append((time.process_time() - begun) / (len(pairs) * pairs.seconds))
    return min(rounds)


def _mean(sounds: list[Any], pairs: Pairs) -> str:
    scores = [
        si_sdr_db(np.asarray(sound, dtype=np.float64), clean)
        for sound, clean in zip(sounds, pairs.clean, strict=True)
    ]
    return f"{np.mean(scores):.1f}"


def main() -> None:
    asked = options()
    items = 2 if asked.quick else asked.items
    pairs = test_pairs(items, asked.cache)
    tables = {
        "means": means(pairs),
        "by noise": by_noise(items, asked.cache),
        "training": training(),
    }
    for name, rows in tables.items():
        print(f"\n{name}\n")
        show(rows)
    share = cpu_share(bundled_model(), pairs)
    print(f"\nCPU time of the inference: {100 * share:.1f} % of the sound's length")
    finish(asked, [{"table": name, **one} for name, rows in tables.items() for one in rows])


if __name__ == "__main__":
    main()
