"""Trials given twice: does a listener answer the same the second time?"""

from __future__ import annotations

from dataclasses import dataclass

from jndlab.analysis.intervals import ConfidenceInterval, clopper_pearson
from jndlab.analysis.study.data import TrialTable

_SAME = ("session", "part", "item", "condition", "level", "compared_with", "compared_level")
"""What a repeated trial has in common with the one that it repeats. The order may be another."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RepeatedAgreement:
    """Repeated trials beside the trials that they repeat, pooled over sessions."""

    n_pairs: int
    n_agreeing: int
    """Both right, or both wrong: the response itself may differ because the order did."""
    n_sessions: int
    interval: ConfidenceInterval
    """Of the share that agrees, exact (Clopper–Pearson); takes the pairs as independent."""


def repeated_agreement(table: TrialTable, *, coverage: float = 0.95) -> RepeatedAgreement | None:
    """How often a repeated trial is answered as the test trial was. None: there are no pairs.

    A trial of kind "repeated" belongs to the nearest answered test trial of its session before it
    with the same item, condition and level; the same order of presentation goes first. Only trials
    with a right answer count.

    >>> from jndlab.analysis.study.example import example_rows
    >>> from jndlab.analysis.study.data import TrialTable
    >>> rows = example_rows(n_listeners=1)
    >>> rows.append({**rows[-1], "trial": len(rows) + 1, "trial_kind": "repeated"})
    >>> rows[-2]["trial_kind"] = "test"
    >>> repeated_agreement(TrialTable.from_rows(rows)).n_agreeing
    1
    """
    usable = table.answered & (table["correct_response"] != "") & (table["phase"] == "main")
    rows = sorted(usable.nonzero()[0], key=lambda at: int(table["trial"][at]))
    seen: dict[tuple[str, ...], list[int]] = {}
    pairs: list[tuple[int, int]] = []
    for at in rows:
        key = tuple(str(table[name][at]) for name in _SAME)
        if table["trial_kind"][at] == "test":
            seen.setdefault(key, []).append(int(at))
        elif table["trial_kind"][at] == "repeated" and key in seen:
            alike = [one for one in seen[key] if table["order"][one] == table["order"][at]]
            pairs.append(((alike or seen[key])[-1], int(at)))
    if not pairs:
        return None
    correct = table["correct"]
    n_agreeing = sum(bool(correct[first] == correct[second]) for first, second in pairs)
    return RepeatedAgreement(
        n_pairs=len(pairs),
        n_agreeing=n_agreeing,
        n_sessions=len({str(table["session"][second]) for _, second in pairs}),
        interval=clopper_pearson(n_agreeing, len(pairs), coverage=coverage),
    )
