"""MANNER and MANNER-S: a U-net on the waveform that masks its own front end. Imports torch.

Architecture: Park et al. 2022 (see :mod:`jndlab.compression.attention.design`). Parameter counts
equal the published ones; the tests hold them against closed formulas.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional

from jndlab.compression.attention.blocks import Gate, MultiViewAttention, ResidualConformer
from jndlab.compression.attention.design import (
    FRONT_KERNEL,
    KERNEL,
    STRIDE,
    Design,
    design_of,
)
from jndlab.compression.checkpoints import Checkpoint
from jndlab.compression.training.saving import put_weights

QUIETEST = 1e-3
"""Added to the standard deviation that the input is divided by: silence stays silence."""
INITIAL_DEVIATION = 0.1


class Encoder(nn.Module):
    """A quarter of the rate, twice the channels."""

    def __init__(self, channels: int, *, attends: bool) -> None:
        super().__init__()
        self.down = nn.Sequential(
            nn.Conv1d(channels, channels, KERNEL, STRIDE), nn.BatchNorm1d(channels), nn.ReLU()
        )
        self.conformer = ResidualConformer(channels, 2 * channels)
        self.attention = MultiViewAttention(2 * channels) if attends else nn.Identity()

    def forward(self, x: Tensor) -> Tensor:
        return self.attention(self.conformer(self.down(x)))


class Decoder(nn.Module):
    """Half the channels, four times the rate; ``channels`` is what comes out."""

    def __init__(self, channels: int, *, attends: bool) -> None:
        super().__init__()
        self.conformer = ResidualConformer(2 * channels, channels)
        self.up = nn.Sequential(
            nn.ConvTranspose1d(channels, channels, KERNEL, STRIDE),
            nn.BatchNorm1d(channels),
            nn.ReLU(),
        )
        self.attention = MultiViewAttention(channels) if attends else nn.Identity()

    def forward(self, x: Tensor) -> Tensor:
        return self.attention(self.up(self.conformer(x)))


class Manner(nn.Module):
    """The whole enhancer. Input and output (batch, n_samples) at 16 kHz, of any length."""

    def __init__(self, design: Design) -> None:
        super().__init__()
        self.design = design
        hidden, depth = design.hidden, design.depth
        levels = [(design.width(level), design.attends(level)) for level in range(depth)]
        self.front = nn.Sequential(
            nn.Conv1d(1, hidden, FRONT_KERNEL, padding=FRONT_KERNEL // 2),
            nn.BatchNorm1d(hidden),
            nn.ReLU(),
        )
        self.encoders = nn.ModuleList(
            Encoder(channels, attends=attends) for channels, attends in levels
        )
        self.bottleneck = nn.Linear(design.width(depth), design.width(depth), bias=False)
        self.decoders = nn.ModuleList(
            Decoder(channels, attends=attends) for channels, attends in reversed(levels)
        )
        self.mask = Gate(hidden)
        self.back = nn.Conv1d(hidden, 1, FRONT_KERNEL, padding=FRONT_KERNEL // 2)
        _rescale(self)

    def forward(self, noisy: Tensor) -> Tensor:
        """The enhanced sound, as long as the noisy one."""
        n_samples = noisy.shape[-1]
        # One sample has no deviation from itself: it counts as silence.
        deviation = noisy.std(dim=-1, keepdim=True, correction=min(1, n_samples - 1))
        x = functional.pad(
            noisy / (QUIETEST + deviation), (0, self.design.padded(n_samples) - n_samples)
        )
        enhanced = self._masked(x.unsqueeze(1)).squeeze(1)
        return deviation * enhanced[..., :n_samples]

    def _masked(self, x: Tensor) -> Tensor:
        """(batch, 1, padded) -> the same: front end, mask by the U-net, and back."""
        front = self.front(x)
        skips = []
        x = front
        for encoder in self.encoders:
            x = encoder(x)
            skips.append(x)
        x = functional.relu(self.bottleneck(x.transpose(1, 2))).transpose(1, 2)
        for decoder in self.decoders:
            x = decoder(x + skips.pop())
        return self.back(front * self.mask(x))


def built(checkpoint: Checkpoint) -> Manner:
    """The network of a checkpoint, in evaluation mode. Raises CompressionError."""
    module = Manner(design_of(checkpoint.options))
    put_weights(module, checkpoint.weights)
    module.eval()
    return module


def _rescale(module: nn.Module) -> None:
    """Bring initial weights of all convolutions nearer to a deviation of 0.1, as MANNER does.

    The rule is that of Demucs (Défossez et al. 2019, section 3.2): weights and bias by
    1/sqrt(deviation / reference).
    """
    with torch.no_grad():
        for part in module.modules():
            if isinstance(part, nn.Conv1d | nn.ConvTranspose1d) and part.weight.numel() > 1:
                scale = (part.weight.std() / INITIAL_DEVIATION).sqrt()
                part.weight /= scale
                if part.bias is not None:
                    part.bias /= scale
