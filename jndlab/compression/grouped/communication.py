"""How groups of features talk to each other, and the recurrent block that both nets share.

This module imports torch: import it inside a function, after
``jndlab.compression.extras.require("torch")``.
"""

from __future__ import annotations

from typing import Protocol, cast

import torch
from torch import Tensor, nn

NORM_EPS = 1e-8


class Communication(Protocol):
    """Takes and gives features of shape (batch, groups, width, time)."""

    def __call__(self, features: Tensor) -> Tensor: ...


class TransformAverageConcatenate(nn.Module):
    """TAC (Luo et al. 2021, GC3): what all groups have in common is given to each of them.

    Linear and PReLU for every group; the mean over the groups through another linear and PReLU;
    both concatenated, linear and PReLU back to the width; group norm; residual. GC3 takes three
    times the hidden width of its recurrent layers as ``hidden``.
    """

    def __init__(self, width: int, hidden: int) -> None:
        super().__init__()
        self.transform = nn.Sequential(nn.Linear(width, hidden), nn.PReLU())
        self.average = nn.Sequential(nn.Linear(hidden, hidden), nn.PReLU())
        self.concatenate = nn.Sequential(nn.Linear(2 * hidden, width), nn.PReLU())
        self.norm = nn.GroupNorm(1, width)

    def forward(self, features: Tensor) -> Tensor:
        """Shape (batch, groups, width, time), in and out."""
        each = self.transform(features.permute(0, 3, 1, 2))  # batch, time, groups, hidden
        common = self.average(each.mean(2, keepdim=True)).expand_as(each)
        message = self.concatenate(torch.cat([each, common], dim=-1)).permute(0, 2, 3, 1)
        normed = self.norm(message.flatten(0, 1)).view_as(features)
        return features + normed


class ResidualBlstm(nn.Module):
    """Bidirectional LSTM along one dimension, linear back to the width, norm, residual.

    The block of a dual-path RNN (Luo et al. 2020). The norm is over everything of an example.
    """

    def __init__(self, width: int, hidden: int) -> None:
        super().__init__()
        self.lstm = nn.LSTM(width, hidden, batch_first=True, bidirectional=True)
        self.projection = nn.Linear(2 * hidden, width)
        self.norm = nn.GroupNorm(1, width, eps=NORM_EPS)

    def forward(self, features: Tensor) -> Tensor:
        """Shape (batch, width, steps, others), in and out; ``others`` do not see each other."""
        batch, width, steps, others = features.shape
        sequences = features.permute(0, 3, 2, 1).reshape(batch * others, steps, width)
        outputs = self.projection(self.lstm(sequences)[0])
        outputs = outputs.view(batch, others, steps, width).permute(0, 3, 2, 1)
        return cast("Tensor", features + self.norm(outputs.contiguous()))


class BlstmAcrossGroups(nn.Module):
    """GroupComm as of ICASSP 2021: the groups are read as a sequence, in both directions."""

    def __init__(self, width: int, hidden: int) -> None:
        super().__init__()
        self.block = ResidualBlstm(width, hidden)

    def forward(self, features: Tensor) -> Tensor:
        """Shape (batch, groups, width, time), in and out."""
        return cast("Tensor", self.block(features.transpose(1, 2)).transpose(1, 2))
