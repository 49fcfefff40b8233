"""Names of random effects, and answers simulated from a model."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.special import ndtr

from jndlab.analysis.groups.counts import pack_counts
from jndlab.analysis.groups.effects import RANDOM_EFFECTS, get_random_effects
from jndlab.analysis.groups.model import build_model
from jndlab.analysis.groups.simulate import simulate_counts
from jndlab.errors import FitError

from .dense import LEVELS


@pytest.mark.parametrize(
    ("name", "canonical"),
    [
        (None, "none"),
        ("Intercept", "intercept"),
        ("intercept + slope", "slope"),
        ("threshold+slope", "threshold+width"),
        ("slope_only", "slope-only"),
    ],
)
def test_names_and_aliases(name: str | None, canonical: str) -> None:
    assert get_random_effects(name) == RANDOM_EFFECTS[canonical]


def test_uncorrelated() -> None:
    assert get_random_effects("slope", correlated=False).correlated is False
    assert get_random_effects("intercept", correlated=False) == RANDOM_EFFECTS["intercept"]
    with pytest.raises(FitError, match="no random effects"):
        get_random_effects("pitch")


def test_simulated_answers_have_the_spread_of_the_model() -> None:
    """4,000 listeners, seed 1: proportions and their variance over listeners, by quadrature."""
    n_listeners, n_trials = 4000, 10
    person, place = np.indices((n_listeners, 6))
    counts = pack_counts(
        person.ravel(), LEVELS[place.ravel()], np.zeros(person.size), np.full(person.size, 10)
    )
    model = build_model(
        counts,
        get_random_effects("intercept"),
        sigmoid="norm",
        direction="rises",
        guess_rate=0.5,
        lapse_rate=0.02,
        lapse_prior=None,
    )
    point = np.array([0.3, 1.5, 0.8])
    answers = simulate_counts(model, point, np.random.default_rng(1))
    z = np.linspace(-8, 8, 801)
    weight = np.exp(-0.5 * z**2)
    weight /= weight.sum()
    chance = 0.5 + 0.48 * ndtr(0.3 + 1.5 * (LEVELS - 3.5) / 2.5 + 0.8 * z[:, None])
    mean = weight @ chance
    spread = weight @ chance**2 - mean**2
    variance = mean * (1 - mean) / n_trials + spread * (1 - 1 / n_trials)
    np.testing.assert_allclose((answers / n_trials).mean(axis=0), mean, atol=0.012)
    np.testing.assert_allclose((answers / n_trials).var(axis=0), variance, rtol=0.12)
