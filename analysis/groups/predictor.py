"""The linear parts d and ε of the curve and η = c + e^ε d, for many points and nodes at once."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from jndlab.analysis.groups.model import Model

Floats = NDArray[np.float64]


class Predictor(NamedTuple):
    """η with what its derivatives need; shape (points, listeners, nodes, rows)."""

    eta: Floats
    d: Floats
    growth: Floats | None
    """e^ε; None where it is 1 throughout, on the linear predictor."""


class FixedPart(NamedTuple):
    """What the fixed effects make of d and ε; shape (points, listeners, 1, rows)."""

    d: Floats
    e: Floats | None


class Column(NamedTuple):
    """How d or ε moves with one free number; broadcastable to (listeners, nodes, rows)."""

    values: Floats
    in_e: bool
    """It moves ε; otherwise d."""


def fixed_part(model: Model, points: Floats) -> FixedPart:
    """Fixed effects of ``points`` (points, free)."""
    n_d, n_e = model.fixed_d.shape[2], model.fixed_e.shape[2]
    d = np.tensordot(points[:, :n_d], model.fixed_d, axes=(1, 2)) + model.offset
    e = None
    if n_e:
        e = np.tensordot(points[:, n_d : n_d + n_e], model.fixed_e, axes=(1, 2))[:, :, None, :]
    return FixedPart(np.asarray(d[:, :, None, :]), e)


def predict(
    model: Model, fixed: FixedPart, effects: Floats, shift: Floats | None = None
) -> Predictor:
    """η where listeners deviate by ``effects`` = L z, shape (points, listeners, nodes, parts).

    ``shift``, broadcastable to the result, is added to d: what the items do.
    """
    d = fixed.d if shift is None else fixed.d + shift
    if model.n_random:
        d = d + effects @ model.random_d.swapaxes(1, 2)
    if fixed.e is None:
        return Predictor(eta=d, d=d, growth=None)
    e = fixed.e
    if model.n_random > 1:
        e = e + effects @ model.random_e.swapaxes(1, 2)
    growth = np.exp(np.clip(e, -300.0, 300.0))
    return Predictor(eta=model.standard.centre + growth * d, d=d, growth=growth)


def free_columns(model: Model, z: Floats) -> list[Column]:
    """By each of β, β′ and the entries of L, at ``z`` of shape (listeners, nodes, parts)."""
    columns = [Column(model.fixed_d[:, None, :, a], False) for a in range(model.fixed_d.shape[2])]
    columns += [Column(model.fixed_e[:, None, :, a], True) for a in range(model.fixed_e.shape[2])]
    for row, column in model.cells:
        in_e = model.effects.parts[row] == "log_width"
        source = model.random_e if in_e else model.random_d
        columns.append(Column(source[:, None, :, row] * z[:, :, None, column], in_e))
    return columns
