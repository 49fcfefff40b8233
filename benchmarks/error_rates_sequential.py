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
from functools import partial
from itertools import product
from typing import Any

import numpy as np
from numpy.typing import NDArray
from printing import arguments, finish, peak_memory_mib, show
from scipy.special import bdtr, bdtrc, stdtr

from jndlab.analysis.inference.binomial_probabilities import binomial_probabilities
from jndlab.analysis.inference.sequential_betting import log_capital
from jndlab.analysis.inference.sequential_group import (
    plan_group_sequential,
    plan_group_sequential_equivalence,
)
from jndlab.analysis.inference.sequential_mixture import log_e_value
from jndlab.analysis.inference.sequential_paths import arrivals, no_lower, no_upper
from jndlab.analysis.inference.sequential_plan import GroupSequentialPlan
from jndlab.analysis.inference.sequential_spending import Spending

Floats = NDArray[np.float64]
Ints = NDArray[Any]
ALPHA, CHANCE, BOUND, HEARD, N_LOOKS = 0.05, 0.5, 0.6, 0.65, 5
N_DIFFERENCE, N_EQUIVALENCE, N_LISTENERS, N_EACH = 120, 400, 60, 20
SPENDING: dict[Spending, str] = {"obrien-fleming": "O'Brien-Fleming", "pocock": "Pocock"}
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
        looks, crossing = self.looks.tolist(), self.crossing.tolist()
        upper = crossing if self.upper else no_upper(looks)
        lower = no_lower(looks) if self.upper else crossing
        total = 0.0
        for n, count, share in zip(looks, crossing, arrivals(looks, lower, upper), strict=True):
            here = share * binomial_probabilities(n, proportion)
            total += float(here[count:].sum() if self.upper else here[: count + 1].sum())
        return total


def difference_rules() -> list[Rule]:
    plans = [
        plan_group_sequential(N_DIFFERENCE, n_looks=N_LOOKS, chance=CHANCE, spending=spending)
        for spending in SPENDING
    ]
    return rules(plans, critical_above, e_critical_above, HEARD, upper=True)


def equivalence_rules() -> list[Rule]:
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
        for spending in SPENDING
    ]
    return rules(plans, critical_below, e_critical_below, CHANCE, upper=False)


def rules(
    plans: list[GroupSequentialPlan],
    critical: Callable[[int], int],
    e_critical: Callable[[int], int],
    truth: float,
    *,
    upper: bool,
) -> list[Rule]:
    """One look, peeking, the plans, and e-values up to as many trials and up to twice as many."""
    looks = np.array(plans[0].boundaries.looks)
    every = np.arange(1, 2 * looks[-1] + 1)
    once = every[PEEK_FROM - 1 : looks[-1]]

    def rule(name: str, at: Ints, count: Callable[[int], int]) -> Rule:
        return Rule(name, at, np.array([count(n) for n in at.tolist()]), upper=upper)

    planned = []
    for name, plan in zip(SPENDING.values(), plans, strict=True):
        design = plan.boundaries
        crossing = np.array(design.upper if upper else design.lower)
        planned.append(Rule(f"{name}, {N_LOOKS} looks", looks, crossing, upper=upper))
    wanted = planned[0].exact(truth)
    fixed = (rule("fixed, one look", np.array([n]), critical) for n in every)
    return [
        next(one for one in fixed if one.exact(truth) >= wanted),
        rule(f"peeking, {N_LOOKS} looks", looks, critical),
        rule("peeking, every trial", once, critical),
        *planned,
        rule("e-value, every trial", every[: looks[-1]], e_critical),
        rule("e-value, every trial", every, e_critical),
    ]


def critical_above(n: int) -> int:
    """The smallest count that an ordinary exact test at 5 % rejects chance with."""
    tails = np.concatenate([[1.0], bdtrc(np.arange(n), n, CHANCE), [0.0]])
    return int(np.argmax(tails <= ALPHA))


def critical_below(n: int) -> int:
    """The largest count with which an ordinary exact test rejects the bound."""
    return int(np.sum(bdtr(np.arange(n + 1), n, BOUND) <= ALPHA)) - 1


def e_critical_above(n: int) -> int:
    """The smallest count with an e-value against chance of 20."""
    log_e = log_e_value(np.arange(n + 1), n, CHANCE, prior=(1.0, 1.0), low=CHANCE)
    return n + 1 - int(np.sum(log_e >= -np.log(ALPHA)))


def e_critical_below(n: int) -> int:
    """The largest count with an e-value against the bound of 20."""
    log_e = log_e_value(np.arange(n + 1), n, BOUND, prior=(1.0, 1.0), low=CHANCE, high=BOUND)
    return int(np.sum(log_e >= -np.log(ALPHA))) - 1


def trial_table(
    rules: list[Rule], *, null: float, truth: float, n_studies: int, rng: np.random.Generator
) -> list[dict[str, Any]]:
    most = max(int(rule.looks[-1]) for rule in rules)
    counts = {p: np.cumsum(rng.random((n_studies, most)) < p, axis=1) for p in (null, truth)}
    return [
        {
            "method": rule.name,
            "most trials": int(rule.looks[-1]),
            f"false claims at {null:g}": rule.simulate(counts[null])[0],
            "exact": rule.exact(null),
            f"claims at {truth:g}": rule.simulate(counts[truth])[0],
            f"mean trials at {truth:g}": rule.simulate(counts[truth])[1],
        }
        for rule in rules
    ]


Population = Callable[[np.random.Generator, tuple[int, int], float], Floats]


