"""The training loop that every family uses. Needs torch.

Modules take and give sounds: ``forward(noisy)``, (batch, n_samples) -> (batch, n_samples).
The same module, data, seed and version of torch give the same weights.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from jndlab.compression.training.data import Pairs
from jndlab.compression.training.devices import require_device
from jndlab.compression.training.interruption import (
    EVERY,
    Stage,
    restore_stage,
    save_stage,
)
from jndlab.compression.training.losses import enhancement_loss, si_sdr
from jndlab.errors import CompressionError

CLIP_NORM = 1.0
_HELD_OUT = 10
"""One pair in so many is kept for validation where none are given."""

Hook = Callable[[nn.Module, int], None]
Loss = Callable[[Tensor, Tensor], Tensor]
ExtraLoss = Callable[[nn.Module, Tensor, Tensor, Tensor], Tensor]
Progress = Callable[[int, int, float], None]
Made = TypeVar("Made", bound=nn.Module)


@dataclass(frozen=True, slots=True, kw_only=True)
class TrainingRecord:
    """How a model was trained: whatever it takes to do it again."""

    seed: int
    steps: int
    batch_size: int
    seconds: float
    learning_rate: float
    remix: bool
    losses: tuple[float, ...]
    """Mean loss of each epoch."""
    validation: tuple[tuple[int, float], ...]
    """Steps taken, and SI-SDR in dB of the validation pairs at that time."""
    noisy_si_sdr_db: float
    """Of the validation pairs before any enhancement."""
    cpu_seconds: float
    data: str
    data_digest: str
    torch: str
    device: str

    @property
    def si_sdr_db(self) -> float:
        """Validation SI-SDR at the end, in dB."""
        return self.validation[-1][1]

    @property
    def si_sdr_gain_db(self) -> float:
        """Validation SI-SDR at the end, less that of the noisy speech, in dB."""
        return self.si_sdr_db - self.noisy_si_sdr_db

    def facts(self) -> dict[str, object]:
        """For a checkpoint (JSON)."""
        return {**asdict(self), "si_sdr_db": self.si_sdr_db, "si_sdr_gain_db": self.si_sdr_gain_db}


@contextmanager
def isolated(seed: int) -> Iterator[None]:
    """Torch with one thread and a seeded generator; afterwards both are as they were.

    One thread: for networks this small a second one costs more than it brings, and sums come
    out the same whatever the machine's number of cores.
    """
    threads = torch.get_num_threads()
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        torch.set_num_threads(1)
        try:
            yield
        finally:
            torch.set_num_threads(threads)


def fresh(make: Callable[[], Made], seed: int) -> Made:
    """A new module with random weights that depend on the seed alone."""
    with isolated(seed):
        return make()


def train(
    module: nn.Module,
    pairs: Pairs,
    *,
    steps: int,
    seed: int,
    batch_size: int = 16,
    seconds: float = 2.0,
    learning_rate: float = 2e-3,
    validation: Pairs | None = None,
    remix: bool = True,
    epoch_steps: int = 100,
    validate_every: int | None = None,
    after_step: Hook | None = None,
    after_epoch: Hook | None = None,
    extra_loss: ExtraLoss | None = None,
    loss: Loss = enhancement_loss,
    masks: Mapping[str, NDArray[np.bool_]] | None = None,
    snapshot: Path | None = None,
    progress: Progress | None = None,
    device: str = "cpu",
) -> TrainingRecord:
    """Train ``module`` in place for so many steps, and leave it in evaluation mode.

    Adam; the learning rate falls linearly to zero over the second half; gradients are clipped
    to a norm of 1. Without ``validation`` the last tenth of the pairs (at least one) is held
    out. ``after_step(module, step)`` and ``after_epoch(module, step)``, with ``step`` counted
    from 1, may change weights in place under ``torch.no_grad()``; an epoch is ``epoch_steps``
    steps, and the last one may be shorter. ``extra_loss(module, noisy, clean, estimate)`` is
    added to the loss. ``masks`` names parameters, with True where a weight may live: the others
    are held at zero. ``snapshot`` is a file to go on from after an interruption, with the
    same result, if module, data and options are the same; it is written every hundred steps.
    ``progress(step, steps, loss)`` is called after each step. Raises CompressionError for a
    device that cannot be used, and if the loss is not finite any more.
    """
    require_device(device)
    learning, held_out = (pairs, validation) if validation else _split(pairs)
    zeroed = _masked(module, masks or {}, device)
    settings = {
        "seed": seed, "steps": steps, "batch_size": batch_size, "seconds": seconds,
        "learning_rate": learning_rate, "remix": remix,
    }  # fmt: skip
    key = repr((*settings.values(), epoch_steps, learning.digest, _digest(module, masks or {})))
    with isolated(seed):
        module.to(device).train()
        optimiser = torch.optim.Adam(module.parameters(), lr=learning_rate)
        stage = restore_stage(snapshot, key, module, optimiser) if snapshot else Stage()
        begun = time.process_time() - stage.cpu_seconds
        _hold_at_zero(zeroed)
        for step in range(stage.step + 1, steps + 1):
            _prepare(
                optimiser, seed, step, learning_rate * min(1.0, 2 * (steps - step + 1) / steps)
            )
            rng = np.random.default_rng([seed, step])
            sounds = learning.batch(rng, batch_size, seconds, remix=remix)
            noisy, clean = (torch.from_numpy(part).to(device) for part in sounds)
            value = _step(module, optimiser, noisy, clean, loss, extra_loss, step)
            stage.take(step, value)
            _hold_at_zero(zeroed)
            _tell(after_step, module, step)
            if step % epoch_steps == 0 or step == steps:
                stage.close_epoch()
                _tell(after_epoch, module, step)
            if step == steps or (validate_every and step % validate_every == 0):
                stage.curve.append((step, validation_si_sdr(module, held_out, device)))
                module.train()
            stage.cpu_seconds = time.process_time() - begun
            if snapshot and (step % EVERY == 0 or step == steps):
                save_stage(snapshot, key, module, optimiser, stage)
            if progress is not None:
                progress(step, steps, value)
        module.eval()
    return _record(settings, stage, pairs, held_out, device)


def _record(
    settings: Mapping[str, Any], stage: Stage, pairs: Pairs, held_out: Pairs, device: str
) -> TrainingRecord:
    return TrainingRecord(
        **settings,
        losses=tuple(stage.losses),
        validation=tuple((step, score) for step, score in stage.curve),
        noisy_si_sdr_db=_mean_si_sdr(held_out.noisy, held_out.clean),
        cpu_seconds=round(stage.cpu_seconds, 1),
        data=pairs.description,
        data_digest=pairs.digest,
        torch=torch.__version__,
        device=device,
    )


def validation_si_sdr(module: nn.Module, pairs: Pairs, device: str = "cpu") -> float:
    """Mean SI-SDR of the enhanced sounds in dB. Leaves the module in evaluation mode."""
    module.eval()
    scores = []
    with torch.no_grad():
        for start in range(0, len(pairs), 8):
            noisy = torch.from_numpy(pairs.noisy[start : start + 8]).to(device)
            clean = torch.from_numpy(pairs.clean[start : start + 8]).to(device)
            scores.extend(si_sdr(module(noisy), clean).tolist())
    mean = float(np.mean(scores))
    if not np.isfinite(mean):
        raise _diverged("validation")
    return mean


def _prepare(optimiser: torch.optim.Optimizer, seed: int, step: int, rate: float) -> None:
    """Set the learning rate, and the seed for dropout and the like in this step."""
    torch.manual_seed(int(np.random.SeedSequence([seed, step]).generate_state(1)[0]))
    for group in optimiser.param_groups:
        group["lr"] = rate


def _tell(hook: Hook | None, module: nn.Module, step: int) -> None:
    if hook is not None:
        hook(module, step)


def _step(
    module: nn.Module,
    optimiser: torch.optim.Optimizer,
    noisy: Tensor,
    clean: Tensor,
    loss: Loss,
    extra_loss: ExtraLoss | None,
    step: int,
) -> float:
    optimiser.zero_grad(set_to_none=True)
    estimate = module(noisy)
    total = loss(estimate, clean)
    if extra_loss is not None:
        total = total + extra_loss(module, noisy, clean, estimate)
    value = float(total.detach())
    if not np.isfinite(value):
        raise _diverged(f"step {step}")
    total.backward()
    norm = torch.nn.utils.clip_grad_norm_(module.parameters(), CLIP_NORM)
    if not bool(torch.isfinite(norm)):
        raise _diverged(f"step {step}")
    optimiser.step()
    return value


def _digest(module: nn.Module, masks: Mapping[str, NDArray[np.bool_]]) -> str:
    """SHA-256 (hex) of what a training begins with."""
    digest = hashlib.sha256()
    for name, tensor in module.state_dict().items():
        digest.update(name.encode() + tensor.detach().cpu().numpy().tobytes())
    for name, mask in masks.items():
        digest.update(name.encode() + np.packbits(mask).tobytes())
    return digest.hexdigest()


def _diverged(where: str) -> CompressionError:
    return CompressionError(
        f"The training diverged: the loss is not finite any more ({where}).",
        "Train with a lower learning rate, and check the sounds; nothing was kept.",
    )


def _split(pairs: Pairs) -> tuple[Pairs, Pairs]:
    if len(pairs) < 2:
        raise CompressionError(
            "A training needs at least two pairs of sounds.", "One is held out for validation."
        )
    held = max(1, len(pairs) // _HELD_OUT)
    return pairs.part(0, len(pairs) - held), pairs.part(len(pairs) - held, len(pairs))


def _masked(
    module: nn.Module, masks: Mapping[str, NDArray[np.bool_]], device: str
) -> list[tuple[nn.Parameter, Tensor]]:
    parameters = dict(module.named_parameters())
    unknown = sorted(set(masks) - set(parameters))
    if unknown:
        raise CompressionError(
            f"A mask names {unknown[0]!r}, which is no parameter of the model.",
            f"The parameters are: {', '.join(parameters)}.",
        )
    return [
        (parameters[name], torch.from_numpy(np.ascontiguousarray(mask)).to(device))
        for name, mask in masks.items()
    ]


def _hold_at_zero(zeroed: list[tuple[nn.Parameter, Tensor]]) -> None:
    with torch.no_grad():
        for parameter, alive in zeroed:
            parameter.masked_fill_(~alive, 0.0)


def _mean_si_sdr(noisy: NDArray[np.float32], clean: NDArray[np.float32]) -> float:
    return float(si_sdr(torch.from_numpy(noisy), torch.from_numpy(clean)).mean())
