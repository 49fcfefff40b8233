"""How often sequential tests are wrong, and how many trials they take, beside tests without a plan.

1. One listener's trials against chance: an ordinary test at 5 looks and after every trial
   ("peeking"), 5 planned looks, e-values; truth at chance (every claim is false) and at 0.65.
2. The same for equivalence with a bound of 0.6; truth at the bound and at chance.
3. Listeners as the unit, a look after each of up to 60, bound 0.6, with a spread between listeners:
   pooled trials, a t-test at each look, e-values.
4. How often a confidence sequence of 95 % misses the truth at some moment.

Beside the simulated rates stand exact ones where trials are independent (path counting). A star
marks simulated rates more than two standard errors above 5 %. Mean trials are those until a claim
or the end; the fixed test is the smallest with the power of the 5-look O'Brien-Fleming plan.
10,000 studies a cell (--quick: 1,000); about 15 s of CPU (--quick: 3 s).

    python benchmarks/error_rates_sequential.py [--quick] [--json FILE] [--seed N]
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray
from printing import arguments, finish, peak_memory_mib, show
from scipy.special import bdtr, bdtrc, stdtr

from jndlab.analysis.inference.sequential_betting import log_capital
from jndlab.analysis.inference.sequential_group import (
    plan_group_sequential,
    plan_group_sequential_equivalence,
)
from jndlab.analysis.inference.sequential_mixture import log_e_value
from jndlab.analysis.inference.sequential_paths import (
    arrivals,
    no_lower,
    no_upper,
    probabilities,
)

Floats = NDArray[np.float64]
Ints = NDArray[Any]
ALPHA, CHANCE, BOUND, HEARD, N_LOOKS = 0.05, 0.5, 0.6, 0.65, 5
N_DIFFERENCE, N_EQUIVALENCE, N_LISTENERS, N_EACH = 120, 400, 60, 20
PEEK_FROM = 10
"""Trials (and 5 listeners) before the first look of those who peek: fewer would be unfair."""


class Rule:
    """Counts of correct responses at which a claim is made, at each number of trials looked at."""

    def __init__(self, name: str, looks: Ints, crossing: Ints, *, upper: bool) -> None:
        self.name, self.looks, self.crossing, self.upper = name, looks, crossing, upper

    def simulate(self, counts: Ints) -> tuple[float, float]:
        """Share of studies with a claim, and mean trials; ``counts``: so far, (studies, trials)."""
        seen = counts[:, self.looks - 1]
        claims = seen >= self.crossing if self.upper else seen <= self.crossing
        made = claims.any(axis=1)
        trials = np.where(made, self.looks[claims.argmax(axis=1)], self.looks[-1])
        return float(made.mean()), float(trials.mean())

    def exact(self, proportion: float) -> float:
        looks = self.looks.tolist()
        upper = self.crossing.tolist() if self.upper else no_upper(looks)
        lower = no_lower(looks) if self.upper else self.crossing.tolist()
        shares = arrivals(looks, lower, upper)
        total = 0.0
        for n, low, high, share in zip(looks, lower, upper, shares, strict=True):
            here = share * probabilities(n, proportion)
            total += float(here[: low + 1].sum() + here[high:].sum())
        return total


def difference_rules() -> list[Rule]:
    every = np.arange(1, N_DIFFERENCE + 1)
    plans = [
        plan_group_sequential(N_DIFFERENCE, n_looks=N_LOOKS, chance=CHANCE, spending=spending)
        for spending in ("obrien-fleming", "pocock")
    ]
    rules = [Rule("fixed, one look", *fixed_difference(), upper=True)]
    for name, looks in (
        (f"peeking, {N_LOOKS} looks", np.array(plans[0].boundaries.looks)),
        ("peeking, every trial", every[PEEK_FROM - 1 :]),
    ):
        rules.append(
            Rule(name, looks, np.array([critical_above(n) for n in looks.tolist()]), upper=True)
        )
    for name, plan in zip(("O'Brien-Fleming", "Pocock"), plans, strict=True):
        design = plan.boundaries
        looks = np.array(design.looks)
        rules.append(Rule(f"{name}, {N_LOOKS} looks", looks, np.array(design.upper), upper=True))
    longer = np.arange(1, 2 * N_DIFFERENCE + 1)
    e_values = np.array([e_critical_above(n) for n in longer.tolist()])
    for looks in (every, longer):
        crossing = e_values[: len(looks)]
        rules.append(Rule("e-value, every trial", looks, crossing, upper=True))
    return rules


def equivalence_rules() -> list[Rule]:
    every = np.arange(1, N_EQUIVALENCE + 1)
    plans = [
        plan_group_sequential_equivalence(
            N_EQUIVALENCE,
            n_looks=N_LOOKS,
            paradigm="abx",
            bound=BOUND,
            spending=spending,
            test_difference=False,
            n_listeners=1,
        )
        for spending in ("obrien-fleming", "pocock")
    ]
    rules = [Rule("fixed, one look", *fixed_equivalence(), upper=False)]
    for name, looks in (
        (f"peeking, {N_LOOKS} looks", np.array(plans[0].boundaries.looks)),
        ("peeking, every trial", every[PEEK_FROM - 1 :]),
    ):
        rules.append(
            Rule(name, looks, np.array([critical_below(n) for n in looks.tolist()]), upper=False)
        )
    for name, plan in zip(("O'Brien-Fleming", "Pocock"), plans, strict=True):
        design = plan.boundaries
        looks = np.array(design.looks)
        rules.append(Rule(f"{name}, {N_LOOKS} looks", looks, np.array(design.lower), upper=False))
    longer = np.arange(1, 2 * N_EQUIVALENCE + 1)
    e_values = np.array([e_critical_below(n) for n in longer.tolist()])
    for looks in (every, longer):
        crossing = e_values[: len(looks)]
        rules.append(Rule("e-value, every trial", looks, crossing, upper=False))
    return rules


def critical_above(n: int) -> int:
    """The smallest count that an ordinary exact test at 5 % rejects chance with."""
    tails = np.concatenate([[1.0], bdtrc(np.arange(n), n, CHANCE), [0.0]])
    return int(np.argmax(tails <= ALPHA))


def critical_below(n: int) -> int:
    """The largest count with which an ordinary exact test rejects the bound."""
    return int(np.sum(bdtr(np.arange(n + 1), n, BOUND) <= ALPHA)) - 1


def e_critical_above(n: int) -> int:
    log_e = log_e_value(np.arange(n + 1), n, CHANCE, prior=(1.0, 1.0), low=CHANCE)
    return n + 1 - int(np.sum(log_e >= -np.log(ALPHA)))


def e_critical_below(n: int) -> int:
    counts = np.arange(n + 1)
    log_e = log_e_value(counts, n, BOUND, prior=(1.0, 1.0), low=CHANCE, high=BOUND)
    return int(np.sum(log_e >= -np.log(ALPHA))) - 1


def fixed_difference() -> tuple[Ints, Ints]:
    """The smallest fixed test with the power of the O'Brien-Fleming plan."""
    plan = plan_group_sequential(N_DIFFERENCE, n_looks=N_LOOKS, chance=CHANCE)
    design = plan.boundaries
    wanted = Rule("", np.array(design.looks), np.array(design.upper), upper=True).exact(HEARD)
    for n in range(1, 10 * N_DIFFERENCE):
        critical = critical_above(n)
        if critical <= n and bdtrc(critical - 1, n, HEARD) >= wanted:
            return np.array([n]), np.array([critical])
    raise AssertionError("no fixed test has that power")


