"""Tuning of codebooks: the weights that share an entry move as one. Needs torch.

The gradient of an entry is the sum of its members' gradients (Han, Mao & Dally 2016, section 3.3).
Every member gets that sum as its own gradient; so members take equal steps under any optimiser.
Zeros stay.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager

import numpy as np
import torch
from torch import Tensor, nn

from jndlab.compression.sparse.layout import patterns_of


class SharedWeights:
    """Equal weights of the named parameters, held equal. Use as ``after_step`` of a training."""

    def __init__(self, module: nn.Module, names: Iterable[str]) -> None:
        parameters = dict(module.named_parameters())
        self._shared = {name: _Shared(parameters[name]) for name in names}

    def __call__(self, module: nn.Module, step: int) -> None:
        """Make members equal to the bit again: vectorised steps may differ in the last one."""
        parameters = dict(module.named_parameters())
        with torch.no_grad():
            for name, shared in self._shared.items():
                shared.tie(parameters[name])

    @contextmanager
    def gradients(self, module: nn.Module) -> Iterator[None]:
        """Within, every backward pass gives each member the sum over its entry."""
        parameters = dict(module.named_parameters())
        handles = [
            parameters[name].register_hook(shared.summed) for name, shared in self._shared.items()
        ]
        try:
            yield
        finally:
            for handle in handles:
                handle.remove()


class _Shared:
    """Which weights of a tensor share an entry. If there are zeros, theirs is the first."""

    def __init__(self, parameter: Tensor) -> None:
        patterns = patterns_of(parameter.detach().cpu().numpy()).ravel()
        distinct, first, labels = np.unique(patterns, return_index=True, return_inverse=True)
        self.has_zero = bool(distinct[0] == 0)
        self.first = torch.from_numpy(first)
        self.labels = torch.from_numpy(labels.ravel())

    def summed(self, gradient: Tensor) -> Tensor:
        labels = self.labels.to(gradient.device)
        sums = torch.zeros(self.first.numel(), dtype=gradient.dtype, device=gradient.device)
        sums = sums.index_add(0, labels, gradient.flatten())
        if self.has_zero:
            sums[0] = 0
        return sums[labels].view_as(gradient)

    def tie(self, parameter: Tensor) -> None:
        flat = parameter.flatten()
        entries = flat[self.first.to(flat.device)]
        if self.has_zero:
            entries[0] = 0
        parameter.copy_(entries[self.labels.to(flat.device)].view_as(parameter))
