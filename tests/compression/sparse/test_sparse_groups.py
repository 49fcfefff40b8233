"""Groups of weights: which there are, which have vanished, what that saves."""

from __future__ import annotations

import numpy as np
import pytest

from jndlab.compression.sparse.groups import (
    group_labels,
    usual_groupings,
    vanished_groups,
    without_vanished,
)
from jndlab.errors import CompressionError


def test_groups_of_a_recurrent_matrix() -> None:
    shape = (6, 4)  # two units in three gates, four inputs
    assert group_labels(shape, "rows")[:, 0].tolist() == [0, 1, 2, 3, 4, 5]
    assert group_labels(shape, "columns")[5].tolist() == [0, 1, 2, 3]
    assert group_labels(shape, "gates")[:, 3].tolist() == [0, 0, 1, 1, 2, 2]
    assert group_labels(shape, "units")[:, 1].tolist() == [0, 1, 0, 1, 0, 1]
    assert group_labels((8, 2), "gates", 4)[:, 0].tolist() == [0, 0, 1, 1, 2, 2, 3, 3]


def test_an_output_channel_has_all_taps_of_all_inputs() -> None:
    labels = group_labels((3, 2, 5), "rows")
    assert labels.shape == (3, 2, 5)
    assert all((labels[channel] == channel).all() for channel in range(3))
    assert (group_labels((3, 2, 5), "columns")[:, 1] == 1).all()


def test_the_usual_groups_are_columns_of_recurrent_matrices_and_rows_of_others() -> None:
    weights = {
        "gru.weight_hh_l0": np.ones((6, 2), dtype=np.float32),
        "decoder.weight": np.ones((5, 2), dtype=np.float32),
        "conv.weight_hh": np.ones((5, 2, 3), dtype=np.float32),
        "gru.bias_hh_l0": np.ones(6, dtype=np.float32),
    }
    assert usual_groupings(weights) == {
        "gru.weight_hh_l0": "columns",
        "decoder.weight": "rows",
        "conv.weight_hh": "rows",
    }


def test_vanished_groups_and_the_multiplications_that_they_save() -> None:
    tensor = np.ones((6, 4), dtype=np.float32)
    tensor[:, 1] = 0
    tensor[:, 2] = 1e-4
    weights = {"w": tensor}
    [found] = vanished_groups(weights, {"w": "columns"})
    assert (found.n_groups, found.n_vanished, found.macs_saved) == (4, 1, 6)
    [found] = vanished_groups(weights, {"w": "columns"}, below=1e-2)
    assert (found.n_vanished, found.macs_saved) == (2, 12)
    cleared = without_vanished(weights, {"w": "columns"}, below=1e-2)
    assert not cleared["w"][:, 1:3].any()
    assert np.array_equal(cleared["w"][:, [0, 3]], tensor[:, [0, 3]])
    assert cleared["w"].dtype == np.float32
    [by_rows] = vanished_groups(weights, {"w": "rows"})
    assert by_rows.n_vanished == 0


@pytest.mark.parametrize(("shape", "grouping"), [((5,), "rows"), ((7, 2), "gates")])
def test_tensors_without_such_groups_are_refused(shape: tuple[int, ...], grouping: str) -> None:
    with pytest.raises(CompressionError, match="cannot be grouped"):
        group_labels(shape, grouping)  # type: ignore[arg-type]
