"""A table of trials, split by the parts of its sessions."""

from __future__ import annotations

import numpy as np

from jndlab.analysis.study.data import TrialTable


def split_parts(table: TrialTable) -> list[tuple[str, TrialTable]]:
    """(name, trials) of every part, in the order in which most sessions met them.

    A table of sessions that are all one gives one part without a name. Parts come by the mean place
    of their trials, so that a part order that changes from session to session still gives one
    order.

    >>> from jndlab.analysis.study.example import example_trials
    >>> [(name, len(part)) for name, part in split_parts(example_trials(n_listeners=1))]
    [('', 76)]
    """
    names = np.unique(table["part"])
    places = {name: float(np.mean(table["trial"][table["part"] == name])) for name in names}
    return [
        (str(name), table.select(table["part"] == name))
        for name in sorted(names, key=lambda one: (places[one], str(one)))
    ]
