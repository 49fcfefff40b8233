"""Sparse-group lasso as an addition to the loss of a training. Needs torch.

    λ1 · mean |w| + λ2 · Σ_g sqrt(n_g) · ‖w_g‖₂ / G

over all weights of the named matrices, g their groups of n_g weights, G the number of groups
(Simon et al. 2013, Eq. 3, scaled so that λ do not depend on the size of a model). The first term
makes single weights small, the second whole groups. The λ of Tan & Wang (2021) were not found.
"""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import Tensor, nn

from jndlab.compression.sparse.groups import Grouping, group_labels, usual_groupings
from jndlab.compression.training.saving import weights_of
from jndlab.errors import CompressionError

_TINY = 1e-24
"""Smallest squared norm: below it the gradient is zero, as it may be at zero, and never NaN."""


class SparseGroupLasso:
    """The penalty; an instance is an ``extra_loss`` of the training loop."""

    def __init__(
        self,
        module: nn.Module,
        *,
        lambda1: float,
        lambda2: float,
        groupings: Mapping[str, Grouping] | None = None,
    ) -> None:
        """``groupings``: matrices that it holds for; none given, all of them, as is usual.

        Raises CompressionError for a negative λ or a name that is no parameter.
        """
        if lambda1 < 0 or lambda2 < 0:
            raise CompressionError(
                f"λ1 = {lambda1:g}, λ2 = {lambda2:g}: a penalty cannot be negative.",
                "Name numbers from 0.",
            )
        self.lambda1, self.lambda2 = lambda1, lambda2
        self.groupings = dict(groupings or usual_groupings(weights_of(module)))
        parameters = dict(module.named_parameters())
        for name in self.groupings:
            if name not in parameters:
                raise CompressionError(
                    f"The model has no parameter {name!r}.",
                    f"Its parameters are: {', '.join(parameters)}.",
                )
        self._labels = {
            name: torch.from_numpy(group_labels(tuple(parameters[name].shape), grouping)).flatten()
            for name, grouping in self.groupings.items()
        }
        self._sizes = {name: torch.bincount(labels) for name, labels in self._labels.items()}

    def __call__(self, module: nn.Module, noisy: Tensor, clean: Tensor, estimate: Tensor) -> Tensor:
        """The penalty on the module as it is; the sounds do not matter."""
        return self.penalty(module)

    def penalty(self, module: nn.Module) -> Tensor:
        """A scalar that can be differentiated."""
        parameters = dict(module.named_parameters())
        device = parameters[next(iter(self.groupings))].device
        magnitudes = torch.zeros((), device=device)
        norms = torch.zeros((), device=device)
        for name, labels in self._labels.items():
            flat = parameters[name].flatten()
            sizes = self._sizes[name].to(device)
            squares = torch.zeros(sizes.numel(), device=device)
            squares = squares.index_add(0, labels.to(device), flat.square())
            magnitudes = magnitudes + flat.abs().sum()
            norms = norms + (sizes.sqrt() * squares.clamp_min(_TINY).sqrt()).sum()
        n_weights = sum(labels.numel() for labels in self._labels.values())
        n_groups = sum(sizes.numel() for sizes in self._sizes.values())
        return self.lambda1 * magnitudes / n_weights + self.lambda2 * norms / n_groups
