"""Pruned and clustered models with training, one checkpoint per level in a folder. Needs torch.

The folder is a family that renders as an axis; all levels come from one trained baseline. A level
that is there already is kept, so that an interrupted training goes on.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from torch import nn

from jndlab.compression.axis import Compressed, order_levels
from jndlab.compression.checkpoints import Checkpoint, load_checkpoint, write_checkpoint
from jndlab.compression.family import BASELINE_FILE, FamilyFacts, level_file, write_family
from jndlab.compression.sparse.axis import Cluster, Prune, clusters_at, described, pruned_to
from jndlab.compression.sparse.clustering import clustered
from jndlab.compression.sparse.codebook_tuning import SharedWeights
from jndlab.compression.sparse.fine_tuning import LEARNING_RATE, masks_of, prune_and_tune
from jndlab.compression.sparse.groups import usual_groupings, vanished_groups, without_vanished
from jndlab.compression.sparse.pruning import Ratios, matrices_of
from jndlab.compression.sparse.regularise import SparseGroupLasso
from jndlab.compression.training.data import Pairs
from jndlab.compression.training.loop import Progress, TrainingRecord, train
from jndlab.compression.training.modules import module_of
from jndlab.compression.training.saving import put_weights, weights_of
from jndlab.compression.weights import Weights, weights_digest
from jndlab.errors import CompressionError

STEPS = 800
"""Per level: about 100 seconds on one idle core for the bundled model."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Course:
    """How every level is trained."""

    seed: int = 1
    steps: int = STEPS
    batch_size: int = 16
    seconds: float = 2.0
    """Of each sound in a batch."""
    learning_rate: float = LEARNING_RATE
    lambda1: float = 0.0
    """Of the penalty on single weights while fine-tuning (pruning only)."""
    lambda2: float = 0.0
    """Of the penalty on groups."""
    vanishing: float = 1e-2
    """With λ2, groups whose root mean square has come to at most this part of what their matrix
    had in the baseline are set to zero."""
    device: str = "cpu"

    def options(self) -> dict[str, Any]:
        """For the training loop."""
        return {
            "seed": self.seed,
            "steps": self.steps,
            "batch_size": self.batch_size,
            "seconds": self.seconds,
            "learning_rate": self.learning_rate,
            "device": self.device,
        }


def train_sparse(
    baseline: Checkpoint,
    pairs: Pairs,
    *,
    output: Path,
    levels: Sequence[float] = Prune.default_levels,
    ratios: Ratios | None = None,
    course: Course | None = None,
    validation: Pairs | None = None,
    progress: Progress | None = None,
) -> list[Path]:
    """Iterative magnitude pruning: each level is pruned from the one before, and fine-tuned.

    Levels are sparsities; ``ratios``: proportions of the matrices' ratios, from a sensitivity
    analysis. With λ the fine-tuning carries the sparse-group lasso, and groups that have vanished
    are set to zero. ``output`` gets baseline.npz, LEVEL.npz and family.json. Returns the levels'
    files, least compressed first. ``progress(step, steps, loss)`` counts over the levels still to
    be trained. Raises CompressionError for levels out of range, for a folder with another training
    in it, and if a training diverges.
    """
    wanted = course or Course()
    method = Prune(ratios=dict(ratios or {}))
    ordered = order_levels(levels, Prune.compression)
    for level in ordered:
        pruned_to(baseline.weights, level, method.ratios)  # before any work
    last = baseline

    def make(level: float, told: Progress | None, snapshot: Path) -> Checkpoint:
        module = module_of(last)
        masks = masks_of(pruned_to(last.weights, level, method.ratios))
        record = prune_and_tune(
            module,
            pairs,
            masks,
            extra_loss=_penalty(module, wanted),
            validation=validation,
            snapshot=snapshot,
            progress=told,
            **wanted.options(),
        )
        weights = weights_of(module)
        facts: dict[str, float | int | str] = {}
        if wanted.lambda2:
            groupings = usual_groupings(weights)
            weights = without_vanished(
                weights, groupings, below=wanted.vanishing, reference=baseline.weights
            )
            gone = vanished_groups(weights, groupings)
            facts["groups"] = sum(one.n_groups for one in gone)
            facts["vanished groups"] = sum(one.n_vanished for one in gone)
            facts["MACs saved per use of the matrices"] = sum(one.macs_saved for one in gone)
        return _trained(baseline, described(weights, facts, codebooks=False), record)

    def keep(checkpoint: Checkpoint) -> None:
        nonlocal last
        last = checkpoint

    rule = f"{method.rule}; each level pruned from the one before and fine-tuned under its masks"
    facts = FamilyFacts(
        name="prune-trained", unit=Prune.unit, compression="rises", rule=rule, origin="fine-tuned"
    )
    shares = {"ratios": repr(sorted(method.ratios.items()))}
    run = _Run(output, baseline, pairs, wanted, facts, extra=shares)
    return run.train(ordered, make, keep, progress)


