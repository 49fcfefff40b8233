"""How often one is preferred to another: shares over listeners, tests, first-position bias."""

from __future__ import annotations

from dataclasses import dataclass, field
from math import comb

import numpy as np
from numpy.typing import NDArray

from jndlab.analysis.inference.beta_binomial import fit_beta_binomial
from jndlab.analysis.intervals import ConfidenceInterval, clopper_pearson
from jndlab.analysis.quality.differences import MeanEquivalence, equivalence_of_mean
from jndlab.analysis.quality.votes import Stimulus
from jndlab.errors import JndlabError

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
MOST_EXACT_LISTENERS = 18
"""Up to here all turns of signs are counted (2¹⁸ of them); beyond, a sample of them."""
_N_SIGN_TURNS = 99_999


@dataclass(frozen=True, slots=True, kw_only=True)
class Preference:
    """How often ``stimulus`` was preferred to ``other``, with the listener as the unit."""

    stimulus: Stimulus
    other: Stimulus
    n_listeners: int
    n_trials: int
    n_preferred: int
    """Trials in which ``stimulus`` was preferred, over all listeners."""
    share: float
    """Mean of the listeners' shares."""
    interval: ConfidenceInterval
    """Beta-binomial over listeners; exact binomial where nobody has two trials."""
    p_value: float | None
    """Exact two-sided test by turning signs: are listeners' shares as likely above one half as
    below? None of one listener with several trials."""
    p_value_holm: float | None
    n_for: int
    """Listeners who preferred ``stimulus`` more often than not."""
    n_against: int
    """Listeners who preferred ``other``; the rest are tied."""
    p_value_sign: float | None
    """Exact two-sided sign test of these; None if all are tied."""
    equivalence: MeanEquivalence
    """Of the share's distance from one half, over listeners."""
    shares: tuple[float, ...] = field(repr=False)
    """Of the listeners who compared the two, in their order."""
    warnings: tuple[str, ...] = ()


def preference_of(
    n_preferred: Ints,
    n_trials: Ints,
    *,
    stimulus: Stimulus,
    other: Stimulus,
    coverage: float,
    alpha: float,
    bound: float | None,
    rng: np.random.Generator,
) -> Preference:
    """Counts of listeners, shape (listeners,), those without trials left out, as a preference.

    ``bound``: distance of the share from one half that counts as none.

    >>> found = preference_of(np.array([3, 4, 2, 4, 3, 3]), np.full(6, 4),
    ...     stimulus=Stimulus("seofp", 3.0), other=Stimulus("baseline"), coverage=0.95,
    ...     alpha=0.05, bound=None, rng=np.random.default_rng(1))
    >>> round(found.share, 3), found.n_for, found.n_against, found.p_value, found.p_value_sign
    (0.792, 5, 0, 0.0625, 0.0625)
    """
    heard = n_trials > 0
    preferred, trials = n_preferred[heard], n_trials[heard]
    shares = preferred / trials
    interval, warnings = _interval(preferred, trials, coverage)
    n_for, n_against = int((shares > 0.5).sum()), int((shares < 0.5).sum())
    sd = float(shares.std(ddof=1)) if len(shares) > 1 else None
    share = float(shares.mean())
    return Preference(
        stimulus=stimulus,
        other=other,
        n_listeners=len(shares),
        n_trials=int(trials.sum()),
        n_preferred=int(preferred.sum()),
        share=share,
        interval=interval,
        p_value=sign_turning_test(shares - 0.5, rng=rng),
        p_value_holm=None,
        n_for=n_for,
        n_against=n_against,
        p_value_sign=sign_test(n_for, n_against),
        equivalence=equivalence_of_mean(share - 0.5, sd, len(shares), bound=bound, alpha=alpha),
        shares=tuple(float(one) for one in shares),
        warnings=warnings,
    )


def _interval(
    preferred: Ints, trials: Ints, coverage: float
) -> tuple[ConfidenceInterval, tuple[str, ...]]:
    """Of the share, clustered by listener as soon as anybody has two trials."""
    pooled = int(preferred.sum()), int(trials.sum())
    if trials.max() < 2:
        return clopper_pearson(*pooled, coverage=coverage), ()
    if len(trials) == 1:
        told = "One listener: the interval is about this listener's other answers, nobody else's."
        return clopper_pearson(*pooled, coverage=coverage), (told,)
    try:
        fit = fit_beta_binomial(preferred, trials, paradigm="2afc", corrected=False, n_resamples=0)
        return fit.interval("mean", coverage), ()
    except JndlabError as error:
        told = f"The interval takes trials as independent: {error}"
        return clopper_pearson(*pooled, coverage=coverage), (told,)


def sign_turning_test(values: Floats, *, rng: np.random.Generator) -> float | None:
    """Two-sided p of a mean of 0 where each listener's value is as likely turned round.

    Exact up to :data:`MOST_EXACT_LISTENERS`, else by a random sample of the turns (Fisher 1935,
    *The Design of Experiments*, § 21; Phipson & Smyth 2010, *Stat. Appl. Genet. Mol. Biol.* 9, 39).
    ``values`` of shape (listeners,). None of fewer than two.

    >>> sign_turning_test(np.array([0.5, 0.5, 0.5, 0.5, 0.5]), rng=np.random.default_rng(1))
    0.0625
    """
    n = len(values)
    if n < 2:
        return None
    seen = abs(float(values.sum())) - 1e-9
    if n <= MOST_EXACT_LISTENERS:
        sums = np.zeros(1)
        for value in values:
            sums = np.concatenate([sums + value, sums - value])
        return float(np.mean(np.abs(sums) >= seen))
    count = 0
    for _ in range(9):
        turns = rng.choice([-1.0, 1.0], size=(_N_SIGN_TURNS // 9, n))
        count += int((np.abs(turns @ values) >= seen).sum())
    return (count + 1) / (_N_SIGN_TURNS + 1)


def sign_test(n_for: int, n_against: int) -> float | None:
    """Exact two-sided sign test; None where there is nobody on either side.

    >>> sign_test(9, 1)
    0.021484375
    """
    n = n_for + n_against
    if n == 0:
        return None
    tail = float(sum(comb(n, k) for k in range(max(n_for, n_against), n + 1)) / 2**n)
    return min(1.0, 2.0 * tail)
