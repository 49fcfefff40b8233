"""The chain of what was done with a study, and what it says of the study's sessions."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from sqlalchemy import select
from sqlalchemy.orm import Session

from jndlab.store.chain import deed_link, session_start, study_start
from jndlab.store.deeds import OPENED, SESSION_DEEDS, detail_of
from jndlab.store.models import DeedRow, SessionRow, StudyRow

_AT_ONCE = 500


@dataclass(slots=True)
class DeedChain:
    """What following the deeds of a study has shown."""

    n_deeds: int = 0
    n_from_before: int = 0
    links: set[str] = field(default_factory=set)
    """Every head that the chain ever had."""
    heads: dict[str, dict[str, str | None]] = field(default_factory=dict)
    """Of the chains of sessions, by public id and deed."""
    said: list[str] = field(default_factory=list)


def follow_deeds(db: Session, study: StudyRow) -> DeedChain:
    """Follow the chain of a study from its start to its head."""
    found = DeedChain()
    link = study_start(study.id, study.created_at)
    query = select(DeedRow).where(DeedRow.study_id == study.id).order_by(DeedRow.id)
    for deed in db.scalars(query.execution_options(yield_per=_AT_ONCE)):
        if deed.link is None and not found.n_deeds:
            found.n_from_before += 1
            continue
        found.n_deeds += 1
        expected = deed_link(
            link, deed=deed.deed, user_id=deed.user_id, detail=deed.detail, at=deed.at
        )
        if deed.link is None:
            found.said.append(f"{_named(deed)} has no link: it was added past the server.")
            continue
        if deed.link != expected:
            what = "was changed after it was noted, or a deed before it is missing"
            found.said.append(f"{_named(deed)} {what}.")
        link = deed.link
        found.links.add(link)
        if deed.deed in SESSION_DEEDS:
            _note_session(found, deed)
    if study.chain_head is not None and link != study.chain_head:
        found.said.append("the chain of deeds ends before its head: the newest are missing.")
    if study.chain_head is None and found.n_deeds:
        found.said.append("deeds have links, and the study has no head of a chain.")
    return found


def session_problems(
    session: SessionRow, *, version_digest: str, deeds: DeedChain
) -> Iterator[str]:
    """What a session's row and the deeds of its opening and its end contradict each other in."""
    noted = deeds.heads.get(session.public_id, {})
    if session.chain_head is None:
        if OPENED in noted:
            yield "its chain was removed: the study's chain has its opening."
        return
    start = session_start(session, version_digest=version_digest)
    if noted.get(OPENED) != start:
        yield "its opening is not the one in the study's chain."
    end = f"session-{session.state}"
    if session.state != "open" and end not in noted:
        yield f"it counts as {session.state}, and the study's chain does not say so."
    for deed, head in noted.items():
        if deed == OPENED or (deed != end and session.state == "withdrawn"):
            continue
        if deed != end:
            yield f"the study's chain says {deed}, and it counts as {session.state}."
        elif head != session.chain_head:
            yield "its chain is not the one that stood in the study's chain at its end."


def _note_session(found: DeedChain, deed: DeedRow) -> None:
    detail = detail_of(deed)
    name = str(detail.get("session"))
    noted = found.heads.setdefault(name, {})
    if deed.deed in noted:
        found.said.append(f"{deed.deed} of session {name} is noted twice.")
    noted[deed.deed] = detail.get("head")


def _named(deed: DeedRow) -> str:
    return f"deed {deed.deed} of {deed.at:%Y-%m-%d %H:%M:%S} UTC"
