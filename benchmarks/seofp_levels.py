"""Which levels below zero fraction bits keep the items in order, and what the default levels do.

    python benchmarks/seofp_levels.py [--quick] [--items N] [--model MODEL ...] [--noisy FOLDER ...]
                                      [--no-scores] [--json FILE]

Models: the bundled enhancer, its twin, and every --model, named as for the command (A.onnx,B.onnx).
Sounds: held-out synthetic sentences, the same as in benchmarks/family_table.py, and every --noisy
folder, at the rate of the models. Four tables: the share of items whose difference to the
baseline's output grows with every level, for each candidate; the mean difference SNR, and the share
of frames above a masking estimate, at every level of any candidate; sizes and distances of the
bundled enhancer at the default levels. "Matched" is the loudness, as `jndlab compress` does it
unless it is told not to. Deterministic.
"""

from __future__ import annotations

import argparse
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from enhancer_scores import test_pairs
from numpy.typing import NDArray
from printing import finish, show

from jndlab.audio.folders import items_in
from jndlab.audio.places import Place
from jndlab.audio.reading import find_clip, read_clip
from jndlab.compression.distances import difference_snr_db, measure_distances, share_above_mask
from jndlab.compression.model import Signal, WeightedModel
from jndlab.compression.models.choosing import load_weighted_model
from jndlab.compression.rendering import match_loudness
from jndlab.compression.seofp.axis import LEVELS, Seofp

BITS = (5.0, 3.0, 2.0, 1.0, 0.0)
"""Common to all candidates."""
CANDIDATES = (
    (-2.0,),
    (-0.807, -1.585),
    (-0.807, -2.0),
    (-0.807, -2.0, -2.322),
    (-1.0, -2.0),
    (-0.585, -2.0),
    (-0.585, -2.0, -2.322),
    (-0.585, -1.0, -1.322),
)
"""What goes on below zero."""
TRIED = (*BITS, *sorted({level for below in CANDIDATES for level in below}, reverse=True))


@dataclass(frozen=True, slots=True)
class Case:
    """One model on some sounds: arrays of shape (levels of TRIED, items)."""

    name: str
    as_is_db: NDArray[np.float64]
    """Difference SNR without matching the loudness."""
    matched_db: NDArray[np.float64]
    above_mask: NDArray[np.float64]
    """Share of frames, matched."""


def main() -> None:
    asked = options()
    n_items = 2 if asked.quick else asked.items
    with tempfile.TemporaryDirectory() as folder:
        pairs = test_pairs(n_items, Path(folder))
    sounds = {f"{n_items} synthetic": [one.astype(np.float64) for one in pairs.noisy]}
    for place in asked.noisy:
        recordings = sounds_in(place)
        sounds[f"{len(recordings)} in {place.name}"] = recordings
    models = {spec: load_weighted_model(spec) for spec in ("bundled", "bundled:twin", *asked.model)}
    cases = [
        measured(f"{model.name.partition(' (')[0]}, {what}", model, heard)
        for model in models.values()
        for what, heard in sounds.items()
    ]
    print("Items in order over 5, 3, 2, 1, 0 fraction bits and these, matched (as it is):\n")
    orders = [order_row(below, cases) for below in CANDIDATES]
    show(orders)
    print("\nMean difference SNR, dB, matched (as it is):\n")
    means = [mean_row(row, cases) for row in range(len(TRIED))]
    show(means)
    print("\nFrames above the masking estimate, matched:\n")
    masks = [mask_row(row, cases) for row in range(len(TRIED))]
    show(masks)
    print(f"\nThe bundled enhancer, {n_items} synthetic sentences, default levels, matched:\n")
    scores = not asked.no_scores
    (heard, *_) = sounds.values()
    rows = [default_row(models["bundled"], heard, level, scores) for level in LEVELS]
    show(rows)
    finish(asked, [*orders, *means, *masks, *rows])


