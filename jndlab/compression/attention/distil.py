"""Teacher and students in training: what ``students.train_students`` does. Imports torch."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import nullcontext
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn

from jndlab.compression.attention.counting import count_parameters
from jndlab.compression.attention.design import Design
from jndlab.compression.attention.enhancement import weighted_loss
from jndlab.compression.attention.losses import transfer_from
from jndlab.compression.attention.manner import Manner, built
from jndlab.compression.attention.students import Plan, family_facts, level_of
from jndlab.compression.checkpoints import Checkpoint, load_checkpoint
from jndlab.compression.family import BASELINE_FILE, TWIN_LEVEL, level_file, write_family
from jndlab.compression.training.course import FamilyProgress
from jndlab.compression.training.data import Pairs
from jndlab.compression.training.devices import require_device
from jndlab.compression.training.families import TRAINED_AS, keep_or_train
from jndlab.compression.training.loop import ExtraLoss, Hook, fresh, train
from jndlab.compression.training.saving import checkpoint_of
from jndlab.compression.weights import FLOAT_BITS, weights_digest
from jndlab.files import make_folder, write_atomically

ARCHITECTURE = "manner"
LOSS = "weighted L1 and spectra at three resolutions (Park et al. 2022)"
STORAGE_RULE = "32 bits per weight and bias; running statistics folded into the norms"
SETTLING_BATCHES = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """One network of the family."""

    design: Design
    seed: int
    steps: int
    teacher: Checkpoint | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Trainer:
    """Trains all networks of a plan on the same sounds."""

    plan: Plan
    pairs: Pairs
    validation: Pairs | None = None
    progress: FamilyProgress | None = None

    def family(self, output: Path, *, transfer: bool, shared: Path | None = None) -> list[Path]:
        """Baseline, twin and students in one folder; ``shared`` has the first two already."""
        plan, levels = self.plan, self.plan.levels()
        require_device(plan.device)
        make_folder(output)
        baseline = Task(
            design=plan.baseline, seed=plan.seed, steps=plan.baseline_steps or plan.steps
        )
        tasks = {BASELINE_FILE: baseline}
        if plan.twin_seed is not None:
            tasks[level_file(TWIN_LEVEL)] = replace(baseline, seed=plan.twin_seed)
        if shared is not None:
            for name in tasks:
                write_atomically(output / name, (shared / name).read_bytes())
        paths = [self._kept_or_trained(output / name, task) for name, task in tasks.items()]
        teacher = load_checkpoint(output / BASELINE_FILE) if transfer else None
        for level, design in levels.items():
            task = Task(design=design, seed=plan.seed, steps=plan.steps, teacher=teacher)
            paths.append(self._kept_or_trained(output / level_file(level), task))
        write_family(output, family_facts(plan, transfer=transfer))
        return paths

    def _kept_or_trained(self, path: Path, task: Task) -> Path:
        identity = self._identity(task)
        keep_or_train(path, identity, partial(self._described, task, identity, path.stem))
        return path

    def _described(
        self, task: Task, identity: Mapping[str, object], name: str, snapshot: Path
    ) -> Checkpoint:
        checkpoint = self._train(task, name, snapshot)
        facts = {
            **checkpoint.training,
            TRAINED_AS: dict(identity),
            "storage_bits": FLOAT_BITS * count_parameters(task.design).count,
            "storage_rule": STORAGE_RULE,
            "hidden": task.design.hidden,
            "depth": task.design.depth,
            "times_smaller": round(
                count_parameters(self.plan.baseline).count / count_parameters(task.design).count, 2
            ),
            "level": level_of(self.plan.baseline, task.design),
        }
        return replace(checkpoint, training=facts)

    def _train(self, task: Task, name: str, snapshot: Path) -> Checkpoint:
        plan = self.plan
        module = fresh(partial(Manner, task.design), task.seed)
        watched = (
            nullcontext(None)
            if task.teacher is None
            else transfer_from(built(task.teacher).to(plan.device), module, beta=plan.beta)
        )
        with watched as transfer:
            record = train(
                module,
                self.pairs,
                steps=task.steps,
                seed=task.seed,
                batch_size=plan.batch_size,
                seconds=plan.seconds,
                learning_rate=plan.learning_rate,
                validation=self.validation,
                loss=_nothing,
                extra_loss=_objective(transfer),
                after_epoch=self._settling(task),
                snapshot=snapshot,
                progress=None if self.progress is None else partial(self.progress, name),
                device=plan.device,
            )
        return checkpoint_of(module, ARCHITECTURE, task.design.options(), record)

    def _settling(self, task: Task) -> Hook:
        def after_epoch(module: nn.Module, step: int) -> None:
            if step == task.steps:
                settle_statistics(module, self.pairs, self.plan, seed=task.seed)

        return after_epoch

    def _identity(self, task: Task) -> dict[str, object]:
        """What two trainings must share to be one and the same."""
        return {
            **task.design.options(),
            "seed": task.seed,
            "steps": task.steps,
            "batch_size": self.plan.batch_size,
            "seconds": self.plan.seconds,
            "learning_rate": self.plan.learning_rate,
            "loss": LOSS,
            "beta": self.plan.beta if task.teacher else 0.0,
            "teacher": weights_digest(task.teacher.weights) if task.teacher else None,
            "data_digest": self.pairs.digest,
        }


def settle_statistics(module: nn.Module, pairs: Pairs, plan: Plan, *, seed: int) -> None:
    """Take means and variances of all norms anew, over batches and with the final weights.

    MANNER's norms average over some hundred steps; a short training leaves them behind the
    weights, and the enhancer would be judged by statistics of networks that it has been.
    """
    norms = [part for part in module.modules() if isinstance(part, nn.BatchNorm1d)]
    momenta = [norm.momentum for norm in norms]
    for norm in norms:
        norm.reset_running_stats()
        norm.momentum = None  # the mean over all batches
    module.train()
    rng = np.random.default_rng([seed, SETTLING_BATCHES])
    with torch.no_grad():
        for _ in range(SETTLING_BATCHES):
            noisy, _ = pairs.batch(rng, plan.batch_size, plan.seconds, remix=True)
            module(torch.from_numpy(noisy).to(plan.device))
    for norm, momentum in zip(norms, momenta, strict=True):
        norm.momentum = momentum


def _nothing(estimate: Tensor, _clean: Tensor) -> Tensor:
    """No loss of the loop's own: MANNER's needs the noisy sound, too."""
    return estimate.new_zeros(())


def _objective(transfer: ExtraLoss | None) -> ExtraLoss:
    def objective(module: nn.Module, noisy: Tensor, clean: Tensor, estimate: Tensor) -> Tensor:
        loss = weighted_loss(estimate, clean, noisy)
        if transfer is not None:
            loss = loss + transfer(module, noisy, clean, estimate)
        return loss

    return objective
