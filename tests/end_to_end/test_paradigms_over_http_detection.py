"""Yes/no and same-different over HTTP: d′ at each level, criterion and ROC are found again.

Two listeners by each rule of same-different trials. From the exported rows, per level and with
simultaneous intervals: d′ by :mod:`jndlab.analysis.detection` from hits and false alarms.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from jndlab.analysis import d_prime_yes_no, estimate_same_different, fit_rating_roc
from jndlab.listeners.ears import Ears
from jndlab.listeners.truth import SameDifferentRule
from tests.paradigm_studies import TRUTH, Row, Running, by_level, of_part

N_LISTENERS, SEED = 2, 4
N_STEPS = 4
HEARD = replace(TRUTH, lapse_rate=0.0, width=8.0)
RULES: tuple[SameDifferentRule, ...] = ("independent-observation", "differencing")


def counts(rows: list[Row], says: str) -> tuple[int, int, int, int]:
    """Hits, trials with a difference, false alarms, trials without."""
    signal = [row for row in rows if row["correct_response"] == says]
    noise = [row for row in rows if row["correct_response"] != says]
    assert len(signal) == len(noise) == len(rows) / 2  # balanced within each level
    said = [sum(row["response"] == says for row in some) for some in (signal, noise)]
    return said[0], len(signal), said[1], len(noise)


def true_d_primes(paradigms: Running) -> dict[float, float]:
    study = paradigms.studies["detection"]
    ears = Ears(study=study, truth=HEARD)
    return {level: ears.d_prime("bits", level) for level in study.condition("bits").levels}


@pytest.mark.parametrize("rule", RULES)
def test_same_different(paradigms: Running, rule: SameDifferentRule) -> None:
    truth = replace(HEARD, same_different=rule)
    rows = of_part(
        paradigms.take("detection", truth=truth, n_listeners=N_LISTENERS, seed=SEED),
        "same-different",
    )
    expected = true_d_primes(paradigms)
    for level, own in by_level(rows).items():
        found = estimate_same_different(
            *counts(own, "different"),
            model=rule.replace("-", "_"),
            coverage=1 - 0.05 / len(expected),
        )
        print(f"{rule} at {level:g}: {found.interval}, truth {expected[level]:.2f}")
        assert found.interval.low <= expected[level] <= found.interval.high
        if expected[level] > 2:
            assert found.interval.low > 0.5
        if rule == "differencing" and found.estimate > 0:
            assert abs(found.criterion - truth.criterion_of(rule)) < 0.75


def test_yes_no(paradigms: Running) -> None:
    rows = of_part(
        paradigms.take("detection", truth=HEARD, n_listeners=N_LISTENERS, seed=SEED), "yes-no"
    )
    expected = true_d_primes(paradigms)
    coverage = 1 - 0.05 / (2 * len(expected))
    for level, own in by_level(rows).items():
        found = d_prime_yes_no(*counts(own, "yes"), coverage=coverage)
        d_prime = expected[level]
        # One place on the axis, from where the middle between the two classes is at d′/2.
        criterion = HEARD.criterion_of("yes-no") - d_prime / 2
        print(f"yes/no at {level:g}: {found.interval}, truth {d_prime:.2f}")
        assert found.interval.low < d_prime < found.interval.high
        assert found.criterion_interval.low < criterion < found.criterion_interval.high


def test_confidence_goes_with_the_evidence(paradigms: Running) -> None:
    rows = of_part(
        paradigms.take("detection", truth=HEARD, n_listeners=N_LISTENERS, seed=SEED), "yes-no"
    )
    steps = range(1, N_STEPS + 1)
    categories = [("no", step) for step in reversed(steps)] + [("yes", step) for step in steps]

    def ratings(right: str) -> Callable[[list[Row]], list[int]]:
        def count(some: list[Row]) -> list[int]:
            said = [(row["response"], int(row["confidence"])) for row in some]
            return [
                sum(
                    one == category and row["correct_response"] == right
                    for one, row in zip(said, some, strict=True)
                )
                for category in categories
            ]

        return count

    expected = true_d_primes(paradigms)
    for level, own in by_level(rows).items():
        found = fit_rating_roc(
            ratings("no")(own), ratings("yes")(own), coverage=1 - 0.05 / len(expected)
        )
        assert found.interval.low < expected[level] < found.interval.high
        used = {row["confidence"] for row in own}
        assert len(used) == N_STEPS
