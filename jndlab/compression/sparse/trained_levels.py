"""Pruned and clustered models with training, one checkpoint per level in a folder. Needs torch.

The folder is a family that renders as an axis; all levels come from one trained baseline. A level
that is there already is kept, so that an interrupted training goes on.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from torch import nn

from jndlab.compression.axis import Compressed, order_levels
from jndlab.compression.checkpoints import Checkpoint
from jndlab.compression.family import FamilyFacts
from jndlab.compression.sparse.axis import Cluster, Prune, clusters_at, described, pruned_to
from jndlab.compression.sparse.clustering import clustered
from jndlab.compression.sparse.codebook_tuning import SharedWeights
from jndlab.compression.sparse.fine_tuning import LEARNING_RATE, masks_of, prune_and_tune
from jndlab.compression.sparse.groups import usual_groupings, vanished_groups, without_vanished
from jndlab.compression.sparse.pruning import Ratios, matrices_of
from jndlab.compression.sparse.regularise import SparseGroupLasso
from jndlab.compression.training.course import Course
from jndlab.compression.training.data import Pairs
from jndlab.compression.training.families import train_levels
from jndlab.compression.training.loop import Progress, TrainingRecord, train
from jndlab.compression.training.modules import module_of
from jndlab.compression.training.saving import put_weights, weights_of
from jndlab.compression.weights import Weights, weights_digest
from jndlab.study.trials import Direction

COURSE = Course(steps=800, learning_rate=LEARNING_RATE)
"""Per level: about 100 seconds on one idle core for the bundled model."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Penalty:
    """The sparse-group lasso that a level is fine-tuned with; none by default."""

    lambda1: float = 0.0
    """Weight of the penalty on single weights."""
    lambda2: float = 0.0
    """Of the penalty on groups."""
    vanishing: float = 1e-2
    """With λ2, groups whose root mean square has come to at most this part of what their matrix
    had in the baseline are set to zero."""

    def of(self, module: nn.Module) -> SparseGroupLasso | None:
        """The penalty for the loss of a module. Raises CompressionError for a negative one."""
        if not (self.lambda1 or self.lambda2):
            return None
        return SparseGroupLasso(module, lambda1=self.lambda1, lambda2=self.lambda2)


NO_PENALTY = Penalty()


def train_sparse(
    baseline: Checkpoint,
    pairs: Pairs,
    *,
    output: Path,
    levels: Sequence[float] = Prune.default_levels,
    ratios: Ratios | None = None,
    seed: int = 1,
    course: Course = COURSE,
    penalty: Penalty = NO_PENALTY,
    validation: Pairs | None = None,
    progress: Progress | None = None,
) -> list[Path]:
    """Iterative magnitude pruning: each level is pruned from the one before, and fine-tuned.

    Levels are sparsities; ``ratios``: proportions of the matrices' ratios, from a sensitivity
    analysis. With a penalty the fine-tuning carries the sparse-group lasso, and groups that have
    vanished are set to zero. ``output`` gets baseline.npz, LEVEL.npz and family.json. Returns the
    levels' files, least compressed first. ``progress(step, steps, loss)`` counts over the levels
    still to be trained. Raises CompressionError for levels out of range, for a folder with another
    training in it, and if a training diverges.
    """
    method = Prune(ratios=dict(ratios or {}))
    ordered = order_levels(levels, Prune.compression)
    for level in ordered:
        pruned_to(baseline.weights, level, method.ratios)  # before any work

    def make(level: float, last: Checkpoint, told: Progress | None, snapshot: Path) -> Checkpoint:
        module = module_of(last)
        masks = masks_of(pruned_to(last.weights, level, method.ratios))
        record = prune_and_tune(
            module,
            pairs,
            masks,
            seed=seed,
            extra_loss=penalty.of(module),
            validation=validation,
            snapshot=snapshot,
            progress=told,
            **course.options(),
        )
        weights, gone = _without_vanished(weights_of(module), baseline, penalty)
        return _trained(baseline, described(weights, gone, codebooks=False), record)

    rule = f"{method.rule}; each level pruned from the one before and fine-tuned under its masks"
    facts = _facts("prune-trained", Prune.unit, "rises", rule)
    shares = {"ratios": repr(sorted(method.ratios.items()))}
    return train_levels(
        output,
        facts,
        baseline,
        pairs,
        ordered,
        make,
        course=course,
        identity={"family": facts.name, "seed": seed, **asdict(penalty), **shares},
        progress=progress,
    )


def train_clustered(
    baseline: Checkpoint,
    pairs: Pairs,
    *,
    output: Path,
    levels: Sequence[float] = Cluster.default_levels,
    start: Checkpoint | None = None,
    seed: int = 1,
    course: Course = COURSE,
    validation: Pairs | None = None,
    progress: Progress | None = None,
) -> list[Path]:
    """Clusters with tuned codebooks; levels are bits of an index, log2 of the entries.

    ``start``: what is clustered, if it is not the baseline: a pruned model, whose zeros stay.
    For all else see :func:`train_sparse`; here no level depends on another.
    """
    begun = start or baseline
    ordered = order_levels(levels, Cluster.compression)
    counts = {level: clusters_at(level) for level in ordered}

    def make(level: float, _: Checkpoint, told: Progress | None, snapshot: Path) -> Checkpoint:
        module = module_of(begun)
        put_weights(module, clustered(begun.weights, counts[level]))
        shared = SharedWeights(module, matrices_of(begun.weights))
        with shared.gradients(module):
            record = train(
                module,
                pairs,
                seed=seed,
                after_step=shared,
                validation=validation,
                snapshot=snapshot,
                progress=told,
                **course.options(),
            )
        compressed = described(weights_of(module), {"clusters": counts[level]})
        return _trained(baseline, compressed, record)

    rule = f"{Cluster().rule}; codebooks tuned by the sum of their members' gradients"
    facts = _facts("cluster-trained", Cluster.unit, "falls", rule)
    return train_levels(
        output,
        facts,
        baseline,
        pairs,
        ordered,
        make,
        course=course,
        identity={"family": facts.name, "seed": seed, "start": weights_digest(begun.weights)},
        progress=progress,
    )


def _facts(name: str, unit: str, compression: Direction, rule: str) -> FamilyFacts:
    return FamilyFacts(
        name=name, unit=unit, compression=compression, rule=rule, origin="fine-tuned"
    )


def _without_vanished(
    weights: Weights, baseline: Checkpoint, penalty: Penalty
) -> tuple[Weights, dict[str, float | int | str]]:
    """Weights without the groups that the penalty has emptied, and how many those are."""
    if not penalty.lambda2:
        return weights, {}
    groupings = usual_groupings(weights)
    weights = without_vanished(
        weights, groupings, below=penalty.vanishing, reference=baseline.weights
    )
    gone = vanished_groups(weights, groupings)
    return weights, {
        "groups": sum(one.n_groups for one in gone),
        "vanished groups": sum(one.n_vanished for one in gone),
        "MACs saved per use of the matrices": sum(one.macs_saved for one in gone),
    }


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
