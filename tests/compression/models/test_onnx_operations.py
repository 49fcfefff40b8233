"""Multiply-accumulates of ONNX graphs against counts by hand."""

import numpy as np
import pytest
from onnx import helper

from jndlab.compression.models.onnx_layout import OnnxOptions
from jndlab.compression.models.onnx_model import OnnxModel
from tests.compression.models import small_graphs as graphs


def of(*models, **options) -> OnnxModel:
    names = [f"part_{number}.onnx" for number, _ in enumerate(models, start=1)]
    return OnnxModel(models, names=names, options=OnnxOptions(**options))


def test_a_convolution_over_a_clip() -> None:
    count = of(graphs.smoother(), rate_hz=100).operations(50)
    assert count is not None
    assert (count.macs, count.seconds) == (50 * 3, 0.5)
    assert "one multiply-accumulate per product" in count.rule


def test_a_recurrent_layer_and_a_matrix_per_frame() -> None:
    count = of(graphs.gated(frame=4, hidden=3)).operations(41)
    assert count is not None
    assert count.macs == 11 * (3 * 3 * (4 + 3) + 3 * 4)


def product(operator: str, shapes: dict[str, tuple[int, ...]], **attributes):
    tensors = {name: np.ones(shape, np.float32) for name, shape in shapes.items()}
    return graphs.model(
        [helper.make_node(operator, ["noisy", *shapes], ["enhanced"], **attributes)],
        [graphs.port("noisy", 1, 1, 4)]
        if "Conv" in operator or operator == "LSTM"
        else [graphs.port("noisy", 1, 4)],
        [graphs.port("enhanced", None, None)],
        tensors,
    )


@pytest.mark.parametrize(
    ("made", "macs"),
    [
        (product("MatMul", {"w": (4, 6)}), 4 * 6),
        (product("Gemm", {"w": (6, 4), "b": (6,)}, transB=1), 4 * 6),
        (product("Conv", {"w": (5, 1, 2)}, strides=[2]), 2 * 5 * 2),
        (product("ConvTranspose", {"w": (1, 5, 2)}, strides=[2]), 4 * 5 * 2),
        (product("LSTM", {"w": (1, 8, 4), "r": (1, 8, 2)}, hidden_size=2), 8 * (4 + 2)),
        (product("Add", {"w": (4,)}), 0),
    ],
)
def test_operators_one_by_one(made, macs) -> None:
    count = of(made, kind="streaming").operations(4)
    assert count is not None
    assert count.macs == macs


@pytest.mark.parametrize(
    "made",
    [
        product("Einsum", {"w": (4, 4)}, equation="ij,jk->ik"),
        product("MatMul", {"w": (4, 4)}, domain="com.other"),
    ],
)
def test_no_count_rather_than_a_wrong_one(made) -> None:
    assert of(made, kind="streaming").operations(4) is None


def test_chained_parts_are_counted_by_block() -> None:
    made = of(graphs.mask_part(5, 1.0), graphs.block_part(8))
    count = made.operations(16)
    assert count is not None
    assert count.macs == 0.0  # products of element by element only
    assert made.layout.n_frames(16) == 11  # until the last sample is in four blocks