def train_clustered(
    baseline: Checkpoint,
    pairs: Pairs,
    *,
    output: Path,
    levels: Sequence[float] = Cluster.default_levels,
    start: Checkpoint | None = None,
    course: Course | None = None,
    validation: Pairs | None = None,
    progress: Progress | None = None,
) -> list[Path]:
    """Clusters with tuned codebooks; levels are bits of an index, log2 of the entries.

    ``start``: what is clustered, if it is not the baseline: a pruned model, whose zeros stay.
    For all else see :func:`train_sparse`; here no level depends on another.
    """
    wanted = course or Course()
    begun = start or baseline
    ordered = order_levels(levels, Cluster.compression)
    counts = {level: clusters_at(level) for level in ordered}

    def make(level: float, told: Progress | None, snapshot: Path) -> Checkpoint:
        module = module_of(begun)
        put_weights(module, clustered(begun.weights, counts[level]))
        shared = SharedWeights(module, matrices_of(begun.weights))
        with shared.gradients(module):
            record = train(
                module,
                pairs,
                after_step=shared,
                validation=validation,
                snapshot=snapshot,
                progress=told,
                **wanted.options(),
            )
        compressed = described(weights_of(module), {"clusters": counts[level]})
        return _trained(baseline, compressed, record)

    facts = FamilyFacts(
        name="cluster-trained",
        unit=Cluster.unit,
        compression="falls",
        rule=f"{Cluster().rule}; codebooks tuned by the sum of their members' gradients",
        origin="fine-tuned",
    )
    run = _Run(
        output, baseline, pairs, wanted, facts, extra={"start": weights_digest(begun.weights)}
    )
    return run.train(ordered, make, lambda checkpoint: None, progress)


class _Run:
    """One folder of levels."""

    def __init__(
        self,
        output: Path,
        baseline: Checkpoint,
        pairs: Pairs,
        course: Course,
        facts: FamilyFacts,
        extra: dict[str, str],
    ) -> None:
        self.output, self.baseline, self.facts, self.course = output, baseline, facts, course
        self.origin: dict[str, object] = {
            "family": facts.name,
            "baseline_digest": weights_digest(baseline.weights),
            "data_digest": pairs.digest,
            **asdict(course),
            **extra,
        }

    def train(
        self,
        levels: Sequence[float],
        make: Callable[[float, Progress | None, Path], Checkpoint],
        keep: Callable[[Checkpoint], None],
        progress: Progress | None,
    ) -> list[Path]:
        """``make`` a checkpoint for every level that is not there; ``keep`` is told of each."""
        paths = {level: self.output / level_file(level) for level in levels}
        there = {level: self._found(path) for level, path in paths.items() if path.exists()}
        self.output.mkdir(parents=True, exist_ok=True)
        write_family(self.output, self.facts)
        write_checkpoint(self.output / BASELINE_FILE, self.baseline)
        n_missing, done = len(levels) - len(there), 0
        key = hashlib.sha256(repr(sorted(self.origin.items())).encode()).hexdigest()[:8]
        for level, path in paths.items():
            checkpoint = there.get(level)
            if checkpoint is None:
                told = _shifted(progress, done * self.course.steps, n_missing * self.course.steps)
                snapshot = self.output / f"{path.stem}-{key}.partial"
                made = make(level, told, snapshot)
                training = {**made.training, **self.origin, "level": level}
                checkpoint = Checkpoint(
                    architecture=made.architecture,
                    options=made.options,
                    weights=made.weights,
                    training=training,
                )
                write_checkpoint(path, checkpoint)
                snapshot.unlink(missing_ok=True)
                done += 1
            keep(checkpoint)
        return list(paths.values())

    def _found(self, path: Path) -> Checkpoint:
        checkpoint = load_checkpoint(path)
        for name, value in self.origin.items():
            if checkpoint.training.get(name) != value:
                raise CompressionError(
                    f"{path} is from another training: its {name} is "
                    f"{checkpoint.training.get(name)!r}.",
                    "Give an empty folder, or the same baseline, sounds and options.",
                )
        return checkpoint


def _trained(baseline: Checkpoint, compressed: Compressed, record: TrainingRecord) -> Checkpoint:
    weights: Weights = compressed.weights
    size = {
        "storage_bits": compressed.storage.bits,
        "storage_rule": compressed.storage.rule,
        "nonzero": compressed.parameters.count,
    }
    return Checkpoint(
        architecture=baseline.architecture,
        options=baseline.options,
        weights=weights,
        training={**record.facts(), **compressed.facts, **size},
    )


def _penalty(module: nn.Module, course: Course) -> SparseGroupLasso | None:
    if not (course.lambda1 or course.lambda2):
        return None
    return SparseGroupLasso(module, lambda1=course.lambda1, lambda2=course.lambda2)


def _shifted(progress: Progress | None, done: int, total: int) -> Progress | None:
    if progress is None:
        return None
    return lambda step, _, loss: progress(done + step, total, loss)
