"""The store -> the overview of a study, again and again, while participants answer.

A look reads a light row per session and then, of the sessions that moved on since the last look,
what is new. What is known of the others is kept: the cost of a look does not grow with the
trials that are stored. Everything is read without a lock (:meth:`Store.read`).
"""

from __future__ import annotations

import hashlib
import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from sqlalchemy.orm import Session

from jndlab import __version__
from jndlab.errors import ServerError
from jndlab.store import live as rows
from jndlab.store import live_facts
from jndlab.store.engine import Store
from jndlab.store.live import SessionMark, SessionPulse
from jndlab.store.models import StudyRow
from jndlab.store.questionnaires import answered_occasions
from jndlab.store.studies import definition_of, versions_of
from jndlab.study.definition import StudyDefinition
from jndlab.study.trials import SessionKind
from jndlab.web.live.overview import overview_of
from jndlab.web.live.overview_records import Quota, StudyOverview
from jndlab.web.live.session import summarise_session
from jndlab.web.live.session_records import SessionFacts, SessionSummary

MAX_NEW = 25
"""Sessions that one look reads from their first row on; the next look reads the next ones."""
MAX_READERS = 16
WAIT_SECONDS = 5.0
SHARED_SECONDS = 2.0
"""For so long, what one page was shown is news enough for another that watches too."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """One look at a study, and a mark that stays the same while there is nothing new to see."""

    overview: StudyOverview
    etag: str


@dataclass(frozen=True, slots=True)
class _Known:
    mark: SessionMark
    summary: SessionSummary
    facts: SessionFacts | None
    """To go on from; None where nothing more will come."""


class Readers:
    """One reader per study, kind and version; those that nobody asks are forgotten."""

    def __init__(self) -> None:
        self._readers: OrderedDict[tuple[int, str, int | None], LiveReader] = OrderedDict()
        self._bodies: OrderedDict[tuple[int, str], str] = OrderedDict()
        self._lock = threading.Lock()

    def kept(self, study_id: int, etag: str, make: Callable[[], str]) -> str:
        """What was made for this look already: several who watch cost little more than one."""
        place = (study_id, etag)
        with self._lock:
            body = self._bodies.get(place)
        if body is None:
            body = make()
        with self._lock:
            self._bodies[place] = body
            while len(self._bodies) > MAX_READERS:
                self._bodies.popitem(last=False)
        return body

    def reader(self, study_id: int, kind: SessionKind, version: int | None = None) -> LiveReader:
        """The reader of a study's sessions of one kind, of one version or of all."""
        place = (study_id, kind, version)
        with self._lock:
            found = self._readers.setdefault(place, LiveReader(study_id, kind, version))
            self._readers.move_to_end(place)
            while len(self._readers) > MAX_READERS:
                self._readers.popitem(last=False)
            return found


