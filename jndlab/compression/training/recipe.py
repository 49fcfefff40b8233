"""How the small enhancer is trained: one recipe for the bundled models and for a user's own.

Needs torch.
"""

from __future__ import annotations

from pathlib import Path

from jndlab.compression.checkpoints import Checkpoint
from jndlab.compression.training.course import Course
from jndlab.compression.training.data import Pairs
from jndlab.compression.training.gru_mask import GruMask
from jndlab.compression.training.loop import Progress, fresh, train
from jndlab.compression.training.saving import checkpoint_of

ARCHITECTURE = "gru-mask"
COURSE = Course(steps=3200)
"""About 10 minutes on one idle core for the width of 128."""


def train_enhancer(
    pairs: Pairs,
    *,
    seed: int,
    course: Course = COURSE,
    hidden: int = 128,
    layers: int = 2,
    validation: Pairs | None = None,
    validate_every: int | None = None,
    snapshot: Path | None = None,
    progress: Progress | None = None,
) -> Checkpoint:
    """A small enhancer from random weights. Raises CompressionError if the training diverges."""
    module = fresh(lambda: GruMask(hidden=hidden, layers=layers), seed)
    record = train(
        module,
        pairs,
        seed=seed,
        validation=validation,
        validate_every=validate_every,
        snapshot=snapshot,
        progress=progress,
        **course.options(),
    )
    return checkpoint_of(module, ARCHITECTURE, module.options, record)
