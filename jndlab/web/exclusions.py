"""What the rules of the study file leave out, session by session and trial by trial."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from jndlab.export.checks import checks_in
from jndlab.export.events import events_in
from jndlab.export.sessions import sessions_in
from jndlab.export.snapshot import Snapshot
from jndlab.export.tables import Table
from jndlab.export.tidy import shared_columns, trial_rows
from jndlab.study.rows import Row
from jndlab.study.trials import Column, SessionKind
from jndlab.web.conduct import conduct_of
from jndlab.web.report_choice import ReportChoice, chosen_options

if TYPE_CHECKING:
    from jndlab.analysis import TrialTable
    from jndlab.analysis.study.conduct import Conduct
    from jndlab.analysis.study.exclusion_rules import ExclusionRules

EXCLUSIONS = Table(
    name="exclusions",
    title="jndlab exclusions: one row per session or trial that the rules of the study leave out",
    holds="sessions and trials left out",
    columns=(
        *shared_columns("study_digest", "session", "session_kind", "participant", "part"),
        Column(
            name="trial",
            type="integer",
            description="Position of the trial in its session; empty: the whole session is out.",
        ),
        Column(
            name="rule",
            type="text",
            required=True,
            description="Key of the rule in the study file's section analysis; no_test_answer: a "
            "session without any answer to a test trial has nothing to analyse.",
        ),
        Column(name="reason", type="text", required=True, description="The rule in words."),
    ),
    refers=(("session", "sessions"), ("study_digest", "versions")),
)


def exclusions_in(snapshot: Snapshot) -> Iterator[Row]:
    """One row per session and per trial that is left out, each at the first rule that hits.

    Every version's sessions are judged by its own rules, and every part of a session by itself, as
    the analysis has it. Trials of sessions that are out already are not listed.
    """
    from jndlab.analysis import ExclusionRules, TrialTable, split_parts

    checks = {one.digest: snapshot.definitions[one.id] for one in snapshot.versions}
    conduct = conduct_of(
        sessions_in(snapshot),
        checks_in(snapshot),
        events_in(snapshot),
        rules={digest: definition.check_rules() for digest, definition in checks.items()},
    )
    everything = TrialTable.from_rows(trial_rows(snapshot))
    for version in snapshot.versions:
        analysis = snapshot.definitions[version.id].analysis
        for kind in snapshot.kinds:
            mine = (everything["study_digest"] == version.digest) & (
                everything["session_kind"] == kind
            )
            if mine.any():
                rules = ExclusionRules.from_options(
                    chosen_options(analysis, ReportChoice(kind=kind))
                )
                common: Row = {"study_digest": version.digest, "session_kind": kind}
                for name, part in split_parts(everything.select(mine)):
                    for row in _left_out(part, rules, conduct):
                        yield {**common, "part": name or None, **row}


def rules_in_words(snapshot: Snapshot, kind: SessionKind) -> tuple[str, ...]:
    """The rules of the newest version, in sentences."""
    from jndlab.analysis import ExclusionRules

    if not snapshot.versions:
        return ()
    analysis = snapshot.definitions[snapshot.versions[-1].id].analysis
    return ExclusionRules.from_options(chosen_options(analysis, ReportChoice(kind=kind))).describe()


def _left_out(table: TrialTable, rules: ExclusionRules, conduct: Conduct) -> Iterable[Row]:
    from jndlab.analysis.study.exclusion_verdicts import (
        NO_ANSWER,
        session_verdicts,
        trials_by_rule,
    )
    from jndlab.analysis.study.session_rows import sessions_of

    sessions = sessions_of(table)
    verdicts = session_verdicts(table, sessions, rules, conduct=conduct)
    broken = trials_by_rule(table, rules)
    for one, verdict in zip(sessions, verdicts, strict=True):
        row: Row = {"session": one.session, "participant": one.participant, "trial": None}
        if verdict:
            said = "without an answer to a test trial"
            reason = said if verdict == NO_ANSWER else rules.reason(verdict)
            yield {**row, "rule": verdict, "reason": f"session {reason}"}
            continue
        for place in one.rows:
            rule = next((name for name, hit in broken if hit[place]), None)
            if rule is not None and table["phase"][place] == "main":
                number = int(table["trial"][place])
                yield {
                    **row,
                    "trial": number,
                    "rule": rule,
                    "reason": f"trial {rules.reason(rule)}",
                }
