"""Who a recruiter sent: ids apart from the answers, deleted with a session that is withdrawn."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from jndlab.errors import RecruitBegun, RecruitDone
from jndlab.store.models import RecruitRow, SessionRow
from jndlab.study.recruiters import RecruitIds


def recruit_of(db: Session, session_id: int) -> RecruitRow | None:
    """Who the person of a session is at the recruiter, if one sent them."""
    return db.get(RecruitRow, session_id)


def require_first(db: Session, study_id: int, ids: RecruitIds) -> None:
    """Raises RecruitBegun or RecruitDone for somebody who has a session already."""
    query = (
        select(SessionRow.state)
        .join(RecruitRow, RecruitRow.session_id == SessionRow.id)
        .where(
            RecruitRow.study_id == study_id,
            RecruitRow.recruiter == ids.recruiter,
            RecruitRow.external_id == ids.external_id,
        )
    )
    state = db.scalars(query).one_or_none()
    if state == "open":
        raise RecruitBegun(
            "You have begun this study already.", "Go on in the browser in which you began."
        )
    if state is not None:
        raise RecruitDone(
            "You have taken part in this study already.",
            "The completion code is shown in the browser in which you took part.",
        )


def recruits_of(db: Session, study_id: int) -> Sequence[tuple[RecruitRow, str]]:
    """Everybody whom recruiters sent to a study, with the state of their session."""
    query = (
        select(RecruitRow, SessionRow.state)
        .join(SessionRow, SessionRow.id == RecruitRow.session_id)
        .where(RecruitRow.study_id == study_id)
        # By their ids: the order of the sessions would lead to the answers.
        .order_by(RecruitRow.recruiter, RecruitRow.external_id)
    )
    return [(row, state) for row, state in db.execute(query)]


def add_recruit(db: Session, session: SessionRow, ids: RecruitIds, at: datetime) -> None:
    """Keep who somebody is at the recruiter."""
    db.add(
        RecruitRow(
            session_id=session.id,
            study_id=session.study_id,
            recruiter=ids.recruiter,
            external_id=ids.external_id,
            assignment=json.dumps(dict(ids.assignment), sort_keys=True),
            received_at=at,
        )
    )
