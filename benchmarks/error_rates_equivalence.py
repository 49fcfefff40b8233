"""How often equivalence claims are false at the bound, and how often they succeed at chance.

Listeners are drawn from populations whose mean lies exactly on the bound, with a standard deviation
between listeners of 0 to 0.15 in proportion correct and many shapes. Every claim is then false, and
at most 5 % may be made. Side by side: the exact test of pooled trials, a t-test over listeners, and
``equivalence_test``. In brackets a spread that is larger than the test's largest_spread.

10,000 studies a cell (--quick: 1,000); about 30 s of CPU (--quick: 15 s). The standard error
of a rate of 5 % is 0.2 % (0.7 %); a star marks rates more than two of them above 5 %.

    python benchmarks/error_rates_equivalence.py [--quick] [--json FILE] [--seed N]
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray
from printing import arguments, finish, peak_memory_mib, show
from scipy.optimize import fsolve
from scipy.special import bdtr, bdtrc, stdtr
from scipy.stats import truncnorm

from jndlab.analysis.inference.equivalence_worst_case import ListenerDesign

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Population = Callable[[np.random.Generator, tuple[int, int]], Floats]
ALPHA, LARGEST_SPREAD = 0.05, 0.15
SPREADS, OUTSIDE = (0.05, 0.10, 0.15), 0.20
METHODS = ("pooled", "t-test", "jndlab")


@dataclass(frozen=True)
class Design:
    """Listeners, each with a number of trials, and the bound that is tested."""

    n_trials: tuple[int, ...]
    bound: float
    chance: float = 0.5

    @property
    def name(self) -> str:
        distinct = sorted(set(self.n_trials))
        trials = str(distinct[0]) if len(distinct) == 1 else f"{distinct[0]}-{distinct[-1]}"
        return f"{len(self.n_trials)} x {trials}, {self.bound:g} against {self.chance:.2g}"

    @cached_property
    def test(self) -> ListenerDesign:
        return ListenerDesign(
            n_trials=self.n_trials,
            reference=self.chance,
            bound=self.bound,
            largest_spread=LARGEST_SPREAD,
        )

    @cached_property
    def critical_total(self) -> int:
        return self.test.critical_total(ALPHA)

    def claims(self, n_correct: Ints) -> dict[str, float]:
        """Share of studies with a claim, by method."""
        trials = np.array(self.n_trials)
        share = n_correct / trials
        error = np.maximum(share.std(axis=1, ddof=1), 1e-12) / np.sqrt(len(trials))
        t = (share.mean(axis=1) - self.bound) / error
        rejected = (
            bdtr(n_correct.sum(axis=1), int(trials.sum()), self.bound) <= ALPHA,
            stdtr(len(trials) - 1, t) <= ALPHA,
            self.test.total(n_correct) <= self.critical_total,
        )
        return {name: float(np.mean(one)) for name, one in zip(METHODS, rejected, strict=True)}


UNEQUAL = tuple(int(n) for n in np.linspace(12, 60, 16))
DESIGNS = (
    *(
        Design((n,) * m, bound)
        for bound in (0.60, 0.55, 0.65)
        for m, n in ((10, 40), (20, 20), (20, 60), (6, 50), (40, 10))
    ),
    Design(UNEQUAL, 0.60),
    *(Design((n,) * m, 0.45, 1 / 3) for m, n in ((10, 40), (20, 20), (6, 50))),
)


def populations(mean: float, spread: float, chance: float) -> dict[str, Population]:
    """Distributions of listeners' true proportions with that mean and standard deviation."""
    if spread == 0.0:
        return {"all alike": lambda rng, size: np.full(size, mean)}
    known: dict[str, Population | None] = {
        "beta on [chance, 1]": scaled_beta(mean, spread, chance),
        "beta on [0, 1]": scaled_beta(mean, spread, 0.0),
        "normal, cut at chance": cut_normal(mean, spread, chance),
        "two kinds, alike many": two_kinds(mean, spread, spread),
        "some at chance": two_kinds(mean, mean - chance, spread**2 / (mean - chance)),
        "few always right": two_kinds(mean, spread**2 / (1.0 - mean), 1.0 - mean),
    }
    return {name: one for name, one in known.items() if one is not None}


def scaled_beta(mean: float, spread: float, low: float) -> Population | None:
    share, scaled = (mean - low) / (1.0 - low), spread / (1.0 - low)
    total = share * (1.0 - share) / scaled**2 - 1.0
    if total <= 0.0:
        return None
    return lambda rng, size: (
        low + (1.0 - low) * rng.beta(share * total, (1.0 - share) * total, size)
    )


def two_kinds(mean: float, below: float, above: float) -> Population | None:
    if mean - below < 0.0 or mean + above > 1.0 + 1e-9:
        return None
    share_above = below / (below + above)
    return lambda rng, size: np.where(
        rng.random(size) < share_above, min(1.0, mean + above), mean - below
    )


