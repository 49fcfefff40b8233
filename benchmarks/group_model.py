"""The mixed psychometric model: speed, agreement with exact integrals, coverage, error rates.

    python benchmarks/group_model.py [--quick] [--json FILE] [--sets N]

Four tables. CPU time and peak memory of fits of 40 listeners × 7 levels. Log-likelihood and spread
with 4 trials per listener beside sums over 40,001 points, Laplace's approximation and lme4's
variant of it. Coverage of the 95 % interval of the population's threshold and of the spread over
listeners, over numbers of listeners, trials and spreads, beside the usual χ² cutoff and the
two-step analysis; with the bias of the spread. Error rate of the comparison of two conditions
whose difference varies over listeners. --sets data sets per cell (default 400: some 25 minutes on
one core), --quick 40 (three minutes). Seeds: the number of the cell.
"""

from __future__ import annotations

import itertools
import time
from typing import Any

import numpy as np
from numpy.typing import NDArray
from printing import arguments, finish, peak_memory_mib, show
from scipy.special import gammaln, logsumexp, ndtr, xlogy

from jndlab.analysis.groups.climb import Constraint, climb
from jndlab.analysis.groups.counts import pack_counts
from jndlab.analysis.groups.cutoffs import (
    chi_square_cutoffs,
    chi_square_p_value,
    mean_cutoffs,
    mean_p_value,
    spread_cutoffs,
)
from jndlab.analysis.groups.fit import GroupFit, fit_group
from jndlab.analysis.groups.nested import fit_nested, plan_comparison
from jndlab.analysis.groups.posterior import fit_group_posterior
from jndlab.analysis.groups.quantities import all_named
from jndlab.analysis.groups.rates import choose_rates
from jndlab.analysis.groups.two_step import two_step_threshold
from jndlab.errors import JndlabError

Floats = NDArray[np.float64]
SPAN = 3.2897072539
THRESHOLD, WIDTH = 3.4, 3.0
SEVEN, SIX = np.arange(1.0, 8.0), np.arange(1.0, 7.0)


def simulate(
    rng: np.random.Generator,
    n_listeners: int,
    n_trials: int,
    sd: float,
    *,
    guess: float = 0.5,
    lapse: float = 0.0,
    levels: Floats = SIX,
) -> tuple[Floats, ...]:
    """Listener, level, n_correct, n_trials of a group with normal thresholds."""
    own = THRESHOLD + sd * rng.standard_normal((n_listeners, 1))
    chance = guess + (1 - guess - lapse) * ndtr(SPAN * (levels - own) / WIDTH)
    table = rng.binomial(n_trials, chance)
    person, place = np.indices(table.shape)
    trials = np.full(table.size, n_trials)
    return person.ravel(), levels[place.ravel()], table.ravel(), trials


def speed(quick: bool) -> list[dict[str, Any]]:
    """Median CPU time of one fit and of one interval, 2AFC, 20 trials per level, 2 % lapses."""
    cases: list[dict[str, Any]] = [
        {"random": random, "lapse_rate": lapse}
        for random in ("intercept", "threshold", "slope", "threshold+width")
        for lapse in (0.0, "estimate")
    ]
    cases.append({"random": "intercept", "method": "laplace"})
    rows = []
    for options in cases:
        fits, intervals = [], []
        for seed in range(3 if quick else 9):
            data = simulate(np.random.default_rng(seed), 40, 20, 0.8, lapse=0.02, levels=SEVEN)
            start = time.process_time()
            fit = fit_group(*data, paradigm="2afc", **options)
            fits.append(time.process_time() - start)
            start = time.process_time()
            fit.interval("threshold")
            intervals.append(time.process_time() - start)
        rows.append(
            {
                "fit": f"{options['random']}, {options.get('method', 'quadrature')}",
                "lapse rate": options.get("lapse_rate", 0.0),
                "fit, s": round(float(np.median(fits)), 3),
                "slowest, s": round(max(fits), 3),
                "interval, s": round(float(np.median(intervals)), 3),
                "peak MiB": round(peak_memory_mib()),
            }
        )
    data = simulate(np.random.default_rng(0), 40, 20, 0.8, lapse=0.02, levels=SEVEN)
    start = time.process_time()
    fit_group_posterior(*data, paradigm="2afc")
    rows.append(
        {
            "fit": "threshold, posterior",
            "lapse rate": "Beta(1, 10)",
            "fit, s": round(time.process_time() - start, 3),
            "slowest, s": "",
            "interval, s": "",
            "peak MiB": round(peak_memory_mib()),
        }
    )
    return rows


