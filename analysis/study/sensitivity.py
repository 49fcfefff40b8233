"""How far the JND depends on choices that the data cannot make: a small table for reviewers."""

from __future__ import annotations

from typing import Any

from jndlab.analysis.fits.psychometric import fit_psychometric
from jndlab.analysis.study.exclusions import ListenerCounts
from jndlab.analysis.study.options import AnalysisOptions
from jndlab.analysis.study.results import SensitivityRow
from jndlab.errors import FitError
from jndlab.sigmoids import sigmoid_name
from jndlab.study.trials import Direction

_SIGMOIDS = ("norm", "logistic", "gumbel", "reversed-gumbel")


def sensitivity_of(
    part: ListenerCounts, *, paradigm: str, direction: Direction, options: AnalysisOptions
) -> tuple[SensitivityRow, ...]:
    """The threshold of the pooled curve at the target under one changed choice at a time."""
    chosen = sigmoid_name(options.sigmoid)
    choices: list[tuple[str, dict[str, Any]]] = [("as analysed", {})]
    choices += [(f"sigmoid: {name}", {"sigmoid": name}) for name in _SIGMOIDS if name != chosen]
    choices += [
        ("lapse rate fixed at 0", {"lapse_rate": 0.0}),
        ("lapse rate fixed at 4%", {"lapse_rate": 0.04}),
        ("lapse prior Beta(1, 30)", {"lapse_prior": (1.0, 30.0)}),
        ("no overdispersion", {"overdispersion": False}),
        ("no priors (maximum likelihood)", {"method": "ml", "overdispersion": False}),
    ]
    common: dict[str, Any] = {
        "paradigm": paradigm,
        "direction": direction,
        "sigmoid": chosen,
        "lapse_prior": options.lapse_prior,
    }
    rows = []
    counts = (part.levels, part.n_correct.sum(axis=0), part.n_trials.sum(axis=0))
    for label, changed in choices:
        try:
            fit = fit_psychometric(*counts, **(common | changed))
            threshold = fit.threshold_at(options.target_probability, coverage=options.coverage)
        except FitError:
            continue
        rows.append(SensitivityRow(label=label, threshold=threshold))
    return tuple(rows)
