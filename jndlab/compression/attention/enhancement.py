"""What MANNER is trained to make small: weighted L1, and spectra at three resolutions.

The loss of the authors' public code (Park et al. 2022), which takes the spectral terms from
Parallel WaveGAN (Yamamoto et al. 2020, Eqs 3 to 6), with 0.5 before each. Imports torch.
"""

from __future__ import annotations

import torch
from torch import Tensor

from jndlab.errors import CompressionError

RESOLUTIONS = ((1024, 120, 600), (2048, 240, 1200), (512, 50, 240))
"""Transform, hop and window length in samples."""
SPECTRAL_WEIGHT = 0.5
_LEAST_POWER = 1e-7
SHORTEST = max(transform for transform, _, _ in RESOLUTIONS) // 2 + 1
"""Samples: the longest transform mirrors half of itself at the ends of the sound."""


def weighted_loss(estimate: Tensor, clean: Tensor, noisy: Tensor) -> Tensor:
    """a · L(speech) + (1 − a) · L(noise), averaged over the batch; all (batch, n_samples).

    The estimated noise is what the estimate leaves of the noisy sound; a is the share of the clean
    speech in the energy of speech and noise. Raises CompressionError for sounds that are shorter
    than 1025 samples.
    """
    if clean.shape[-1] < SHORTEST:
        raise CompressionError(
            f"Excerpts of {clean.shape[-1]} samples are too short for the spectra of the loss.",
            f"Train on excerpts of at least {SHORTEST} samples.",
        )
    noise = noisy - clean
    speech_energy = clean.square().sum(dim=-1)
    share = speech_energy / (speech_energy + noise.square().sum(dim=-1) + 2e-7)
    of_speech = waveform_and_spectra(estimate, clean)
    of_noise = waveform_and_spectra(noisy - estimate, noise)
    return (share * of_speech + (1 - share) * of_noise).mean()


def waveform_and_spectra(estimate: Tensor, target: Tensor) -> Tensor:
    """Mean absolute error, spectral convergence and log magnitude error, shape (batch,)."""
    total = (estimate - target).abs().mean(dim=-1)
    for transform, hop, window in RESOLUTIONS:
        ours = _magnitudes(estimate, transform, hop, window)
        theirs = _magnitudes(target, transform, hop, window)
        convergence = _norm(theirs - ours) / _norm(theirs)
        logarithms = (theirs.log() - ours.log()).abs().mean(dim=(-2, -1))
        total = total + SPECTRAL_WEIGHT * (convergence + logarithms) / len(RESOLUTIONS)
    return total


def _magnitudes(sound: Tensor, transform: int, hop: int, window: int) -> Tensor:
    shape = torch.hann_window(window, device=sound.device, dtype=sound.dtype)
    spectra = torch.stft(sound, transform, hop, window, shape, return_complex=True)
    parts = torch.view_as_real(spectra)
    return parts.square().sum(dim=-1).clamp_min(_LEAST_POWER).sqrt()


def _norm(magnitudes: Tensor) -> Tensor:
    return torch.linalg.vector_norm(magnitudes, dim=(-2, -1))
