"""Coverage of 95 % intervals of threshold, width and slope over a grid of designs.

    python benchmarks/coverage.py [--quick] [--json FILE] [--sets N] [--psignifit N]

Every cell: data sets from one fixed true curve, fitted with the defaults (posterior, beta-binomial,
default priors), beside maximum likelihood without lapses (Wald intervals), the commonest practice.
"low" and "high" count truths below and above the interval: 2.5 % each are nominal. --profile N
fits the first N data sets of every cell by maximum likelihood too (beta-binomial, free lapse rate,
profile intervals, some 40 ms each), --psignifit N those of every eighth cell with psignifit 4.3 (a
second each). 2,000 sets a
cell take some 40 minutes on one core, --quick (100 sets) two. Seeds: the number of the cell.
"""

from __future__ import annotations

import itertools
import time
import warnings
from typing import Any

import numpy as np
from printing import arguments, finish, show

from jndlab.analysis import fit_many
from jndlab.analysis.fits.likelihood import prepare
from jndlab.analysis.fits.surface import Surface
from jndlab.sigmoids import get_sigmoid, proportion_correct, sigmoid

SIGMOIDS = ("norm", "logistic", "gumbel", "weibull")
DESIGNS = ((5, 10), (5, 60), (8, 10), (8, 60))
LAPSES = (0.0, 0.04, 0.08)
OVERDISPERSIONS = (0.0, 0.2)
PLACES = {"centred": 0.5, "off-centre": 0.25}
WIDTH = 0.6
"""Of the tested range."""
NAMES = ("threshold", "width", "slope")


def cells() -> list[dict[str, Any]]:
    return [
        {
            "sigmoid": family,
            "levels": n_levels,
            "trials": n_trials,
            "lapse": lapse,
            "eta": eta,
            "place": place,
        }
        for family, (n_levels, n_trials), lapse, eta, place in itertools.product(
            SIGMOIDS, DESIGNS, LAPSES, OVERDISPERSIONS, PLACES
        )
    ]


def truth_of(cell: dict[str, Any]) -> tuple[np.ndarray, dict[str, float], np.ndarray]:
    """Levels, true parameters and true proportions of a cell."""
    log_level = get_sigmoid(cell["sigmoid"]).log_level
    places = np.linspace(0.0, 1.0, cell["levels"])
    levels = np.exp(places) if log_level else places
    threshold = np.exp(PLACES[cell["place"]]) if log_level else PLACES[cell["place"]]
    right = proportion_correct(
        sigmoid(cell["sigmoid"], levels, threshold, WIDTH), 0.5, cell["lapse"]
    )
    step = 1e-6
    ends = proportion_correct(
        sigmoid(cell["sigmoid"], [threshold - step, threshold + step], threshold, WIDTH),
        0.5,
        cell["lapse"],
    )
    slope = float((ends[1] - ends[0]) / (2.0 * step))
    return levels, {"threshold": threshold, "width": WIDTH, "slope": slope}, right


def draw(cell: dict[str, Any], right: np.ndarray, n_sets: int, seed: int) -> np.ndarray:
    rng = np.random.default_rng(seed)
    shape = (n_sets, len(right))
    if cell["eta"] > 0.0:
        nu = 1.0 / cell["eta"] ** 2 - 1.0
        right = np.clip(right, 1e-9, 1.0 - 1e-9)
        right = rng.beta(right * nu, (1.0 - right) * nu, shape)
    return rng.binomial(cell["trials"], right, shape)


def misses(low: np.ndarray, high: np.ndarray, truth: float) -> str:
    """Coverage, and the shares of truths below and above, in per cent."""
    below, above = np.mean(truth < low), np.mean(~(truth <= high))
    return f"{100 * (1 - below - above):.1f} ({100 * below:.1f}, {100 * above:.1f})"


def wald(cell: dict[str, Any], levels: np.ndarray, counts: np.ndarray) -> tuple[Any, Any]:
    """95 % Wald interval of the threshold by maximum likelihood with the lapse rate at 0."""
    fits = fit_many(
        levels,
        counts,
        [cell["trials"]] * len(levels),
        paradigm="2afc",
        sigmoid=cell["sigmoid"],
        method="ml",
        lapse_rate=0.0,
        overdispersion=False,
    )
    design, points = fits.curves.design, fits.curves.modes.points
    prepared = prepare(fits.curves.n_correct, fits.curves.n_trials, binomial=True)
    hessian = Surface.of(design, use_prior=False).at(points, prepared).hessian
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        determinant = hessian[:, 0, 0] * hessian[:, 1, 1] - hessian[:, 0, 1] ** 2
        half = 1.96 * np.sqrt(-hessian[:, 1, 1] / determinant)
    ends = [design.to_level(points[:, 0] + sign * half) for sign in (-1.0, 1.0)]
    return ends[0], ends[1]


def psignifit_misses(cell: dict[str, Any], levels: Any, counts: Any, truth: float) -> str:
    from psignifit import psignifit

    ends = []
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for row in counts:
            x = np.log(levels) if cell["sigmoid"] == "weibull" else levels
            data = np.column_stack([x, row, [cell["trials"]] * len(levels)])
            fit = psignifit(data, sigmoid=cell["sigmoid"], experiment_type="2AFC")
            ends.append(fit.confidence_intervals["threshold"]["0.95"])
    low, high = np.array(ends).T
    return misses(low, high, np.log(truth) if cell["sigmoid"] == "weibull" else truth)


def main() -> None:
    options = arguments(
        __doc__,
        sets=("data sets per cell", 0),
        profile=("data sets per cell for profile likelihoods", 0),
        psignifit=("data sets per eighth cell for psignifit", 0),
    )
    n_sets = options.sets or (100 if options.quick else 2000)
    rows = []
    start = time.process_time()
    for seed, cell in enumerate(cells()):
        levels, truth, right = truth_of(cell)
        counts = draw(cell, right, n_sets, seed)
        trials = [cell["trials"]] * len(levels)
        model = {"paradigm": "2afc", "sigmoid": cell["sigmoid"]}
        fits = fit_many(levels, counts, trials, **model)
        row = dict(cell)
        for name in NAMES:
            interval = fits.interval(name)
            row[name] = misses(interval.low, interval.high, truth[name])
        row["threshold, ML, lapse 0"] = misses(*wald(cell, levels, counts), truth["threshold"])
        if options.profile:
            some = counts[: options.profile]
            fits = fit_many(levels, some, trials, method="ml", **model)
            for name in NAMES:
                interval = fits.interval(name)
                row[f"{name}, profile"] = misses(interval.low, interval.high, truth[name])
        row["threshold, psignifit"] = ""
        if options.psignifit and seed % 8 == 0:
            row["threshold, psignifit"] = psignifit_misses(
                cell, levels, counts[: options.psignifit], truth["threshold"]
            )
        rows.append(row)
    show(rows)
    for name in NAMES:
        shares = [float(str(row[name]).split()[0]) for row in rows]
        inside = sum(94.0 <= share <= 97.0 for share in shares)
        print(
            f"{name}: {min(shares):.1f} to {max(shares):.1f} % over {len(rows)} cells of {n_sets}; "
            f"{inside} cells between 94 and 97 %"
        )
    print(f"{time.process_time() - start:.0f} s of CPU time")
    finish(options, rows)


if __name__ == "__main__":
    main()
