"""How often tests of "is there a difference?" find one where there is none.

Studies are simulated in which the hypothesis of a test is true, with listeners that differ where it
says nothing about that, and every rejection at 5 % is counted: of one listener's trials, of many
listeners against chance, of two conditions, of several levels at once, and by Bayes factors. Beside
them what is often done instead: pooled trials, t-tests, tests without correction. A star marks
rates more than two standard errors above 5 %. Two tests between conditions ask for more than equal
means: that no single listener hears a difference (dealt out anew), that both groups are one
population (labels); in the cells where that is not so they may reject.

10,000 studies a cell (--quick: 1,000); about 4 minutes of CPU (--quick: 40 s). The standard error
of a rate of 5 % is 0.2 % (0.7 %).

    python benchmarks/error_rates_difference.py [--quick] [--json FILE] [--seed N]
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from error_rates import ALPHA, Floats, Part, Row, rate_of, run
from numpy.typing import NDArray
from printing import arguments
from scipy.special import bdtrc, ndtr, stdtr

from jndlab.analysis.inference.adjust import adjust_p_values
from jndlab.analysis.inference.bayes import bayes_factor_binomial
from jndlab.analysis.inference.binomial import binomial_test
from jndlab.analysis.inference.max_t import max_t_test, max_t_test_conditions
from jndlab.analysis.inference.permutation import permutation_test_listeners
from jndlab.analysis.inference.permutation_conditions import permutation_test_conditions

Ints = NDArray[np.int64]
N_RESAMPLES = 199
"""Of tests that draw: (b + 1)/(m + 1) is valid for any number, and 0.05 · 200 is whole."""


def spread_over(
    rng: np.random.Generator, mean: float, spread: float, size: tuple[int, ...]
) -> Floats:
    """True proportions, symmetric about ``mean`` and at most as far from it as 0 or 1."""
    room = min(mean, 1.0 - mean)
    return np.asarray(np.clip(rng.normal(mean, spread, size), mean - room, mean + room))


def one_listener(n_studies: int, rng: np.random.Generator) -> list[Row]:
    """Exact and mid-p binomial tests, and Bayes factors of 20, of guessing listeners."""
    rows = []
    for n, chance in (
        (16, 1 / 2),
        (40, 1 / 2),
        (100, 1 / 2),
        (400, 1 / 2),
        (40, 1 / 3),
        (100, 1 / 4),
    ):
        drawn = rng.binomial(n, chance, n_studies)

        def looked_up(function: Callable[[int], float], drawn: Ints = drawn, n: int = n) -> Floats:
            seen = np.unique(drawn)
            table = np.zeros(n + 1)
            table[seen] = [function(int(k)) for k in seen]
            return np.asarray(table[drawn])

        def p_value(k: int, n: int = n, chance: float = chance, **options: Any) -> float:
            return binomial_test(k, n, chance=chance, **options).p_value

        def factor(k: int, prior: str, n: int = n, chance: float = chance) -> float:
            return bayes_factor_binomial(k, n, chance=chance, prior=prior).bayes_factor

        rows.append(
            {
                "trials": n,
                "chance": round(chance, 3),
                "greater": rate_of(looked_up(p_value)),
                "less": rate_of(looked_up(lambda k: p_value(k, alternative="less"))),
                "two-sided": rate_of(looked_up(lambda k: p_value(k, alternative="two-sided"))),
                "mid-p": rate_of(looked_up(lambda k: p_value(k, mid_p=True))),
                "BF10 >= 20, uniform": float(
                    np.mean(looked_up(lambda k: factor(k, "uniform")) >= 20.0)
                ),
                "BF10 >= 20, logistic above": float(
                    np.mean(looked_up(lambda k: factor(k, "logistic_medium_above_chance")) >= 20.0)
                ),
            }
        )
    return rows


def against_chance(n_studies: int, rng: np.random.Generator) -> list[Row]:
    """Listeners on average at chance: flips beside pooled trials and a t-test."""
    rows = []
    for m, n in ((6, 40), (12, 20), (24, 12)):
        for spread in (0.0, 0.05, 0.10, 0.15):
            counts = rng.binomial(n, spread_over(rng, 0.5, spread, (n_studies, m)))
            share = counts / n
            error = np.maximum(share.std(axis=1, ddof=1), 1e-12) / np.sqrt(m)
            t = (share.mean(axis=1) - 0.5) / error
            flips = [
                permutation_test_listeners(one, n, chance=0.5, n_resamples=N_RESAMPLES).p_value
                for one in counts
            ]
            rows.append(
                {
                    "listeners x trials": f"{m} x {n}",
                    "studies": n_studies,
                    "chance": 0.5,
                    "spread": spread,
                    "sign flips": rate_of(flips),
                    "pooled binomial": rate_of(bdtrc(counts.sum(axis=1) - 1, m * n, 0.5)),
                    "t-test": rate_of(stdtr(m - 1, -t)),
                }
            )
    unequal, few = np.array([8, 12, 12, 16, 20, 24]), n_studies // 5
    for chance in (1 / 2, 1 / 3, 1 / 4):
        counts = rng.binomial(unequal, chance, (n_studies, len(unequal)))
        p_values = [
            permutation_test_listeners(
                one, unequal, chance=chance, null="no_effect", n_resamples=N_RESAMPLES
            ).p_value
            for one in counts[:few]
        ]
        rows.append(
            {
                "listeners x trials": "6 x 8-24",
                "studies": few,
                "chance": round(chance, 3),
                "spread": 0.0,
                "guesses": rate_of(p_values),
            }
        )
    return rows


def conditions(n_studies: int, rng: np.random.Generator) -> list[Row]:
    """Two conditions with one mean: of the same listeners, and of different ones."""
    rows = []
    for spread, interaction in ((0.0, 0.0), (0.1, 0.0), (0.1, 0.1)):
        base = spread_over(rng, 0.72, spread, (n_studies, 10))
        shift = rng.normal(0.0, interaction / 2, base.shape)
        one = rng.binomial(20, np.clip(base + shift, 0.0, 1.0))
        other = rng.binomial(20, np.clip(base - shift, 0.0, 1.0))
        rest = rng.binomial(8, np.clip(base - shift, 0.0, 1.0))

        def paired(first: Ints, second: Ints, n: int, **options: Any) -> float:
            return rate_of(
                [
                    permutation_test_conditions(
                        a, 20, b, n, same_listeners=True, n_resamples=N_RESAMPLES, **options
                    ).p_value
                    for a, b in zip(first, second, strict=True)
                ]
            )

        rows.append(
            {
                "listeners": "10, the same",
                "studies": n_studies,
                "spread": spread,
                "spread of differences": interaction,
                "signs or labels": paired(one, other, 20),
                "8 against 20 trials": paired(one, rest, 8),
                "dealt out anew": paired(one, other, 20, null="no_effect"),
            }
        )
    for sizes, spreads in (((6, 6), (0.15, 0.15)), ((4, 8), (0.1, 0.1)), ((5, 7), (0.18, 0.05))):
        draws = [
            rng.binomial(20, spread_over(rng, 0.75, spread, (n_studies // 2, size)))
            for size, spread in zip(sizes, spreads, strict=True)
        ]
        rows.append(
            {
                "listeners": f"{sizes[0]} and {sizes[1]}",
                "studies": n_studies // 2,
                "spread": f"{spreads[0]}, {spreads[1]}",
                "spread of differences": "",
                "signs or labels": rate_of(
                    [
                        permutation_test_conditions(a, 20, b, 20, same_listeners=False).p_value
                        for a, b in zip(*draws, strict=True)
                    ]
                ),
            }
        )
    return rows


def several_levels(n_studies: int, rng: np.random.Generator) -> list[Row]:
    """Family-wise: any true hypothesis of five rejected, where listeners' biases join levels."""
    rows = []
    for n_false, spread in ((0, 0.0), (0, 0.15), (2, 0.0), (2, 0.15)):
        means = np.array([0.5] * (5 - n_false) + [0.85] * n_false)
        errors = dict.fromkeys(("max-T", "Holm of flips", "Hochberg of flips", "uncorrected"), 0)
        found = dict.fromkeys(("max-T finds the others", "Holm finds the others"), 0)
        for _ in range(n_studies):
            bias = np.clip(rng.normal(0.0, spread, (9, 1)), -0.15, 0.15)
            result = max_t_test(rng.binomial(16, means + bias), 16, chance=0.5)
            holm = adjust_p_values(result.p_values, method="holm")
            by_method = {
                "max-T": np.array(result.adjusted_p_values),
                "Holm of flips": holm,
                "Hochberg of flips": adjust_p_values(result.p_values, method="hochberg"),
                "uncorrected": np.array(result.p_values),
            }
            for name, p_values in by_method.items():
                errors[name] += bool(np.any(p_values[means == 0.5] <= ALPHA))
            for name, source in zip(found, ("max-T", "Holm of flips"), strict=True):
                found[name] += bool(np.all(by_method[source][means > 0.5] <= ALPHA))
        rows.append(
            {"levels with an effect": n_false, "studies": n_studies, "spread": spread}
            | {name: count / n_studies for name, count in errors.items()}
            | {name: count / n_studies if n_false else "" for name, count in found.items()}
        )
    rows.append(_groups_over_levels(n_studies // 5, rng))
    return rows


def _groups_over_levels(n_studies: int, rng: np.random.Generator) -> Row:
    errors = 0
    for _ in range(n_studies):
        bias = np.clip(rng.normal(0.0, 0.15, (11, 1)), -0.25, 0.25)
        counts = rng.binomial(16, np.array([0.6, 0.7, 0.75]) + bias)
        result = max_t_test_conditions(counts[:5], 16, counts[5:], 16, same_listeners=False)
        errors += result.p_value <= ALPHA
    return {
        "levels with an effect": "none of 3, two groups",
        "studies": n_studies,
        "spread": 0.15,
        "max-T": errors / n_studies,
    }


def adjustments(n_studies: int, rng: np.random.Generator) -> list[Row]:
    """Family-wise error rate, or false discovery rate, of ten tests, five with an effect."""
    rows = []
    for correlation in (0.0, 0.5):
        common = rng.normal(size=(n_studies, 1)) * np.sqrt(correlation)
        noise = rng.normal(size=(n_studies, 10)) * np.sqrt(1.0 - correlation)
        p_values = ndtr(-(common + noise + np.array([0.0] * 5 + [3.0] * 5)))
        row: Row = {"correlation": correlation}
        for method in ("bonferroni", "holm", "hochberg", "hommel"):
            rejected = [adjust_p_values(one, method=method) <= ALPHA for one in p_values]
            row[method] = float(np.mean([one[:5].any() for one in rejected]))
        for method in ("bh", "by"):
            rejected = [adjust_p_values(one, method=method) <= ALPHA for one in p_values]
            row[f"{method} (false discoveries)"] = float(
                np.mean([one[:5].sum() / max(1, one.sum()) for one in rejected])
            )
        rows.append(row)
    return rows


PARTS = (
    Part("One listener's trials, all guesses", one_listener),
    Part("Listeners on average at chance", against_chance),
    Part("Two conditions with the same mean", conditions),
    Part("Five levels at once: any error", several_levels),
    Part("Adjusted p-values of ten tests, five of them without effect", adjustments),
)


if __name__ == "__main__":
    run(arguments(__doc__, seed=("of the simulated studies", 1)), PARTS)
