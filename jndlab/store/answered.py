"""How many answers a study has, version by version: whether a report is still up to date."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import case, func, select
from sqlalchemy.orm import Session

from jndlab.store.models import AnswerRow, PresentedRow, SessionRow, VersionRow
from jndlab.study.trials import SessionKind


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered:
    """Counts over sessions of some kinds."""

    n_answers: int
    n_sessions: int
    """With at least one answer."""
    n_finished: int
    n_withdrawn: int

    def __add__(self, other: Answered) -> Answered:
        return Answered(
            n_answers=self.n_answers + other.n_answers,
            n_sessions=self.n_sessions + other.n_sessions,
            n_finished=self.n_finished + other.n_finished,
            n_withdrawn=self.n_withdrawn + other.n_withdrawn,
        )


NOTHING = Answered(n_answers=0, n_sessions=0, n_finished=0, n_withdrawn=0)


def answered_by_version(
    db: Session, study_id: int, *, kinds: Sequence[SessionKind]
) -> dict[int, Answered]:
    """The counts of each version that has sessions of these kinds, by its number."""
    mine = (SessionRow.study_id == study_id, SessionRow.kind.in_(kinds))
    answers = (
        select(SessionRow.version_id, func.count(), func.count(SessionRow.id.distinct()))
        .select_from(AnswerRow)
        .join(AnswerRow.presented)
        .join(PresentedRow.session)
        .where(*mine)
        .group_by(SessionRow.version_id)
    )
    counts = {version: (n, sessions) for version, n, sessions in db.execute(answers)}
    states = (
        select(
            VersionRow.id,
            VersionRow.number,
            func.sum(case((SessionRow.state == "finished", 1), else_=0)),
            func.sum(case((SessionRow.state == "withdrawn", 1), else_=0)),
        )
        .join(VersionRow, SessionRow.version_id == VersionRow.id)
        .where(*mine)
        .group_by(VersionRow.id, VersionRow.number)
        .order_by(VersionRow.number)
    )
    return {
        number: Answered(
            n_answers=counts.get(version, (0, 0))[0],
            n_sessions=counts.get(version, (0, 0))[1],
            n_finished=int(n_finished),
            n_withdrawn=int(n_withdrawn),
        )
        for version, number, n_finished, n_withdrawn in db.execute(states)
    }
