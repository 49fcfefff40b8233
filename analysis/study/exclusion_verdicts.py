"""Which rule leaves out a session, and which trials the rules for trials leave out."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from jndlab.analysis.study.catch_trials import check_catch_trials, is_below
from jndlab.analysis.study.conduct import Conduct
from jndlab.analysis.study.data import TrialTable
from jndlab.analysis.study.exclusion_rules import (
    CONDUCT_RULES,
    SESSION_RULES,
    TRIAL_RULES,
    ExclusionRules,
)
from jndlab.analysis.study.interruptions import check_interruptions
from jndlab.analysis.study.response_patterns import check_response_patterns
from jndlab.analysis.study.session_rows import SessionRows
from jndlab.errors import DataError

Mask = NDArray[np.bool_]
NO_ANSWER = "no_test_answer"
"""The rule that no option turns off: a session without an answer to a test trial has no data."""


def session_verdicts(
    trials: TrialTable,
    sessions: tuple[SessionRows, ...],
    rules: ExclusionRules,
    *,
    conduct: Conduct | None = None,
) -> tuple[str, ...]:
    """The first rule that leaves each session out, '' where none does; shape (sessions,).

    ``trials`` are all of one kind of session. A rule about trials that a session does not have,
    such as gross catch trials, leaves it in. DataError: a rule asks for ``conduct``, and there is
    none.

    >>> from jndlab.analysis.study.example import example_trials
    >>> from jndlab.analysis.study.session_rows import sessions_of
    >>> table = example_trials(n_listeners=2)
    >>> session_verdicts(table, sessions_of(table), ExclusionRules(min_trials=65))
    ('min_trials', 'min_trials')
    """
    hit = session_hits(trials, sessions, rules, conduct=conduct)
    order = (NO_ANSWER, *SESSION_RULES)
    return tuple(
        next((name for name in order if one.session in hit.get(name, ())), "") for one in sessions
    )


def session_hits(
    trials: TrialTable,
    sessions: tuple[SessionRows, ...],
    rules: ExclusionRules,
    *,
    conduct: Conduct | None = None,
) -> Mapping[str, set[str]]:
    """Every rule with the sessions that break it, also those that another rule leaves out.

    >>> from jndlab.analysis.study.example import example_trials
    >>> from jndlab.analysis.study.session_rows import sessions_of
    >>> table = example_trials(n_listeners=2)
    >>> len(session_hits(table, sessions_of(table), ExclusionRules(min_trials=65))["min_trials"])
    2
    """
    asked = [name for name in CONDUCT_RULES if getattr(rules, name) is not None]
    if asked and conduct is None:
        raise DataError(
            f"The rule {asked[0]} asks for more than the table of trials says.",
            "Make the report from the study or its data package, or leave the rule out.",
        )
    if not sessions:
        return {}
    hit = _few_trials(trials, sessions, rules) | _by_catch_trials(trials, rules)
    if any(one.rows.size and answered_main(trials)[one.rows].any() for one in sessions):
        hit |= _by_pattern(trials, rules) | _by_interruption(trials, rules)
        hit |= _by_pace(trials, sessions, rules)
    for name in asked:
        hit[name] = _by_conduct(sessions, conduct or {}, name, getattr(rules, name))
    if not rules.include_unfinished:
        hit["include_unfinished"] = set(
            trials["session"][trials["session_state"] != "finished"].tolist()
        )
    return hit


def trials_by_rule(trials: TrialTable, rules: ExclusionRules) -> tuple[tuple[str, Mask], ...]:
    """(rule, the trials that break it) for every rule about single trials, in their order.

    >>> from jndlab.analysis.study.example import example_trials
    >>> found = trials_by_rule(example_trials(), ExclusionRules(min_response_time_ms=1500))
    >>> [(name, int(broken.sum())) for name, broken in found]
    [('min_response_time_ms', 52)]
    """
    times = trials["response_time_ms"]
    broken = {
        "min_response_time_ms": lambda limit: times < limit,
        "max_response_time_ms": lambda limit: times > limit,
        "max_loads": lambda limit: trials["n_loads"] > limit,
    }
    return tuple(
        (name, broken[name](getattr(rules, name)))
        for name in TRIAL_RULES
        if getattr(rules, name) is not None
    )


def answered_main(trials: TrialTable) -> Mask:
    """The answered trials of the main part, catch trials among them; shape (trials,).

    >>> from jndlab.analysis.study.example import example_trials
    >>> int(answered_main(example_trials(n_listeners=1)).sum())
    72
    """
    return np.asarray((trials["phase"] == "main") & trials.answered)


def _few_trials(
    trials: TrialTable, sessions: tuple[SessionRows, ...], rules: ExclusionRules
) -> dict[str, set[str]]:
    test = answered_main(trials) & (trials["trial_kind"] == "test")
    usable = test.copy()
    for _, broken in trials_by_rule(trials, rules):
        usable &= ~broken
    return {
        NO_ANSWER: {one.session for one in sessions if not test[one.rows].any()},
        "min_trials": {
            one.session for one in sessions if usable[one.rows].sum() < rules.min_trials
        },
    }


def _by_catch_trials(trials: TrialTable, rules: ExclusionRules) -> dict[str, set[str]]:
    practice, gross = rules.min_practice_correct or 0.0, rules.min_gross_correct or 0.0
    if practice == gross == 0.0:
        return {}
    sessions = check_catch_trials(trials).sessions
    return {
        "min_practice_correct": {s.session for s in sessions if is_below(s.practice, practice)},
        "min_gross_correct": {s.session for s in sessions if is_below(s.gross, gross)},
    }


def _by_pattern(trials: TrialTable, rules: ExclusionRules) -> dict[str, set[str]]:
    share, run = rules.max_same_response, rules.max_same_response_run
    if share is None and run is None:
        return {}
    sessions = check_response_patterns(trials).sessions
    return {
        "max_same_response": {
            s.session for s in sessions if share is not None and s.share > share + 1e-9
        },
        "max_same_response_run": {
            s.session for s in sessions if run is not None and s.same.length > run
        },
    }


def _by_interruption(trials: TrialTable, rules: ExclusionRules) -> dict[str, set[str]]:
    reloads, gap = rules.max_reloaded_trials, rules.max_gap_minutes
    if reloads is None and gap is None:
        return {}
    sessions = check_interruptions(trials).sessions
    return {
        "max_reloaded_trials": {
            s.session for s in sessions if reloads is not None and s.n_reloaded > reloads
        },
        "max_gap_minutes": {
            s.session for s in sessions if gap is not None and s.longest_gap_minutes > gap
        },
    }


def _by_pace(
    trials: TrialTable, sessions: tuple[SessionRows, ...], rules: ExclusionRules
) -> dict[str, set[str]]:
    limit = rules.max_median_response_time_ms
    if limit is None:
        return {}
    main = answered_main(trials)
    slow = set()
    for one in sessions:
        times = trials["response_time_ms"][one.rows][main[one.rows]]
        times = times[~np.isnan(times)]
        if times.size and np.median(times) > limit:
            slow.add(one.session)
    return {"max_median_response_time_ms": slow}


def _by_conduct(
    sessions: tuple[SessionRows, ...], conduct: Conduct, rule: str, limit: int
) -> set[str]:
    """Sessions of which more is counted than the rule allows; of unknown ones nothing is."""
    count = rule.replace("max_", "n_", 1)
    known = {one.session: conduct.get(one.session) for one in sessions}
    return {name for name, one in known.items() if one is not None and getattr(one, count) > limit}
