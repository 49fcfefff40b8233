"""The grouped enhancer as a torch module, for training. Imports torch.

Parameters have the names that :mod:`jndlab.compression.grouped.network` reads.
"""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor, nn

from jndlab.compression.enhancer.network import FEATURE_FLOOR, FEATURE_SCALE, FEATURE_SHIFT
from jndlab.compression.grouped.communication import TransformAverageConcatenate
from jndlab.compression.grouped.design import TAC_FACTOR, Design
from jndlab.compression.grouped.network import NORM_EPS


class GroupedEnhancer(nn.Module):
    """Bands of the spectrum that share an encoder, GRUs and a decoder, and talk by TAC."""

    def __init__(self, design: Design) -> None:
        super().__init__()
        self.design = design
        n, layers = design.group_width, design.layers
        # Bands that share all weights could not be told apart: each begins somewhere else.
        self.band_embedding = nn.Parameter(0.5 * torch.randn(design.groups, n))
        self.bin_bias = nn.Parameter(torch.zeros(design.groups, design.band))
        self.encoder = nn.Linear(design.band, n)
        self.communications = nn.ModuleList(
            TransformAverageConcatenate(n, TAC_FACTOR * n)
            for _ in range(layers if design.communicates else 0)
        )
        self.recurrent = nn.ModuleList(nn.GRU(n, n, batch_first=True) for _ in range(layers))
        self.norms = nn.ModuleList(nn.GroupNorm(1, n, eps=NORM_EPS) for _ in range(layers))
        self.decoder = nn.Linear(n, design.band)
        window = torch.from_numpy(design.framing.window.astype(np.float32))
        self.register_buffer("window", window, persistent=False)

    def mask(self, magnitudes: Tensor) -> Tensor:
        """(batch, frames, bins) to the same shape, 0 to 1."""
        batch, frames, _ = magnitudes.shape
        logarithms = torch.log(magnitudes[:, :, 1:] + FEATURE_FLOOR)
        features = (logarithms + FEATURE_SHIFT) * FEATURE_SCALE
        bands = features.view(batch, frames, self.design.groups, self.design.band)
        rows = torch.relu(self.encoder(bands) + self.band_embedding)
        rows = rows.permute(0, 2, 3, 1)  # batch, groups, width, frames
        for layer in range(self.design.layers):
            if self.design.communicates:
                rows = self.communications[layer](rows)
            rows = rows + self._over_time(layer, rows)
        mask = torch.sigmoid(self.decoder(rows.permute(0, 3, 1, 2)) + self.bin_bias).flatten(2)
        return torch.cat([mask[:, :, :1], mask], dim=2)

    def forward(self, noisy: Tensor) -> Tensor:
        """(batch, n_samples) to the enhanced sound of the same shape."""
        frame, hop = self.design.frame, self.design.hop
        n_samples = noisy.shape[-1]
        before, after = self.design.framing.padding(n_samples)
        padded = nn.functional.pad(noisy, (before, after))
        spectra = torch.fft.rfft(padded.unfold(-1, frame, hop) * self.window)
        frames = torch.fft.irfft(spectra * self.mask(spectra.abs()), frame) * self.window
        summed = nn.functional.fold(
            frames.transpose(1, 2), (1, padded.shape[-1]), (1, frame), stride=(1, hop)
        )
        return summed[:, 0, 0, before : before + n_samples]

    def _over_time(self, layer: int, rows: Tensor) -> Tensor:
        sequences = rows.flatten(0, 1).transpose(1, 2)
        states, _ = self.recurrent[layer](sequences)
        normed: Tensor = self.norms[layer](states.transpose(1, 2))
        return normed.view_as(rows)
