"""The building blocks of MANNER: convolutions with norms, conformer block, the three views.

Everything takes and gives tensors of shape (batch, channels, time). Imports torch.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional

from jndlab.compression.attention.design import CHUNK, DEPTHWISE_KERNEL, GATE_KERNEL

SLOW_NORM = 0.01
"""Momentum of the norms behind bias-free convolutions, as published; all others have 0.1."""


def normed(n_in: int, n_out: int, kernel: int = 1) -> nn.Sequential:
    """Bias-free convolution of the same length, and batch-norm."""
    return nn.Sequential(
        nn.Conv1d(n_in, n_out, kernel, padding=kernel // 2, bias=False),
        nn.BatchNorm1d(n_out, momentum=SLOW_NORM),
    )


def depthwise(channels: int) -> nn.Sequential:
    """One filter of 31 taps per channel, batch-norm, swish."""
    return nn.Sequential(
        nn.Conv1d(
            channels,
            channels,
            DEPTHWISE_KERNEL,
            padding=DEPTHWISE_KERNEL // 2,
            groups=channels,
            bias=False,
        ),
        nn.BatchNorm1d(channels),
        nn.SiLU(),
    )


class ResidualConformer(nn.Module):
    """Pointwise, gated; depthwise; pointwise to the wanted width; and a shortcut around it."""

    def __init__(self, n_in: int, n_out: int) -> None:
        super().__init__()
        self.expand = nn.Sequential(
            nn.Conv1d(n_in, 2 * n_in, 1), nn.BatchNorm1d(2 * n_in), nn.GLU(dim=1)
        )
        self.depthwise = depthwise(n_in)
        self.project = nn.Sequential(nn.Conv1d(n_in, n_out, 1), nn.BatchNorm1d(n_out), nn.SiLU())
        self.last = normed(n_out, n_out)
        self.shortcut = normed(n_in, n_out)

    def forward(self, x: Tensor) -> Tensor:
        inner = self.last(self.project(self.depthwise(self.expand(x))))
        return functional.relu(inner + self.shortcut(x))


def chunked(x: Tensor) -> Tensor:
    """(batch, channels, time) -> (batch, channels, chunks, CHUNK), overlapping by half.

    Padded by a whole chunk on either side, so that every sample lies in exactly two chunks.
    """
    return functional.pad(x, (CHUNK, CHUNK)).unfold(-1, CHUNK, CHUNK // 2)


def joined(chunks: Tensor, length: int) -> Tensor:
    """The mean of the two chunks that every sample lies in: undoes :func:`chunked`."""
    batch, channels = chunks.shape[:2]
    half = CHUNK // 2
    heads = chunks[..., :half].reshape(batch, channels, -1)
    tails = chunks[..., half:].reshape(batch, channels, -1)
    both = functional.pad(heads, (0, half)) + functional.pad(tails, (half, 0))
    return both[..., CHUNK : CHUNK + length] / 2


class ChannelView(nn.Module):
    """Scales channels by what they hold over the whole time: greatest and mean, one small net."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.excite = nn.Sequential(
            nn.Linear(channels, channels // 2), nn.ReLU(), nn.Linear(channels // 2, channels)
        )

    def forward(self, x: Tensor) -> Tensor:
        scale = torch.sigmoid(self.excite(x.amax(dim=-1)) + self.excite(x.mean(dim=-1)))
        return x * scale.unsqueeze(-1)


class GlobalView(nn.Module):
    """Every chunk looks at all chunks of its channel: scaled dot products, one head."""

    def __init__(self) -> None:
        super().__init__()
        self.query = nn.Linear(CHUNK, CHUNK, bias=False)
        self.key = nn.Linear(CHUNK, CHUNK, bias=False)
        self.value = nn.Linear(CHUNK, CHUNK, bias=False)
        self.out = nn.Linear(CHUNK, CHUNK, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        chunks = chunked(x)
        # Written out, not as the fused operator: that one gives other bits on other machines.
        scores = self.query(chunks) @ self.key(chunks).transpose(-1, -2) / CHUNK**0.5
        attended = torch.softmax(scores, dim=-1) @ self.value(chunks)
        return joined(self.out(attended), x.shape[-1])


class LocalView(nn.Module):
    """Scales the samples of every chunk by what its channels hold around them."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.depthwise = depthwise(channels)
        self.gate = normed(2, 1, GATE_KERNEL)

    def forward(self, x: Tensor) -> Tensor:
        chunks = chunked(x)
        batch, channels, n_chunks, _ = chunks.shape
        flat = chunks.transpose(1, 2).reshape(batch * n_chunks, channels, CHUNK)
        filtered = self.depthwise(flat)
        both = torch.stack((filtered.amax(dim=1), filtered.mean(dim=1)), dim=1)
        gate = torch.sigmoid(self.gate(both)).reshape(batch, 1, n_chunks, CHUNK)
        return joined(chunks * gate, x.shape[-1])


class MultiViewAttention(nn.Module):
    """Three views of a third of the channels each, put together, gated; and a shortcut around it.

    ``channel``, ``across`` and ``local`` are the views whose outputs attention transfer compares.
    """

    def __init__(self, channels: int) -> None:
        super().__init__()
        third = channels // 3
        self.enter = nn.ModuleList(
            nn.Sequential(normed(channels, third), nn.ReLU()) for _ in range(3)
        )
        self.channel = ChannelView(third)
        self.across = GlobalView()
        self.local = LocalView(third)
        self.leave = nn.ModuleList(
            nn.Sequential(normed(third, third, 3), nn.ReLU()) for _ in range(3)
        )
        self.merge = normed(3 * third, channels)
        self.shortcut = normed(channels, channels)
        self.gate = Gate(channels)

    def forward(self, x: Tensor) -> Tensor:
        views: tuple[nn.Module, ...] = (self.channel, self.across, self.local)
        parts = []
        for number, view in enumerate(views):
            parts.append(self.leave[number](view(self.enter[number](x))))
        return self.shortcut(x) + self.gate(self.merge(torch.cat(parts, dim=1)))


class Gate(nn.Module):
    """relu(conv(tanh(conv) · sigmoid(conv))), all pointwise: positive, as a mask is."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.signal = nn.Conv1d(channels, channels, 1)
        self.opening = nn.Conv1d(channels, channels, 1)
        self.out = nn.Conv1d(channels, channels, 1)

    def forward(self, x: Tensor) -> Tensor:
        return functional.relu(
            self.out(torch.tanh(self.signal(x)) * torch.sigmoid(self.opening(x)))
        )
