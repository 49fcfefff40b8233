"""Power and expected trials of a plan, against simulated studies and closed forms."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import binom

from jndlab.analysis.inference.sequential_group import (
    plan_group_sequential,
    plan_group_sequential_equivalence,
)
from jndlab.analysis.inference.sequential_power import group_sequential_power
from jndlab.errors import DataError


def test_two_looks_by_hand() -> None:
    plan = plan_group_sequential([10, 20], chance=0.5, spending="pocock")
    first, last = plan.boundaries.upper
    p = 0.7
    early = binom.sf(first - 1, 10, p)
    late = sum(binom.pmf(k, 10, p) * binom.sf(last - 1 - k, 10, p) for k in range(first))
    power = group_sequential_power(plan, p)
    assert power.different[0] == pytest.approx(early + late)
    assert power.expected_trials[0] == pytest.approx(20 - 10 * early)
    assert power.stop_at_look[0] == pytest.approx([early, 1 - early])


def test_simulated_studies_agree() -> None:
    plan = plan_group_sequential_equivalence([60, 120, 180], paradigm="abx", bound=0.65)
    design, n_studies = plan.boundaries, 10_000
    rng = np.random.default_rng(7)
    steps = np.diff([0, *design.looks])
    counts = np.cumsum(rng.binomial(steps, 0.55, (n_studies, len(steps))), axis=1)
    verdicts = {"different": 0, "equivalent": 0, "both": 0, "undecided": 0}
    trials = 0
    for study in counts:
        for look, count in enumerate(study):
            high, low = count >= design.upper[look], count <= design.lower[look]
            if high or low or look == len(steps) - 1:
                name = "both" if high and low else "different" if high else "equivalent"
                verdicts[name if high or low else "undecided"] += 1
                trials += design.looks[look]
                break
    power = group_sequential_power(plan, 0.55)
    for name, number in verdicts.items():
        expected = getattr(power, name)[0]
        error = 4 * np.sqrt(expected * (1 - expected) / n_studies) + 1e-12
        assert abs(number / n_studies - expected) < error, name
    assert trials / n_studies == pytest.approx(power.expected_trials[0], rel=0.02)


@pytest.mark.parametrize("proportion", [-0.1, [0.5, 1.2], float("nan"), "half", [[0.5]]])
def test_impossible_proportions_are_refused(proportion: object) -> None:
    plan = plan_group_sequential([10, 20], chance=0.5)
    with pytest.raises(DataError):
        group_sequential_power(plan, proportion)  # type: ignore[arg-type]
