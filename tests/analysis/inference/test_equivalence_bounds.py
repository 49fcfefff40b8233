"""Bounds of equivalence claims on three scales."""

from __future__ import annotations

import pytest

from jndlab.analysis.inference.equivalence_bounds import BoundOn, bound_scale, require_bound
from jndlab.errors import DataError


@pytest.mark.parametrize("paradigm", ["2afc", "3afc", "8afc", "abx", "oddity", "duo_trio"])
@pytest.mark.parametrize(
    ("bound_on", "value"), [("proportion_correct", 0.7), ("d_prime", 0.8), ("discriminators", 0.2)]
)
def test_there_and_back(paradigm: str, bound_on: BoundOn, value: float) -> None:
    scale = bound_scale(paradigm, bound_on=bound_on)
    bound = require_bound(value, scale)
    assert scale.value(bound.proportion) == pytest.approx(value, abs=1e-9)
    assert bound.proportion + bound.mirrored == pytest.approx(2 * scale.chance)


def test_at_chance_and_below_nothing_is_heard() -> None:
    for bound_on in ("d_prime", "discriminators"):
        scale = bound_scale("oddity", bound_on=bound_on)  # type: ignore[arg-type]
        assert scale.value(1 / 3) == 0.0
        assert scale.value(0.1) == 0.0


@pytest.mark.parametrize(
    ("bound_on", "value"),
    [
        ("d_prime", 0.0),
        ("d_prime", 60.0),
        ("discriminators", 0.0),
        ("discriminators", 1.2),
        ("proportion_correct", 1 / 3),
        ("proportion_correct", 60.0),
    ],
)
def test_bounds_that_no_data_could_tell(bound_on: BoundOn, value: float) -> None:
    with pytest.raises(DataError, match="bound of"):
        require_bound(value, bound_scale("oddity", bound_on=bound_on))
