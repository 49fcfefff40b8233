"""Parameters and operations of MANNER against what is published, and against counting tools."""

from __future__ import annotations

import itertools

import pytest

from jndlab.compression.attention.claims import claims
from jndlab.compression.attention.counting import (
    FVCORE,
    MACS,
    THOP_NEW,
    THOP_OLD,
    count_operations,
    count_parameters,
    macs,
)
from jndlab.compression.attention.design import (
    MANNER_BASE,
    MANNER_LARGE,
    MANNER_SMALL,
    STUDENT,
    Design,
)
from jndlab.errors import CompressionError

SMALL_OF_DEPTH_3 = {60: 5.35, 48: 3.45, 36: 1.97, 24: 0.90, 18: 0.53, 12: 0.26}
SMALL_OF_DEPTH_4 = {48: 13.6, 36: 7.71, 30: 5.38, 24: 3.47, 18: 1.98, 15: 1.39, 12: 0.91}


def millions(design: Design) -> float:
    return count_parameters(design).count / 1e6


def giga(design: Design, seconds: int, rule=FVCORE) -> float:
    return count_operations(design, seconds * 16_000, rule) / 1e9


def test_parameters_are_the_published_ones():
    assert count_parameters(MANNER_SMALL).count == 21_253_921
    assert count_parameters(MANNER_BASE).count == 24_068_671
    assert count_parameters(MANNER_LARGE).count == 95_498_941
    assert count_parameters(STUDENT).count == 1_380_901


@pytest.mark.parametrize(("width", "published"), SMALL_OF_DEPTH_4.items())
def test_narrower_networks_of_depth_4(width, published):
    digits = 1 if published > 10 else 2
    assert round(millions(Design(hidden=width)), digits) == published


@pytest.mark.parametrize(("width", "published"), SMALL_OF_DEPTH_3.items())
def test_narrower_networks_of_depth_3(width, published):
    assert millions(Design(hidden=width, depth=3)) == pytest.approx(published, abs=0.0055)


def test_the_student_is_the_only_network_that_is_15_4_times_smaller():
    baseline = millions(MANNER_SMALL)
    fitting = [
        (depth, width)
        for depth, width in itertools.product(range(1, 7), range(6, 200))
        if round(baseline / millions(Design(hidden=width, depth=depth)), 1) == 15.4
    ]
    assert fitting == [(3, 30)]


def test_operations_are_those_of_thop():
    """As thop 0.0.31.post2005241907 and 0.1.1.post2209072238 print them for 4 s, times two."""
    assert count_operations(STUDENT, 64_000, THOP_OLD) == 8_125_318_456
    assert count_operations(MANNER_SMALL, 64_000, THOP_OLD) == 38_298_381_800
    assert count_operations(STUDENT, 64_000, THOP_NEW) == 8_180_515_808
    assert count_operations(MANNER_SMALL, 64_000, THOP_NEW) == 38_407_570_976


def test_the_published_ratio_of_operations():
    assert round(giga(STUDENT, 4, THOP_OLD), 1) == 8.1
    assert round(giga(MANNER_SMALL, 4, THOP_OLD) / giga(STUDENT, 4, THOP_OLD), 2) == 4.71
    assert 4.69 < giga(MANNER_SMALL, 4, THOP_NEW) / giga(STUDENT, 4, THOP_NEW) < 4.70


@pytest.mark.parametrize(
    ("design", "seconds", "counted"),
    [
        (STUDENT, 1, 0.761001696),
        (STUDENT, 4, 3.099570608),
        (STUDENT, 10, 8.076418384),
        (MANNER_SMALL, 1, 3.427760976),
        (MANNER_SMALL, 4, 13.597167216),
        (MANNER_BASE, 1, 7.265807536),
        (MANNER_BASE, 4, 38.57422024),
        (Design(hidden=12, depth=3), 1, 0.141326592),
        (Design(hidden=12), 1, 0.157671696),
    ],
)
def test_operations_are_those_of_fvcore(design, seconds, counted):
    """As fvcore 0.1.5.post20221221 counts our networks."""
    assert giga(design, seconds) == pytest.approx(counted, abs=1e-12)


def test_attention_across_chunks_grows_faster_than_the_clip():
    assert giga(MANNER_BASE, 10) == pytest.approx(145.7, abs=0.05)
    assert giga(MANNER_BASE, 10) > 3.7 * giga(MANNER_BASE, 4)
    assert giga(MANNER_SMALL, 10) == pytest.approx(34.1, abs=0.05)


def test_a_count_names_its_rule_and_length():
    counted = macs(STUDENT, 32_000)
    assert (counted.seconds, counted.rule) == (2.0, MACS.text)
    assert counted.macs == count_operations(STUDENT, 32_000)


@pytest.mark.parametrize("n_samples", [1, 7, 8, 9, 63, 64, 65, 1000, 16_000, 64_000])
@pytest.mark.parametrize("depth", [1, 2, 3, 4])
def test_padding_is_enough_and_survives_the_way_down_and_up(n_samples, depth):
    lengths = Design(hidden=12, depth=depth).lengths(n_samples)
    assert lengths[0] >= n_samples
    assert len(lengths) == depth + 1
    for above, below in itertools.pairwise(lengths):
        assert (above - 8) // 4 + 1 == below
        assert (below - 1) * 4 + 8 == above


def test_designs_that_cannot_be():
    with pytest.raises(CompressionError, match="too narrow"):
        Design(hidden=5, attention="every-level")
    with pytest.raises(CompressionError, match="width of at least 3"):
        Design(hidden=2, depth=2)
    with pytest.raises(CompressionError, match="levels"):
        Design(hidden=60, depth=0)
    with pytest.raises(CompressionError, match="attend"):
        Design(hidden=60, attention="nowhere")  # type: ignore[arg-type]


def test_claims_repeat_what_is_published():
    stated = {(claim.quantity, claim.claimed): claim for claim in claims()}
    assert stated["parameters of MANNER-S", "21.25 M"].recomputed == "21,253,921"
    assert stated["parameters of the student (our reconstruction)", "1.381 M"].recomputed == (
        "1,380,901"
    )
    assert stated["student's parameters against MANNER-S", "15.4x fewer"].recomputed.startswith(
        "15.39x"
    )
    operations = stated["student's floating-point operations against MANNER-S", "4.71x fewer"]
    assert operations.recomputed.startswith("4.71x: 38.30 G / 8.13 G; 4.70x")
    assert "thop 0.0.31" in operations.rule
    assert stated["the same by another tool's rule", "4.71x fewer"].recomputed == "4.39x"


def test_claims_say_what_nobody_could_find():
    statuses = {claim.quantity: claim.status for claim in claims()}
    assert statuses["weight β of the transfer"] == "not found"
    assert statuses["scores of MANNER-S"] == "uncheckable"
    assert all(claim.rule for claim in claims())
