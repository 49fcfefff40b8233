"""Simulation-based calibration: with truths from the prior, are intervals exactly nominal?

    python benchmarks/calibration.py [--quick] [--json FILE] [--sets N]

Talts, Betancourt, Simpson, Vehtari & Gelman 2018, arXiv 1804.06788. Parameters are drawn from the
default priors, data from the curve, and the place of each truth within its posterior is counted in
twenty bins of equal probability: all must hold 5 %. 2,000 data sets per design, a minute of CPU
time; --quick 400. Seeds: the number of the design.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from printing import arguments, finish, show
from scipy.special import chdtrc

from jndlab.analysis import fit_many
from jndlab.analysis.fits.priors import threshold_prior, width_prior
from jndlab.sigmoids import get_sigmoid, proportion_correct, sigmoid

BINS = 20
SHARES = np.arange(1, BINS) / BINS
DESIGNS = (
    {"sigmoid": "norm", "levels": 6, "trials": 30, "paradigm": "2afc"},
    {"sigmoid": "logistic", "levels": 5, "trials": 10, "paradigm": "2afc"},
    {"sigmoid": "gumbel", "levels": 8, "trials": 60, "paradigm": "3afc"},
    {"sigmoid": "norm", "levels": 7, "trials": 40, "paradigm": "yes_no"},
)
NAMES = ("threshold", "width", "slope", "lapse_rate", "guess_rate", "overdispersion")


def draw_priors(n: int, spacing: float, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Thresholds and widths by rejection, on an axis whose tested levels run from 0 to 1."""
    thresholds, widths = [], []
    while len(thresholds) < n:
        threshold, width = rng.uniform(-0.5, 1.5, 4 * n), rng.uniform(0.0, 3.0, 4 * n)
        density = np.exp(
            threshold_prior(threshold).value + width_prior(np.log(width), spacing=spacing).value
        )
        kept = rng.random(4 * n) < density
        thresholds += list(threshold[kept])
        widths += list(width[kept])
    return np.array(thresholds[:n]), np.array(widths[:n])


def beta_below(n: int, limit: float, rng: np.random.Generator) -> np.ndarray:
    draws = rng.beta(1.0, 10.0, 4 * n)
    return draws[draws < limit][:n]


def ranks(design: dict[str, Any], n_sets: int, seed: int) -> dict[str, np.ndarray]:
    """Bin of each truth within its posterior, per parameter: shape (data sets,)."""
    rng = np.random.default_rng(seed)
    levels = np.linspace(0.0, 1.0, design["levels"])
    threshold, width = draw_priors(n_sets, levels[1], rng)
    lapse, eta = beta_below(n_sets, 0.5, rng), beta_below(n_sets, 0.95, rng)
    guess = {"2afc": 0.5, "3afc": 1 / 3}.get(design["paradigm"], 0.0)
    guesses = beta_below(n_sets, 0.5, rng) if guess == 0.0 else np.full(n_sets, guess)
    heard = sigmoid(design["sigmoid"], levels, threshold[:, None], width[:, None])
    right = np.clip(proportion_correct(heard, guesses[:, None], lapse[:, None]), 1e-9, 1 - 1e-9)
    nu = 1.0 / eta[:, None] ** 2 - 1.0
    counts = rng.binomial(design["trials"], rng.beta(right * nu, (1.0 - right) * nu))
    fits = fit_many(
        levels,
        counts,
        [design["trials"]] * len(levels),
        paradigm=design["paradigm"],
        sigmoid=design["sigmoid"],
    )
    family = get_sigmoid(design["sigmoid"])
    density = float(family.density(np.asarray(family.centre))) * family.span
    truths = {
        "threshold": threshold,
        "width": width,
        "slope": (1.0 - guesses - lapse) * density / width,
        "lapse_rate": lapse,
        "guess_rate": guesses,
        "overdispersion": eta,
    }
    return {
        name: (fits.curves.quantiles(name, SHARES) < truths[name][:, None]).sum(axis=1)
        for name in NAMES
        if name != "guess_rate" or guess == 0.0
    }


def main() -> None:
    options = arguments(__doc__, sets=("data sets per design", 0))
    n_sets = options.sets or (400 if options.quick else 2000)
    rows = []
    for seed, design in enumerate(DESIGNS):
        for name, bins in ranks(design, n_sets, seed).items():
            histogram = np.bincount(bins, minlength=BINS)
            chi_square = float(((histogram - n_sets / BINS) ** 2 / (n_sets / BINS)).sum())
            tails = np.mean(bins == 0), np.mean(bins == BINS - 1)
            rows.append(
                {
                    **design,
                    "parameter": name,
                    "in 90 % interval": f"{1 - sum(tails):.1%}",
                    "below, above": f"{tails[0]:.1%}, {tails[1]:.1%}",
                    "p (even ranks)": f"{chdtrc(BINS - 1, chi_square):.3f}",
                    "ranks": "".join(
                        "▁▂▃▄▅▆▇█"[min(7, int(h / n_sets * BINS * 4))] for h in histogram
                    ),
                }
            )
    show(rows)
    finish(options, rows)


if __name__ == "__main__":
    main()