def exact(fit: GroupFit, data: tuple[Floats, ...], levels: Floats) -> float:
    """Marginal log-likelihood at the fit's estimates, by sums over 40,001 points."""
    z = np.linspace(-9.0, 9.0, 40_001)
    eta = fit.estimate("intercept") + fit.estimate("slope") * levels
    eta = eta[:, None] + fit.estimate("sd_intercept") * z
    guess = fit.estimate("guess_rate")
    p, q = guess + (1 - guess) * ndtr(eta), (1 - guess) * ndtr(-eta)
    prior = -0.5 * z**2 - 0.5 * np.log(2 * np.pi) + np.log(z[1] - z[0])
    table = data[2].reshape(-1, len(levels)).astype(float)
    n_trials = float(data[3][0])
    total = 0.0
    for row in table:
        k, n_wrong = row[:, None], n_trials - row[:, None]
        coefficients = gammaln(n_trials + 1) - gammaln(k + 1) - gammaln(n_wrong + 1)
        rows = xlogy(k, p) + xlogy(n_wrong, q) + coefficients
        total += float(logsumexp(rows.sum(axis=0) + prior))
    return total


def agreement(quick: bool) -> list[dict[str, Any]]:
    """4 trials per listener, 120 listeners: distance from the exact log-likelihood, and spreads."""
    rows = []
    designs = (
        ("4 levels × 1, yes/no", np.arange(2.0, 6.0), 1, 0.0, 1.0),
        ("2 levels × 2, yes/no", np.array([2.0, 3.0]), 2, 0.0, 1.5),
        ("4 levels × 1, 2AFC", np.arange(2.0, 6.0), 1, 0.5, 1.5),
        ("2 levels × 2, 2AFC", np.array([3.0, 6.0]), 2, 0.5, 1.5),
    )
    for name, levels, n_trials, guess, sd in designs:
        errors, spreads, failed = [], [], 0
        for seed in range(4 if quick else 20):
            rng = np.random.default_rng(seed)
            data = simulate(rng, 120, n_trials, sd, guess=guess, levels=levels)
            paradigm = "2afc" if guess else "yes_no"
            try:
                fits = [
                    fit_group(*data, paradigm=paradigm, method=method)
                    for method in ("quadrature", "laplace", "laplace-expected")
                ]
            except JndlabError:
                failed += 1
                continue
            errors.append(abs(fits[0].log_likelihood - exact(fits[0], data, levels)))
            spreads.append([fit.estimate("sd_intercept") for fit in fits])
        middle = np.median(np.array(spreads), axis=0)
        rows.append(
            {
                "4 trials per listener": name,
                "data sets": len(errors),
                "no maximum": failed,
                "largest error of log-likelihood": f"{max(errors):.1e}",
                "sd exact": round(float(middle[0]), 3),
                "Laplace / exact": round(float(middle[1] / middle[0]), 3),
                "lme4 nAGQ=1 / exact": round(float(middle[2] / middle[0]), 3),
            }
        )
    return rows


def held(fit: GroupFit, name: str, value: float) -> float:
    """Likelihood-ratio statistic of a true value; not a number where it was not found."""
    named = all_named(fit.model)[name]
    half, location = fit.model.scale.half_range, fit.model.scale.location
    inner = (value - location) / half if name == "threshold" else max(value / half, 1e-3)
    surface, top = fit.maximum.surface, fit.maximum.top
    start = top.point.copy()
    start[0 if name == "threshold" else 2] = inner
    reached = climb(
        surface, start, constraint=Constraint(quantity=named.quantity, value=inner), tolerance=1e-6
    )
    return 2.0 * (top.value - reached.value) if reached.converged else np.nan