class LiveReader:
    """Looks at the sessions of one kind in one study, and remembers what it saw."""

    def __init__(self, study_id: int, kind: SessionKind, version: int | None = None) -> None:
        self.study_id = study_id
        self.kind: SessionKind = kind
        self.version = version
        """Number of the only version to look at; None: all."""
        self._known: dict[int, _Known] = {}
        self._studies: dict[int, tuple[int, StudyDefinition]] = {}
        self._last: Look | None = None
        self._looked_at = 0.0
        self._lock = threading.Lock()

    def look(self, store: Store, *, seen: str = "", now: datetime | None = None) -> Look:
        """The study at this moment. Raises ServerError while another look takes too long.

        A page that has ``seen`` another look than the last one gets that, if it is fresh: however
        many watch, the study is looked at every other second at most.
        """
        if not self._lock.acquire(timeout=WAIT_SECONDS):
            raise ServerError("The live view is being read just now.", "Try again in a moment.")
        try:
            is_fresh = time.monotonic() - self._looked_at < SHARED_SECONDS
            if self._last is not None and is_fresh and seen not in ("", self._last.etag):
                return self._last
            with store.read() as db:
                look = self._look(db, now or datetime.now(UTC))
            self._looked_at = time.monotonic()
            return look
        finally:
            self._lock.release()

    def _look(self, db: Session, now: datetime) -> Look:
        self._read_versions(db)
        pulses = rows.session_pulses(
            db, self.study_id, kind=self.kind, version_id=self._version_id()
        )
        moved = self._moved(db, pulses)
        quota = self._quota(db)
        etag = self._etag(pulses, moved, quota, now)
        if self._last is not None and self._last.etag == etag and not moved:
            return self._last
        left = MAX_NEW
        for mark in reversed(list(moved.values())):  # the newest first: they are looked for
            known = self._known.get(mark.pulse.session_id)
            if known is None or known.facts is None:
                if left == 0:
                    continue
                left -= 1
            self._known[mark.pulse.session_id] = self._read(db, mark, known)
            del moved[mark.pulse.session_id]
        read = [
            (self._studies[pulse.version_id][0], self._known[pulse.session_id].summary)
            for pulse in pulses
            if pulse.session_id in self._known
        ]
        overview = overview_of(
            dict(self._studies.values()),
            read,
            kind=self.kind,
            now=now,
            quota=quota,
            n_unread=len(moved),
        )
        self._last = Look(overview=overview, etag=self._etag(pulses, moved, quota, now))
        return self._last

    def _moved(self, db: Session, pulses: list[SessionPulse]) -> dict[int, SessionMark]:
        """The sessions to which something has come since they were read, by number.

        One that has ended moves on only by a late report or by being withdrawn, which its pulse
        tells; of one under way the whole row has to be looked at.
        """
        asked = [
            pulse
            for pulse in pulses
            if (known := self._known.get(pulse.session_id)) is None
            or pulse.state == "open"
            or known.mark.pulse != pulse
        ]
        marks = rows.session_marks(db, asked)
        return {
            pulse.session_id: marks[pulse.session_id]
            for pulse in asked
            if (known := self._known.get(pulse.session_id)) is None
            or known.mark.key != marks[pulse.session_id].key
        }

    def _read_versions(self, db: Session) -> None:
        """A version is frozen: it is read once."""
        for version in versions_of(db, self.study_id):
            if version.id not in self._studies:
                self._studies[version.id] = (version.number, definition_of(version))

    def _version_id(self) -> int | None:
        if self.version is None:
            return None
        numbers = {number: known for known, (number, _) in self._studies.items()}
        return numbers.get(self.version, 0)  # no version has 0: an unknown one has no sessions

    def _quota(self, db: Session) -> Quota:
        study = db.get_one(StudyRow, self.study_id)
        return Quota(
            n_finished=rows.count_finished(db, self.study_id, kind="participant"),
            n_wanted=study.quota,
        )

    def _read(self, db: Session, mark: SessionMark, known: _Known | None) -> _Known:
        study = self._studies[mark.pulse.version_id][1]
        facts = known.facts if known else None
        if (
            facts is None or mark.pulse.state == "withdrawn"
        ):  # nothing that was read counts any more
            facts = SessionFacts(
                mark=mark,
                outline=live_facts.outline_of(db, mark.pulse.session_id),
                asks=self.kind != "simulated" and bool(study.questionnaires),
            )
        facts = _gone_on(db, facts, mark)
        return _Known(
            mark=mark,
            summary=summarise_session(study, facts),
            facts=facts if mark.pulse.state == "open" else None,
        )

    def _etag(
        self,
        pulses: list[SessionPulse],
        moved: dict[int, SessionMark],
        quota: Quota,
        now: datetime,
    ) -> str:
        """Over what a look says. Silence is told in minutes, so a new minute is news."""
        minute = int(now.timestamp()) // 60
        about = (__version__, self.kind, self.version, quota, len(moved), minute)
        seen = [
            known.mark.key if (known := self._known.get(pulse.session_id)) else pulse
            for pulse in pulses
        ]
        return hashlib.blake2b(repr((about, seen)).encode(), digest_size=12).hexdigest()


def _gone_on(db: Session, facts: SessionFacts, mark: SessionMark) -> SessionFacts:
    """The facts of a session with what came since they were read."""
    session = mark.pulse.session_id
    last = facts.answers[-1].number if facts.answers else 0
    checks = facts.checks
    if not checks or facts.mark.checked_at is None:
        checks = tuple(live_facts.check_facts(db, session))
    events = facts.events
    if mark.pulse.last_event_at is not None:
        since = facts.mark.pulse.last_event_at if events.n_events else None
        events = events.with_events(live_facts.events_from(db, session, since))
    return replace(
        facts,
        mark=mark,
        answers=(*facts.answers, *live_facts.answers_after(db, session, last)),
        checks=checks,
        events=events,
        resume_gaps=tuple(live_facts.resume_gaps(db, session)),
        occasions=answered_occasions(db, session) if facts.asks else frozenset(),
    )
