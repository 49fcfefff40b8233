"""The published figures of group communication and what they come to."""

from __future__ import annotations

from jndlab.compression.grouped.claims import claims


def test_headlines() -> None:
    found = {claim.quantity: claim for claim in claims()}
    smaller = found["times smaller than DPRNN-TasNet, K = 16"]
    assert (smaller.claimed, smaller.status) == ("35.6x", "exact")
    assert smaller.recomputed == "35.63x: 2,620,288 / 73,536"
    cheaper = found["times fewer operations than DPRNN-TasNet, K = 16"]
    assert cheaper.recomputed == "2.32x: 21.26 / 9.18 GMACs"
    assert "ptflops" in cheaper.rule
    assert "4 s" in cheaper.rule


def test_nothing_recomputed_is_passed_off_as_published() -> None:
    for claim in claims():
        assert claim.rule
        if claim.status in {"uncheckable", "not found"}:
            assert not (claim.claimed and claim.recomputed)
        else:
            assert claim.claimed
            assert claim.recomputed


def test_what_does_not_agree_says_so() -> None:
    differing = {claim.quantity: claim for claim in claims() if claim.status == "differs"}
    block = differing["parameters of Sudo rm -rf + GC3"]
    assert (block.claimed, block.recomputed) == ("60.0 K", "56,474")
    assert "unresolved" in block.rule


def test_sizes_of_table_v_round_to_what_is_printed() -> None:
    for claim in claims():
        if claim.quantity.startswith("parameters of") and claim.status == "within rounding":
            printed, unit = claim.claimed.split()
            scale = {"K": 1e3, "M": 1e6}[unit]
            assert f"{int(claim.recomputed.replace(',', '')) / scale:.1f}" == printed


def test_quantities_are_named_once_per_paper() -> None:
    keys = [(claim.paper, claim.quantity) for claim in claims()]
    assert len(keys) == len(set(keys))
