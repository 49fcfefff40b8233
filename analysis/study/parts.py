"""A table of trials, split by the parts of its sessions."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from jndlab.analysis.study.data import TrialTable


def split_parts(table: TrialTable, order: Sequence[str] = ()) -> list[tuple[str, TrialTable]]:
    """(name, trials) of every part, in the order of the study where ``order`` names its parts.

    A table of sessions that are all one gives one part without a name. Parts that ``order`` does
    not name come after the others by the mean place of their trials, so that a part order that
    changes from session to session still gives one order.

    >>> from jndlab.analysis.study.example import example_trials
    >>> [(name, len(part)) for name, part in split_parts(example_trials(n_listeners=1))]
    [('', 76)]
    """

    def listed(name: str) -> int:
        return order.index(name) if name in order else len(order)

    names = np.unique(table["part"])
    places = {name: float(np.mean(table["trial"][table["part"] == name])) for name in names}
    return [
        (str(name), table.select(table["part"] == name))
        for name in sorted(names, key=lambda one: (listed(one), places[one], str(one)))
    ]
