"""The loss that MANNER is trained with."""

from __future__ import annotations

import pytest

torch = pytest.importorskip("torch")
torch.set_num_threads(1)

from jndlab.compression.attention.enhancement import (  # noqa: E402
    SHORTEST,
    waveform_and_spectra,
    weighted_loss,
)
from jndlab.errors import CompressionError  # noqa: E402


def noise(*shape: int, seed: int = 1):
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed)) * 0.1


def test_the_clean_speech_itself_has_no_loss():
    clean, noisy = noise(2, 4000), noise(2, 4000, seed=2)
    assert weighted_loss(clean, clean, noisy).item() == pytest.approx(0.0, abs=1e-6)


def test_half_the_speech_misses_by_half():
    """Spectral convergence 0.5, log magnitude ln 2, and half of the mean absolute value."""
    clean = noise(1, 4000)
    expected = clean.abs().mean() / 2 + 0.5 * (0.5 + torch.log(torch.tensor(2.0)))
    assert waveform_and_spectra(clean / 2, clean).item() == pytest.approx(expected.item(), rel=0.01)


def test_loss_is_weighted_by_the_energies_of_speech_and_noise():
    clean, disturbance = noise(1, 4000), noise(1, 4000, seed=2)
    for gain in (0.1, 1.0, 3.0):
        noisy = clean + gain * disturbance
        estimate = clean + 0.01 * noise(1, 4000, seed=3)
        share = clean.square().sum() / (clean.square() + (noisy - clean).square()).sum()
        expected = share * waveform_and_spectra(estimate, clean) + (
            1 - share
        ) * waveform_and_spectra(noisy - estimate, noisy - clean)
        assert weighted_loss(estimate, clean, noisy).item() == pytest.approx(
            expected.item(), rel=1e-4
        )


def test_silence_has_a_finite_loss_and_slope():
    clean = torch.zeros(1, 2000)
    estimate = torch.full((1, 2000), 1e-3, requires_grad=True)
    loss = weighted_loss(estimate, clean, torch.zeros(1, 2000))
    loss.backward()
    assert torch.isfinite(loss)
    assert torch.isfinite(estimate.grad).all()


def test_excerpts_must_be_longer_than_half_the_longest_transform():
    short = noise(1, SHORTEST - 1)
    with pytest.raises(CompressionError, match="too short"):
        weighted_loss(short, short, short)
    enough = noise(1, SHORTEST)
    assert torch.isfinite(weighted_loss(enough, enough, enough))
