"""The loss of attention transfer: how far a student's maps are from its teacher's.

Imports torch.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import get_args

import torch
from torch import Tensor, nn

from jndlab.compression.attention.manner import Manner
from jndlab.compression.attention.maps import (
    Maps,
    Place,
    View,
    compared,
    recorded,
    shared_places,
)
from jndlab.compression.attention.students import BETA

VIEWS: tuple[View, ...] = get_args(View)


def transfer_loss(
    student: Maps, teacher: Maps, places: Sequence[Place], views: Sequence[View] = VIEWS
) -> Tensor:
    """Σ over views and places of the distance of the normalised maps, averaged over the batch.

    Zagoruyko & Komodakis 2017, Eq. 2, with the L2 distance itself, not squared: between 0 (the
    student attends as the teacher does) and √2 for each map, all of which are positive.
    """
    distances = []
    for place in places:
        for view in views:
            one, other = compared(student[place, view], teacher[place, view].detach())
            distances.append(torch.linalg.vector_norm(one - other, dim=-1).mean())
    return torch.stack(distances).sum()


class Transfer:
    """β · transfer loss of a student, for every training step. Made by :func:`transfer_from`."""

    def __init__(
        self, teacher: Manner, seen: Maps, recorded: Maps, places: Sequence[Place], beta: float
    ) -> None:
        self._teacher = teacher
        self._seen = seen
        self._recorded = recorded
        self._places = places
        self._beta = beta

    def __call__(self, module: nn.Module, noisy: Tensor, clean: Tensor, estimate: Tensor) -> Tensor:
        """Of the student's last forward pass, which must have been of these noisy sounds."""
        with torch.no_grad():
            self._teacher(noisy)
        return self._beta * transfer_loss(self._recorded, self._seen, self._places)


@contextmanager
def transfer_from(teacher: Manner, student: Manner, *, beta: float = BETA) -> Iterator[Transfer]:
    """While it lasts, both networks are watched; the teacher is never changed by it.

    The teacher runs in evaluation mode, with its running statistics. Raises CompressionError if no
    blocks can be paired.
    """
    places = shared_places(teacher, student)
    teacher.eval().requires_grad_(False)
    with recorded(teacher) as seen, recorded(student) as maps:
        yield Transfer(teacher, seen, maps, places, beta)
