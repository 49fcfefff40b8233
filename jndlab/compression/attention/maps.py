"""Attention maps of the three views, as the network computes them. Imports torch.

A map is what attention transfer compares: how the energy of a view's output spreads, summed over
what teacher and student need not have in common. No parameters are added to either.

The maps of Shin et al. 2022 (MV-AT) are not published in anything we could read. These are the
activation attention of Zagoruyko & Komodakis 2017 (section 3.1, the sum of squares), for each view
along the axis that the view is about: channels for the channel view, time for the other two.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Literal

from torch import Tensor, nn
from torch.nn import functional

from jndlab.compression.attention.blocks import MultiViewAttention
from jndlab.compression.attention.manner import Manner
from jndlab.errors import CompressionError

View = Literal["channel", "global", "local"]
Side = Literal["encoder", "decoder"]

_PART: dict[View, str] = {"channel": "channel", "global": "across", "local": "local"}
SMALLEST_NORM = 1e-8

Hook = Callable[[nn.Module, tuple[Tensor, ...], Tensor], None]


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """One attention block, counted from the bottleneck: what teacher and student share."""

    side: Side
    above: int
    """0 is the deepest level of that side."""


Maps = Mapping[tuple[Place, View], Tensor]
"""Each of shape (batch, n): n channels, or n samples of that level. Not normalised."""


def attention_blocks(module: Manner) -> dict[Place, MultiViewAttention]:
    """The blocks that attend, by place."""
    sides: tuple[tuple[Side, list[nn.Module]], ...] = (
        ("encoder", list(reversed(module.encoders))),
        ("decoder", list(module.decoders)),
    )
    return {
        Place(side, above): level.attention
        for side, levels in sides
        for above, level in enumerate(levels)
        if isinstance(level.attention, MultiViewAttention)
    }


def shared_places(teacher: Manner, student: Manner) -> tuple[Place, ...]:
    """Blocks to compare: same side, same number of levels above the bottleneck.

    Levels are paired from the bottleneck upwards, because there lie the blocks that every MANNER
    has, however deep it is and wherever it attends. A deeper teacher's shallow blocks stay alone.
    Raises CompressionError if nothing can be paired.
    """
    places = tuple(sorted(set(attention_blocks(teacher)) & set(attention_blocks(student))))
    if not places:
        raise CompressionError(
            "Teacher and student have no attention block in common.",
            "Train a student that attends at the deepest level.",
        )
    return places


@contextmanager
def recorded(module: Manner) -> Iterator[dict[tuple[Place, View], Tensor]]:
    """Every forward pass inside puts its maps into the dictionary, with their gradients."""
    maps: dict[tuple[Place, View], Tensor] = {}
    handles = []
    for place, block in attention_blocks(module).items():
        for view, part in _PART.items():
            hook = _recorder(maps, place, view)
            handles.append(getattr(block, part).register_forward_hook(hook))
    try:
        yield maps
    finally:
        for handle in handles:
            handle.remove()


def map_of(output: Tensor, view: View) -> Tensor:
    """(batch, channels, time) -> energy per channel or per sample, (batch, n)."""
    return output.square().sum(dim=-1 if view == "channel" else 1)


def compared(one: Tensor, other: Tensor) -> tuple[Tensor, Tensor]:
    """Two maps of one view, on the shorter one's grid, each with an L2 norm of 1.

    Teacher and student differ in width (channels) and in rate at their paired levels (time). The
    longer map is averaged over equal stretches of the shorter one's number; nothing is invented
    for the shorter one.
    """
    n = min(one.shape[-1], other.shape[-1])
    first, second = (
        functional.normalize(
            functional.adaptive_avg_pool1d(each, n) if each.shape[-1] > n else each,
            dim=-1,
            eps=SMALLEST_NORM,
        )
        for each in (one, other)
    )
    return first, second


def _recorder(maps: dict[tuple[Place, View], Tensor], place: Place, view: View) -> Hook:
    def record(_module: nn.Module, _inputs: tuple[Tensor, ...], output: Tensor) -> None:
        maps[place, view] = map_of(output, view)

    return record
