"""Grouped sequence modules: one small module for all groups, which talk before it. Imports torch.

Features are (batch, groups, width, time) throughout; the plain networks are those of one group.
"""

from __future__ import annotations

from collections.abc import Callable

from torch import Tensor, nn

from jndlab.compression.grouped.communication import (
    NORM_EPS,
    BlstmAcrossGroups,
    ResidualBlstm,
    TransformAverageConcatenate,
)
from jndlab.compression.grouped.segments import join_segments, split_segments

MakeCommunication = Callable[[int, int], nn.Module]
"""From width and hidden width of a group."""


def tac(width: int, hidden: int) -> nn.Module:
    """As in GC3: three times the hidden width of the sequence module."""
    return TransformAverageConcatenate(width, 3 * hidden)


def blstm_across_groups(width: int, hidden: int) -> nn.Module:
    """As in GroupComm of ICASSP 2021."""
    return BlstmAcrossGroups(width, hidden)


def no_communication(width: int, hidden: int) -> nn.Module:
    """For a plain network."""
    return nn.Identity()


class GroupedBlstm(nn.Module):
    """Layers of TAC and a BLSTM over time that all groups share."""

    def __init__(self, width: int, hidden: int, layers: int) -> None:
        super().__init__()
        self.communications = nn.ModuleList(tac(width, hidden) for _ in range(layers))
        self.blocks = nn.ModuleList(ResidualBlstm(width, hidden) for _ in range(layers))

    def forward(self, features: Tensor) -> Tensor:
        """Shape (batch, groups, width, time), in and out."""
        shape = features.shape
        for communicate, block in zip(self.communications, self.blocks, strict=True):
            shared = communicate(features).flatten(0, 1).unsqueeze(-1)
            features = block(shared).view(shape)
        return features


class DualPath(nn.Module):
    """Dual-path RNN: within blocks of frames, then between them, after the groups have talked."""

    def __init__(
        self,
        width: int,
        hidden: int,
        *,
        layers: int,
        block_size: int,
        communication: MakeCommunication,
        output: bool,
    ) -> None:
        """``output``: a 1x1 layer before the blocks are joined, as in GC3 and the plain net."""
        super().__init__()
        self.block_size = block_size
        self.communications = nn.ModuleList(communication(width, hidden) for _ in range(layers))
        self.within = nn.ModuleList(ResidualBlstm(width, hidden) for _ in range(layers))
        self.between = nn.ModuleList(ResidualBlstm(width, hidden) for _ in range(layers))
        self.output = nn.Conv2d(width, width, 1) if output else nn.Identity()

    def forward(self, features: Tensor) -> Tensor:
        """Shape (batch, groups, width, time), in and out."""
        batch, groups, width, n_frames = features.shape
        blocks = split_segments(features.flatten(0, 1), self.block_size)
        size, number = blocks.shape[2:]
        for communicate, within, between in zip(
            self.communications, self.within, self.between, strict=True
        ):
            told = communicate(blocks.reshape(batch, groups, width, size * number))
            blocks = within(told.reshape(batch * groups, width, size, number))
            blocks = between(blocks.transpose(2, 3)).transpose(2, 3)
        joined = join_segments(self.output(blocks), n_frames)
        return joined.view(batch, groups, width, n_frames)


class TcnBlock(nn.Module):
    """Dilated depthwise convolution between 1x1 ones, with skip (Luo & Mesgarani 2019)."""

    def __init__(self, width: int, hidden: int, dilation: int, *, kernel: int = 3) -> None:
        super().__init__()
        self.widen = nn.Sequential(
            nn.Conv1d(width, hidden, 1), nn.PReLU(), nn.GroupNorm(1, hidden, eps=NORM_EPS)
        )
        padding = dilation * (kernel - 1) // 2
        self.depthwise = nn.Sequential(
            nn.Conv1d(hidden, hidden, kernel, 1, padding, dilation, groups=hidden),
            nn.PReLU(),
            nn.GroupNorm(1, hidden, eps=NORM_EPS),
        )
        self.residual = nn.Conv1d(hidden, width, 1)
        self.skip = nn.Conv1d(hidden, width, 1)

    def forward(self, features: Tensor) -> tuple[Tensor, Tensor]:
        """(batch, width, time) to the residual and the skip of the same shape."""
        hidden = self.depthwise(self.widen(features))
        return self.residual(hidden), self.skip(hidden)


class GroupedTcn(nn.Module):
    """Temporal convolutional network with TAC before every block; gives the sum of all skips."""

    def __init__(self, width: int, hidden: int, *, layers: int, stacks: int) -> None:
        super().__init__()
        number = layers * stacks
        self.communications = nn.ModuleList(tac(width, hidden) for _ in range(number))
        self.blocks = nn.ModuleList(
            TcnBlock(width, hidden, 2 ** (index % layers)) for index in range(number)
        )
        self.output = nn.Conv1d(width, width, 1)

    def forward(self, features: Tensor) -> Tensor:
        """Shape (batch, groups, width, time), in and out."""
        shape = features.shape
        skips: Tensor | float = 0.0
        for communicate, block in zip(self.communications, self.blocks, strict=True):
            shared = communicate(features).flatten(0, 1)
            residual, skip = block(shared)
            features = (shared + residual).view(shape)
            skips = skips + skip
        joined: Tensor = self.output(skips)
        return joined.view(shape)
