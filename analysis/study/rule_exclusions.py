"""What rules of exclusion take out of a table, each reason with its trials and sessions."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from jndlab.analysis.study.conduct import Conduct
from jndlab.analysis.study.data import TrialTable
from jndlab.analysis.study.exclusion_rules import SESSION_RULES, ExclusionRules
from jndlab.analysis.study.exclusion_verdicts import session_hits, trials_by_rule
from jndlab.analysis.study.exclusions import WHOSE, Exclusion
from jndlab.analysis.study.session_rows import sessions_of

_WORDS = {
    "include_unfinished": "session not finished",
    "min_gross_correct": "session with less than {limit:.0%} correct on gross catch trials",
}
"""Reasons that have words of their own; the others are those of the rules."""


def exclude_by_rules(
    table: TrialTable, rules: ExclusionRules, *, conduct: Conduct | None = None
) -> tuple[TrialTable, tuple[Exclusion, ...]]:
    """The trials to analyse, and what was left out for which reason, in this order:

    sessions of the other kinds; practice; unanswered trials; sessions by the rules for sessions,
    in their order; trials by the rules for trials. Catch trials stay in the table. ``conduct``: how
    the sessions went, for rules that ask for it; without it they raise DataError.

    >>> from jndlab.analysis.study.example import example_trials
    >>> table = example_trials()
    >>> kept, exclusions = exclude_by_rules(table, ExclusionRules(min_response_time_ms=1500))
    >>> [(one.reason, one.n_trials) for one in exclusions]
    [('practice trial', 32), ('trial answered in less than 1500 ms', 49)]
    """
    left = _Left(table)
    for other, who in WHOSE.items():
        if other != rules.session_kind:
            left.drop(table["session_kind"] == other, f"session of a {who}")
    mine = table["session_kind"] == rules.session_kind
    left.drop(table["phase"] == "practice", "practice trial")
    left.drop(~table.answered, "no answer given")
    kind = table.select(mine)
    hits = session_hits(kind, sessions_of(kind), rules, conduct=conduct)
    for name in SESSION_RULES:
        if rules.states(name):
            sessions = np.array(sorted(hits.get(name, ())), dtype=np.str_)
            left.drop(mine & np.isin(table["session"], sessions), _reason(rules, name))
    for name, broken in trials_by_rule(table, rules):
        left.drop(broken, f"trial {rules.reason(name)}")
    return table.select(left.rows), tuple(left.exclusions)


def _reason(rules: ExclusionRules, name: str) -> str:
    words = _WORDS.get(name)
    return (
        f"session {rules.reason(name)}"
        if words is None
        else words.format(limit=getattr(rules, name))
    )


class _Left:
    """The rows that are left of a table, and why the others are not."""

    def __init__(self, table: TrialTable) -> None:
        self._sessions = table["session"]
        self.rows: NDArray[np.bool_] = np.ones(len(table), dtype=bool)
        self.exclusions: list[Exclusion] = []

    def drop(self, rows: NDArray[np.bool_], reason: str) -> None:
        """Take rows out, unless an earlier reason took them."""
        taken = self.rows & rows
        if taken.any():
            n_sessions = len(np.unique(self._sessions[taken]))
            self.exclusions.append(
                Exclusion(reason=reason, n_trials=int(taken.sum()), n_sessions=n_sessions)
            )
            self.rows &= ~taken