def fixed_equivalence() -> tuple[Ints, Ints]:
    plan = plan_group_sequential_equivalence(
        N_EQUIVALENCE, n_looks=N_LOOKS, paradigm="abx", bound=BOUND, test_difference=False
    )
    design = plan.boundaries
    wanted = Rule("", np.array(design.looks), np.array(design.lower), upper=False).exact(CHANCE)
    for n in range(1, 10 * N_EQUIVALENCE):
        critical = critical_below(n)
        if critical >= 0 and bdtr(critical, n, CHANCE) >= wanted:
            return np.array([n]), np.array([critical])
    raise AssertionError("no fixed test has that power")


def trial_table(
    rules: list[Rule], *, null: float, truth: float, n_studies: int, rng: np.random.Generator
) -> list[dict[str, Any]]:
    most = max(int(rule.looks[-1]) for rule in rules)
    counts = {p: np.cumsum(rng.random((n_studies, most)) < p, axis=1) for p in (null, truth)}
    rows = []
    for rule in rules:
        false, _ = rule.simulate(counts[null])
        claims, trials = rule.simulate(counts[truth])
        rows.append(
            {
                "method": rule.name,
                "most trials": int(rule.looks[-1]),
                f"false claims at {null:g}": false,
                "exact": rule.exact(null),
                f"claims at {truth:g}": claims,
                f"mean trials at {truth:g}": trials,
            }
        )
    return rows


