"""Where a training runs."""

from __future__ import annotations

import torch

from jndlab.errors import CompressionError


def require_device(device: str) -> None:
    """Raises CompressionError for a device that torch cannot use here."""
    try:
        torch.empty(1, device=device)
    except (RuntimeError, AssertionError):
        raise CompressionError(
            f"Torch cannot use the device {device!r} here.",
            "Train on the processor (cpu), or install a build of torch for your card.",
        ) from None
