"""One scale out of paired comparisons: Thurstone's case V and the model of Bradley and Terry."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import chdtrc, expit, log_expit, log_ndtr, ndtr

from jndlab.analysis.checks import Seed, generator_of, numbers
from jndlab.analysis.inference.resampling import require_resamples
from jndlab.analysis.intervals import ConfidenceInterval, check_coverage
from jndlab.errors import DataError, FitError

Floats = NDArray[np.float64]
ScaleModel = Literal["thurstone", "bradley-terry"]
MODELS: dict[ScaleModel, str] = {
    "thurstone": "Thurstone, case V",
    "bradley-terry": "Bradley–Terry",
}
_MOST_STEPS = 100
_HALF = 0.5


@dataclass(frozen=True, slots=True, kw_only=True)
class PairFit:
    """One compared pair: what was seen, and what the scale expects."""

    first: int
    second: int
    """Index of the stimuli."""
    n_trials: float
    observed: float
    """Share of trials in which the first was preferred."""
    expected: float


@dataclass(frozen=True, slots=True, kw_only=True)
class ScaleValues:
    """Scale values with intervals over listeners; the first stimulus is the zero of the scale."""

    model: ScaleModel
    stimuli: tuple[str, ...]
    values: tuple[float, ...]
    intervals: tuple[ConfidenceInterval | None, ...]
    """By resampling whole listeners; None of the zero, and with too few listeners."""
    log_likelihood: float
    deviance: float
    """G² = 2 Σ n p̂ log(p̂ / π) over pairs and both answers."""
    degrees_of_freedom: int
    """Compared pairs less free values. 0: the scale fits any data, so nothing tests it."""
    p_value: float | None
    """Of the deviance by χ², which takes trials as independent: too small where listeners differ.
    None with 0 degrees of freedom."""
    pairs: tuple[PairFit, ...]
    converged: bool
    n_listeners: int
    n_trials: float
    n_resamples: int
    n_adjusted: int
    """Resamples in which somebody won or lost everything, so that half a vote each way was added
    to every compared pair."""
    warnings: tuple[str, ...]
    seed: int | None
    resamples: Floats = field(repr=False)
    """Shape (resamples, stimuli)."""


def fit_scale_values(
    wins: ArrayLike,
    *,
    stimuli: tuple[str, ...],
    model: ScaleModel = "thurstone",
    coverage: float = 0.95,
    n_resamples: int = 1000,
    seed: Seed = 1,
    fewest_listeners: int = 5,
) -> ScaleValues:
    """Scale values by maximum likelihood from ``wins`` of shape (listeners, stimuli, stimuli).

    ``wins[l, i, j]``: how often listener l preferred i to j. Thurstone's case V (1927,
    *Psychological Review* 34, 273–286): P(i over j) = Φ(sᵢ − sⱼ), in units of the standard
    deviation of a difference; a preference of 75 % is 0.67. Bradley & Terry (1952, *Biometrika* 39,
    324–345): the same with the logistic function. The first stimulus is 0. Intervals resample whole
    listeners. Where a stimulus won or lost everything its value would be infinite: then half a vote
    each way is added to every compared pair, and a warning says so.

    DataError: another shape, impossible counts. FitError: stimuli that no chain of comparisons
    joins with the first.

    >>> wins = np.zeros((1, 2, 2)); wins[0, 1, 0] = 75; wins[0, 0, 1] = 25
    >>> fit_scale_values(wins, stimuli=("a", "b")).values
    (0.0, 0.6744897501960817)
    """
    check_coverage(coverage)
    counts = _checked(wins, stimuli)
    rng, seed_used = generator_of(seed)
    total = counts.sum(axis=0)
    _require_joined(total, stimuli)
    if model not in MODELS:
        raise DataError(f"There is no model {model!r}.", f"Use one of: {', '.join(MODELS)}.")
    adjusted = _adjust(total[None])
    values, converged = _fit(adjusted[0], model)
    resamples, n_adjusted = np.zeros((0, len(stimuli))), 0
    n_listeners = len(counts)
    if n_listeners >= fewest_listeners:
        resamples, n_adjusted = _resample(
            counts, model, rng=rng, n_resamples=require_resamples(n_resamples)
        )
    log_likelihood, deviance, pairs = _goodness(total, values[0], model)
    freedom = len(pairs) - (len(stimuli) - 1)
    return ScaleValues(
        model=model,
        stimuli=stimuli,
        values=tuple(float(one) for one in values[0]),
        intervals=_intervals(resamples, len(stimuli), coverage),
        log_likelihood=log_likelihood,
        deviance=deviance,
        degrees_of_freedom=freedom,
        p_value=float(chdtrc(freedom, deviance)) if freedom > 0 else None,
        pairs=pairs,
        converged=bool(converged[0]),
        n_listeners=n_listeners,
        n_trials=float(total.sum()),
        n_resamples=len(resamples),
        n_adjusted=n_adjusted,
        warnings=_warnings(bool(adjusted[1][0]), n_listeners, fewest_listeners),
        seed=seed_used,
        resamples=resamples,
    )


def _checked(wins: ArrayLike, stimuli: tuple[str, ...]) -> Floats:
    counts = numbers(wins, "wins")
    if counts.ndim != 3 or counts.shape[1:] != (len(stimuli),) * 2 or len(stimuli) < 2:
        raise DataError(
            "wins must have the shape (listeners, stimuli, stimuli), with a name per stimulus.",
            "Count for every listener how often each stimulus was preferred to each other one.",
        )
    if not np.all(np.isfinite(counts)) or np.any(counts < 0) or len(counts) == 0:
        raise DataError("wins holds an impossible count.", "Give counts of 0 or more.")
    if np.any(counts.diagonal(axis1=1, axis2=2) > 0):
        raise DataError("A stimulus was compared with itself.", "Leave such trials out.")
    return counts


def _require_joined(total: Floats, stimuli: tuple[str, ...]) -> None:
    compared = (total + total.T) > 0
    reached = np.zeros(len(stimuli), dtype=bool)
    reached[0] = True
    for _ in stimuli:
        reached = reached | compared[reached].any(axis=0)
    if not reached.all():
        lost = [name for name, there in zip(stimuli, reached, strict=True) if not there]
        raise FitError(
            f"No comparison joins {', '.join(lost)} with {stimuli[0]}: they share no scale.",
            "Compare every stimulus with the baseline, or in a chain of pairs.",
        )


def _adjust(totals: Floats) -> tuple[Floats, NDArray[np.bool_]]:
    """Half a vote each way where a finite maximum does not exist; shape (sets, stimuli, stimuli).

    It exists where everybody can be reached from everybody along wins (Ford 1957, *Am. Math.
    Monthly* 64 (8), 28–33).
    """
    size = totals.shape[-1]
    reach: Floats = ((totals > 0) | np.eye(size, dtype=bool)).astype(float)
    for _ in range(max(1, int(np.ceil(np.log2(size))))):
        reach = (np.matmul(reach, reach) > 0).astype(float)
    missing: NDArray[np.bool_] = np.asarray(~(reach > 0).all(axis=(1, 2)), dtype=bool)
    compared = (totals + totals.swapaxes(1, 2)) > 0
    return np.asarray(totals + _HALF * compared * missing[:, None, None]), missing


def _fit(totals: Floats, model: ScaleModel) -> tuple[Floats, NDArray[np.bool_]]:
    """Maximum likelihood of many sets at once by Fisher scoring; values and whether they settled.

    Shapes (sets, stimuli) and (sets,).
    """
    n = totals + totals.swapaxes(1, 2)
    values = np.zeros(totals.shape[:2])
    settled: NDArray[np.bool_] = np.zeros(len(totals), dtype=bool)
    for _ in range(_MOST_STEPS):
        gap = values[:, :, None] - values[:, None, :]
        if model == "thurstone":
            p = np.clip(ndtr(gap), 1e-12, 1.0 - 1e-12)
            density = np.exp(-0.5 * gap**2) / np.sqrt(2.0 * np.pi)
            weight = density / (p * (1.0 - p))
            slope, information = weight * (totals - n * p), n * weight * density
        else:
            p = expit(gap)
            slope, information = totals - n * p, n * p * (1.0 - p)
        gradient = slope.sum(axis=2)[:, 1:]
        hessian = -information[:, 1:, 1:]
        at = np.arange(hessian.shape[1])
        hessian[:, at, at] = information.sum(axis=2)[:, 1:] + 1e-10
        step = np.clip(np.linalg.solve(hessian, gradient[..., None])[..., 0], -1.0, 1.0)
        values[:, 1:] += step
        settled = np.asarray(np.abs(step).max(axis=1) < 1e-9)
        if settled.all():
            break
    return values, settled


def _resample(
    counts: Floats, model: ScaleModel, *, rng: np.random.Generator, n_resamples: int
) -> tuple[Floats, int]:
    n = len(counts)
    weights = rng.multinomial(n, np.full(n, 1.0 / n), size=n_resamples).astype(float)
    totals = np.tensordot(weights, counts, axes=(1, 0))
    totals, missing = _adjust(totals)
    # A resample can leave a pair without any comparison, and with it a stimulus without a value.
    joined = ((totals + totals.swapaxes(1, 2)).sum(axis=2) > 0).all(axis=1)
    return _fit(totals[joined], model)[0], int(missing[joined].sum())


def _intervals(
    resamples: Floats, n_stimuli: int, coverage: float
) -> tuple[ConfidenceInterval | None, ...]:
    if len(resamples) == 0:
        return (None,) * n_stimuli
    low, high = np.quantile(resamples, [(1.0 - coverage) / 2.0, 0.5 + coverage / 2.0], axis=0)
    return (
        None,
        *(
            ConfidenceInterval(
                low=float(low[at]),
                high=float(high[at]),
                coverage=coverage,
                method="percentile, listeners resampled",
            )
            for at in range(1, n_stimuli)
        ),
    )


def _goodness(
    total: Floats, values: Floats, model: ScaleModel
) -> tuple[float, float, tuple[PairFit, ...]]:
    log_p = log_ndtr if model == "thurstone" else log_expit
    likelihood, deviance, pairs = 0.0, 0.0, []
    for i in range(len(values)):
        for j in range(i + 1, len(values)):
            n = total[i, j] + total[j, i]
            if n == 0:
                continue
            for won, gap in (
                (total[i, j], values[i] - values[j]),
                (total[j, i], values[j] - values[i]),
            ):
                if won > 0:
                    likelihood += won * float(log_p(gap))
                    deviance += 2.0 * won * (float(np.log(won / n)) - float(log_p(gap)))
            pairs.append(
                PairFit(
                    first=i,
                    second=j,
                    n_trials=float(n),
                    observed=float(total[i, j] / n),
                    expected=float(np.exp(log_p(values[i] - values[j]))),
                )
            )
    return likelihood, max(0.0, deviance), tuple(pairs)


def _warnings(adjusted: bool, n_listeners: int, fewest: int) -> tuple[str, ...]:
    found = []
    if adjusted:
        found.append(
            "A version won or lost all its comparisons, so that its scale value would be infinite: "
            "half a vote each way was added to every compared pair. Read such values as “at least”."
        )
    if n_listeners < fewest:
        found.append(
            f"{n_listeners} listener{'' if n_listeners == 1 else 's'}: too few for intervals of "
            "scale values that speak of other listeners."
        )
    return tuple(found)
