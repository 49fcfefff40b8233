"""CPU time of psychometric fits beside psignifit's, in one run on one machine.

    python benchmarks/fit_speed.py [--quick] [--json FILE]

Needs ``pip install psignifit==4.3`` for the comparison; without it jndlab's own times are printed.
One full-posterior fit (beta-binomial, default priors, the box of the posterior located by the fit
itself, all intervals read), alternating with psignifit's, medians of CPU time; then batches of
2,000 data sets of one design. Takes about a minute, --quick some 20 seconds. Seed 1.
"""

from __future__ import annotations

import time
import warnings
from collections.abc import Callable
from statistics import median
from typing import Any

import numpy as np
from printing import arguments, finish, peak_memory_mib, show

from jndlab.analysis import fit_many, fit_psychometric

LEVELS = [1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0]
TRIALS = [40] * 8
TWO_INTERVAL = [20, 22, 24, 25, 30, 35, 37, 39]
YES_NO = [2, 5, 10, 15, 22, 30, 35, 38]
SEED = 1


def cpu_seconds(work: Callable[[], Any]) -> float:
    start = time.process_time()
    work()
    return time.process_time() - start


def ours(counts: list[int], paradigm: str) -> None:
    fit = fit_psychometric(LEVELS, counts, TRIALS, paradigm=paradigm)
    for name in ("threshold", "width", "lapse_rate", "overdispersion", "slope"):
        fit.estimate(name)
        fit.interval(name)


def peer() -> Callable[[list[int], str], None] | None:
    try:
        import psignifit
    except ImportError:
        return None

    def fit(counts: list[int], experiment: str) -> None:
        data = np.column_stack([LEVELS, counts, TRIALS])
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            psignifit.psignifit(data, sigmoid="norm", experiment_type=experiment)

    return fit


def main() -> None:
    options = arguments(__doc__)
    rounds = 3 if options.quick else 9
    psignifit = peer()
    rows = []
    for name, counts, paradigm, experiment in (
        ("2AFC, 8 levels, one fit", TWO_INTERVAL, "2afc", "2AFC"),
        ("yes/no, 8 levels, one fit", YES_NO, "yes_no", "yes/no"),
    ):
        ours(counts, paradigm)  # the first call imports and fills caches
        mine, theirs = [], []
        for _ in range(rounds):
            mine.append(cpu_seconds(lambda c=counts, p=paradigm: ours(c, p)))
            if psignifit is not None:
                theirs.append(cpu_seconds(lambda c=counts, e=experiment: psignifit(c, e)))
        rows.append(
            {
                "what": name,
                "jndlab": f"{1e3 * median(mine):.1f} ms",
                "psignifit 4.3": f"{1e3 * median(theirs):.0f} ms" if theirs else "not installed",
                "ratio": f"{median(theirs) / median(mine):.0f}" if theirs else "",
            }
        )
    rows += batches(options.quick)
    show(rows)
    print(f"Peak memory of this process: {peak_memory_mib():.0f} MiB")
    finish(options, rows)


def batches(quick: bool) -> list[dict[str, str]]:
    """2,000 data sets of one design: microseconds of CPU time each, and whether all ended."""
    n_sets = 2000
    truth = fit_psychometric(LEVELS, TWO_INTERVAL, TRIALS, paradigm="2afc").predict(LEVELS)
    counts = np.random.default_rng(SEED).binomial(40, truth, (n_sets, 8))
    rows = []
    for name, fitted in (
        ("mode, binomial", {"method": "map", "overdispersion": False}),
        ("mode, beta-binomial", {"method": "map"}),
        ("posterior, binomial", {"overdispersion": False}),
        ("posterior, beta-binomial", {}),
    ):
        if quick and name == "posterior, beta-binomial":
            continue
        times = []
        for _ in range(2 if quick else 3):
            start = time.process_time()
            fits = fit_many(LEVELS, counts, TRIALS, paradigm="2afc", **fitted)
            if fits.method == "posterior":
                fits.interval("threshold")
                fits.interval("width")
            times.append(time.process_time() - start)
        rows.append(
            {
                "what": f"{n_sets} fits at once: {name}",
                "jndlab": f"{1e6 * median(times) / n_sets:.0f} µs each",
                "psignifit 4.3": "",
                "ratio": f"{fits.converged.mean():.1%} ended",
            }
        )
    return rows


if __name__ == "__main__":
    main()