def cut_normal(mean: float, spread: float, low: float) -> Population | None:
    """A normal distribution cut at ``low`` and 1 whose moments are as asked after cutting."""

    def moments(parameters: Floats) -> list[float]:
        centre, scale = parameters[0], np.exp(parameters[1])
        shape = truncnorm((low - centre) / scale, (1.0 - centre) / scale, centre, scale)
        return [float(shape.mean()) - mean, float(shape.std()) - spread]

    # Far cuts leave next to no mass, where SciPy's moments overflow: those are no solutions.
    with np.errstate(all="ignore"):
        solution, _, status, _ = fsolve(moments, [mean, np.log(spread)], full_output=True)
        if status != 1 or max(np.abs(moments(solution))) > 1e-6:
            return None
    centre, scale = solution[0], np.exp(solution[1])
    ends = (low - centre) / scale, (1.0 - centre) / scale
    return lambda rng, size: truncnorm.rvs(*ends, centre, scale, size=size, random_state=rng)


def measure(design: Design, n_studies: int, rng: np.random.Generator) -> list[dict[str, Any]]:
    """One row per population: shares of studies with a claim, by method."""
    size = (n_studies, len(design.n_trials))
    rows = []

    def row(kind: str, name: str, spread: float, population: Population) -> None:
        counts = rng.binomial(design.n_trials, np.clip(population(rng, size), 0.0, 1.0))
        rows.append(
            {"design": design.name, "kind": kind, "population": name, "spread": spread}
            | design.claims(counts)
        )

    for spread in (0.0, *SPREADS, OUTSIDE):
        for name, population in populations(design.bound, spread, design.chance).items():
            row("false", name, spread, population)
    third = design.chance + (design.bound - design.chance) / 3.0
    row("true", "all at chance", 0.0, lambda rng, size: np.full(size, design.chance))
    row("true", "all a third of the way", 0.0, lambda rng, size: np.full(size, third))
    few = two_kinds(third, third - design.chance, 0.25)
    if few is not None:
        row("true", "on average a third, few hear", 0.0, few)
    return rows


def one_listener(n_studies: int, rng: np.random.Generator) -> list[dict[str, Any]]:
    """The exact tests of one listener's trials: at the bound, and against chance at chance."""
    rows = []
    for n, bound in ((50, 0.6), (100, 0.6), (200, 0.55), (400, 0.55)):
        at_bound = rng.binomial(n, bound, n_studies)
        at_chance = rng.binomial(n, 0.5, n_studies)
        rows.append(
            {
                "n_trials": n,
                "bound": bound,
                "claim at the bound": float(np.mean(bdtr(at_bound, n, bound) <= ALPHA)),
                "difference at chance": float(np.mean(bdtrc(at_chance - 1, n, 0.5) <= ALPHA)),
                "claim at chance": float(np.mean(bdtr(at_chance, n, bound) <= ALPHA)),
            }
        )
    return rows


def worst(rows: list[dict[str, Any]], method: str) -> dict[str, Any]:
    return max(rows, key=lambda one: one[method])


def tables(rows: list[dict[str, Any]], limit: float) -> tuple[list[dict[str, Any]], ...]:
    """False claims by design and spread, in the worst population; and rates of true claims."""
    false, true = [], []
    for design in dict.fromkeys(one["design"] for one in rows):
        mine = [one for one in rows if one["design"] == design]
        for spread in (0.0, *SPREADS, OUTSIDE):
            cell = [one for one in mine if one["kind"] == "false" and one["spread"] == spread]
            rates = {method: worst(cell, method)[method] for method in METHODS}
            false.append(
                {"design": design, "spread": spread if spread < OUTSIDE else f"({spread})"}
                | {key: percent(rate, limit) for key, rate in rates.items()}
                | {"worst for the t-test": worst(cell, "t-test")["population"]}
            )
        true += [
            {"design": design, "truth": one["population"]}
            | {method: percent(one[method]) for method in METHODS}
            for one in mine
            if one["kind"] == "true"
        ]
    return false, true


def percent(rate: float, limit: float = 1.0) -> str:
    return f"{100 * rate:.1f}{' *' if rate > limit else ''}"


def main() -> None:
    options = arguments(__doc__, seed=("of the simulated studies", 1))
    n_studies = 1_000 if options.quick else 10_000
    rng = np.random.default_rng(options.seed)
    start = time.process_time()
    rows = [one for design in DESIGNS for one in measure(design, n_studies, rng)]
    alone = one_listener(n_studies, rng)
    limit = ALPHA + 2.0 * np.sqrt(ALPHA * (1.0 - ALPHA) / n_studies)
    false, true = tables(rows, limit)
    print("False claims at the bound, %, in the worst population with that spread")
    show(false)
    print("\nClaims where the truth is within the bound, %")
    show(true)
    print("\nOne listener, exact tests, %")
    show(
        [
            {key: percent(value) if " at " in key else value for key, value in one.items()}
            for one in alone
        ]
    )
    within = [one for one in rows if one["kind"] == "false" and one["spread"] <= LARGEST_SPREAD]
    print(f"\nThe worst of {len(within)} cells with a spread of up to {LARGEST_SPREAD}:")
    for method in METHODS:
        cell = worst(within, method)
        above = sum(one[method] > limit for one in within)
        where = f"{cell['design']}, spread {cell['spread']}, {cell['population']}"
        print(f"{method}: {percent(cell[method])} % ({where}); {above} cells above 5 %")
    seconds = time.process_time() - start
    print(
        f"\n{n_studies} studies a cell, seed {options.seed}, {seconds:.0f} s of CPU, "
        f"{peak_memory_mib():.0f} MiB"
    )
    finish(options, [*rows, *alone])


if __name__ == "__main__":
    main()
