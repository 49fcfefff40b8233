"""Psychometric analysis on plain arrays and tidy tables: no server, no database.

>>> from jndlab.analysis import fit_psychometric
>>> fit = fit_psychometric([1, 2, 3, 4, 5, 6], [21, 23, 29, 33, 38, 39], [40] * 6,
...                        paradigm="two-interval")
>>> fit.threshold_at(0.75).inside_tested_range
True
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from jndlab.analysis.detection.models import (
        DPrime,
        d_prime,
        estimate_d_prime,
        proportion_from_d_prime,
    )
    from jndlab.analysis.fits.bootstrap import (
        ListenerBootstrap,
        bootstrap_listeners,
    )
    from jndlab.analysis.fits.many import ConfidenceIntervals, PsychometricFits, fit_many
    from jndlab.analysis.fits.psychometric import (
        PsychometricFit,
        Threshold,
        fit_psychometric,
    )
    from jndlab.analysis.inference.binomial import (
        BinomialTest,
        binomial_test,
        holm,
    )
    from jndlab.analysis.intervals import (
        ConfidenceInterval,
        clopper_pearson,
        jeffreys,
        wilson,
    )
    from jndlab.analysis.records import (
        to_dict,
    )
    from jndlab.analysis.report.plots import (
        figure_to_svg,
        plot_listeners,
        plot_psychometric,
    )
    from jndlab.analysis.report.render import (
        headline,
        render_report,
    )
    from jndlab.analysis.study.analyse import (
        analyse_study,
    )
    from jndlab.analysis.study.data import (
        TrialTable,
        load_trials,
    )
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

_HOMES = {
    "detection.models": (
        "DPrime",
        "d_prime",
        "estimate_d_prime",
        "proportion_from_d_prime",
    ),
    "fits.bootstrap": (
        "ListenerBootstrap",
        "bootstrap_listeners",
    ),
    "fits.many": ("ConfidenceIntervals", "PsychometricFits", "fit_many"),
    "fits.psychometric": (
        "PsychometricFit",
        "Threshold",
        "fit_psychometric",
    ),
    "inference.binomial": (
        "BinomialTest",
        "binomial_test",
        "holm",
    ),
    "intervals": (
        "ConfidenceInterval",
        "clopper_pearson",
        "jeffreys",
        "wilson",
    ),
    "records": ("to_dict",),
    "report.plots": (
        "figure_to_svg",
        "plot_listeners",
        "plot_psychometric",
    ),
    "report.render": (
        "headline",
        "render_report",
    ),
    "study.analyse": ("analyse_study",),
    "study.data": (
        "TrialTable",
        "load_trials",
    ),
    "study.exclusions": (
        "Exclusion",
        "LevelCount",
        "ListenerCounts",
        "counts",
        "exclude",
        "listener_counts",
    ),
    "study.results": (
        "CatchSummary",
        "ConditionAnalysis",
        "Jnd",
        "LevelResult",
        "ListenerResult",
        "StudyAnalysis",
    ),
}
_HOME = {name: module for module, names in _HOMES.items() for name in names}
__all__ = sorted(_HOME)  # pyright: ignore[reportUnsupportedDunderAll]


def __getattr__(name: str) -> Any:
    """Load a public name when it is first asked for: a notebook that fits needs no figures."""
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(import_module(f"{__name__}.{_HOME[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return __all__
