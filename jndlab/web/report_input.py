"""All that a report is made from, in one record: the store fills it, and so does a data package."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from jndlab.errors import DataError
from jndlab.export.checks import checks_in
from jndlab.export.events import events_in
from jndlab.export.history import StudyHistory, VersionFacts, history_in
from jndlab.export.questionnaires import questionnaires_in
from jndlab.export.sessions import sessions_in
from jndlab.export.snapshot import Snapshot, snapshot_of
from jndlab.export.tidy import trial_rows
from jndlab.export.tracks import tracks_in
from jndlab.store.engine import Store
from jndlab.study.checks import CheckRule
from jndlab.study.definition import StudyDefinition
from jndlab.study.rows import Row
from jndlab.study.trials import SessionKind
from jndlab.web.conduct import conduct_of
from jndlab.web.report_choice import ReportChoice
from jndlab.web.report_record import record_of

if TYPE_CHECKING:
    from jndlab.analysis import SessionConduct, StudyRecord, TrialTable

Tables = Callable[[str], Iterable[Row]]
"""The rows of the table of that name: trials, sessions, checks, questionnaires, events, tracks."""

_PILOTS_FROM = 1000
"""Pilots get the next round numbers where they are analysed with participants."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportInput:
    """What is known of a study and of the sessions that a report is about."""

    choice: ReportChoice
    versions: str
    """Numbers of the versions that are reported."""
    definition: StudyDefinition
    """Of the newest of them."""
    digest: str
    """Of the newest of them."""
    gate: str | None
    """What the pair gate found in that version, as it was frozen."""
    manifest: str | None
    """What is known of its models and sounds, as it was frozen: CSV."""
    record: StudyRecord
    trials: TrialTable = field(repr=False)
    sessions: tuple[Row, ...] = field(repr=False)
    checks: tuple[Row, ...] = field(repr=False)
    questionnaires: tuple[Row, ...] = field(repr=False)
    tracks: tuple[Row, ...] = field(repr=False)
    """What adaptive procedures say of their own tracks."""
    conduct: Mapping[str, SessionConduct] = field(repr=False)
    """How each session went beside its trials, for rules of exclusion."""

    @property
    def kind(self) -> SessionKind:
        """Whose answers."""
        return self.choice.kind


def read_report_input(
    tables: Tables, *, history: StudyHistory, choice: ReportChoice
) -> ReportInput:
    """The record of what ``choice`` asks for.

    Raises DataError if there is no such version, or if there are no answers.
    """
    from jndlab.analysis import TrialTable

    kinds = {choice.kind, "pilot"} if choice.include_pilot else {choice.kind}
    everyone = [row for row in tables("sessions") if row["session_kind"] in kinds]
    versions = chosen_versions(history, everyone, choice)
    digests = {one.digest for one in versions}
    first_pilot = _first_pilot(everyone)

    def rows(name: str) -> Iterator[Row]:
        for row in tables(name):
            if row["session_kind"] in kinds and row["study_digest"] in digests:
                yield _as_participant(row, first_pilot) if choice.include_pilot else row

    sessions = [row for row in everyone if row["study_digest"] in digests]
    checks = tuple(rows("checks"))
    return ReportInput(
        choice=choice,
        versions=", ".join(str(one.number) for one in versions),
        definition=StudyDefinition.from_json(versions[-1].definition),
        digest=versions[-1].digest,
        gate=versions[-1].gate,
        manifest=versions[-1].manifest,
        record=record_of(
            history,
            versions,
            choice=choice,
            sessions=sessions,
            left_out=[row for row in everyone if row["study_digest"] not in digests],
            n_pilots=sum(row["session_kind"] == "pilot" for row in sessions),
        ),
        trials=TrialTable.from_rows(rows("trials")),
        sessions=tuple(rows("sessions")),
        checks=checks,
        questionnaires=tuple(rows("questionnaires")),
        tracks=tuple(rows("tracks")),
        conduct=conduct_of(sessions, checks, tables("events"), rules=_check_rules(versions)),
    )


def chosen_versions(
    history: StudyHistory, sessions: Iterable[Row], choice: ReportChoice
) -> Sequence[VersionFacts]:
    """The versions that ``choice`` means, of those with answers; the newest one comes last.

    Raises DataError if there is none.
    """
    answered = {row["study_digest"] for row in sessions if int(row["n_answered"] or 0)}
    with_answers = [one for one in history.versions if one.digest in answered]
    if not with_answers:
        raise DataError(
            f"There are no answers from {WHOSE[choice.kind]} yet.",
            "Hand out the participants' link, or try the study with: jndlab simulate",
        )
    if choice.version == "all":
        return with_answers
    if choice.version is None:
        return with_answers[-1:]
    chosen = [one for one in with_answers if one.number == choice.version]
    if not chosen:
        numbers = ", ".join(str(one.number) for one in with_answers)
        raise DataError(
            f"There are no answers from {WHOSE[choice.kind]} to a version {choice.version}.",
            f"Versions with answers: {numbers}.",
        )
    return chosen


def _check_rules(versions: Sequence[VersionFacts]) -> dict[str, Sequence[CheckRule]]:
    """The checks before the trials of each version, by its digest."""
    return {one.digest: StudyDefinition.from_json(one.definition).check_rules() for one in versions}


WHOSE: Mapping[SessionKind, str] = {
    "participant": "participants",
    "simulated": "simulated listeners",
    "pilot": "the pilot",
    "preview": "previews",
}
"""Whom the answers of a kind of session come from."""


def _first_pilot(sessions: Iterable[Row]) -> int:
    """What to add to the numbers of pilots: participants and pilots are both counted from 1."""
    highest = max(
        (int(row["participant"] or 0) for row in sessions if row["session_kind"] != "pilot"),
        default=0,
    )
    return _PILOTS_FROM * (highest // _PILOTS_FROM + 1)


def _as_participant(row: Row, first_pilot: int) -> Row:
    if row["session_kind"] != "pilot":
        return row
    number = first_pilot + int(row["participant"] or 0)
    return {**row, "session_kind": "participant", "participant": number}


_TABLES: Mapping[str, Callable[[Snapshot], Iterable[Row]]] = {
    "trials": trial_rows,
    "sessions": sessions_in,
    "checks": checks_in,
    "questionnaires": questionnaires_in,
    "events": events_in,
    "tracks": tracks_in,
}


def report_input_of(store: Store, slug: str, choice: ReportChoice) -> ReportInput:
    """The record of a study in the store, as it is at one moment.

    Raises StudyUnknown, and DataError if there are no answers.
    """
    kinds: list[SessionKind] = [choice.kind]
    if choice.include_pilot:
        kinds.append("pilot")
    with snapshot_of(store, slug, kinds=kinds) as snapshot:
        return read_report_input(
            lambda name: _TABLES[name](snapshot), history=history_in(snapshot), choice=choice
        )
