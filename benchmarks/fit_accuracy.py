"""Errors of interval ends against dense integration, beside psignifit's.

    python benchmarks/fit_accuracy.py [--quick] [--json FILE]

Binomial two-interval fits under the default priors (the same in both programs). The truth is a
plain sum over 400 × 240 × 80 cells of the whole support. Errors are in per cent of the length of
the 95 % interval. Without psignifit its columns are empty. Half a minute; --quick: fewer cells.
"""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
from printing import arguments, finish, show
from scipy.special import ndtr

from jndlab.analysis import fit_psychometric

Z95 = 1.6448536269514722
DATA = {
    "6 levels x 40": (range(1, 7), [21, 23, 29, 33, 38, 39], [40] * 6),
    "7 levels x 20, lapses": (range(1, 8), [11, 10, 14, 17, 18, 19, 18], [20] * 7),
    "8 levels x 40": (range(1, 9), [20, 22, 24, 25, 30, 35, 37, 39], [40] * 8),
    "5 levels x 10": (range(1, 6), [4, 6, 7, 9, 10], [10] * 5),
    "8 levels x 60, steep": (range(1, 9), [31, 29, 30, 33, 52, 59, 60, 59], [60] * 8),
    "6 levels x 30, off-centre": (range(1, 7), [18, 25, 28, 29, 30, 29], [30] * 6),
    "5 levels x 20, flat": (range(1, 6), [10, 9, 12, 11, 13], [20] * 5),
}


def dense(levels: Any, n_correct: Any, n_trials: Any, cells: tuple[int, int, int]) -> Any:
    """Ends of 95 % intervals of threshold and width by summing over cells."""
    levels, k, n = (np.array(list(v), dtype=float) for v in (levels, n_correct, n_trials))
    places = (levels - levels[0]) / (levels[-1] - levels[0])
    spacing = float(np.diff(places).min())
    threshold = np.linspace(-0.5, 1.5, 2 * cells[0] + 1)
    log_width = np.linspace(np.log(spacing), np.log(3.0), 2 * cells[1] + 1)
    root = np.linspace(0.0, 1.0, 2 * cells[2] + 1)[1::2]
    lapse, width = 0.5 * root**2, np.exp(log_width[1::2])
    mass = np.empty((cells[0], cells[1]))
    prior_lapse = (1.0 - lapse) ** 9 * root
    rising, falling = np.clip((width - spacing) / spacing, 0, 1), np.clip((width - 1) / 2, 0, 1)
    prior_width = (np.sin(np.pi * rising / 2) * np.cos(np.pi * falling / 2)) ** 2 * width
    for i, m in enumerate(threshold[1::2]):
        heard = ndtr(2 * Z95 * (places - m) / width[:, None])[:, None, :]
        psi = 0.5 + (0.5 - lapse[:, None]) * heard
        value = np.log(psi) @ k + np.log1p(-psi) @ (n - k)
        beyond = min(max(-m, m - 1.0, 0.0), 0.5)
        mass[i] = (np.exp(value + n.sum() * 0.3) * prior_lapse).sum(axis=1) * prior_width
        mass[i] *= np.cos(np.pi * beyond) ** 2
    scale = levels[-1] - levels[0]

    def ends(marginal: Any, edges: Any) -> Any:
        cumulative = np.concatenate([[0.0], np.cumsum(marginal)])
        return np.interp([0.025, 0.975], cumulative / cumulative[-1], edges)

    return (
        levels[0] + scale * ends(mass.sum(axis=1), threshold[::2]),
        scale * np.exp(ends(mass.sum(axis=0), log_width[::2])),
    )


def psignifit_ends(levels: Any, n_correct: Any, n_trials: Any) -> Any:
    try:
        from psignifit import psignifit
    except ImportError:
        return None
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        fit = psignifit(
            np.column_stack([list(levels), n_correct, n_trials]),
            sigmoid="norm",
            experiment_type="2AFC",
            fixed_parameters={"eta": 0.0},
        )
    return [fit.confidence_intervals[name]["0.95"] for name in ("threshold", "width")]


def errors(ends: Any, truth: Any) -> str:
    share = 100.0 * (np.asarray(ends) - truth) / (truth[1] - truth[0])
    return f"{share[0]:+.2f}, {share[1]:+.2f}"


def main() -> None:
    options = arguments(__doc__)
    cells = (200, 120, 40) if options.quick else (400, 240, 80)
    rows, worst = [], 0.0
    for name, data in DATA.items():
        truths = dense(*data, cells)
        fit = fit_psychometric(*data, paradigm="2afc", overdispersion=False)
        theirs = psignifit_ends(*data)
        row: dict[str, Any] = {"data": name}
        for i, parameter in enumerate(("threshold", "width")):
            interval = fit.interval(parameter)
            ends = (interval.low, interval.high)
            row[f"{parameter}, jndlab"] = errors(ends, truths[i])
            row[f"{parameter}, psignifit"] = "" if theirs is None else errors(theirs[i], truths[i])
            length = truths[i][1] - truths[i][0]
            worst = max(worst, float(np.max(np.abs(np.array(ends) - truths[i])) / length))
        rows.append(row)
    show(rows)
    print(f"jndlab's largest error: {worst:.2%} of the length")
    finish(options, rows)


if __name__ == "__main__":
    main()
