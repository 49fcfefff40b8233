"""The rows of sessions as an audit reads them: some sessions at a time, whatever a study holds."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from sqlalchemy import RowMapping, select
from sqlalchemy.orm import Session

from jndlab.store.chain import answered_link, presented_link
from jndlab.store.models import AnswerRow, PresentedRow, ReleasedClipRow, SessionRow

_AT_ONCE = 50
"""Sessions in memory at a time."""
_ANSWER = (
    "key",
    "response",
    "correct",
    "response_time_ms",
    "confidence",
    "plays",
    "context_rate_hz",
    "output_latency_ms",
    "answered_at",
)


@dataclass(frozen=True, slots=True)
class StoredTrial:
    """A trial that was handed out, its clips, and its answer if it has one."""

    row: RowMapping
    clips: list[tuple[str, str, int]] = field(default_factory=list)

    @property
    def number(self) -> int:
        """Its place in the session."""
        return int(self.row["number"])

    @property
    def is_presented(self) -> bool:
        """Whether its turn has come; its sounds may only have been loaded ahead."""
        return bool(self.row["n_loads"])

    @property
    def is_answered(self) -> bool:
        """Whether it has an answer."""
        return self.row["key"] is not None

    @property
    def presented_link(self) -> str | None:
        """The link that is stored with it."""
        return None if self.row["presented_link"] is None else str(self.row["presented_link"])

    @property
    def answered_link(self) -> str | None:
        """The link that is stored with its answer."""
        return None if self.row["answered_link"] is None else str(self.row["answered_link"])

    def expected_presented_link(self, head: str) -> str:
        """What its link has to be behind ``head``."""
        return presented_link(
            head, number=self.number, trial=str(self.row["trial"]), clips=self.clips
        )

    def expected_answered_link(self, head: str) -> str:
        """What the link of its answer has to be behind ``head``."""
        return answered_link(
            head,
            number=self.number,
            presented_at=self.row["presented_at"],
            n_loads=self.row["n_loads"],
            **{name: self.row[name] for name in _ANSWER},
        )


def session_pages(db: Session, study_id: int) -> Iterator[Sequence[SessionRow]]:
    """The sessions of a study in the order of their opening, previews included."""
    last = 0
    while True:
        query = (
            select(SessionRow)
            .where(SessionRow.study_id == study_id, SessionRow.id > last)
            .order_by(SessionRow.id)
            .limit(_AT_ONCE)
        )
        page = db.scalars(query).all()
        if not page:
            return
        last = page[-1].id
        yield page
        for row in page:
            db.expunge(row)


def trials_of(db: Session, sessions: Sequence[SessionRow]) -> dict[int, list[StoredTrial]]:
    """The trials of some sessions in order, by the id of the session."""
    ids = [one.id for one in sessions]
    found: dict[int, list[StoredTrial]] = {one: [] for one in ids}
    by_id: dict[int, StoredTrial] = {}
    query = (
        select(
            PresentedRow.id,
            PresentedRow.session_id,
            PresentedRow.number,
            PresentedRow.trial,
            PresentedRow.presented_at,
            PresentedRow.n_loads,
            PresentedRow.link.label("presented_link"),
            AnswerRow.link.label("answered_link"),
            *(getattr(AnswerRow, name) for name in _ANSWER),
        )
        .outerjoin(AnswerRow, AnswerRow.presented_id == PresentedRow.id)
        .where(PresentedRow.session_id.in_(ids))
        .order_by(PresentedRow.session_id, PresentedRow.number, PresentedRow.id)
    )
    for row in db.execute(query).mappings():
        by_id[row["id"]] = trial = StoredTrial(row)
        found[row["session_id"]].append(trial)
    clips = (
        select(
            ReleasedClipRow.presented_id,
            ReleasedClipRow.name,
            ReleasedClipRow.clip,
            ReleasedClipRow.noise_seed,
        )
        .join(PresentedRow, PresentedRow.id == ReleasedClipRow.presented_id)
        .where(PresentedRow.session_id.in_(ids))
        .order_by(ReleasedClipRow.presented_id, ReleasedClipRow.position)
    )
    for presented, name, clip, seed in db.execute(clips):
        by_id[presented].clips.append((name, clip, seed))
    return found
