"""Which numbers of an ONNX graph are weights, and which precision is refused."""

import numpy as np
import pytest
from onnx import helper, numpy_helper

from jndlab.compression.models import onnx_weights
from jndlab.errors import CompressionError
from tests.compression.models import small_graphs as graphs


def test_initialisers_and_constants_are_weights_single_numbers_are_not() -> None:
    weights = onnx_weights.weights_of(graphs.smoother())
    assert {name: tensor.shape for name, tensor in weights.items()} == {
        "kernel": (1, 1, 3),
        "gains": (2,),
    }
    assert all(tensor.dtype == np.float32 for tensor in weights.values())


def test_weights_go_back_where_they_came_from() -> None:
    made = onnx_weights.normalised(graphs.smoother(), source="smooth")
    weights = onnx_weights.weights_of(made)
    changed = {name: tensor + 1 for name, tensor in weights.items()}
    again = onnx_weights.replaced(made, changed)
    for name, tensor in onnx_weights.weights_of(again).items():
        np.testing.assert_array_equal(tensor, weights[name] + 1)
    np.testing.assert_array_equal(onnx_weights.weights_of(made)["kernel"], graphs.KERNEL)
    assert numpy_helper.to_array(again.graph.initializer[-1]) == 0.0  # the tiny number stays


def test_equal_weights_give_equal_bytes_however_they_were_stored() -> None:
    def stored(raw: bool):
        made = graphs.smoother()
        values = graphs.KERNEL
        made.graph.initializer[0].CopyFrom(
            helper.make_tensor("kernel", graphs.FLOAT, values.shape, values.tobytes(), raw=True)
            if raw
            else helper.make_tensor("kernel", graphs.FLOAT, values.shape, values.reshape(-1))
        )
        return onnx_weights.normalised(made, source="smooth").SerializeToString(deterministic=True)

    assert stored(raw=True) == stored(raw=False)


def test_a_list_of_numbers_in_a_constant_is_a_weight() -> None:
    made = graphs.model(
        [
            helper.make_node("Constant", [], ["list"], value_floats=[1.0, 2.0, 3.0]),
            helper.make_node("Mul", ["noisy", "list"], ["enhanced"]),
        ],
        [graphs.port("noisy", 1, 3)],
        [graphs.port("enhanced", 1, 3)],
    )
    weights = onnx_weights.weights_of(onnx_weights.normalised(made, source="list"))
    np.testing.assert_array_equal(weights["list"], [1, 2, 3])


def test_weights_inside_branches_have_names_of_their_own() -> None:
    def branch(name: str, factor: float):
        return helper.make_graph(
            [helper.make_node("Mul", ["noisy", "w"], [name])],
            name,
            [],
            [graphs.port(name, 1, 3)],
            [numpy_helper.from_array(np.full(3, factor, np.float32), "w")],
        )

    made = graphs.model(
        [
            helper.make_node(
                "If",
                ["yes"],
                ["enhanced"],
                then_branch=branch("then", 2.0),
                else_branch=branch("else", 3.0),
            )
        ],
        [graphs.port("noisy", 1, 3)],
        [graphs.port("enhanced", 1, 3)],
        {"yes": np.array(True)},
    )
    weights = onnx_weights.weights_of(made)
    assert {name: tensor[0] for name, tensor in weights.items()} == {"w": 3.0, "w#2": 2.0}
    swapped = onnx_weights.replaced(made, {"w": weights["w#2"], "w#2": weights["w"]})
    found = onnx_weights.weights_of(swapped)
    assert {name: tensor[0] for name, tensor in found.items()} == {"w": 2.0, "w#2": 3.0}


def test_scales_of_a_resampling_and_what_is_kept_are_no_weights() -> None:
    made = graphs.model(
        [
            helper.make_node("Resize", ["noisy", "", "scales"], ["longer"]),
            helper.make_node("Mul", ["longer", "window"], ["enhanced"]),
        ],
        [graphs.port("noisy", 1, 1, 4)],
        [graphs.port("enhanced", 1, 1, 8)],
        {"scales": np.array([1, 1, 2], np.float32), "window": np.hanning(8).astype(np.float32)},
    )
    assert list(onnx_weights.weights_of(made)) == ["window"]
    assert not onnx_weights.weights_of(made, keep=["win*"])


@pytest.mark.parametrize(
    ("kind", "named"),
    [(np.float64, "float64"), (np.float16, "float16"), (np.int8, "int8"), (np.uint8, "uint8")],
)
def test_other_precisions_are_refused_by_name(kind, named) -> None:
    made = graphs.smoother()
    made.graph.initializer[0].CopyFrom(numpy_helper.from_array(graphs.KERNEL.astype(kind), "conv"))
    with pytest.raises(CompressionError, match=f"'conv' are {named}; only float32") as caught:
        onnx_weights.weights_of(made)
    assert "single precision" in caught.value.remedy
    assert onnx_weights.count_numbers(made) == 5


def test_sparse_weights_are_refused() -> None:
    made = graphs.smoother()
    made.graph.sparse_initializer.append(
        helper.make_sparse_tensor(
            numpy_helper.from_array(np.array([1.0], np.float32), "s"),
            numpy_helper.from_array(np.array([1], np.int64), "i"),
            [3],
        )
    )
    with pytest.raises(CompressionError, match="sparse"):
        onnx_weights.normalised(made, source="sparse.onnx")