def options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--quick", action="store_true", help="2 items")
    parser.add_argument("--items", type=int, default=24, help="synthetic sentences")
    parser.add_argument("--model", action="append", default=[], help="a further model")
    parser.add_argument("--noisy", type=Path, action="append", default=[], help="noisy sounds")
    parser.add_argument("--no-scores", action="store_true", help="without PESQ and STOI")
    parser.add_argument("--json", type=Path, help="write the rows to this file too")
    return parser.parse_args()


def sounds_in(folder: Path) -> list[Signal]:
    clips = [read_clip(find_clip(folder, item)) for item in items_in(folder)]
    return [np.asarray(clip.samples[:, 0], dtype=np.float64) for clip in clips]


def measured(name: str, model: WeightedModel, noisy: list[Signal]) -> Case:
    baselines = [model.enhance(sound) for sound in noisy]
    tables = np.empty((3, len(TRIED), len(noisy)))
    for row, level in enumerate(TRIED):
        version = at_level(model, level)
        for item, (sound, baseline) in enumerate(zip(noisy, baselines, strict=True)):
            as_is = version.enhance(sound)
            matched = matched_to(baseline, as_is, model.rate_hz, level)
            tables[:, row, item] = (
                difference_snr_db(baseline, as_is),
                difference_snr_db(baseline, matched),
                share_above_mask(baseline, matched - baseline, model.rate_hz),
            )
    return Case(name, *tables)


def at_level(model: WeightedModel, level: float) -> WeightedModel:
    return model.with_weights(Seofp().compress(model.weights, level).weights)


def matched_to(baseline: Signal, version: Signal, rate_hz: int, level: float) -> Signal:
    place = Place(condition=Seofp().name, level=level, item="item")
    return match_loudness(baseline, version, rate_hz, place)[0]


def order_row(below: tuple[float, ...], cases: list[Case]) -> dict[str, Any]:
    rows = [TRIED.index(level) for level in (*BITS, *below)]
    cells = {}
    for case in cases:
        matched, as_is = (
            (np.diff(table[rows], axis=0) < 0).all(axis=0).mean()
            for table in (case.matched_db, case.as_is_db)
        )
        cells[case.name] = f"{matched:.0%} ({as_is:.0%})"
    return {"below 0": ", ".join(f"{level:g}" for level in below), **cells}


def mean_row(row: int, cases: list[Case]) -> dict[str, Any]:
    cells = {
        case.name: f"{case.matched_db[row].mean():.1f} ({case.as_is_db[row].mean():.1f})"
        for case in cases
    }
    return {"level": f"{TRIED[row]:g}", **cells}


def mask_row(row: int, cases: list[Case]) -> dict[str, Any]:
    cells = {case.name: f"{case.above_mask[row].mean():.0%}" for case in cases}
    return {"level": f"{TRIED[row]:g}", **cells}


def default_row(
    model: WeightedModel, noisy: list[Signal], level: float, scores: bool
) -> dict[str, Any]:
    compressed = Seofp().compress(model.weights, level)
    version = model.with_weights(compressed.weights)
    distances = []
    for sound in noisy:
        baseline = model.enhance(sound)
        matched = matched_to(baseline, version.enhance(sound), model.rate_hz, level)
        distances.append(measure_distances(baseline, matched, model.rate_hz, scores=scores))
    bits = int(compressed.facts["bits per weight"])
    return {
        "level": f"{level:g}",
        "bits per weight": bits,
        "smaller": f"{32 / bits:.1f}x",
        "difference SNR": f"{np.mean([one.difference_snr_db for one in distances]):.1f} dB",
        "PESQ": mean_of([one.pesq for one in distances], 2),
        "STOI": mean_of([one.stoi for one in distances], 3),
        "frames above mask": f"{np.mean([one.frames_above_mask for one in distances]):.0%}",
    }


def mean_of(values: list[float | None], digits: int) -> str:
    known = [value for value in values if value is not None]
    return f"{np.mean(known):.{digits}f}" if known else "not measured"


if __name__ == "__main__":
    main()
