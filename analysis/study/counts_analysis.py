"""The analysis of counts from anywhere: what a study's conditions get, without a study."""

from __future__ import annotations

import numpy as np

from jndlab.analysis.study.condition import analyse_condition
from jndlab.analysis.study.counts_table import CountsTable
from jndlab.analysis.study.exclusions import ListenerCounts
from jndlab.analysis.study.options import AnalysisOptions
from jndlab.analysis.study.results import ConditionAnalysis
from jndlab.study.trials import Direction

_DEFAULTS = AnalysisOptions()


def analyse_counts(
    table: CountsTable,
    *,
    paradigm: str,
    seed: int,
    direction: Direction = "rises",
    level_unit: str = "level",
    options: AnalysisOptions = _DEFAULTS,
) -> tuple[ConditionAnalysis, ...]:
    """One analysis per condition of a table of counts, in the order of their names.

    Without a column of listeners all answers count as one listener's. Options as for
    :func:`jndlab.analysis.analyse_study`. DataError: a paradigm without chance level.

    >>> from jndlab.analysis import load_counts
    >>> table = load_counts({"x": [1, 2, 3, 4], "k": [21, 24, 33, 39], "n": [40] * 4})
    >>> (condition,) = analyse_counts(table, paradigm="abx", seed=1)
    >>> condition.jnds[0].threshold.inside_tested_range
    True
    """
    return tuple(
        analyse_condition(
            counts_of(table, name),
            paradigm=paradigm,
            direction=direction,
            level_unit=level_unit,
            seed=seed,
            options=options,
            compression=False,
        )
        for name in table.conditions
    )


def counts_of(table: CountsTable, name: str) -> ListenerCounts:
    """The counts of one condition by listener and level; one listener "all" where none is named.

    >>> from jndlab.analysis import load_counts
    >>> table = load_counts({"x": [1, 2], "k": [5, 9], "n": [10, 10]})
    >>> counts_of(table, "").n_correct.tolist()
    [[5.0, 9.0]]
    """
    mine = np.ones(len(table.levels), dtype=bool)
    if table.condition is not None:
        mine = np.asarray(table.condition == name)
    levels, column = np.unique(table.levels[mine], return_inverse=True)
    row, names = np.zeros(int(mine.sum()), dtype=np.intp), np.array(["all"])
    if table.listener is not None:
        names, row = np.unique(table.listener[mine], return_inverse=True)
    shape = (len(names), len(levels))
    n_correct, n_trials = np.zeros(shape), np.zeros(shape)
    np.add.at(n_correct, (row, column), table.n_correct[mine])
    np.add.at(n_trials, (row, column), table.n_trials[mine])
    return ListenerCounts(
        condition=name,
        listeners=tuple(str(listener) for listener in names),
        levels=tuple(float(level) for level in levels),
        n_correct=n_correct,
        n_trials=n_trials,
    )
