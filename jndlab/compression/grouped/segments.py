"""Half-overlapped segments of a sequence, and back. Imports torch."""

from __future__ import annotations

from torch import Tensor, nn

from jndlab.compression.grouped.counting import padding_of


def split_segments(features: Tensor, size: int) -> Tensor:
    """(batch, width, time) to (batch, width, size, segments); half a segment of zeros in front."""
    half = size // 2
    padded = nn.functional.pad(features, (half, padding_of(features.shape[-1], size) + half))
    return padded.unfold(-1, size, half).transpose(2, 3)


def join_segments(segments: Tensor, length: int) -> Tensor:
    """The sum of the overlapping segments, cut to the original length: (batch, width, length)."""
    batch, width, size, number = segments.shape
    half = size // 2
    joined = nn.functional.fold(
        segments.reshape(batch, width * size, number),
        output_size=(1, (number - 1) * half + size),
        kernel_size=(1, size),
        stride=(1, half),
    )
    return joined[:, :, 0, half : half + length]
