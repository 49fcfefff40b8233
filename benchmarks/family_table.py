"""The bundled enhancer before and after each family of compression, with and without training.

    python benchmarks/family_table.py [--quick] [--steps N] [--items N] [--seed N] [--model FILE]
                                      [--only METHOD] [--family FOLDER ...] [--folder FOLDER]
                                      [--json FILE]

One table, for docs: size; SI-SDR, STOI and PESQ against clean speech; difference SNR, PESQ and
share of frames above a masking estimate against the *baseline's output*. Post-training levels need
nothing; each fine-tuned one is trained for --steps steps (default 400) from the baseline, on the
synthetic speech that the bundled enhancer was trained on, with one seed; pruning goes from one
level to the next. --only seofp (or prune, cluster) makes the rows of that method alone, without
the noisy input, the baseline and its twin. --family adds models that were trained one by one, as
`jndlab compress train` leaves them, each beside its own baseline; none is trained here. Test
sentences are in no training, test voices are. One seed each: repeat before you lean on a small
difference.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

from enhancer_scores import Sounds, outputs_of, row, test_pairs
from printing import finish, show

from jndlab.compression.axis import FamilyAxis, Method, Version, WeightAxis
from jndlab.compression.checkpoints import Checkpoint, load_checkpoint, model_of
from jndlab.compression.counts import Parameters, Storage, float_storage
from jndlab.compression.enhancer.bundled import bundled_checkpoint, twin_model
from jndlab.compression.family import load_family
from jndlab.compression.seofp.axis import Seofp
from jndlab.compression.seofp.training import train_seofp
from jndlab.compression.sparse.axis import Cluster, Prune
from jndlab.compression.sparse.trained_levels import COURSE, train_clustered, train_sparse
from jndlab.compression.training.data import Pairs
from jndlab.compression.training.synthesis import synthesise_pairs

STEPS, QUICK_STEPS = 400, 5
LEVELS: tuple[tuple[Method, tuple[float, ...]], ...] = (
    (Seofp(), Seofp().default_levels),
    (Prune(), (0.2, 0.4, 0.5, 0.6, 0.8, 0.9)),
    (Cluster(), (6, 5, 4, 3, 2)),
)
TRAINED_SEOFP = (23.0, 0.0, -0.807, -2.0)
"""23 bits round nothing: the control, how far as much training alone leads."""
TRAINED_PRUNE = (0.5, 0.8, 0.9)
TRAINED_CLUSTER = (3.0,)

Rows = Iterator[dict[str, Any]]


def options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--quick", action="store_true", help=f"{QUICK_STEPS} steps, 2 items")
    parser.add_argument("--steps", type=int, default=STEPS, help="of fine-tuning, each level")
    parser.add_argument("--items", type=int, default=24, help="test sentences")
    parser.add_argument("--seed", type=int, default=1, help="of the fine-tuning")
    parser.add_argument("--model", type=Path, help="another checkpoint than the bundled one")
    parser.add_argument("--only", choices=[method.name for method, _ in LEVELS], help="one method")
    parser.add_argument("--family", type=Path, action="append", default=[], help="trained models")
    parser.add_argument("--folder", type=Path, help="keep speech and fine-tuned models here")
    parser.add_argument("--json", type=Path, help="write the rows to this file too")
    return parser.parse_args()


def main() -> None:
    asked = options()
    steps, items, n = (QUICK_STEPS, 2, 20) if asked.quick else (asked.steps, asked.items, 1000)
    baseline = load_checkpoint(asked.model) if asked.model else bundled_checkpoint()
    with tempfile.TemporaryDirectory() as temporary:
        folder = asked.folder or Path(temporary)
        speech = folder / "speech"
        pairs = test_pairs(items, speech)
        learning = synthesise_pairs(n, 3.0, 1, cache=speech)
        outputs = outputs_of(model_of(baseline), pairs)
        rows = [] if asked.only else [*ends(baseline, pairs, outputs, asked.model is None)]
        rows += [
            *post_training(baseline, pairs, outputs, asked.only),
            *fine_tuned(baseline, learning, folder, steps, asked.seed, pairs, outputs, asked.only),
        ]
        for place in asked.family:
            rows += separate(load_family(place), pairs)
    print(f"{items} items; fine-tuned for {steps} steps, seed {asked.seed}.")
    show(rows)
    finish(asked, rows)


def ends(baseline: Checkpoint, pairs: Pairs, outputs: Sounds, with_twin: bool) -> Rows:
    """The noisy input, the baseline, and its seed twin."""
    noisy = [sound.astype(float) for sound in pairs.noisy]
    yield line("noisy input", None, None, row(noisy, pairs, outputs))
    model = model_of(baseline)
    size = float_storage(model.weights)
    yield line("**baseline**", model.parameters, size, row(outputs, pairs, None))
    if with_twin:
        twin = twin_model()
        scores = row(outputs_of(twin, pairs), pairs, outputs)
        yield line("seed twin of the baseline", twin.parameters, size, scores)


def post_training(baseline: Checkpoint, pairs: Pairs, outputs: Sounds, only: str | None) -> Rows:
    for method, levels in LEVELS:
        if only not in (None, method.name):
            continue
        axis = WeightAxis.of(model_of(baseline), method, levels)
        for level in axis.levels:
            name = f"{method.name}, {level:g} {method.unit}"
            yield version_line(name, axis.version(level), pairs, outputs)


def fine_tuned(
    baseline: Checkpoint,
    learning: Pairs,
    folder: Path,
    steps: int,
    seed: int,
    pairs: Pairs,
    outputs: Sounds,
    only: str | None,
) -> Rows:
    """The same levels after training: projected, under masks, with tuned codebooks."""
    names = [method.name for method, _ in LEVELS if only in (None, method.name)]
    places = {name: folder / f"{name}-{steps}-{seed}" for name in names}
    course = replace(COURSE, steps=steps)
    if "seofp" in places:
        train_seofp(
            baseline,
            learning,
            output=places["seofp"],
            seed=seed,
            levels=TRAINED_SEOFP,
            course=course,
            progress=tell,
        )
    for train, name, levels in (
        (train_sparse, "prune", TRAINED_PRUNE),
        (train_clustered, "cluster", TRAINED_CLUSTER),
    ):
        if name in places:
            train(
                baseline,
                learning,
                output=places[name],
                levels=levels,
                seed=seed,
                course=course,
                progress=tell,
            )
    for name, place in places.items():
        axis = load_family(place)
        for level in axis.levels:
            title = f"{name}, {level:g} {axis.unit}, fine-tuned"
            yield version_line(title, axis.version(level), pairs, outputs)


def separate(axis: FamilyAxis, pairs: Pairs) -> Rows:
    """A family beside its own baseline, which need not be the bundled enhancer."""
    outputs = outputs_of(axis.baseline, pairs)
    parameters = axis.baseline.parameters
    yield line(f"**{axis.baseline.name}**", parameters, None, row(outputs, pairs, None))
    for level in axis.levels:
        version = axis.version(level)
        twin = ", seed twin" if version.origin == "seed-twin" else ""
        yield version_line(f"{version.model.name}{twin}", version, pairs, outputs)


def version_line(name: str, version: Version, pairs: Pairs, outputs: Sounds) -> dict[str, Any]:
    scores = row(outputs_of(version.model, pairs), pairs, outputs)
    return line(name, version.parameters, version.storage, scores)


def line(
    name: str, parameters: Parameters | None, storage: Storage | None, scores: dict[str, Any]
) -> dict[str, Any]:
    kilobytes = f"{storage.n_bytes / 1024:.1f}" if storage else ""
    count = f"{parameters.count:,}" if parameters else ""
    return {"model": name, "parameters": count, "KiB": kilobytes, **scores}


def tell(step: int, steps: int, loss: float) -> None:
    if step % 50 == 0 or step == steps:
        print(f"step {step} of {steps}, loss {loss:.3f}", file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()
