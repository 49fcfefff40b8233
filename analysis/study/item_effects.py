"""Items: are some recordings easier than others at the same level?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import chdtrc, erfc

from jndlab.analysis.inference.adjust import adjust_p_values
from jndlab.analysis.intervals import ConfidenceInterval, check_coverage, clopper_pearson
from jndlab.analysis.records import to_dict
from jndlab.analysis.study.data import TrialTable
from jndlab.analysis.study.exclusions import scored_trials
from jndlab.analysis.study.learning import listener_cells
from jndlab.analysis.study.session_rows import require_one_study

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemResult:
    """One item over all levels and listeners."""

    item: str
    n_listeners: int
    n_trials: int
    n_correct: int
    proportion_correct: float
    interval: ConfidenceInterval
    """Exact (Clopper–Pearson); takes the trials as independent."""
    deviation: float
    """Proportion correct above that of the same listeners at the same levels with other items."""
    p_value_holm: float | None
    """Of no deviation, adjusted over the items; None where nothing could vary."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemEffects:
    """All items, and a test of whether they are alike."""

    items: tuple[ItemResult, ...]
    """By name."""
    chi_square: float | None
    """None with one item, or where listeners never got two items at a level."""
    degrees_of_freedom: int
    p_value: float | None
    """Of "all items alike at equal levels"."""
    method: str

    def to_dict(self) -> Any:
        """The fields, ready for JSON."""
        return to_dict(self)


def check_items(table: TrialTable, *, coverage: float = 0.95) -> ItemEffects:
    """Proportion correct per item, and a test of heterogeneity at equal listener and level.

    Generalised Cochran–Mantel–Haenszel test of item × correctness, stratified by listener,
    condition and level (Landis, Heyman & Koch 1978, *International Statistical Review* 46,
    237–254): given how many answers of a stratum are right, these fall on its items at random. So
    neither the levels nor the listeners that an item happened to meet count. A small p says that
    the result holds for these items and less surely for others: see items as random in
    :func:`jndlab.analysis.fit_group`. Answered test trials.

    DataError: none, several studies, mixed sessions.

    >>> from jndlab.analysis.study.example import example_trials
    >>> items = check_items(example_trials())
    >>> len(items.items), items.degrees_of_freedom, round(items.p_value, 2)
    (4, 3, 0.77)
    """
    check_coverage(coverage)
    trials = scored_trials(table)
    require_one_study(trials)
    names, item = np.unique(trials["item"], return_inverse=True)
    correct = trials["correct"].astype(float)
    excess, covariance, weight = _scores(item, correct, listener_cells(trials), len(names))
    variance = np.diag(covariance)
    can_vary = variance > 1e-12
    z = np.where(can_vary, excess / np.sqrt(np.where(can_vary, variance, 1.0)), 0.0)
    adjusted = np.full(len(names), np.nan)
    adjusted[can_vary] = adjust_p_values(erfc(np.abs(z[can_vary]) / np.sqrt(2.0)), method="holm")
    rank = int(np.linalg.matrix_rank(covariance, hermitian=True)) if can_vary.any() else 0
    chi_square = float(excess @ np.linalg.pinv(covariance, hermitian=True) @ excess)
    return ItemEffects(
        items=tuple(
            _item(trials, str(name), item == at, excess[at], weight[at], adjusted[at], coverage)
            for at, name in enumerate(names)
        ),
        chi_square=chi_square if rank else None,
        degrees_of_freedom=rank,
        p_value=float(chdtrc(rank, chi_square)) if rank else None,
        method="generalised Cochran-Mantel-Haenszel test, strata of listener, condition and level; "
        "single items by their z, Holm",
    )


def _scores(
    item: NDArray[np.intp], correct: Floats, cells: NDArray[np.intp], n_items: int
) -> tuple[Floats, Floats, Floats]:
    """Right answers of each item beyond expectation, their covariance, and Σ n (1 − n/N).

    Shapes (items,), (items, items), (items,). With n trials of an item among the N of a stratum,
    of which K are right: E = nK/N, Cov = K(N − K)/(N²(N − 1)) (diag(Nn) − n nᵀ).
    """
    _, stratum = np.unique(cells, return_inverse=True)
    n_strata = int(stratum.max()) + 1
    n = np.zeros((n_strata, n_items))
    k = np.zeros((n_strata, n_items))
    np.add.at(n, (stratum, item), 1.0)
    np.add.at(k, (stratum, item), correct)
    total, right = n.sum(axis=1), k.sum(axis=1)
    share = n / total[:, None]
    spread = right * (total - right) / np.maximum(total - 1.0, 1.0)
    excess = k.sum(axis=0) - right @ share
    covariance = np.diag(spread @ share) - (share * spread[:, None]).T @ share
    return excess, covariance, (n * (1.0 - share)).sum(axis=0)


def _item(
    trials: TrialTable,
    name: str,
    rows: NDArray[np.bool_],
    excess: float,
    weight: float,
    p_value: float,
    coverage: float,
) -> ItemResult:
    n_correct, n_trials = int(trials["correct"][rows].sum()), int(rows.sum())
    return ItemResult(
        item=name,
        n_listeners=len(np.unique(trials["participant"][rows])),
        n_trials=n_trials,
        n_correct=n_correct,
        proportion_correct=n_correct / n_trials,
        interval=clopper_pearson(n_correct, n_trials, coverage=coverage),
        deviation=float(excess / weight) if weight > 1e-12 else 0.0,
        p_value_holm=None if np.isnan(p_value) else float(p_value),
    )
