"""The axis: levels, sizes, facts; and the published figures by closed formulas."""

import numpy as np
import pytest

from jndlab.compression.axis import order_levels
from jndlab.compression.seofp.axis import LEVELS, Seofp, signal_to_error_db
from jndlab.compression.seofp.claims import blstm_parameters, claims, fcn_parameters, kilobytes
from jndlab.compression.seofp.format import bits_of
from jndlab.compression.weights import FLOAT_BITS
from jndlab.errors import CompressionError


@pytest.fixture
def weights():
    """Of several scales, as a trained network's: all of one scale may fit a coarser grid better."""
    rng = np.random.default_rng(0)
    scales = np.exp(rng.normal(-2, 0.8, (60, 40)))
    return {
        "matrix": (scales * rng.standard_normal((60, 40))).astype(np.float32),
        "bias": np.zeros(60, dtype=np.float32),
    }


def test_default_levels_run_from_least_to_most_compressed(weights):
    method = Seofp()
    assert order_levels(method.default_levels, method.compression) == LEVELS
    compressed = [method.compress(weights, level) for level in LEVELS]
    sizes = [one.storage.bits for one in compressed]
    assert sizes == sorted(sizes, reverse=True)
    noise = [signal_to_error_db(weights, one.weights) for one in compressed]
    assert noise == sorted(noise, reverse=True)
    assert noise[0] > 40
    assert noise[-1] < 10
    assert {one.parameters.count for one in compressed} == {60 * 40 + 60}


def test_facts_of_sign_and_exponent(weights):
    facts = Seofp().compress(weights, 0).facts
    assert facts["bits per weight before the exponent stage"] == 9
    assert facts["bits per weight"] == 1 + facts["bits of an exponent code"]
    assert facts["share of zeros"] == pytest.approx(60 / 2460)
    assert facts["multiplies by integer addition"] == "yes"
    magnitudes = np.abs(Seofp().compress(weights, 0).weights["matrix"])
    assert facts["largest exponent (in steps)"] == np.log2(magnitudes.max())
    assert facts["smallest exponent (in steps)"] == np.log2(magnitudes.min())
    assert facts["signal-to-error ratio of the weights (dB)"] == pytest.approx(14.2, abs=0.5)


def test_all_bits_change_nothing_and_claim_no_ratio(weights):
    compressed = Seofp().compress(weights, 23)
    assert np.array_equal(bits_of(compressed.weights["matrix"]), bits_of(weights["matrix"]))
    assert not any("signal-to-error" in name for name in compressed.facts)


def test_roundings_differ_and_are_named(weights):
    rules = {Seofp(rounding=rounding).rule for rounding in ("nearest", "eofp", "chop")}
    assert len(rules) == 3
    noise = [
        signal_to_error_db(weights, Seofp(rounding=rounding).compress(weights, 2).weights)
        for rounding in ("nearest", "eofp", "chop")
    ]
    assert noise == sorted(noise, reverse=True)


@pytest.mark.parametrize("level", [24, 1.5, -4])
def test_levels_out_of_range_are_refused(weights, level):
    with pytest.raises(CompressionError):
        Seofp().compress(weights, level)


def test_unknown_roundings_and_weights_are_refused(weights):
    with pytest.raises(CompressionError, match="no rounding"):
        Seofp(rounding="up")
    with pytest.raises(CompressionError, match="not finite"):
        Seofp().compress({"w": np.float32([1.0, np.nan])}, 0)


def test_published_counts_and_sizes():
    assert blstm_parameters() == 2_877_929
    assert fcn_parameters() == 450_301
    assert round(kilobytes(blstm_parameters(), FLOAT_BITS)) == 11_242
    assert round(kilobytes(blstm_parameters(), 6)) == 2_108
    assert round(kilobytes(fcn_parameters(), 7)) == 385
    assert round(100 * (1 - 2_108 / 11_242), 3) == 81.249


def test_what_is_called_exact_is_equal_to_the_digit():
    found = claims()
    exact = [one for one in found if one.status == "exact"]
    assert len(exact) == 11
    assert all(one.claimed == one.recomputed and one.rule for one in exact)
    assert {"81.249 %", "21.89 %", "18.75 %", "2,108 KB", "385 KB"} <= {
        one.claimed for one in exact
    }


def test_what_cannot_be_known_is_not_computed():
    rest = [one for one in claims() if one.status != "exact"]
    assert {one.status for one in rest} == {"uncheckable", "not found"}
    assert not any(one.recomputed for one in rest)
    assert [one.claimed for one in rest if one.status == "uncheckable"] == ["1.212x"]
    assert not any(one.claimed for one in rest if one.status == "not found")


def test_the_networks_built_have_the_published_counts():
    torch = pytest.importorskip("torch")
    nn = torch.nn
    lstm = nn.LSTM(257, 257, num_layers=2, bidirectional=True)
    dense = nn.Sequential(nn.Linear(514, 300), nn.Linear(300, 257))
    one_bias = sum(p.numel() for name, p in lstm.named_parameters() if "bias_hh" not in name)
    assert one_bias + sum(p.numel() for p in dense.parameters()) == blstm_parameters()
    convolutions = [nn.Conv1d(1 if layer == 0 else 30, 30, 55) for layer in range(10)]
    fcn = nn.Sequential(
        *convolutions, nn.Conv1d(30, 1, 55), *(nn.BatchNorm1d(30) for _ in range(10))
    )
    counted = [t.numel() for t in fcn.state_dict().values() if t.is_floating_point()]
    assert sum(counted) == fcn_parameters()
