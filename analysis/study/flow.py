"""The flow of participants: who began, who was left out by which rule, who was analysed."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from jndlab import __version__
from jndlab.analysis.records import to_dict
from jndlab.analysis.study.conduct import Conduct
from jndlab.analysis.study.data import TrialTable
from jndlab.analysis.study.exclusion_rules import SESSION_RULES, ExclusionRules
from jndlab.analysis.study.exclusion_verdicts import (
    NO_ANSWER,
    Mask,
    answered_main,
    session_verdicts,
    trials_by_rule,
)
from jndlab.analysis.study.exclusions import WHOSE
from jndlab.analysis.study.session_rows import SessionRows, require_one_study, sessions_of
from jndlab.errors import DataError

_DEFAULTS = ExclusionRules()


@dataclass(frozen=True, slots=True, kw_only=True)
class FlowExclusion:
    """Sessions that one rule left out, those not counted that an earlier rule had left out."""

    rule: str
    """Name of the field of ExclusionRules, or "no_test_answer"."""
    reason: str
    participants: tuple[int, ...]

    @property
    def n_sessions(self) -> int:
        return len(self.participants)


@dataclass(frozen=True, slots=True, kw_only=True)
class FlowTrials:
    """Trials left out for one reason, those not counted that an earlier reason took."""

    reason: str
    n_trials: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ParticipantFlow:
    """Sessions and trials from the first to the analysis; the numbers add up.

    n_started = n_left_in_practice + n_finished_practice, n_finished_practice = n_excluded +
    n_analysed, n_presented = sum of the trials left out + n_trials_analysed.
    """

    rules: ExclusionRules
    rules_digest: str
    n_opened: int | None
    """Sessions that were opened at all, where the caller knows: the table begins with the first
    trial, so consent or sound check can have ended a session before."""
    n_other_kind: int
    """Sessions of the other kind (simulated or people) in the table: no part of this flow."""
    n_started: int
    """Sessions that got a trial."""
    n_left_in_practice: int
    n_finished_practice: int
    """Sessions that got a trial of the main part."""
    n_completed: int
    """Of these, the ones that were finished."""
    excluded: tuple[FlowExclusion, ...]
    """Every rule stated, in its order, also those that hit nobody."""
    n_excluded: int
    n_analysed: int
    n_analysed_unfinished: int
    """Sessions that are analysed although they were not finished."""
    n_listeners: int
    """Different participant numbers among the analysed sessions."""
    n_presented: int
    """Trials handed out."""
    trials_left_out: tuple[FlowTrials, ...]
    n_trials_analysed: int
    """Answered test trials of the analysed sessions."""
    warnings: tuple[str, ...]
    method: str
    data_digest: str
    version: str
    analysed_sessions: tuple[str, ...] = field(repr=False)

    def to_dict(self) -> Any:
        """The fields, ready for JSON."""
        return to_dict(self)


def participant_flow(
    table: TrialTable,
    rules: ExclusionRules = _DEFAULTS,
    *,
    n_opened: int | None = None,
    conduct: Conduct | None = None,
) -> ParticipantFlow:
    """Who started, finished practice, completed, was excluded by which rule, and was analysed.

    After the flow diagram of CONSORT (Schulz, Altman & Moher 2010, *BMJ* 340, c332). Every session
    is counted at the first rule that hits, in the order of the rules; every trial likewise.
    ``n_opened``: sessions opened, if known, those that never got a trial among them. ``conduct``:
    how the sessions went, for rules that ask for it.

    DataError: no sessions of that kind, several studies, fewer opened than started, no ``conduct``
    where a rule asks for it.

    >>> from jndlab.analysis.study.example import example_trials
    >>> flow = participant_flow(example_trials(), ExclusionRules(min_gross_correct=0.75))
    >>> flow.n_started, flow.n_excluded, flow.n_analysed
    (8, 0, 8)
    """
    kind = _of_kind(table, rules)
    sessions = sessions_of(kind)
    if n_opened is not None and n_opened < len(sessions):
        raise DataError(
            f"{n_opened} sessions opened, but {len(sessions)} got a trial.",
            "Count all sessions of this kind, also those that ended before the first trial.",
        )
    verdicts = session_verdicts(kind, sessions, rules, conduct=conduct)
    reached = np.array([bool((kind["phase"][one.rows] == "main").any()) for one in sessions])
    finished = np.array([kind["session_state"][one.rows[0]] == "finished" for one in sessions])
    stated = [NO_ANSWER, *(name for name in SESSION_RULES if rules.states(name))]
    excluded = tuple(
        FlowExclusion(
            rule=name,
            reason="without an answer to a test trial" if name == NO_ANSWER else rules.reason(name),
            participants=tuple(
                one.participant
                for one, verdict, inside in zip(sessions, verdicts, reached, strict=True)
                if inside and verdict == name
            ),
        )
        for name in stated
    )
    analysed = np.array([verdict == "" for verdict in verdicts])
    left_out, n_trials = _trial_flow(kind, sessions, analysed, rules)
    return ParticipantFlow(
        rules=rules,
        rules_digest=rules.digest,
        n_opened=n_opened,
        n_other_kind=len(np.unique(table["session"])) - len(sessions),
        n_started=len(sessions),
        n_left_in_practice=int((~reached).sum()),
        n_finished_practice=int(reached.sum()),
        n_completed=int((reached & finished).sum()),
        excluded=excluded,
        n_excluded=sum(one.n_sessions for one in excluded),
        n_analysed=int(analysed.sum()),
        n_analysed_unfinished=int((analysed & ~finished).sum()),
        n_listeners=len(
            {one.participant for one, kept in zip(sessions, analysed, strict=True) if kept}
        ),
        n_presented=len(kind),
        trials_left_out=left_out,
        n_trials_analysed=n_trials,
        warnings=_warnings(sessions, analysed),
        method="each session counted at the first rule that hits, in the order stated",
        data_digest=table.digest,
        version=__version__,
        analysed_sessions=tuple(
            one.session for one, kept in zip(sessions, analysed, strict=True) if kept
        ),
    )


def apply_rules(
    table: TrialTable, rules: ExclusionRules = _DEFAULTS, *, conduct: Conduct | None = None
) -> TrialTable:
    """The answered main trials that the rules keep, catch trials among them.

    With rules of :func:`~jndlab.analysis.study.exclusions.exclude` its scored trials are the same.
    DataError: no sessions of that kind, several studies.

    >>> from jndlab.analysis.study.example import example_trials
    >>> len(apply_rules(example_trials()))
    576
    """
    kind = _of_kind(table, rules)
    sessions = sessions_of(kind)
    verdicts = session_verdicts(kind, sessions, rules, conduct=conduct)
    kept = np.zeros(len(kind), dtype=bool)
    for one, verdict in zip(sessions, verdicts, strict=True):
        kept[one.rows] = verdict == ""
    for _, broken in trials_by_rule(kind, rules):
        kept &= ~broken
    return kind.select(kept & answered_main(kind))


def _of_kind(table: TrialTable, rules: ExclusionRules) -> TrialTable:
    kind = table.select(table["session_kind"] == rules.session_kind)
    if len(kind) == 0:
        raise DataError(
            f"There are no sessions of {WHOSE[rules.session_kind]}s.",
            "Collect data, or choose another kind of session.",
        )
    require_one_study(kind)
    return kind


def _trial_flow(
    kind: TrialTable, sessions: tuple[SessionRows, ...], analysed: Mask, rules: ExclusionRules
) -> tuple[tuple[FlowTrials, ...], int]:
    """Trials left out, each at the first reason that takes it, and how many are analysed."""
    out = np.zeros(len(kind), dtype=bool)
    for one, kept in zip(sessions, analysed, strict=True):
        out[one.rows] = not kept
    reasons = [
        ("practice", kind["phase"] == "practice"),
        ("of a session left out", out),
        ("not answered", ~kind.answered),
        ("catch trials", kind["trial_kind"] != "test"),
        *((rules.reason(name), broken) for name, broken in trials_by_rule(kind, rules)),
    ]
    left = np.ones(len(kind), dtype=bool)
    found = []
    for reason, mask in reasons:
        taken = left & mask
        if taken.any():
            found.append(FlowTrials(reason=reason, n_trials=int(taken.sum())))
        left &= ~mask
    return tuple(found), int(left.sum())


def _warnings(sessions: tuple[SessionRows, ...], analysed: Mask) -> tuple[str, ...]:
    kept = [one.participant for one, keep in zip(sessions, analysed, strict=True) if keep]
    warnings = []
    if not kept:
        warnings.append("The rules leave out every session: there is nothing to analyse.")
    twice = sorted({number for number in kept if kept.count(number) > 1})
    if twice:
        warnings.append(
            "More than one analysed session has participant number "
            f"{', '.join(map(str, twice))}: they count as one listener."
        )
    return tuple(warnings)
