"""Published claims: the table of sizes is exact, the rest is marked for what it is."""

from __future__ import annotations

from collections import Counter

from jndlab.compression.sparse.claims import claims


def test_the_table_of_sizes_comes_out_to_the_last_digit() -> None:
    table = [claim for claim in claims() if claim.paper.startswith("Size of")]
    assert len(table) == 10
    assert {claim.status for claim in table} == {"exact"}
    assert table[-1].recomputed == "0.49 bits per weight, 65.8x"


def test_what_was_not_found_is_called_so() -> None:
    rest = [claim for claim in claims() if not claim.paper.startswith("Size of")]
    assert Counter(claim.status for claim in rest) == {"uncheckable": 5, "not found": 4}
    for claim in rest:
        assert claim.rule
        assert bool(claim.claimed) == (claim.status == "uncheckable")


def test_the_relatives_share_of_the_size_is_about_a_tenth() -> None:
    [size] = [claim for claim in claims() if claim.quantity == "size of the compressed FCN"]
    assert size.recomputed == "9.97x smaller"
