"""Groups of weights that can be deleted together, and what it saves when they vanish.

Single zeros make a file smaller; a row or column of zeros also saves its multiplications. Which
groups Tan & Wang (2021) used was not found: all of the usual ones are offered.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from jndlab.compression.sparse.pruning import matrices_of
from jndlab.compression.weights import Weight, Weights
from jndlab.errors import CompressionError

Grouping = Literal["rows", "columns", "gates", "units"]
"""rows: all that leads to one output (an output channel of a convolution); columns: all that comes
from one input; gates: the rows of one gate of a recurrent matrix; units: the rows of one unit in
all gates."""

GATES = {"gru": 3, "lstm": 4}


@dataclass(frozen=True, slots=True, kw_only=True)
class Vanished:
    """Groups of one matrix that are gone."""

    name: str
    n_groups: int
    n_vanished: int
    macs_saved: int
    """Multiply-accumulate operations that are saved each time the matrix is used: one per weight
    of a group that is gone."""


def usual_grouping(name: str, tensor: Weight) -> Grouping:
    """Columns of a recurrent network's matrices (named as torch does), rows of all others."""
    is_recurrent = tensor.ndim == 2 and ("weight_hh" in name or "weight_ih" in name)
    return "columns" if is_recurrent else "rows"


def usual_groupings(weights: Weights) -> dict[str, Grouping]:
    """The same for all matrices of a model."""
    return {name: usual_grouping(name, weights[name]) for name in matrices_of(weights)}


def group_labels(
    shape: tuple[int, ...], grouping: Grouping, n_gates: int = GATES["gru"]
) -> NDArray[np.int64]:
    """The number of its group for every weight, of the tensor's shape.

    ``n_gates``: blocks that the rows of a recurrent matrix consist of. Raises CompressionError for
    a tensor that has no such groups.
    """
    if len(shape) < 2 or (grouping in ("gates", "units") and shape[0] % n_gates):
        raise CompressionError(
            f"Weights of shape {shape} cannot be grouped by {grouping}.",
            f"Group by rows or columns; gates need rows in {n_gates} equal blocks.",
        )
    rows, columns = np.indices(shape[:2])
    n_units = shape[0] // n_gates
    labels = {
        "rows": rows,
        "columns": columns,
        "gates": rows // max(n_units, 1),
        "units": rows % max(n_units, 1),
    }[grouping]
    further = labels.reshape(labels.shape + (1,) * (len(shape) - 2))
    return np.broadcast_to(further, shape).astype(np.int64)


def vanished_groups(
    weights: Weights,
    groupings: Mapping[str, Grouping],
    *,
    below: float = 0.0,
    reference: Weights | None = None,
) -> tuple[Vanished, ...]:
    """Per matrix, the groups whose root mean square is at most ``below`` times the matrix's.

    ``reference``: where the matrix is taken from, such as the model before a regularised training,
    in which all groups may have shrunk.
    """
    reference = reference or weights
    found = []
    for name, grouping in groupings.items():
        labels = group_labels(weights[name].shape, grouping)
        gone = _gone(weights[name], labels, below * _rms(reference[name]))
        sizes = np.bincount(labels.ravel())
        found.append(
            Vanished(
                name=name,
                n_groups=sizes.size,
                n_vanished=int(np.count_nonzero(gone)),
                macs_saved=int(sizes[gone].sum()),
            )
        )
    return tuple(found)


def without_vanished(
    weights: Weights,
    groupings: Mapping[str, Grouping],
    *,
    below: float,
    reference: Weights | None = None,
) -> dict[str, Weight]:
    """The weights with those groups set to zero; a gradient alone never brings them there."""
    reference = reference or weights
    cleared = dict(weights)
    for name, grouping in groupings.items():
        labels = group_labels(weights[name].shape, grouping)
        gone = _gone(weights[name], labels, below * _rms(reference[name]))
        cleared[name] = np.where(gone[labels], np.float32(0), weights[name])
    return cleared


def _gone(tensor: Weight, labels: NDArray[np.int64], limit: float) -> NDArray[np.bool_]:
    squares = tensor.astype(np.float64) ** 2
    sizes = np.bincount(labels.ravel())
    means = np.bincount(labels.ravel(), weights=squares.ravel()) / sizes
    return np.asarray(np.sqrt(means) <= limit)


def _rms(tensor: Weight) -> float:
    return float(np.sqrt(np.mean(tensor.astype(np.float64) ** 2)))