Population = Callable[[np.random.Generator, tuple[int, int], float], Floats]


def beta_population(spread: float) -> Population:
    def draw(rng: np.random.Generator, shape: tuple[int, int], mean: float) -> Floats:
        if spread == 0.0:
            return np.full(shape, mean)
        size = mean * (1.0 - mean) / spread**2 - 1.0
        return rng.beta(mean * size, (1.0 - mean) * size, shape)

    return draw


def few_experts(rng: np.random.Generator, shape: tuple[int, int], mean: float) -> Floats:
    """One listener in ten hears everything: a spread of 0.13, far from normal."""
    return np.where(rng.random(shape) < 0.1, 1.0, (mean - 0.1) / 0.9)


POPULATIONS: list[tuple[str, Population]] = [
    *((f"spread {spread:g}", beta_population(spread)) for spread in (0.0, 0.05, 0.10, 0.15)),
    ("one in ten hears all", few_experts),
]


def listener_claims(counts: Ints) -> dict[str, NDArray[np.bool_]]:
    """Of equivalence after each listener, by method; (studies, listeners)."""
    proportions = counts / N_EACH
    so_far = np.arange(1, N_LISTENERS + 1)
    pooled = bdtr(np.cumsum(counts, axis=1), so_far * N_EACH, BOUND) <= ALPHA
    mean = np.cumsum(proportions, axis=1) / so_far
    square = np.cumsum(proportions**2, axis=1) / so_far
    degrees = np.maximum(so_far - 1, 1)
    error = np.sqrt(np.maximum(square - mean**2, 1e-12) / degrees)
    t_test = stdtr(degrees, (mean - BOUND) / error) <= ALPHA
    pooled[:, :4], t_test[:, :4] = False, False
    critical = np.array([e_critical_below(n * N_EACH) for n in so_far.tolist()])
    pooled_e = np.cumsum(counts, axis=1) <= critical
    listeners = np.vstack(
        [log_capital(1.0 - part, 1.0 - BOUND) for part in np.array_split(proportions, 20)]
    )
    return {
        "pooled, peeking": pooled,
        "t-test, peeking": t_test,
        "e-value of pooled trials": pooled_e,
        "e-value of listeners": listeners >= -np.log(ALPHA),
    }


def listener_table(n_studies: int, rng: np.random.Generator) -> list[dict[str, Any]]:
    rows = []
    shape = (n_studies, N_LISTENERS)
    for mean, populations in ((BOUND, POPULATIONS), (CHANCE, POPULATIONS[:3])):
        for name, draw in populations:
            claims = listener_claims(rng.binomial(N_EACH, draw(rng, shape, mean)))
            row: dict[str, Any] = {"mean": mean, "listeners": name}
            row |= {method: float(made.any(axis=1).mean()) for method, made in claims.items()}
            if mean == CHANCE:
                made = claims["e-value of listeners"]
                until = np.where(made.any(axis=1), made.argmax(axis=1) + 1, N_LISTENERS)
                row["mean listeners"] = float(until.mean())
            else:
                row["mean listeners"] = ""
            rows.append(row)
    return rows


