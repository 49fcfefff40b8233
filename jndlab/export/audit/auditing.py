"""The audit of a database: every study, session by session, in one reading that sees one state."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy.orm import Session

from jndlab.export.audit.acknowledged import verdicts_on
from jndlab.export.audit.chains import broken_links
from jndlab.export.audit.deeds import DeedChain, follow_deeds, session_problems
from jndlab.export.audit.findings import Audit, AuditCode
from jndlab.export.audit.plans import unanswered, unplanned
from jndlab.export.audit.session_rows import StoredTrial, session_pages, trials_of
from jndlab.export.verify.findings import Finding
from jndlab.store.chain import session_start
from jndlab.store.engine import Store
from jndlab.store.models import SessionRow, StudyRow
from jndlab.store.sessions import plan_of
from jndlab.store.signing import is_signed_by_any, plan_key, plan_statement
from jndlab.store.studies import all_studies, require_study, versions_of

ELSEWHERE = "(no study)"
"""Stands for the study of acknowledged answers whose session is nowhere."""


def audit_store(
    store: Store,
    *,
    slug: str | None = None,
    acknowledged: Path | None = None,
    heads: Sequence[str] = (),
    keys: Sequence[str] = (),
    plans: bool = True,
) -> list[Audit]:
    """Audit a study, or all of them.

    ``acknowledged``: a file of answers that clients have receipts for. ``heads``: digests that
    earlier audits gave as heads of the study's chain. ``keys``: the public keys of which one has to
    have signed each plan; none: the present one of this data folder. Without ``plans`` presented
    trials are not held against their plans, which takes most of the time. Raises StudyUnknown,
    DataError.
    """
    if not keys:
        with store.write():  # the key is made if there is none, and by nobody else meanwhile
            keys = [plan_key(store.folder).public]
    with store.read() as db:
        studies = all_studies(db) if slug is None else [require_study(db, slug)]
        return audit_in(db, studies, keys, acknowledged=acknowledged, heads=heads, plans=plans)


def audit_in(
    db: Session,
    studies: Sequence[StudyRow],
    keys: Sequence[str],
    *,
    acknowledged: Path | None = None,
    heads: Sequence[str] = (),
    plans: bool = True,
) -> list[Audit]:
    """The same of studies that are read already; ``keys``: the public ones that plans may
    be signed with."""
    audits, chains = {}, {}
    for study in studies:
        auditing = _Auditing(db, study, keys, plans=plans)
        chains[study.id] = auditing.run()
        audits[study.id] = auditing.audit
    _check_heads(audits, chains, heads)
    found = list(audits.values())
    if acknowledged is not None:
        found += _account(db, audits, acknowledged)
    return found


@dataclass(slots=True)
class _Auditing:
    """The audit of one study while it goes on."""

    db: Session
    study: StudyRow
    keys: Sequence[str]
    audit: Audit
    plans: bool
    has_chains: bool
    """Whether a session before this one has a chain."""

    def __init__(self, db: Session, study: StudyRow, keys: Sequence[str], *, plans: bool) -> None:
        self.db, self.study, self.keys, self.plans = db, study, keys, plans
        self.has_chains = False
        self.audit = Audit(study=study.slug, head=study.chain_head)

    def run(self) -> DeedChain:
        """Audit the deeds, then every session."""
        deeds = follow_deeds(self.db, self.study)
        self.audit.n_deeds, self.audit.n_deeds_from_before = deeds.n_deeds, deeds.n_from_before
        for said in deeds.said:
            self._say("deed", said)
        digests = {version.id: version.digest for version in versions_of(self.db, self.study.id)}
        known = set()
        for page in session_pages(self.db, self.study.id):
            trials = trials_of(self.db, page)
            for session in page:
                known.add(session.public_id)
                self._session(session, digests[session.version_id], trials[session.id], deeds)
        for name in deeds.heads.keys() - known:
            self._say("session", f"session {name} is in the study's chain, and is gone.")
        return deeds

    def _session(
        self,
        session: SessionRow,
        version_digest: str,
        trials: Sequence[StoredTrial],
        deeds: DeedChain,
    ) -> None:
        audit = self.audit
        audit.n_sessions += 1
        audit.n_trials += len(trials)
        audit.n_answers += sum(one.is_answered for one in trials)
        before = len(audit.findings) + audit.n_more
        for said in session_problems(session, version_digest=version_digest, deeds=deeds):
            self._say("session", said, session)
        self._signature(session, version_digest)
        self._plan(session, trials)
        if session.state == "withdrawn":
            audit.n_withdrawn += 1
            if trials:
                self._say("session", f"it is withdrawn, and has {len(trials)} trials.", session)
        elif session.chain_head is None:
            audit.n_from_before += 1
            if self.has_chains:
                self._say("chain", "it has no chain, and sessions before it have one.", session)
            if any(one.presented_link or one.answered_link for one in trials):
                self._say("chain", "its trials have links, and it has no head.", session)
        else:
            self.has_chains = True
            start = session_start(session, version_digest=version_digest)
            for number, said in broken_links(start, session.chain_head, trials):
                self._say("chain", said, session, number)
            audit.n_chained += len(audit.findings) + audit.n_more == before

    def _signature(self, session: SessionRow, version_digest: str) -> None:
        if session.plan_signature is None:
            if session.chain_head is not None:
                self._say("signature", "its plan is not signed.", session)
            return
        statement = plan_statement(session, study_digest=version_digest)
        if is_signed_by_any(self.keys, statement, session.plan_signature):
            self.audit.n_signed += 1
        else:
            self._say("signature", "the signature is not of this plan, or of another key.", session)

    def _plan(self, session: SessionRow, trials: Sequence[StoredTrial]) -> None:
        told = hashlib.sha256(session.plan.encode()).hexdigest()  # it is stored as it is digested
        if told != session.plan_digest:
            self._say("plan", "the plan is not the one whose digest was noted.", session)
        finished = session.state == "finished"
        problems = list(unanswered(trials, finished=finished))
        if self.plans and session.state != "withdrawn":
            n_right, others = unplanned(plan_of(session), trials, finished=finished)
            self.audit.n_as_planned += n_right
            known = {number for _, number, _ in problems}
            problems += [one for one in others if one[1] is None or one[1] not in known]
        for code, number, said in problems:
            self._say(code, said, session, number)

    def _say(
        self,
        code: AuditCode,
        message: str,
        session: SessionRow | None = None,
        trial: int | None = None,
    ) -> None:
        self.audit.say(
            Finding(
                code=code,
                message=message,
                session=session.public_id if session else None,
                participant=f"{session.kind} {session.participant}" if session else "",
                trial=trial,
            )
        )


def _check_heads(
    audits: Mapping[int, Audit], chains: Mapping[int, DeedChain], heads: Sequence[str]
) -> None:
    """A head that an earlier audit gave is a link of the study's chain for ever."""
    for head in heads:
        if not any(head in chain.links for chain in chains.values()):
            for audit in audits.values():
                what = f"the head {head} is in no chain here: what came before it was changed"
                audit.say(Finding(code="deed", message=f"{what}, or is missing."))


def _account(db: Session, audits: Mapping[int, Audit], path: Path) -> Iterator[Audit]:
    """Hold acknowledged answers against what is stored; an audit of those that are of no study."""
    nowhere = Audit(study=ELSEWHERE, n_acknowledged=0)
    for audit in audits.values():
        audit.n_acknowledged = 0
    for one in verdicts_on(db, path):
        audit = audits.get(one.study_id or 0, nowhere)
        if one.study_id is not None and audit is nowhere:
            continue  # of a study that was not asked for
        audit.n_acknowledged = (audit.n_acknowledged or 0) + 1
        audit.n_found += not one.problem
        if one.problem:
            audit.say(
                Finding(
                    code="lost" if one.lost else "different",
                    message=one.problem,
                    session=one.public_id,
                    participant=f"session {one.public_id}",
                    trial=one.trial,
                )
            )
    if nowhere.n_acknowledged:
        yield nowhere
