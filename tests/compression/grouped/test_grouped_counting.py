"""Published sizes and costs, from formulas and from the networks themselves."""

from __future__ import annotations

import pytest

from jndlab.compression.grouped.counting import (
    blocks_of,
    dprnn_tasnet,
    frames_of,
    gc3_dprnn,
    gc3_tcn,
    gc3_transformer,
    gc3_ublock,
    groupcomm_dprnn,
)
from jndlab.compression.grouped.layers import gru, lstm, tac


def test_published_sizes() -> None:
    assert dprnn_tasnet().parameters.count == 2_620_288
    assert groupcomm_dprnn(16).parameters.count == 73_536
    assert gc3_tcn().parameters.count == 191_168
    assert gc3_dprnn(layers=6).parameters.count == 102_182
    assert gc3_dprnn(layers=8).parameters.count == 123_772
    assert gc3_transformer(layers=6).count == 105_830
    assert gc3_transformer(layers=8).count == 128_636
    assert gc3_ublock().count == 56_474


@pytest.mark.parametrize(
    ("groups", "parameters", "giga"),
    [
        (2, 3_890_944, 63.3),
        (4, 989_184, 32.4),
        (8, 258_688, 16.9),
        (16, 73_536, 9.18),
        (32, 25_984, 5.3),
    ],
)
def test_family_over_the_number_of_groups(groups: int, parameters: int, giga: float) -> None:
    cost = groupcomm_dprnn(groups)
    assert cost.parameters.count == parameters
    assert cost.operations.macs / 1e9 == pytest.approx(giga, rel=0.005)


def test_ratios_of_the_headline() -> None:
    plain, grouped = dprnn_tasnet(), groupcomm_dprnn(16)
    assert round(plain.parameters.count / grouped.parameters.count, 1) == 35.6
    assert plain.operations.macs == 21_259_701_888
    assert grouped.operations.macs == 9_182_959_104
    assert round(plain.operations.macs / grouped.operations.macs, 1) == 2.3
    assert plain.operations.seconds == 4.0
    assert "ptflops" in plain.operations.rule


def test_operations_grow_in_proportion_to_the_length() -> None:
    ratio = gc3_tcn(seconds=40.0).operations.macs / gc3_tcn(seconds=4.0).operations.macs
    assert ratio == pytest.approx(10, rel=0.01)


def test_frames_and_blocks_as_the_public_code_pads() -> None:
    assert frames_of(64_000) == 4002
    assert 24 * blocks_of(4002, 24) == 8064


def test_counts_of_single_layers_against_torch() -> None:
    torch = pytest.importorskip("torch")
    from jndlab.compression.grouped.communication import TransformAverageConcatenate

    with torch.device("meta"):
        recurrent = torch.nn.LSTM(5, 7, bidirectional=True)
        gated = torch.nn.GRU(5, 7)
        talking = TransformAverageConcatenate(8, 48)
        attention = torch.nn.MultiheadAttention(8, 4)
    assert lstm(5, 7).parameters == _size(recurrent)
    assert gru(5, 7).parameters == _size(gated)
    assert tac(8, 48, 16).parameters == _size(talking) == 3579
    assert _size(attention) == 4 * (8 * 8 + 8)


def test_formulas_count_what_the_networks_hold() -> None:
    torch = pytest.importorskip("torch")
    from jndlab.compression.grouped import separation

    with torch.device("meta"):
        networks = {
            dprnn_tasnet(): separation.dprnn_tasnet(),
            gc3_tcn(): separation.gc3_tasnet("tcn"),
            gc3_dprnn(layers=6): separation.gc3_tasnet("dprnn", layers=6),
            gc3_dprnn(layers=8): separation.gc3_tasnet("dprnn", layers=8),
        } | {groupcomm_dprnn(k): separation.groupcomm_dprnn(k) for k in (2, 4, 8, 16, 32)}
    for cost, network in networks.items():
        assert _size(network) == cost.parameters.count


def _size(module: object) -> int:
    return sum(parameter.numel() for parameter in module.parameters())  # type: ignore[attr-defined]
