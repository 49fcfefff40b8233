"""Profile intervals against brute force and mirrored data, on hopeless data, and their coverage."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.optimize import brentq, minimize

from jndlab.analysis import fit_many, fit_psychometric
from jndlab.analysis.fits.curves import NAMES
from jndlab.analysis.fits.profile import profile_deviance, profile_ends
from jndlab.errors import DataError, FitError
from jndlab.sigmoids import sigmoid

SIX = ([1, 2, 3, 4, 5, 6], [21, 23, 29, 33, 38, 39], [40] * 6)
YES_NO = ([1, 2, 3, 4, 5, 6], [3, 5, 14, 25, 34, 37], [40] * 6)
CUT = 3.841458820694124


def log_likelihood(data, threshold, width, lapse_rate, guess_rate=0.5, name="norm"):
    levels, correct, trials = (np.asarray(column, dtype=float) for column in data)
    right = guess_rate + (1 - guess_rate - lapse_rate) * sigmoid(name, levels, threshold, width)
    right = np.clip(right, 1e-12, 1 - 1e-12)
    return float(np.sum(correct * np.log(right) + (trials - correct) * np.log(1 - right)))


def brute_ends(data, held, start, ends, bounds, name="norm", guess_rate=0.5):
    """Ends of a profile by a simplex search over the other parameters and bisection."""

    def fall(value):
        def loss(free):
            p = held(value, free)
            inside = all(low <= x <= high for x, (low, high) in zip(free, bounds, strict=True))
            if not inside or p[1] <= 0:
                return 1e9
            return -log_likelihood(data, *p, guess_rate=guess_rate, name=name)

        tries = [
            minimize(loss, first, method="Nelder-Mead", options={"maxiter": 2000, "xatol": 1e-7})
            for first in start
        ]
        return min(found.fun for found in tries)

    best = min(fall(value) for value in np.linspace(*ends, 41))
    middle = min(np.linspace(*ends, 41), key=fall)
    refined = minimize(lambda v: fall(v[0]), [middle], method="Nelder-Mead")
    best = min(best, refined.fun)
    return [
        brentq(lambda v: 2 * (fall(v) - best) - CUT, end, refined.x[0], xtol=1e-6) for end in ends
    ]


@pytest.mark.parametrize("name", ["norm", "weibull"])
def test_threshold_width_and_lapse_rate_as_by_brute_force(name: str) -> None:
    fit = fit_psychometric(*SIX, paradigm="2afc", sigmoid=name, method="ml", overdispersion=False)
    span = 1.0 if name == "weibull" else 4.0
    rates = (0.0, 0.5)
    brute = {
        "threshold": brute_ends(
            SIX,
            lambda v, free: (v, *free),
            [(span, 0.02), (span / 2, 0.06)],
            (1.2, 5.5),
            [(0.01, 60.0), rates],
            name,
        ),
        "width": brute_ends(
            SIX,
            lambda v, free: (free[0], v, free[1]),
            [(3.2, 0.02), (3.0, 0.06)],
            (0.15 * span, 4 * span),
            [(-9.0, 20.0) if name == "norm" else (0.1, 20.0), rates],
            name,
        ),
    }
    for parameter, ends in brute.items():
        interval = fit.interval(parameter)
        np.testing.assert_allclose([interval.low, interval.high], ends, rtol=2e-4)
    lapses = fit.interval("lapse_rate")
    assert lapses.low == 0.0
    assert profile_deviance(fit, "lapse_rate", lapses.high) == pytest.approx(CUT, abs=1e-4)


def test_thresholds_at_a_target_and_slopes_as_by_brute_force() -> None:
    fit = fit_psychometric(*SIX, paradigm="2afc", method="ml", overdispersion=False)
    z, span = 0.8416212335729143, 3.289707253902945  # Φ⁻¹(0.8), Φ⁻¹(0.95) − Φ⁻¹(0.05)
    rates = (0.0, 0.5)
    at = brute_ends(
        SIX,
        lambda v, free: (v - free[0] * z / span, *free),
        [(4.0, 0.02), (2.0, 0.06)],
        (2.0, 7.0),
        [(0.01, 60.0), rates],
    )
    interval = fit.threshold_at(0.9).interval
    np.testing.assert_allclose([interval.low, interval.high], at, rtol=2e-4)
    peak = span / np.sqrt(2 * np.pi)
    slopes = brute_ends(
        SIX,
        lambda v, free: (free[0], (0.5 - free[1]) * peak / v, free[1]),
        [(3.2, 0.02), (3.0, 0.06)],
        (0.05, 0.6),
        [(-9.0, 20.0), rates],
    )
    interval = fit.interval("slope")
    np.testing.assert_allclose([interval.low, interval.high], slopes, rtol=2e-4)


@pytest.mark.parametrize("method", ["ml", "map"])
@pytest.mark.parametrize("overdispersion", [False, True])
@pytest.mark.parametrize("paradigm", ["2afc", "yes_no"])
def test_at_an_end_the_profile_has_fallen_to_the_cut(method, overdispersion, paradigm) -> None:
    """For every parameter, with and without priors; bounds of rates apart."""
    data = SIX if paradigm == "2afc" else YES_NO
    fit = fit_psychometric(*data, paradigm=paradigm, method=method, overdispersion=overdispersion)
    for name in NAMES:
        if name in ("guess_rate", "overdispersion") and getattr(fit, name) in (0.0, 0.5):
            continue
        interval = fit.interval(name)
        assert interval.low <= fit.estimate(name) <= interval.high
        assert interval.method == f"profile {'likelihood' if method == 'ml' else 'posterior'}"
        falls = profile_deviance(fit, name, [interval.low, interval.high])
        if name.endswith("_rate") and interval.low == 0.0:
            falls = falls[1:]
        np.testing.assert_allclose(falls, CUT, atol=1e-3)
        assert profile_deviance(fit, name, fit.estimate(name)) == pytest.approx(0.0, abs=1e-6)


def test_falling_data_have_the_mirrored_intervals() -> None:
    levels, correct, trials = SIX
    mirrored = ([7 - level for level in levels], correct, trials)
    options = {"paradigm": "2afc", "method": "ml", "overdispersion": False}
    rising = fit_psychometric(*SIX, **options)
    falling = fit_psychometric(*mirrored, direction="falls", **options)
    one, other = rising.interval("threshold"), falling.interval("threshold")
    assert (7 - one.high, 7 - one.low) == pytest.approx((other.low, other.high), abs=1e-4)
    one, other = rising.interval("slope"), falling.interval("slope")
    assert (-one.high, -one.low) == pytest.approx((other.low, other.high), abs=1e-5)
    one, other = rising.threshold_at(0.9).interval, falling.threshold_at(0.9).interval
    assert (7 - one.high, 7 - one.low) == pytest.approx((other.low, other.high), abs=1e-4)
    one, other = rising.interval("width"), falling.interval("width")
    assert (one.low, one.high) == pytest.approx((other.low, other.high), abs=1e-4)


def test_a_log_level_is_the_logarithm_of_the_level() -> None:
    logs = ([np.log(level) for level in SIX[0]], *SIX[1:])
    options = {"paradigm": "2afc", "method": "ml", "overdispersion": False, "lapse_rate": 0.02}
    plain = fit_psychometric(*logs, sigmoid="norm", **options)
    scaled = fit_psychometric(*SIX, sigmoid="lognormal", **options)
    for of, to in (("threshold", np.exp), ("width", lambda value: value)):
        one, other = plain.interval(of), scaled.interval(of)
        assert (to(one.low), to(one.high)) == pytest.approx((other.low, other.high), rel=1e-5)


def test_a_fixed_parameter_has_no_length() -> None:
    fit = fit_psychometric(*SIX, paradigm="2afc", method="ml", lapse_rate=0.02)
    for name in ("guess_rate", "lapse_rate"):
        interval = fit.interval(name)
        assert interval.low == interval.high == fit.estimate(name)
        with pytest.raises(FitError, match="fixed"):
            profile_deviance(fit, name, 0.1)
    with pytest.raises(FitError, match="no parameter"):
        profile_ends(fit.curves, "jnd", coverage=0.95)
    with pytest.raises(DataError, match="coverage"):
        profile_ends(fit.curves, "width", coverage=95)


def test_an_end_that_the_data_do_not_give_is_infinite() -> None:
    options = {"paradigm": "2afc", "method": "ml", "overdispersion": False}
    separated = fit_psychometric([1, 2, 3, 4], [10, 10, 20, 20], [20] * 4, **options)
    assert separated.interval("width").low == 0.0
    assert np.isinf(separated.interval("slope").high)
    threshold = separated.interval("threshold")
    assert (threshold.low, threshold.high) == pytest.approx((2.0, 3.0), abs=0.01)
    correct = fit_psychometric([1, 2, 3, 4], [20] * 4, [20] * 4, **options)
    assert correct.interval("threshold").low == -np.inf
    assert correct.interval("threshold").high < 2.0
    assert (correct.interval("width").low, correct.interval("width").high) == (0.0, np.inf)
    log_level = fit_psychometric([1, 2, 3, 4], [20] * 4, [20] * 4, sigmoid="weibull", **options)
    assert log_level.interval("threshold").low == 0.0
    flat = fit_psychometric([1, 2, 3, 4], [10, 9, 11, 10], [20] * 4, **options)
    for name, low in (("threshold", -np.inf), ("width", 0.0), ("slope", 0.0)):
        interval = flat.interval(name)
        assert (interval.low, interval.high) == (low, np.inf)
    falling = fit_psychometric(
        [1, 2, 3, 4], [20, 20, 10, 10], [20] * 4, direction="falls", **options
    )
    assert falling.interval("slope").low == -np.inf
    assert falling.interval("slope").high < 0.0


def test_a_batch_is_its_single_fits() -> None:
    counts = np.array([SIX[1], [20, 19, 24, 30, 36, 40], [22, 30, 38, 40, 40, 40]])
    options = {"paradigm": "2afc", "method": "ml", "overdispersion": False}
    fits = fit_many(SIX[0], counts, SIX[2], **options)
    for name in ("threshold", "width", "slope", "lapse_rate"):
        ends = fits.interval(name, 0.9)
        assert ends.method == "profile likelihood"
        rows = zip(ends.low, ends.high, strict=True)
        for row, correct in zip(rows, counts, strict=True):
            interval = fit_psychometric(SIX[0], correct, SIX[2], **options).interval(name, 0.9)
            np.testing.assert_allclose(row, [interval.low, interval.high], rtol=1e-4)


def test_coverage_of_the_threshold() -> None:
    """300 data sets with seed 20: inside the 99.9 % binomial band around 0.95, both ends miss."""
    rng = np.random.default_rng(20)
    levels = np.arange(1.0, 8.0)
    right = 0.5 + 0.48 * sigmoid("norm", levels, 4.0, 4.0)
    counts = rng.binomial(40, right, (300, 7))
    fits = fit_many(levels, counts, [40] * 7, paradigm="2afc", method="ml", overdispersion=False)
    low, high = profile_ends(fits.curves, "threshold", coverage=0.95).T
    covered = int(np.sum((low <= 4.0) & (high >= 4.0)))
    assert 271 <= covered <= 296
