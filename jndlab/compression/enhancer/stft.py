"""Short-time spectra that can be put together again, to the sample."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from jndlab.errors import CompressionError

Spectra = NDArray[np.complex128]
"""Shape (n_frames, n_bins)."""


@dataclass(frozen=True, slots=True)
class Framing:
    """Frames of ``frame`` samples every ``hop`` samples, half of a frame, with root-Hann windows.

    The window is used before the spectrum and again after it; its square, a periodic Hann
    window, sums to 1 over frames that overlap by half, so that unchanged spectra give the
    sound back.
    """

    frame: int = 512
    hop: int = 256

    def __post_init__(self) -> None:
        if self.frame < 2 or self.frame != 2 * self.hop:
            raise CompressionError(
                f"Frames of {self.frame} samples every {self.hop} cannot be put together again.",
                "The hop has to be half of the frame.",
            )

    @property
    def n_bins(self) -> int:
        return self.frame // 2 + 1

    @property
    def window(self) -> NDArray[np.float64]:
        """Shape (frame,): the root of a periodic Hann window, sin(πn/N)."""
        return np.sin(np.pi * np.arange(self.frame) / self.frame)

    def n_frames(self, n_samples: int) -> int:
        """So that every sample lies in two frames."""
        return -(-n_samples // self.hop) + 1

    def padding(self, n_samples: int) -> tuple[int, int]:
        """Silence to put before and after the sound."""
        whole = (self.n_frames(n_samples) + 1) * self.hop
        return self.hop, whole - self.hop - n_samples

    def analyse(self, sound: NDArray[np.float64]) -> Spectra:
        """(n_samples,) -> spectra of shape (n_frames, n_bins)."""
        padded = np.pad(sound, self.padding(sound.size))
        frames = np.lib.stride_tricks.sliding_window_view(padded, self.frame)[:: self.hop]
        return np.fft.rfft(frames * self.window)

    def synthesise(self, spectra: Spectra, n_samples: int) -> NDArray[np.float64]:
        """Spectra of :meth:`analyse` -> the sound, (n_samples,), aligned with the one before."""
        halves = (np.fft.irfft(spectra, self.frame) * self.window).reshape(-1, 2, self.hop)
        blocks = np.zeros((halves.shape[0] + 1, self.hop))
        blocks[:-1] += halves[:, 0]
        blocks[1:] += halves[:, 1]
        return blocks.reshape(-1)[self.hop : self.hop + n_samples]
