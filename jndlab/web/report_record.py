"""What a report says of version, registration, and everything that departs from the plan."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from jndlab.export.history import LookFacts, StudyHistory, VersionFacts
from jndlab.study.definition import StudyDefinition
from jndlab.study.phrases import plural
from jndlab.study.rows import Row
from jndlab.web.peeks import Peek, describe_peeks
from jndlab.web.report_choice import ReportChoice

if TYPE_CHECKING:
    from jndlab.analysis import StudyRecord

OVER = ("closed", "archived")
"""States in which no more answers come in."""


def record_of(
    history: StudyHistory,
    versions: Sequence[VersionFacts],
    *,
    choice: ReportChoice,
    sessions: Sequence[Row],
    left_out: Sequence[Row],
    n_pilots: int,
) -> StudyRecord:
    """Sentences for the report.

    ``versions`` are those whose answers are analysed, ``sessions`` theirs, ``left_out`` those of
    other versions; all of the chosen kind, ``n_pilots`` of them of the pilot.
    """
    from jndlab.analysis import StudyRecord

    definition = StudyDefinition.from_json(versions[-1].definition)
    real = choice.kind == "participant"
    is_over = bool(history.states) and history.states[-1].state in OVER
    missed, so_far = _sample(versions, definition, sessions, is_over=is_over) if real else ((), ())
    return StudyRecord(
        version=_version(versions, left_out),
        registration=_registration(versions) if real else "",
        departures=(*missed, *_run_departures(versions, choice, n_pilots)),
        events=(*so_far, *_events(history, versions[-1])) if real else (),
    )


def _version(versions: Sequence[VersionFacts], left_out: Sequence[Row]) -> str:
    newest = versions[-1]
    if len(versions) == 1:
        text = f"The answers belong to version {newest.number} of the study, frozen on "
        text += f"{_when(newest.frozen_at)} (digest {newest.digest[:16]}…)."
    else:
        numbers = ", ".join(str(one.number) for one in versions)
        text = f"The answers belong to {len(versions)} versions of the study ({numbers}), analysed "
        text += "together."
    for one in versions:
        if one.note:
            text += f" Reason given for version {one.number}: “{one.note.rstrip('.')}.”"
    answered = [row for row in left_out if int(row["n_answered"] or 0)]
    if answered:
        told = plural(len(answered), "session")
        text += f" {told} of other versions {'is' if len(answered) == 1 else 'are'} left out."
    return text


def _registration(versions: Sequence[VersionFacts]) -> str:
    """When what is analysed was registered; empty unless all of it was."""
    if any(one.registered is None for one in versions):
        return ""
    return " ".join(
        f"Version {one.number} was registered on {_when(one.registered.at)}, before its first "
        f"answer; SHA-256 of the registration: {one.registered.digest}."
        for one in versions
        if one.registered is not None
    )


def _sample(
    versions: Sequence[VersionFacts],
    definition: StudyDefinition,
    sessions: Sequence[Row],
    *,
    is_over: bool,
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """A departure where other than as many sessions were finished as planned, or how far it is."""
    registered = versions[-1].registered
    planned = definition.analysis.sample_size if definition.analysis else None
    words = "planned"
    if planned is None and registered is not None and registered.quota is not None:
        planned, words = registered.quota, "registered as the quota"
    if planned is None:
        return (), ()
    finished = sum(
        row["session_state"] == "finished" and row["session_kind"] == "participant"
        for row in sessions
    )
    told = f"Sample size: {plural(planned, 'finished session')} {words}, {finished} collected"
    if finished == planned:
        return (), (f"{told}.",)
    if finished < planned and not is_over:
        return (), (f"{told} so far.",)
    fewer = "fewer" if finished < planned else "more"
    return (f"{told}: {abs(finished - planned)} {fewer}.",), ()


def _run_departures(
    versions: Sequence[VersionFacts], choice: ReportChoice, n_pilots: int
) -> Iterator[str]:
    """Answers that the plan did not speak of."""
    if len(versions) > 1:
        numbers = ", ".join(str(one.number) for one in versions)
        yield f"Versions: planned one at a time, analysed together: {numbers}."
    missing = [str(one.number) for one in versions if one.registered is None]
    if missing and len(missing) < len(versions):
        yield f"Registration: version {', '.join(missing)} was not registered."
    if choice.include_pilot and n_pilots:
        yield (
            f"Pilot: planned not to count, {plural(n_pilots, 'session')} of it analysed with the "
            "others."
        )


def _events(history: StudyHistory, version: VersionFacts) -> Iterator[str]:
    """Looks at the data and changes of state since the version was frozen."""
    registered = version.registered
    if registered is not None and registered.n_earlier_answers:
        told = plural(registered.n_earlier_answers, "answer")
        yield f"Before the registration people had given {told} to earlier versions."
    if registered is not None and registered.n_pilot_answers:
        told = plural(registered.n_pilot_answers, "answer")
        yield f"Before the registration a pilot had given {told}."
    yield describe_peeks([_peek(look) for look in history.looks])
    later = [one for one in history.states if one.since >= version.frozen_at]
    stopped = next((n for n, one in enumerate(later) if one.state in ("paused", *OVER)), len(later))
    for state in later[stopped:]:  # before that it was only begun
        if state.state != "archived":
            note = f": “{state.note.rstrip('.')}.”" if state.note else "."
            yield f"On {_when(state.since)} the study was set to {state.state}{note}"


def _peek(look: LookFacts) -> Peek:
    """A look as it stands in the history, which names nobody."""
    detail = look.detail
    return Peek(
        at=datetime.fromisoformat(look.at),
        user="",
        reason=detail.get("reason", ""),
        kind=detail.get("kind", "participant"),
        version=detail.get("version"),
        n_finished=detail.get("n_finished", 0),
        n_open=detail.get("n_open", 0),
        n_answers=detail.get("n_answers", 0),
    )


def _when(moment: str) -> str:
    at = datetime.fromisoformat(moment).astimezone(UTC)
    return f"{at.day} {at:%B %Y, %H:%M} UTC"
