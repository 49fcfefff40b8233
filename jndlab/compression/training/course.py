"""How the networks of a family are trained: all alike. No torch is needed to say so."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any

from jndlab.errors import CompressionError

FamilyProgress = Callable[[str, int, int, float], None]
"""Name of the model in training, step, number of steps, loss."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Course:
    """Length and pace of a training, the same for every network of a family."""

    steps: int
    batch_size: int = 16
    seconds: float = 2.0
    """Of each sound in a batch."""
    learning_rate: float = 2e-3
    device: str = "cpu"

    def options(self) -> dict[str, Any]:
        """For the training loop, by name."""
        return asdict(self)

    def identity(self) -> dict[str, object]:
        """What two trainings must share to be one and the same; where they ran is no part of it."""
        return {name: value for name, value in asdict(self).items() if name != "device"}


def require_other_seed(seed: int, twin_seed: int | None) -> None:
    """Raises CompressionError if the seed twin would be the baseline once more."""
    if twin_seed == seed:
        raise CompressionError(
            f"The seed twin would have the seed {seed} of the baseline: the same network twice.",
            "Give it another seed.",
        )
