"""The mixed psychometric model on its inner scale: which numbers are free, and what they make.

With location m and half range s of the tested levels the inner level is ξ = (level − m)/s (of the
logarithm for families on the log level). Every model of the package has the form

    η = c + e^ε d,    d = o + X β + Z L z ∓ τ v,    ε = X′ β′ + Z′ L z,

with z standard normal per listener, v standard normal per item and L lower triangular. On the
linear predictor d is intercept + slope · ξ, and c = ε = 0. On the psychometric parameters
d = ±(ξ − threshold), ε is the log slope and c = S⁻¹(½). So L = 0 is an inner point where the
likelihood is even and smooth: no bound is needed for a spread of 0.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from jndlab.analysis.groups.counts import GroupCounts, Integers
from jndlab.analysis.groups.effects import RandomEffects
from jndlab.analysis.groups.terms import Rates
from jndlab.errors import DataError
from jndlab.sigmoids import Sigmoid, SigmoidName, get_sigmoid, mirrored
from jndlab.study.trials import Direction

Floats = NDArray[np.float64]
NARROWEST, WIDEST = 2e-3, 400.0
"""Widths, in half ranges of the levels, between which a curve is sought."""
STEP_WIDTH = 0.04
"""A narrower curve is a step as far as any data can tell: its width is not determined."""
FARTHEST = 60.0
"""Thresholds and spreads of thresholds, in half ranges, up to which they are sought."""
MOST_LAPSES, MOST_GUESSES = 0.5, 0.9


@dataclass(frozen=True, slots=True, kw_only=True)
class Scale:
    """From inner levels to levels and back."""

    location: float
    half_range: float
    log_level: bool

    def to_inner(self, level: Floats) -> Floats:
        values = np.log(level) if self.log_level else np.asarray(level, dtype=float)
        return np.asarray((values - self.location) / self.half_range)

    def to_level(self, inner: Floats | float) -> Floats:
        with np.errstate(over="ignore"):
            values = self.location + self.half_range * np.asarray(inner)
            return np.asarray(np.exp(values) if self.log_level else values)


@dataclass(frozen=True, slots=True, kw_only=True)
class Model:
    """Arrays of shape (listeners, rows, …); a point is a vector of the free numbers, in the order
    β, β′, entries of L, τ, lapse rate, guess rate."""

    standard: Sigmoid
    scale: Scale
    effects: RandomEffects
    sign: float
    """−1 where performance falls as the level grows; of the psychometric parameters only."""
    correct: Floats
    wrong: Floats
    offset: Floats
    fixed_d: Floats
    fixed_e: Floats
    random_d: Floats
    random_e: Floats
    cells: tuple[tuple[int, int], ...]
    """Free entries of L as (row, column)."""
    item: Integers | None
    n_items: int
    lapse_rate: float | None
    """None: free. Likewise the guess rate."""
    guess_rate: float | None
    lapse_prior: tuple[float, float] | None
    """Beta prior of a free lapse rate; None: maximum likelihood."""
    n_shifts: int
    """Numbers for differences in threshold between conditions, and in slope."""
    n_tilts: int

    @property
    def n_listeners(self) -> int:
        return len(self.correct)

    @property
    def n_random(self) -> int:
        """Dimensions of z."""
        return int(self.random_d.shape[2])

    @property
    def n_fixed(self) -> int:
        return int(self.fixed_d.shape[2] + self.fixed_e.shape[2])

    @property
    def item_at(self) -> int | None:
        """Where τ stands in a point; None without items. Likewise lapse_at and guess_at."""
        return self.n_fixed + len(self.cells) if self.item is not None else None

    @property
    def lapse_at(self) -> int | None:
        if self.lapse_rate is not None:
            return None
        return self.n_fixed + len(self.cells) + (self.item is not None)

    @property
    def guess_at(self) -> int | None:
        if self.guess_rate is not None:
            return None
        before = self.n_fixed + len(self.cells) + (self.item is not None)
        return before + (self.lapse_rate is None)

    @property
    def n_free(self) -> int:
        rates = (self.lapse_rate is None) + (self.guess_rate is None)
        return self.n_fixed + len(self.cells) + (self.item is not None) + rates

    @property
    def labels(self) -> tuple[str, ...]:
        """What each free number is, in order: for carrying a point from one model to another."""
        curve = ["intercept", "slope"]
        shifts = [f"shift {number}" for number in range(1, self.n_shifts + 1)]
        tilts = [f"tilt {number}" for number in range(1, self.n_tilts + 1)]
        if self.effects.psychometric:
            fixed = [curve[0], *shifts, curve[1], *tilts]
        else:
            fixed = [*curve, *shifts, *tilts]
        cells = [f"spread {row} {column}" for row, column in self.cells]
        rest = ["item"] * (self.item is not None) + ["lapse_rate"] * (self.lapse_rate is None)
        return (*fixed, *cells, *rest, *["guess_rate"] * (self.guess_rate is None))

    def factor(self, points: Floats) -> Floats:
        """L, shape (points, q, q), of points (points, free)."""
        size = self.n_random
        lower = np.zeros((len(points), size, size))
        for number, (row, column) in enumerate(self.cells):
            lower[:, row, column] = points[:, self.n_fixed + number]
        return lower

    def rates(self, points: Floats, n_axes: int) -> Rates:
        """Rates of the points as arrays with ``n_axes`` axes of length 1 behind."""

        def one(fixed: float | None, at: int | None) -> Floats | float:
            if at is None:
                assert fixed is not None
                return fixed
            return points[:, at].reshape((-1,) + (1,) * n_axes)

        return Rates(
            guess=one(self.guess_rate, self.guess_at), lapse=one(self.lapse_rate, self.lapse_at)
        )

    @property
    def limits(self) -> Floats:
        """Lowest and highest value of each free number, shape (free, 2)."""
        span, n_d, n_e = self.standard.span, self.fixed_d.shape[2], self.fixed_e.shape[2]
        if self.effects.psychometric:
            fixed = [(-FARTHEST, FARTHEST)] * n_d
            fixed += [(np.log(span / WIDEST), np.log(span / NARROWEST))] * min(n_e, 1)
            fixed += [(-8.0, 8.0)] * (n_e - 1)
            spread = [
                (-4.0, 4.0) if self.effects.parts[row] == "log_width" else (-FARTHEST, FARTHEST)
                for row, _ in self.cells
            ]
            spread += [(-FARTHEST, FARTHEST)] * (self.item is not None)
        else:
            far = span / NARROWEST
            fixed = [(-far, far)] * n_d
            spread = [(-far, far)] * (len(self.cells) + (self.item is not None))
        rates = [(0.0, MOST_LAPSES)] * (self.lapse_rate is None)
        rates += [(0.0, MOST_GUESSES)] * (self.guess_rate is None)
        return np.array(fixed + spread + rates, dtype=float).reshape(-1, 2)

    def part(self, listeners: Integers) -> Model:
        """The same model of some of the listeners."""
        names = ("correct", "wrong", "offset", "fixed_d", "fixed_e", "random_d", "random_e")
        changes = {name: getattr(self, name)[listeners] for name in names}
        return replace(self, **changes)

    def with_one_part(self, keep: int) -> Model:
        """The model in which only one of the parts varies over listeners."""
        some = slice(keep, keep + 1)
        effects = replace(self.effects, parts=self.effects.parts[some], correlated=False)
        return replace(
            self,
            effects=effects,
            random_d=self.random_d[..., some],
            random_e=self.random_e[..., some],
            cells=((0, 0),),
        )

    def with_correct(self, n_correct: Floats) -> Model:
        """The same model of other answers to the same trials."""
        return replace(self, correct=n_correct, wrong=self.correct + self.wrong - n_correct)


def build_model(
    counts: GroupCounts,
    effects: RandomEffects,
    *,
    sigmoid: SigmoidName,
    direction: Direction,
    guess_rate: float | None,
    lapse_rate: float | None,
    lapse_prior: tuple[float, float] | None,
    use_items: bool = False,
    shift: bool = False,
    tilt: bool = False,
) -> Model:
    """The model of ``counts``. ``shift`` and ``tilt`` let conditions differ in threshold (on the
    linear predictor: intercept) and in slope. DataError: a level that has no logarithm."""
    falling = direction == "falls"
    standard = mirrored(get_sigmoid(sigmoid)) if falling else get_sigmoid(sigmoid)
    scale = _make_scale(counts.levels, log_level=standard.log_level)
    inner = scale.to_inner(counts.level)
    constant = np.ones_like(inner)
    dummies = [
        (counts.condition == number).astype(float) for number in range(1, len(counts.conditions))
    ]
    shifts, tilts = dummies if shift else [], dummies if tilt else []
    sign = -1.0 if falling and effects.psychometric else 1.0
    if effects.psychometric:
        offset = sign * inner
        fixed_d = [-sign * column for column in (constant, *shifts)]
        fixed_e = [constant, *tilts]
    else:
        offset = np.zeros_like(inner)
        fixed_d = [constant, inner, *shifts, *(np.asarray(inner * dummy) for dummy in tilts)]
        fixed_e = []
    random_d, random_e = _random_columns(counts, effects, scale, inner, sign)
    size = random_d.shape[2]
    every = [(row, column) for row in range(size) for column in range(row + 1)]
    return Model(
        standard=standard,
        scale=scale,
        effects=effects,
        sign=sign,
        correct=counts.n_correct,
        wrong=counts.n_trials - counts.n_correct,
        offset=offset,
        fixed_d=_stack(fixed_d, inner),
        fixed_e=_stack(fixed_e, inner),
        random_d=random_d,
        random_e=random_e,
        cells=tuple(cell for cell in every if effects.correlated or cell[0] == cell[1]),
        item=counts.item if use_items else None,
        n_items=len(counts.items) if use_items else 0,
        lapse_rate=lapse_rate,
        guess_rate=guess_rate,
        lapse_prior=lapse_prior,
        n_shifts=len(shifts),
        n_tilts=len(tilts),
    )


def _make_scale(levels: Floats, *, log_level: bool) -> Scale:
    if log_level:
        if np.any(levels <= 0.0):
            raise DataError(
                f"A level of {levels.min():g} has no logarithm, which this sigmoid needs.",
                'Use sigmoid "norm" or "logistic", or levels above 0.',
            )
        levels = np.log(levels)
    low, high = float(levels.min()), float(levels.max())
    return Scale(
        location=(low + high) / 2.0, half_range=(high - low) / 2.0 or 1.0, log_level=log_level
    )


def _random_columns(
    counts: GroupCounts, effects: RandomEffects, scale: Scale, inner: Floats, sign: float
) -> tuple[Floats, Floats]:
    """Z and Z′. A slope that is uncorrelated with the intercept is so at level 0, as in lme4; the
    correlated model is the same whatever the origin, and is kept at the middle of the levels."""
    constant, none = np.ones_like(inner), np.zeros_like(inner)
    outward = -sign if effects.psychometric else 1.0
    origin = 0.0 if effects.correlated else scale.location / scale.half_range
    columns = {
        "intercept": (constant, none),
        "slope": (inner + origin, none),
        "threshold": (outward * constant, none),
        "log_width": (none, constant),
        "condition": (outward * (counts.condition - 0.5), none),
    }
    chosen = [columns[part] for part in effects.parts]
    return _stack([in_d for in_d, _ in chosen], inner), _stack([in_e for _, in_e in chosen], inner)


def _stack(columns: Sequence[Any], like: Floats) -> Floats:
    return np.stack(columns, axis=-1) if columns else np.empty((*like.shape, 0))
