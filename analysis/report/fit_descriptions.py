"""The figures of a fit's checks in words: alternative text for those who cannot see them."""

from __future__ import annotations

from jndlab.analysis.fits.densities import free_names
from jndlab.analysis.fits.fit import PsychometricFit
from jndlab.analysis.fits.goodness import GoodnessOfFit
from jndlab.analysis.fits.influential import InfluentialData
from jndlab.analysis.fits.predictive import PredictiveCheck
from jndlab.analysis.fits.residuals import ResidualTrends
from jndlab.analysis.inference.equivalence_wording import p_text
from jndlab.analysis.report.formats import format_level

_WORDS = {"guess_rate": "guess rate", "lapse_rate": "lapse rate"}


def describe_priors(fit: PsychometricFit) -> str:
    """What :func:`~jndlab.analysis.report.fit_plots.plot_priors` shows.

    >>> from jndlab.analysis import fit_psychometric
    >>> fit = fit_psychometric([1, 2, 3, 4], [11, 15, 18, 20], [20] * 4, paradigm="2afc")
    >>> describe_priors(fit)[:66]
    'Prior and posterior density of each estimated parameter. Threshold'
    """
    parts = []
    for name in free_names(fit):
        interval = fit.interval(name)
        word = _WORDS.get(name, name)
        parts.append(
            f"{word[0].upper()}{word[1:]}: {fit.estimate(name):.3g}, {interval.coverage:.0%} "
            f"interval {interval.low:.3g} to {interval.high:.3g}"
        )
    what = "Prior and posterior" if fit.curves.posterior is not None else "Prior"
    return f"{what} density of each estimated parameter. {'; '.join(parts)}."


def describe_residuals(trends: ResidualTrends) -> str:
    """What :func:`~jndlab.analysis.report.fit_plots.plot_residuals` shows.

    >>> from jndlab.analysis import fit_psychometric
    >>> from jndlab.analysis.fits.residuals import residual_trends
    >>> fit = fit_psychometric([1, 2, 3, 4], [11, 15, 18, 20], [20] * 4, paradigm="2afc")
    >>> describe_residuals(residual_trends(fit, seed=1, n_simulations=100))[:43]
    'Deviance residuals of 4 levels, from -0.39 '
    """
    values = trends.residuals
    found = "; ".join(
        f"over {'the order of blocks' if t.over == 'order' else t.over} r = {t.correlation:.2f}, "
        f"{p_text(t.p_value)}"
        for t in trends.trends
    )
    n_blocks = len(trends.block_residuals)
    blocks = f" and of {n_blocks} blocks in their order" if n_blocks else ""
    return (
        f"Deviance residuals of {len(values)} levels, from {min(values):.2f} to "
        f"{max(values):.2f}{blocks}, with straight lines through them: {found}."
    )


def describe_goodness(goodness: GoodnessOfFit) -> str:
    """What :func:`~jndlab.analysis.report.fit_plots.plot_goodness` shows.

    >>> from jndlab.analysis import fit_psychometric
    >>> from jndlab.analysis.fits.goodness import goodness_of_fit
    >>> fit = fit_psychometric([1, 2, 3, 4], [11, 15, 18, 20], [20] * 4, paradigm="2afc")
    >>> describe_goodness(goodness_of_fit(fit, seed=1, n_simulations=100))[:47]
    'Histograms of 100 data sets simulated from the '
    """
    return (
        f"Histograms of {goodness.n_simulations} data sets simulated from the fitted curve, with "
        f"the data marked: deviance {goodness.deviance:.2f} ({p_text(goodness.deviance_p_value)}) "
        f"and likelihood ratio of overdispersion {goodness.overdispersion_ratio:.2f} "
        f"({p_text(goodness.overdispersion_p_value)})."
    )


def describe_predictive(check: PredictiveCheck) -> str:
    """What :func:`~jndlab.analysis.report.fit_plots.plot_predictive` shows.

    >>> from jndlab.analysis.fits.design import make_design
    >>> from jndlab.analysis.fits.predictive import prior_predictive
    >>> check = prior_predictive(make_design([1, 2, 3, 4], guess_rate=0.5), [20] * 4, seed=1)
    >>> describe_predictive(check)[:53]
    'Curves drawn from the prior and the range of 95 % of '
    """
    low, high = check.band()
    counts = check.n_correct or (None,) * len(check.levels)
    rows = []
    for level, correct, trials, one, other in zip(
        check.levels, counts, check.n_trials, low, high, strict=True
    ):
        data = "" if correct is None else f", data {correct / trials:.2f}"
        rows.append(f"{format_level(level)}: {one:.2f} to {other:.2f}{data}")
    return (
        f"Curves drawn from the {check.source} and the range of 95 % of the proportions correct "
        f"they lead to, by level. {'; '.join(rows)}."
    )


def describe_influential(data: InfluentialData) -> str:
    """What :func:`~jndlab.analysis.report.fit_plots.plot_influential` shows.

    >>> from jndlab.analysis import fit_psychometric
    >>> from jndlab.analysis.fits.influential import influential_data
    >>> fit = fit_psychometric([1, 2, 3, 4], [11, 15, 18, 20], [20] * 4, paradigm="2afc")
    >>> describe_influential(influential_data(fit))[:54]
    'Moves of threshold and width without each of 4 levels,'
    """
    known = [
        (value, name, row.level)
        for row in data.rows
        for name, value in (
            ("threshold", row.threshold_influence),
            ("width", row.width_influence),
        )
        if value is not None
    ]
    most = ""
    if known:
        value, name, level = max(known)
        where = f"without a {data.unit} at {format_level(level)}"
        most = f" The largest is {value:.2f}, of the {name} {where}."
    return (
        f"Moves of threshold and width without each of {len(data.rows)} {data.unit}s, in half "
        f"lengths of their intervals.{most} {data.verdict}"
    )
