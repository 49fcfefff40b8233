"""Psychometric analysis on plain arrays and tidy tables: no server, no database.

>>> from jndlab.analysis import fit_psychometric
>>> fit = fit_psychometric([1, 2, 3, 4, 5, 6], [21, 23, 29, 33, 38, 39], [40] * 6,
...                        paradigm="two-interval")
>>> fit.threshold_at(0.75).inside_tested_range
True
"""

from jndlab.analysis.detection.models import (
    DPrime,
    d_prime,
    estimate_d_prime,
    proportion_from_d_prime,
)
from jndlab.analysis.fits.bootstrap import ListenerBootstrap, bootstrap_listeners
from jndlab.analysis.fits.psychometric import PsychometricFit, Threshold, fit_psychometric
from jndlab.analysis.inference.binomial import BinomialTest, binomial_test, holm
from jndlab.analysis.intervals import ConfidenceInterval, clopper_pearson, jeffreys, wilson
from jndlab.analysis.records import to_dict
from jndlab.analysis.report.plots import figure_to_svg, plot_listeners, plot_psychometric
from jndlab.analysis.report.render import headline, render_report
from jndlab.analysis.study.analyse import analyse_study
from jndlab.analysis.study.data import TrialTable, load_trials
from jndlab.analysis.study.exclusions import (
    Exclusion,
    LevelCount,
    ListenerCounts,
    counts,
    exclude,
    listener_counts,
)
from jndlab.analysis.study.results import (
    CatchSummary,
    ConditionAnalysis,
    Jnd,
    LevelResult,
    ListenerResult,
    StudyAnalysis,
)

__all__ = [
    "BinomialTest",
    "CatchSummary",
    "ConditionAnalysis",
    "ConfidenceInterval",
    "DPrime",
    "Exclusion",
    "Jnd",
    "LevelCount",
    "LevelResult",
    "ListenerBootstrap",
    "ListenerCounts",
    "ListenerResult",
    "PsychometricFit",
    "StudyAnalysis",
    "Threshold",
    "TrialTable",
    "analyse_study",
    "binomial_test",
    "bootstrap_listeners",
    "clopper_pearson",
    "counts",
    "d_prime",
    "estimate_d_prime",
    "exclude",
    "figure_to_svg",
    "fit_psychometric",
    "headline",
    "holm",
    "jeffreys",
    "listener_counts",
    "load_trials",
    "plot_listeners",
    "plot_psychometric",
    "proportion_from_d_prime",
    "render_report",
    "to_dict",
    "wilson",
]
