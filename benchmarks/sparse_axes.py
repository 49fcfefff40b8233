"""Pruning, clustering and both on a model: size by formula and on disk, and order of the items.

    python benchmarks/sparse_axes.py [--quick] [--items N] [--model MODEL] [--json FILE]

For every default level of the three axes: what the matrices take by the formula (mask at its
entropy, log2 K) and what the packed file, unpacked and compared bit for bit, takes on disk; the
difference to the baseline's output in the mean over the items; and for how many items it is larger
than at every milder level. Exits with 1 if a file is not as large as stated, or comes back changed.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
from enhancer_scores import test_pairs
from printing import finish, show

from jndlab.compression.axis import Method, WeightAxis
from jndlab.compression.distances import measure_distances
from jndlab.compression.model import Signal, WeightedModel
from jndlab.compression.models.choosing import load_weighted_model
from jndlab.compression.sparse.accounting import bits_per_weight, packed_size, times_smaller
from jndlab.compression.sparse.axis import Cluster, Prune, PruneCluster
from jndlab.compression.sparse.packing import read_packed, write_packed
from jndlab.compression.sparse.sensitivity import (
    output_distance,
    pruning_sensitivity,
    tolerance_of,
)
from jndlab.compression.weights import weights_digest

SENSITIVITY_DB = 30.0
"""Difference below the output at which a matrix by itself has given enough."""


def main() -> None:
    asked = options()
    n_items = 3 if asked.quick else asked.items
    model = load_weighted_model(asked.model)
    with tempfile.TemporaryDirectory() as folder:
        pairs = test_pairs(n_items, Path(folder))
    sounds = [sound.astype(np.float64) for sound in pairs.noisy]
    ratios = pruning_sensitivity(
        model.weights, output_distance(model, sounds[:4]), tolerance=tolerance_of(SENSITIVITY_DB)
    ).chosen
    print(
        f"{model.name}; {n_items} items. Ratios at which each matrix by itself costs no more than"
    )
    print(f"a difference {SENSITIVITY_DB:g} dB below the output:")
    print(", ".join(f"{name} {ratio:g}" for name, ratio in ratios.items()), end="\n\n")
    ratios = {name: max(ratio, 0.01) for name, ratio in ratios.items()}
    methods: list[tuple[str, Method]] = [
        ("prune", Prune()),
        ("prune by sensitivity", Prune(ratios=ratios)),
        ("cluster", Cluster()),
        ("prune-cluster", PruneCluster()),
        ("prune-cluster by sensitivity", PruneCluster(ratios=ratios)),
    ]
    rows = [row for name, method in methods for row in axis_rows(name, method, model, sounds)]
    show(rows)
    finish(asked, rows)
    if not all(row["as stated"] for row in rows):
        sys.exit("A file is not as large as stated, or came back changed.")


def options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--quick", action="store_true", help="three items")
    parser.add_argument("--items", type=int, default=24, help="test sentences")
    parser.add_argument("--model", default="bundled", help="as for jndlab compress")
    parser.add_argument("--json", type=Path, help="write the rows to this file too")
    return parser.parse_args()


def axis_rows(
    name: str, method: Method, model: WeightedModel, sounds: list[Signal]
) -> list[dict[str, Any]]:
    axis = WeightAxis.of(model, method)
    own = [model.enhance(sound) for sound in sounds]
    so_far = np.full(len(sounds), np.inf)
    in_order = np.ones(len(sounds), dtype=np.bool_)
    rows = []
    for level in axis.levels:
        version = axis.version(level)
        assert hasattr(version.model, "weights")
        distances = np.array(
            [
                measure_distances(
                    output, version.model.enhance(sound), model.rate_hz, scores=False
                ).difference_snr_db
                for sound, output in zip(sounds, own, strict=True)
            ]
        )
        in_order &= distances < so_far
        so_far = distances
        rows.append(
            {
                "axis": name,
                "level": f"{level:g}",
                **_sizes(version.model.weights, version.facts, codebooks=method.name != "prune"),
                "difference SNR, dB": f"{distances.mean():.1f}",
                "of items": f"{distances.min():.1f} to {distances.max():.1f}",
                "in order so far": f"{int(in_order.sum())} of {in_order.size}",
            }
        )
    return rows


def _sizes(weights: Any, facts: Any, *, codebooks: bool) -> dict[str, Any]:
    size = packed_size(weights, codebooks=codebooks)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "model.packed"
        write_packed(path, weights, codebooks=codebooks)
        on_disk = path.stat().st_size
        same = weights_digest(read_packed(path)) == weights_digest(weights)
    formula = bits_per_weight(facts["sparsity"], facts.get("clusters", 2**32), "entropy")
    return {
        "zeros": f"{facts['sparsity']:.0%}",
        "clusters": facts.get("clusters", ""),
        "matrices by formula": f"{times_smaller(formula):.1f}x",
        "file": f"{size.times_smaller:.1f}x",
        "bytes": on_disk,
        "masks over entropy": (
            f"{8 * size.masks / size.ideal_mask_bits - 1:+.1%}" if size.ideal_mask_bits else ""
        ),
        "as stated": on_disk == size.n_bytes and same,
    }


if __name__ == "__main__":
    main()
