"""What a MANNER network is built with: width, depth, and where it attends. No torch in here.

MANNER: Park, Kang, Shin, Kim & Han, "MANNER: Multi-view Attention Network for Noise Erasure",
ICASSP 2022; details as in the authors' public code (MIT licence), read but not copied. Its
students: Shin, Park, Kim, Lee & Han, Interspeech 2022 (arXiv 2208.10367).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Literal, cast, get_args

from jndlab.compression.checkpoints import Option
from jndlab.errors import CompressionError

Attention = Literal["every-level", "deepest"]
"""MANNER attends at every level of both sides, MANNER-S at the deepest level of each side only."""

KERNEL = 8
STRIDE = 4
CHUNK = 64
"""Samples (of the level) in one chunk of global and local attention; chunks overlap by half."""
FRONT_KERNEL = 3
DEPTHWISE_KERNEL = 31
GATE_KERNEL = 7
MIN_ATTENDED = 6
"""Channels that an attention block needs: a third of them, halved, is still one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Design:
    """One network of the family."""

    hidden: int = 60
    """Channels of the front end; they double with every level."""
    depth: int = 4
    """Levels of the encoder, each a quarter of the rate above it."""
    attention: Attention = "deepest"

    def __post_init__(self) -> None:
        if self.attention not in get_args(Attention):
            raise CompressionError(
                f"MANNER cannot attend at {self.attention!r}.",
                f"Choose one of: {', '.join(get_args(Attention))}.",
            )
        if not 1 <= self.depth <= 6:
            raise CompressionError(
                f"MANNER cannot have {self.depth} levels.", "Choose a depth from 1 to 6."
            )
        narrowest = min(self.width(level) for level in range(self.depth) if self.attends(level))
        if self.hidden < 1 or narrowest < MIN_ATTENDED:
            raise CompressionError(
                f"A MANNER of width {self.hidden} is too narrow: its attention needs at least"
                f" {MIN_ATTENDED} channels.",
                f"Choose a width of at least {self._least_hidden()} at this depth.",
            )

    def width(self, level: int) -> int:
        """Channels at the top of a level (0 is the shallowest); the level below has twice them."""
        return self.hidden << level

    def attends(self, level: int) -> bool:
        """Whether the level has an attention block on both sides."""
        return self.attention == "every-level" or level == self.depth - 1

    def padded(self, n_samples: int) -> int:
        """Length that comes out as it went in, at least ``n_samples``."""
        return self.lengths(n_samples)[0]

    def lengths(self, n_samples: int) -> tuple[int, ...]:
        """Samples at every level, from the padded input to the bottleneck: depth + 1 numbers."""
        deepest = n_samples
        for _ in range(self.depth):
            deepest = max(1, -(-(deepest - KERNEL) // STRIDE) + 1)
        lengths = [deepest]
        for _ in range(self.depth):
            lengths.append((lengths[-1] - 1) * STRIDE + KERNEL)
        return tuple(reversed(lengths))

    def options(self) -> dict[str, Option]:
        """What a checkpoint says about the architecture."""
        return asdict(self)

    def _least_hidden(self) -> int:
        shallowest = 0 if self.attention == "every-level" else self.depth - 1
        return -(-MIN_ATTENDED // (1 << shallowest))


MANNER_BASE = Design(hidden=60, attention="every-level")
MANNER_SMALL = Design(hidden=60)
"""MANNER-S: the published baseline of the transfer."""
MANNER_LARGE = Design(hidden=120, attention="every-level")
STUDENT = Design(hidden=30, depth=3)
"""The student of 1.381 M parameters: our reconstruction, from the published ratio of 15.4."""


def design_of(options: Mapping[str, Option]) -> Design:
    """The design that a checkpoint names. Raises CompressionError for options that it is not."""
    known = {"hidden": int, "depth": int, "attention": str}
    for name, kind in known.items():
        if type(options.get(name)) is not kind:
            raise CompressionError(
                f"A MANNER is built with {name!r} as {kind.__name__}, not with"
                f" {options.get(name)!r}.",
                "Take a checkpoint that jndlab has written.",
            )
    return Design(
        hidden=cast("int", options["hidden"]),
        depth=cast("int", options["depth"]),
        attention=cast("Attention", options["attention"]),
    )


def n_chunks(length: int) -> int:
    """Chunks of one sequence, padded by a whole chunk on both sides so that all overlap by half."""
    return (length + CHUNK) // (CHUNK // 2) + 1