def spread_out(
    spread: float, rng: np.random.Generator, shape: tuple[int, int], mean: float
) -> Floats:
    """Beta-distributed listeners with that standard deviation."""
    size = mean * (1.0 - mean) / max(spread, 1e-4) ** 2 - 1.0
    return rng.beta(mean * size, (1.0 - mean) * size, shape)


def few_experts(rng: np.random.Generator, shape: tuple[int, int], mean: float) -> Floats:
    """One listener in ten hears everything: a spread of 0.13, far from normal."""
    return np.where(rng.random(shape) < 0.1, 1.0, (mean - 0.1) / 0.9)


POPULATIONS: list[tuple[str, Population]] = [
    *((f"spread {spread:g}", partial(spread_out, spread)) for spread in (0.0, 0.05, 0.10, 0.15)),
    ("one in ten hears all", few_experts),
]


def capital(proportions: Floats, mean: float) -> Floats:
    """Logarithm of what bets on more than ``mean`` came to, in parts that fit into memory."""
    return np.vstack([log_capital(part, mean) for part in np.array_split(proportions, 20)])


def listener_claims(counts: Ints) -> dict[str, NDArray[np.bool_]]:
    """After each listener, by method; (studies, listeners)."""
    x, so_far = counts / N_EACH, np.arange(1, N_LISTENERS + 1)
    total = np.cumsum(counts, axis=1)
    mean, square = np.cumsum(x, axis=1) / so_far, np.cumsum(x**2, axis=1) / so_far
    degrees = np.maximum(so_far - 1, 1)
    error = np.sqrt(np.maximum(square - mean**2, 1e-12) / degrees)
    late = so_far >= 5
    critical = np.array([e_critical_below(n * N_EACH) for n in so_far.tolist()])
    return {
        "pooled, peeking": (bdtr(total, so_far * N_EACH, BOUND) <= ALPHA) & late,
        "t-test, peeking": (stdtr(degrees, (mean - BOUND) / error) <= ALPHA) & late,
        "e-value of pooled trials": total <= critical,
        "e-value of listeners": capital(1.0 - x, 1.0 - BOUND) >= -np.log(ALPHA),
        "difference, e-value": capital(x, CHANCE) >= -np.log(ALPHA),
    }


def listener_table(n_studies: int, rng: np.random.Generator) -> list[dict[str, Any]]:
    rows = []
    for mean, (name, draw) in product((BOUND, CHANCE), POPULATIONS):
        claims = listener_claims(rng.binomial(N_EACH, draw(rng, (n_studies, N_LISTENERS), mean)))
        right = claims["e-value of listeners" if mean == CHANCE else "difference, e-value"]
        until = np.where(right.any(axis=1), right.argmax(axis=1) + 1, N_LISTENERS)
        row: dict[str, Any] = {"mean": mean, "listeners": name}
        row |= {method: float(made.any(axis=1).mean()) for method, made in claims.items()}
        rows.append(row | {"mean listeners": float(until.mean())})
    return rows


def coverage_table(n_studies: int, rng: np.random.Generator) -> list[dict[str, Any]]:
    """Misses at some moment of 1 to 400 trials or 60 listeners, and at the last moment alone."""
    missed = {}
    for truth in (0.5, 0.6, 0.75, 0.95):
        counts = np.cumsum(rng.random((n_studies, N_EQUIVALENCE)) < truth, axis=1)
        missed["trials", f"{truth:g}"] = np.column_stack(
            [
                log_e_value(np.arange(n + 1), n, truth, prior=(1.0, 1.0))[counts[:, n - 1]]
                >= -np.log(ALPHA)
                for n in range(1, N_EQUIVALENCE + 1)
            ]
        )
    for name, draw in POPULATIONS:
        x = rng.binomial(N_EACH, draw(rng, (n_studies, N_LISTENERS), BOUND)) / N_EACH
        either = np.maximum(capital(x, BOUND), capital(1.0 - x, 1.0 - BOUND))
        missed["listeners", f"{BOUND:g}, {name}"] = either >= np.log(2.0 / ALPHA)
    return [
        {"unit": unit, "truth": truth}
        | {"misses at some moment": float(ever.any(axis=1).mean())}
        | {"misses at the last": float(ever[:, -1].mean())}
        for (unit, truth), ever in missed.items()
    ]


def shown(row: dict[str, Any], limit: float) -> dict[str, Any]:
    """Rates in %, a star where one that should be 5 % is more."""

    def text(name: str, value: Any) -> Any:
        if not isinstance(value, float) or name == "mean":
            return value
        if name.startswith("mean "):
            return f"{value:.1f}"
        wrong = name.startswith(("false", "misses"))
        if "mean" in row:
            wrong = name.startswith("difference") == (row["mean"] == CHANCE)
        return f"{100 * value:.2f}{' *' if wrong and value > limit else ''}"

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
        f"%; false at {BOUND}; and of a difference, false at {CHANCE}": listener_table(
            n_studies, rng
        ),
        "Confidence sequences of 95 %: misses, %": coverage_table(n_studies, rng),
    }
    for title, rows in tables.items():
        print(f"{title}\n")
        show([shown(row, limit) for row in rows])
        print()
    cost = f"{time.process_time() - start:.0f} s of CPU, {peak_memory_mib():.0f} MiB"
    print(f"{n_studies} studies a cell, seed {options.seed}, {cost}")
    finish(options, [{"table": title} | row for title, rows in tables.items() for row in rows])


if __name__ == "__main__":
    main()
