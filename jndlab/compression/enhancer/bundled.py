"""The enhancer that comes with jndlab, and its twin from another seed.

Both were trained by ``tools/train-enhancer`` on synthetic speech in synthetic noise: no recording
of a person was used, and their quality on natural voices is unknown.
"""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from importlib.resources import files

from jndlab.compression.checkpoints import Checkpoint, parse_checkpoint
from jndlab.compression.enhancer.network import GruMaskModel, model_of

ENHANCER, TWIN = "enhancer", "twin"
REMARK = "trained on synthetic speech in synthetic noise"


@cache
def bundled_checkpoint(name: str = ENHANCER) -> Checkpoint:
    """Weights and training facts of ``enhancer`` or ``twin``."""
    file = files("jndlab.compression.enhancer") / "data" / f"{name}.npz"
    return parse_checkpoint(file.read_bytes(), source=f"the bundled {name}")


def bundled_model() -> GruMaskModel:
    """The bundled enhancer."""
    return _named(ENHANCER, "bundled enhancer")


def twin_model() -> GruMaskModel:
    """The same network trained in the same way from another seed.

    What separates its output from the bundled enhancer's is owed to the seed alone: the zero
    point of a comparison of separately trained models.
    """
    return _named(TWIN, "seed twin of the bundled enhancer")


def _named(name: str, title: str) -> GruMaskModel:
    checkpoint = bundled_checkpoint(name)
    return replace(model_of(checkpoint), name=f"{title} ({REMARK}), seed {checkpoint.seed}")