def coverage(n_sets: int) -> list[dict[str, Any]]:
    """95 % intervals of threshold and spread where listeners differ by ``sd`` in threshold."""
    rows = []
    design = itertools.product((0.0, 0.5), (4, 8, 20), (4, 20), (0.0, 0.4, 1.2))
    for cell, (guess, n_listeners, n_trials, sd) in enumerate(design):
        rng = np.random.default_rng(cell)
        inside: dict[str, list[bool]] = {"t": [], "chi": [], "steps": [], "sd": []}
        low, spreads, failed, no_steps = [], [], 0, 0
        paradigm = "2afc" if guess else "yes_no"
        for _ in range(n_sets):
            data = simulate(rng, n_listeners, n_trials, sd, guess=guess)
            try:
                fit = fit_group(*data, paradigm=paradigm, random="threshold")
            except JndlabError:
                failed += 1
                continue
            statistic = held(fit, "threshold", THRESHOLD)
            inside["t"].append(statistic < mean_cutoffs(0.95, n_listeners).low)
            inside["chi"].append(statistic < chi_square_cutoffs(0.95).low)
            low.append(not inside["t"][-1] and fit.estimate("threshold") > THRESHOLD)
            found = fit.estimate("sd_threshold")
            cutoffs = spread_cutoffs(0.95, n_listeners)
            limit = cutoffs.low if found > sd else cutoffs.high
            inside["sd"].append(held(fit, "sd_threshold", sd) < limit)
            spreads.append(found)
            try:
                steps = two_step_threshold(*data, paradigm=paradigm)
                inside["steps"].append(THRESHOLD in steps.meta.interval)
            except JndlabError:
                no_steps += 1
        share = {name: np.mean(values) if values else np.nan for name, values in inside.items()}
        misses = 1.0 - share["t"]
        below = float(np.mean(low))
        rows.append(
            {
                "task": "2AFC" if guess else "yes/no",
                "listeners": n_listeners,
                "trials/level": n_trials,
                "sd": sd,
                "no fit": failed,
                "threshold": f"{share['t']:.3f}",
                "missed below/above": f"{below:.3f}/{max(misses - below, 0.0):.3f}",
                "with χ²": f"{share['chi']:.3f}",
                "two-step": f"{share['steps']:.3f} ({no_steps} none)",
                "spread": f"{share['sd']:.3f}",
                "mean sd / true": f"{np.mean(spreads) / sd:.2f}"
                if sd
                else f"{np.mean(spreads):.2f}",
            }
        )
    return rows


def compared(rng: np.random.Generator, n_listeners: int, sd_shift: float) -> tuple[Any, ...]:
    """A study of two conditions without mean difference, 2AFC, 10 trials per level."""
    own = THRESHOLD + 0.8 * rng.standard_normal((n_listeners, 1, 1))
    shift = sd_shift * rng.standard_normal((n_listeners, 1, 1)) * np.array([-0.5, 0.5])[:, None]
    table = rng.binomial(10, 0.5 + 0.5 * ndtr(SPAN * (SIX - own - shift) / WIDTH))
    person, condition, place = (axis.ravel() for axis in np.indices(table.shape))
    return person, SIX[place], table.ravel(), np.full(table.size, 10), condition


def error_rates(n_sets: int) -> list[dict[str, Any]]:
    """How often a shift is found at 5 % where its mean is 0."""
    rows = []
    rates = choose_rates(paradigm="2afc", guess_rate=None, lapse_rate=0.0)
    for cell, (n_listeners, sd) in enumerate(itertools.product((5, 10, 20), (0.0, 0.6))):
        rng = np.random.default_rng(100 + cell)
        hits: dict[str, list[bool]] = {"listener": [], "chi": [], "common": []}
        for _ in range(n_sets):
            *columns, condition = compared(rng, n_listeners, sd)
            counts = pack_counts(*columns, condition=condition)
            for random in ("auto", "intercept"):
                plan = plan_comparison(
                    counts, random, test="shift", direction="rises", with_items=False
                )
                try:
                    small, large = fit_nested(counts, plan, rates, "norm", "rises")
                except JndlabError:
                    continue
                statistic = 2.0 * (large.log_likelihood - small.log_likelihood)
                chi = chi_square_p_value(statistic, 1) < 0.05
                if random == "intercept":
                    hits["common"].append(chi)
                    continue
                hits["chi"].append(chi)
                hits["listener"].append(mean_p_value(statistic, 1, n_listeners) < 0.05)
        rows.append(
            {
                "listeners": n_listeners,
                "sd of the shift": sd,
                "default test": f"{np.mean(hits['listener']):.3f}",
                "same model, χ²": f"{np.mean(hits['chi']):.3f}",
                "common shift, χ²": f"{np.mean(hits['common']):.3f}",
            }
        )
    return rows


def main() -> None:
    options = arguments(__doc__, sets=("data sets per cell of the simulations", 400))
    n_sets = 40 if options.quick else options.sets
    everything: list[dict[str, Any]] = []
    tables = (
        ("CPU time, 40 listeners × 7 levels", speed(options.quick)),
        ("Agreement with the exact likelihood", agreement(options.quick)),
        (f"Coverage of 95 % intervals, {n_sets} data sets per cell", coverage(n_sets)),
        (f"Error rate of a comparison at 5 %, {n_sets} per cell", error_rates(n_sets // 2)),
    )
    for title, rows in tables:
        print(f"\n{title}\n")
        show(rows)
        everything += [{"table": title, **row} for row in rows]
    finish(options, everything)


if __name__ == "__main__":
    main()