def coverage_table(n_studies: int, rng: np.random.Generator) -> list[dict[str, Any]]:
    """Misses at some moment of 1 to 400 trials or 60 listeners, and at the last moment alone."""
    rows = []
    n = np.arange(1, N_EQUIVALENCE + 1)
    for truth in (0.5, 0.6, 0.75, 0.95):
        counts = np.cumsum(rng.random((n_studies, n[-1])) < truth, axis=1)
        missed = np.zeros(counts.shape, dtype=bool)
        for at, trials in enumerate(n):
            log_e = log_e_value(np.arange(trials + 1), trials, truth, prior=(1.0, 1.0))
            missed[:, at] = log_e[counts[:, at]] >= -np.log(ALPHA)
        rows.append(miss_row("trials", f"{truth:g}", missed))
    for name, draw in POPULATIONS:
        x = rng.binomial(N_EACH, draw(rng, (n_studies, N_LISTENERS), BOUND)) / N_EACH
        missed = np.vstack(
            [
                np.maximum(log_capital(part, BOUND), log_capital(1.0 - part, 1.0 - BOUND))
                >= np.log(2.0 / ALPHA)
                for part in np.array_split(x, 20)
            ]
        )
        rows.append(miss_row("listeners", f"{BOUND:g}, {name}", missed))
    return rows


def miss_row(unit: str, truth: str, missed: NDArray[np.bool_]) -> dict[str, Any]:
    return {
        "unit": unit,
        "truth": truth,
        "misses at some moment": float(missed.any(axis=1).mean()),
        "at the last": float(missed[:, -1].mean()),
    }


def shown(row: dict[str, Any], limit: float) -> dict[str, Any]:
    """Rates in %, a star where one that should be 5 % is more."""
    wrong = row.get("mean") == BOUND

    def text(name: str, value: Any) -> Any:
        if not isinstance(value, float) or name == "mean":
            return value
        if name.startswith("mean "):
            return f"{value:.1f}"
        checked = wrong or name.startswith(("false", "misses", "at the last"))
        return f"{100 * value:.2f}{' *' if checked and value > limit else ''}"

    return {name: text(name, value) for name, value in row.items()}


def main() -> None:
    options = arguments(__doc__, seed=("of the simulated studies", 1))
    n_studies = 1_000 if options.quick else 10_000
    rng = np.random.default_rng(options.seed)
    start = time.process_time()
    limit = ALPHA + 2.0 * np.sqrt(ALPHA * (1.0 - ALPHA) / n_studies)
    tables = {
        f"A difference: one listener, up to {N_DIFFERENCE} trials, chance {CHANCE}, %": trial_table(
            difference_rules(), null=CHANCE, truth=HEARD, n_studies=n_studies, rng=rng
        ),
        f"Equivalence: one listener, up to {N_EQUIVALENCE} trials, bound {BOUND}, %": trial_table(
            equivalence_rules(), null=BOUND, truth=CHANCE, n_studies=n_studies, rng=rng
        ),
        f"Claims of equivalence, up to {N_LISTENERS} listeners of {N_EACH} trials, bound {BOUND}, "
        f"%; all false where the mean is {BOUND}": listener_table(n_studies, rng),
        "Confidence sequences of 95 %: misses, %": coverage_table(n_studies, rng),
    }
    for title, rows in tables.items():
        print(f"{title}\n")
        show([shown(row, limit) for row in rows])
        print()
    print(
        f"{n_studies} studies a cell, seed {options.seed}, {time.process_time() - start:.0f} s of "
        f"CPU, {peak_memory_mib():.0f} MiB"
    )
    finish(options, [{"table": title} | row for title, rows in tables.items() for row in rows])


if __name__ == "__main__":
    main()
