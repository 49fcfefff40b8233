"""What a training makes small, and the figure that it is judged by. Needs torch."""

from __future__ import annotations

import torch
from torch import Tensor

_FRAME, _HOP = 512, 256
_COMPRESSION = 0.3
_FLOOR = 1e-6
"""Added to powers, so that the gradient of the compressed magnitude stays finite in silence."""


def enhancement_loss(estimate: Tensor, clean: Tensor) -> Tensor:
    """10 · MSE of compressed magnitudes + 3 · MSE of compressed spectra − 0.02 · SI-SDR in dB.

    Both of shape (batch, n_samples); a scalar comes out. Magnitudes to the power of 0.3 (Ephrat
    et al. 2018, Braun & Tashev 2021), after both sounds were scaled by the root mean square of
    the clean one, so that quiet and loud speech count alike.
    """
    scale = clean.square().mean(dim=-1, keepdim=True).sqrt().clamp_min(1e-4)
    spectra, magnitudes = _compressed(estimate / scale)
    clean_spectra, clean_magnitudes = _compressed(clean / scale)
    magnitude_error = (magnitudes - clean_magnitudes).square().mean()
    complex_error = (spectra - clean_spectra).square().sum(dim=-1).mean()
    return 10 * magnitude_error + 3 * complex_error - 0.02 * si_sdr(estimate, clean).mean()


def si_sdr(estimate: Tensor, clean: Tensor) -> Tensor:
    """Scale-invariant signal-to-distortion ratio in dB, shape (batch,).

    Le Roux et al. 2019, Eq. 5. Means are removed; a silent clean sound gives a low
    number, not an error.
    """
    estimate = estimate - estimate.mean(dim=-1, keepdim=True)
    clean = clean - clean.mean(dim=-1, keepdim=True)
    power = clean.square().sum(dim=-1, keepdim=True) + 1e-8
    target = (estimate * clean).sum(dim=-1, keepdim=True) / power * clean
    ratio = (target.square().sum(dim=-1) + 1e-8) / ((estimate - target).square().sum(-1) + 1e-8)
    return 10 * torch.log10(ratio)


def _compressed(sound: Tensor) -> tuple[Tensor, Tensor]:
    """Spectra of shape (batch, bins, frames, 2) and magnitudes, both compressed."""
    window = torch.hann_window(_FRAME, dtype=sound.dtype, device=sound.device)
    spectra = torch.stft(
        sound, _FRAME, _HOP, window=window, center=True, pad_mode="constant",
        normalized=True, return_complex=True,
    )  # fmt: skip
    parts = torch.view_as_real(spectra)
    power = parts.square().sum(dim=-1) + _FLOOR
    magnitudes = power ** (_COMPRESSION / 2)
    return parts * (magnitudes / power.sqrt()).unsqueeze(-1), magnitudes
