"""Single levels or blocks that the result hangs on: the fit again with each of them left out.

The influence of a level (or block) is how far estimates move without it, in units of half the
length of the 95 % interval. Above 1 the data without it would have led to an estimate
that the interval of all data hardly contains (Wichmann & Hill 2001, *Perception & Psychophysics*
63, 1293–1313; Fründ, Haenel & Wichmann 2011, *Journal of Vision* 11(6), 16).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from jndlab import __version__
from jndlab.analysis.fits.blocks import Blocks, check_blocks
from jndlab.analysis.fits.curves import FittedCurves, fit_curves
from jndlab.analysis.fits.fit import PsychometricFit
from jndlab.analysis.records import Option, to_dict
from jndlab.study.trials import Direction

Floats = NDArray[np.float64]
LIMIT = 1.0
_NAMES = ("threshold", "width")


@dataclass(frozen=True, slots=True, kw_only=True)
class LeftOut:
    """The fit without one level or one block."""

    number: int
    """Place of the level or block, from 1."""
    level: float
    n_correct: int
    n_trials: int
    threshold: float
    """Estimates without it, in the unit of the study."""
    width: float
    threshold_influence: float | None
    """Move of the estimate in half lengths of its interval; None where that is infinite."""
    width_influence: float | None
    influential: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class InfluentialData:
    """What each level or block does to threshold and width."""

    unit: str
    """"level" or "block": what was left out."""
    direction: Direction
    """Whether the proportion correct rises or falls with the level."""
    rows: tuple[LeftOut, ...]
    verdict: str
    warnings: tuple[str, ...]
    options: Mapping[str, Option]
    method: str
    data_digest: str
    version: str

    @property
    def influential(self) -> tuple[LeftOut, ...]:
        """Those that move an estimate by more than half its interval."""
        return tuple(row for row in self.rows if row.influential)

    def to_dict(self) -> dict[str, Any]:
        """The result as plain values, ready for JSON."""
        plain: dict[str, Any] = to_dict(self)
        return plain


def influential_data(
    fit: PsychometricFit, *, blocks: Blocks | None = None, coverage: float = 0.95
) -> InfluentialData:
    """Leave out every level, or every block, and see how far threshold and width move.

    ``blocks``: levels, numbers correct and numbers of trials of the blocks, three sequences of
    equal length that add up to the fit's counts. All refits are made at once, with the priors of
    the whole fit (Wichmann & Hill 2001, *Perception & Psychophysics* 63, 1293–1313).
    DataError: blocks that do not add up, impossible coverage.

    >>> from jndlab.analysis import fit_psychometric
    >>> fit = fit_psychometric([1, 2, 3, 4, 5, 6], [21, 23, 29, 33, 38, 39], [40] * 6,
    ...                        paradigm="2afc", overdispersion=False)
    >>> result = influential_data(fit)
    >>> len(result.rows), result.influential
    (6, ())
    """
    correct, trials = np.array(fit.n_correct, dtype=float), np.array(fit.n_trials, dtype=float)
    if blocks is None:
        level, out_correct, out_trials = np.arange(len(trials)), correct, trials
    else:
        places = check_blocks(fit, blocks)
        level, out_correct, out_trials = places.level, places.n_correct, places.n_trials
    member = (level[:, None] == np.arange(len(trials))).astype(float)
    left_correct = correct - member * out_correct[:, None]
    left_trials = trials - member * out_trials[:, None]
    refits = fit_curves(fit.design, left_correct, left_trials, method=fit.method)
    values, moves = _moves(fit, refits, coverage)
    rows = tuple(
        LeftOut(
            number=i + 1,
            level=fit.levels[level[i]],
            n_correct=int(out_correct[i]),
            n_trials=int(out_trials[i]),
            threshold=float(values["threshold"][i]),
            width=float(values["width"][i]),
            threshold_influence=_finite(moves["threshold"][i]),
            width_influence=_finite(moves["width"][i]),
            influential=any(bool(moves[name][i] > LIMIT) for name in _NAMES),
        )
        for i in range(len(level))
    )
    unit = "level" if blocks is None else "block"
    return InfluentialData(
        unit=unit,
        direction=fit.direction,
        rows=rows,
        verdict=_verdict(unit, rows),
        warnings=_advice(moves, refits),
        options={"coverage": coverage, "limit": LIMIT},
        method=f"leave one {unit} out, in half lengths of the {coverage:.0%} interval",
        data_digest=fit.data_digest,
        version=__version__,
    )


def _moves(
    fit: PsychometricFit, refits: FittedCurves, coverage: float
) -> tuple[dict[str, Floats], dict[str, Floats]]:
    """Estimates of the refits, and how far they are from the fit's; nan where none can be told."""
    values, moves = {}, {}
    for name in _NAMES:
        half = fit.interval(name, coverage).length / 2.0
        values[name] = refits.estimate(name)
        far = np.abs(values[name] - fit.estimate(name))
        known = refits.modes.converged & np.isfinite(half) & (half > 0.0)
        moves[name] = np.where(known, far / (half if half > 0.0 else 1.0), np.nan)
    return values, moves


def _finite(value: float) -> float | None:
    return float(value) if np.isfinite(value) else None


def _advice(moves: Mapping[str, Floats], refits: FittedCurves) -> tuple[str, ...]:
    sentences = [
        f"The interval of the {name} has no end, so influence on it cannot be told."
        for name in _NAMES
        if np.all(np.isnan(moves[name]))
    ]
    lost = int(np.sum(~refits.modes.converged))
    if lost:
        sentences.append(f"{lost} refits did not end.")
    return tuple(sentences)


def _verdict(unit: str, rows: tuple[LeftOut, ...]) -> str:
    found = [row for row in rows if row.influential]
    if not found:
        return f"No single {unit} moves threshold or width by more than half of its interval."
    where = ", ".join(
        f"{unit} {row.number} (level {row.level:g}, {row.n_correct} of {row.n_trials} correct)"
        if unit == "block"
        else f"level {row.level:g} ({row.n_correct} of {row.n_trials} correct)"
        for row in found
    )
    return (
        f"Without {where} threshold or width would move by more than half of its interval. Look at "
        "how these responses came about; leave them out only for a reason stated beforehand."
    )
