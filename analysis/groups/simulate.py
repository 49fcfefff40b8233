"""Answers that a fitted group model would give: for tests against simulated data."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from jndlab.analysis.groups.model import Model
from jndlab.analysis.groups.predictor import fixed_part, predict
from jndlab.sigmoids import proportion_correct

Floats = NDArray[np.float64]


def simulate_counts(model: Model, point: Floats, rng: np.random.Generator) -> Floats:
    """Numbers of correct responses, shape (listeners, rows), of new listeners and items."""
    one = point[None]
    z = rng.standard_normal((1, model.n_listeners, 1, model.n_random))
    shift = None
    if model.item is not None and model.item_at is not None:
        outward = -model.sign if model.effects.psychometric else 1.0
        effects = outward * point[model.item_at] * rng.standard_normal(model.n_items)
        shift = effects[model.item][None, :, None, :]
    deviations = z @ model.factor(one)[:, None].swapaxes(2, 3)
    eta = predict(model, fixed_part(model, one), deviations, shift).eta[0, :, 0]
    rates = model.rates(one, 2)
    guess, lapse = np.ravel(rates.guess)[0], np.ravel(rates.lapse)[0]
    chance = proportion_correct(model.standard.cdf(eta), guess, lapse)
    trials = (model.correct + model.wrong).astype(int)
    return rng.binomial(trials, np.clip(chance, 0.0, 1.0)).astype(float)
