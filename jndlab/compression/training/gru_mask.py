"""The small enhancer as a torch module, for training. Needs torch.

Parameters have the names that :mod:`jndlab.compression.enhancer.network` reads.
"""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor, nn

from jndlab.compression.enhancer.network import FEATURE_FLOOR, FEATURE_SCALE, FEATURE_SHIFT
from jndlab.compression.enhancer.stft import Framing


class GruMask(nn.Module):
    """Log magnitudes -> dense, ReLU -> GRU layers -> dense, sigmoid: a mask for each bin."""

    def __init__(
        self, *, frame: int = 512, hop: int = 256, hidden: int = 128, layers: int = 2
    ) -> None:
        super().__init__()
        self.framing = Framing(frame, hop)
        self.options = {"frame": frame, "hop": hop, "hidden": hidden, "layers": layers}
        bins = self.framing.n_bins
        self.encoder = nn.Linear(bins, hidden)
        self.gru = nn.GRU(hidden, hidden, num_layers=layers, batch_first=True)
        self.decoder = nn.Linear(hidden, bins)
        window = torch.from_numpy(self.framing.window.astype(np.float32))
        self.register_buffer("window", window, persistent=False)

    def mask(self, magnitudes: Tensor) -> Tensor:
        """(batch, frames, bins) -> the same shape, 0 to 1."""
        features = (torch.log(magnitudes + FEATURE_FLOOR) + FEATURE_SHIFT) * FEATURE_SCALE
        states, _ = self.gru(torch.relu(self.encoder(features)))
        return torch.sigmoid(self.decoder(states))

    def forward(self, noisy: Tensor) -> Tensor:
        """(batch, n_samples) -> enhanced, the same shape."""
        frame, hop = self.framing.frame, self.framing.hop
        n_samples = noisy.shape[-1]
        before, after = self.framing.padding(n_samples)
        padded = nn.functional.pad(noisy, (before, after))
        spectra = torch.fft.rfft(padded.unfold(-1, frame, hop) * self.window)
        masked = spectra * self.mask(spectra.abs())
        frames = torch.fft.irfft(masked, frame) * self.window
        summed = nn.functional.fold(
            frames.transpose(1, 2), (1, padded.shape[-1]), (1, frame), stride=(1, hop)
        )
        enhanced: Tensor = summed[:, 0, 0, before : before + n_samples]
        return enhanced
