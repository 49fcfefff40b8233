"""Same-different: d′ from two rates under both models."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.special import ndtr, ndtri

from jndlab.analysis.detection.convert import d_prime
from jndlab.analysis.detection.same_different import d_prime_of_distance, d_prime_same_different
from jndlab.errors import DataError
from tests.analysis.reference import entries, needs_reference

IO, DIFF = "independent_observation", "differencing"
# psyphy 0.3 dprime.SD(H, FA, method = "diff" | "IO"), polished.
PUBLISHED = {(0.8, 0.4): (2.3496495, 1.8496569), (0.9, 0.2): (3.6242882, 2.8342249)}


@pytest.mark.parametrize("rates", PUBLISHED)
def test_published_values(rates) -> None:
    differencing, independent = PUBLISHED[rates]
    assert float(d_prime_same_different(*rates, model=DIFF)) == pytest.approx(
        differencing, abs=1e-6
    )
    assert float(d_prime_same_different(*rates, model=IO)) == pytest.approx(independent, abs=1e-6)
    assert d_prime_same_different(*rates) == d_prime_same_different(*rates, model=IO)


@needs_reference
def test_every_reference_value_of_two_rates() -> None:
    items = [item for item in entries("dprime") if "hit_rate" in item["data"]]
    assert items
    for item in items:
        for model in (IO, DIFF):
            found = d_prime_same_different(
                item["data"]["hit_rate"], item["data"]["false_alarm_rate"], model=model
            )
            assert float(found) == pytest.approx(
                item["result"][f"dprime_{model}"], abs=item["tolerance"]["dprime"]
            )


@pytest.mark.parametrize("k", [0.2, 1.0, 2.5, 6.0])
def test_differencing_undoes_its_formula(k) -> None:
    d = np.linspace(0.05, 7, 140)
    hits = ndtr((d - k) / np.sqrt(2)) + ndtr((-d - k) / np.sqrt(2))
    kept = hits < 1 - 1e-9
    found = d_prime_same_different(hits[kept], 2 * ndtr(-k / np.sqrt(2)), model=DIFF)
    np.testing.assert_allclose(found, d[kept], atol=1e-6)


def test_unbiased_rates_agree_with_the_proportion_correct() -> None:
    p = np.linspace(0.5, 0.999, 50)
    np.testing.assert_allclose(
        d_prime_same_different(p, 1 - p, model=IO),
        d_prime(p, paradigm="same_different", model=IO),
        atol=1e-7,
    )
    assert float(d_prime_of_distance(np.array(20.0))) == pytest.approx(20.13, abs=0.01)


def test_more_false_alarms_than_hits() -> None:
    assert d_prime_same_different(0.4, 0.8, model=IO) == -d_prime_same_different(0.8, 0.4, model=IO)
    assert d_prime_same_different(0.4, 0.8, model=DIFF) == 0.0
    assert d_prime_same_different([0.3, 0.5], [0.3, 0.5], model=DIFF).tolist() == [0.0, 0.0]
    assert d_prime_same_different([0.3, 0.5], [0.3, 0.5], model=IO).tolist() == [0.0, 0.0]


def test_extreme_rates_are_infinite() -> None:
    for model in (IO, DIFF):
        found = d_prime_same_different([1.0, 0.5, 1.0], [0.2, 0.0, 0.0], model=model)
        assert found.tolist() == [np.inf] * 3
    assert float(d_prime_same_different(ndtr(3.0), ndtr(-3.0))) > 5


def test_wrong_input_is_refused() -> None:
    with pytest.raises(DataError, match="between 0 and 1"):
        d_prime_same_different(80, 40)
    with pytest.raises(DataError, match="between 0 and 1"):
        d_prime_same_different(np.nan, 0.4)
    with pytest.raises(DataError, match="both 0 or both 1"):
        d_prime_same_different([0.5, 1.0], [0.2, 1.0], model=DIFF)
    with pytest.raises(DataError, match="no decision model"):
        d_prime_same_different(0.8, 0.4, model="diff")


def test_simulated_biased_differencer() -> None:
    """Seed 20260305: a listener with a lax criterion is read aright by the right model."""
    rng, n, d, k = np.random.default_rng(20260305), 400_000, 1.5, 0.9
    hits = np.mean(np.abs(rng.normal(d, 1, n) - rng.normal(size=n)) > k)
    alarms = np.mean(np.abs(rng.normal(size=n) - rng.normal(size=n)) > k)
    assert float(d_prime_same_different(hits, alarms, model=DIFF)) == pytest.approx(d, abs=0.02)
    assert float(d_prime_same_different(hits, alarms, model=IO)) < d - 0.1
    assert float(ndtri(hits) - ndtri(alarms)) < d
