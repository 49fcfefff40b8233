"""Matrix products and a whole enhancer by addition: equal to float products to the last bit."""

import sys

import numpy as np
import pytest

from jndlab.compression.enhancer.network import GruMaskModel, weight_shapes
from jndlab.compression.enhancer.stft import Framing
from jndlab.compression.seofp.format import bits_of, round_fraction
from jndlab.compression.seofp.inference import by_adding, product_by_adding
from jndlab.compression.seofp.levels import NumberFormat
from jndlab.compression.seofp.product import AddingProduct, Prepared, product_in_order
from jndlab.errors import CompressionError, MissingExtra


def compiled():
    pytest.importorskip("numba")
    return product_by_adding("compiled")


def compiled_float():
    pytest.importorskip("numba")
    from jndlab.compression.seofp.kernels import CompiledFloatProduct

    return CompiledFloatProduct()


ARITHMETICS = (AddingProduct, compiled, compiled_float)


def activations(kind, n_in=19):
    rng = np.random.default_rng(4)
    x = rng.standard_normal((7, n_in))
    return {
        "ordinary": x,
        "after a ReLU": np.maximum(x, 0),
        "zeros": 0 * x,
        "no rows": x[:0],
        "one row": x[:1],
        "underflow": x * 1e-38,
        "denormal": x * 1e-42,
        "overflow": np.clip(x, -3, 3) * 1e38,
    }[kind].astype(np.float32)


def weights(share_of_zeros, n_out=23, n_in=19, scale=0.1):
    rng = np.random.default_rng(5)
    w = round_fraction(rng.normal(0, scale, (n_out, n_in)).astype(np.float32), 0)
    w[rng.random(w.shape) < share_of_zeros] = 0
    return w.T  # as models hand them over: a view, not in C order


@pytest.mark.parametrize("make", ARITHMETICS)
@pytest.mark.parametrize("share_of_zeros", [0, 0.3, 1])
@pytest.mark.parametrize(
    "kind",
    [
        "ordinary",
        "after a ReLU",
        "zeros",
        "no rows",
        "one row",
        "underflow",
        "denormal",
        "overflow",
    ],
)
def test_a_matrix_product_is_that_of_float_in_the_same_order(make, share_of_zeros, kind):
    x, w = activations(kind), weights(share_of_zeros, scale=2.0 if kind == "overflow" else 0.1)
    with np.errstate(all="ignore"):
        wanted = product_in_order(x, w)
        found = make()(x, w)
    assert found.shape == (x.shape[0], 23)
    assert found.dtype == np.float32
    is_nan = np.isnan(wanted)  # of infinities of both signs
    assert np.array_equal(np.isnan(found), is_nan)
    assert np.array_equal(bits_of(found)[~is_nan], bits_of(wanted)[~is_nan])


@pytest.mark.parametrize("make", ARITHMETICS)
def test_infinite_activations_are_those_of_float(make):
    x = np.array([[1.0, np.inf, 0.0], [np.inf, -np.inf, 1.0], [np.nan, 0.0, 1.0]], np.float32)
    w = np.array([[1.0, 2.0, 0.5], [0.0, 0.0, 1.0], [1.0, 0.5, -2.0]], np.float32).T
    with np.errstate(all="ignore"):
        wanted = product_in_order(x, w)
        found = make()(x, w)
    assert np.array_equal(found, wanted, equal_nan=True)
    assert np.isinf(wanted).any()
    assert np.isnan(wanted).any()


def test_against_another_order_of_sums_only_rounding_is_left():
    x, w = activations("ordinary", 300), weights(0, 50, 300)
    exact = x.astype(np.float64) @ w.astype(np.float64)
    bound = 300 * 2.0**-24 * (np.abs(x).astype(np.float64) @ np.abs(w))
    assert (np.abs(AddingProduct()(x, w) - exact) <= bound).all()


def test_parts_of_a_large_product_are_joined():
    x = np.random.default_rng(6).standard_normal((70, 200)).astype(np.float32)
    w = weights(0.1, 200, 200)  # 2.8 million terms: three parts
    assert np.array_equal(AddingProduct()(x, w), product_in_order(x, w))


def test_weights_are_prepared_once_and_told_apart():
    product = AddingProduct()
    one, other = weights(0).T, 2 * weights(0).T
    assert product.prepare(one.T) is product.prepare(one.T)
    assert product.prepare(one.T) is not product.prepare(other.T)
    assert product.prepare(one) is not product.prepare(one.T)


def test_a_range_is_safe_only_if_no_product_can_leave_it():
    prepared = Prepared.of(np.float32([[2.0**-100], [2.0**100]]))
    for value, is_safe in ((1.0, True), (2.0**-26, True), (2.0**-27, False), (2.0**28, False)):
        assert prepared.is_safe(bits_of(np.float32([[value, 0.0]]))) == is_safe, value


def tiny(level):
    rng = np.random.default_rng(7)
    shapes = weight_shapes(33, 12, 2)
    raw = {name: rng.normal(0, 0.4, shape).astype(np.float32) for name, shape in shapes.items()}
    return GruMaskModel(
        name="tiny",
        weights=NumberFormat.at(level).round_all(raw),
        framing=Framing(64, 32),
        hidden=12,
        layers=2,
    )


@pytest.mark.parametrize("arithmetic", ["numpy", "compiled"])
@pytest.mark.parametrize("level", [0, -1])
def test_a_whole_enhancer_by_addition_gives_the_same_sound(arithmetic, level):
    if arithmetic == "compiled":
        pytest.importorskip("numba")
    noisy = np.random.default_rng(8).normal(0, 0.1, 3000)
    noisy[1000:1500] = 0  # silence: activations of zero
    model = tiny(level)
    added = by_adding(model, arithmetic).enhance(noisy)
    assert np.array_equal(added, model.with_product(product_in_order).enhance(noisy))
    ordinary = model.enhance(noisy)
    assert np.abs(added - ordinary).max() < 1e-6 * np.abs(ordinary).max()
    assert np.abs(added - noisy).max() > 0.01  # it does enhance


def test_an_enhancer_with_other_weights_is_refused_by_name():
    with pytest.raises(CompressionError, match=r"'encoder\.weight': .*powers of two"):
        by_adding(tiny(3))


def test_missing_numba_names_the_extra(monkeypatch):
    monkeypatch.setitem(sys.modules, "numba", None)
    with pytest.raises(MissingExtra, match=r"kernels"):
        product_by_adding("compiled")
