"""A study against its signed plans: everything is looked at, and every finding is named."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import Any

from jndlab import __version__
from jndlab.export.package.reading import open_package
from jndlab.export.package.signed import digest_of_version
from jndlab.export.snapshot import EXPORTED_KINDS, snapshot_of
from jndlab.export.verify.evidence import Evidence, evidence_in_package, evidence_in_store
from jndlab.export.verify.findings import Code, Finding, Verification
from jndlab.export.verify.seal import check_seal
from jndlab.export.verify.walk import Walk
from jndlab.store.engine import Store
from jndlab.store.signing import digest_of, is_signed_by_any, plan_key
from jndlab.study.definition import StudyDefinition
from jndlab.study.plan import plan_session
from jndlab.study.rows import Row, SessionFacts
from jndlab.study.session_plan import SessionPlan
from jndlab.study.trials import SessionKind

_SAID_IN_BOTH = (
    ("study_digest", "study_digest"),
    ("session_kind", "session_kind"),
    ("participant", "participant"),
    ("slot", "slot"),
    ("opened_at", "opened_at"),
    ("jndlab_version", "jndlab_version"),
)
"""What a signed statement and the table of sessions both say."""


def verify_package(
    path: Path, *, studies: Sequence[StudyDefinition] = (), keys: Sequence[str] = ()
) -> Verification:
    """Check a data package, zipped or unpacked, without a server.

    ``studies``: study files, for a package that withholds the seed. ``keys``: the public keys
    of which one has to have signed whatever is signed. Raises DataError for what is no package with
    signed plans.
    """
    with open_package(path, unchanged=False) as package:
        return verify(evidence_in_package(package), studies=studies, keys=keys)


def verify_store(
    store: Store,
    slug: str,
    *,
    kinds: Sequence[SessionKind] = EXPORTED_KINDS,
    keys: Sequence[str] = (),
) -> Verification:
    """Check what the database holds of a study. Raises StudyUnknown."""
    with store.write():  # the key is made if there is none, and by nobody else meanwhile
        plan_key(store.folder)
    with snapshot_of(store, slug, kinds=kinds) as snapshot:
        evidence = evidence_in_store(snapshot)
    return verify(evidence, keys=keys)


def verify(
    evidence: Evidence, *, studies: Sequence[StudyDefinition] = (), keys: Sequence[str] = ()
) -> Verification:
    """Check everything that was said of a study."""
    told = {**evidence.definitions, **{one.digest(): one for one in studies}}
    job = _Verifying(evidence, told, keys or [evidence.public_key])
    if evidence.public_key not in job.keys:
        expected = " or ".join(keys)
        job.say("key", f"it is signed with the key {evidence.public_key}, not with {expected}.")
    sealed = check_seal(evidence, job.keys, job.say) if evidence.is_export else None
    job.versions()
    job.all_sessions()
    return Verification(
        study=evidence.study,
        public_key=evidence.public_key,
        key_was_given=bool(keys),
        export_signed=sealed,
        n_sessions=len(evidence.sessions),
        n_signed=job.n_signed,
        n_remade=job.n_remade,
        n_trials=sum(map(len, evidence.trials.values())),
        n_trials_right=job.n_right,
        findings=tuple(job.findings),
        version=__version__,
    )


@dataclass(slots=True)
class _Verifying:
    """One verification while it goes on."""

    evidence: Evidence
    told: Mapping[str, StudyDefinition]
    keys: Sequence[str]
    findings: list[Finding[Code]] = field(default_factory=list)
    n_signed: int = 0
    n_remade: int = 0
    n_right: int = 0
    studies: dict[str, StudyDefinition] = field(default_factory=dict)
    """By the digest of the version."""

    def say(
        self, code: Code, message: str, session: Row | None = None, trial: int | None = None
    ) -> None:
        """Note a finding."""
        self.findings.append(
            Finding(
                code=code,
                message=message,
                session=None if session is None else str(session["session"]),
                participant=""
                if session is None
                else f"{session['session_kind']} {session['participant']}",
                trial=trial,
            )
        )

    def versions(self) -> None:
        """Which study file each version is, and whether the digests are those of the parts."""
        for row in self.evidence.versions:
            digest, of_file = str(row["study_digest"]), str(row["definition_digest"])
            stimuli = [one for one in self.evidence.stimuli if one["study_digest"] == digest]
            manifest = self.evidence.manifests.get(digest)
            number = row["version"]
            if digest_of_version(of_file, stimuli, manifest) != digest:
                what = "is not the digest of its study file, its sounds and its manifest"
                self.say("version", f"version {number}: {digest[:12]} {what}.")
            if of_file in self.told:
                self.studies[digest] = self.told[of_file]
                continue
            self.say(
                "unchecked",
                f"version {number}: its study file with the seed is not here, so that no plan can "
                "be made again. Name it with --study, or export again with --with-seed or after "
                "the study is closed.",
            )

    def all_sessions(self) -> None:
        """Every session with its plan and its trials."""
        plans = {str(one["statement"].get("session")): one for one in self.evidence.plans}
        names = Counter(str(row["session"]) for row in self.evidence.sessions)
        for name in sorted((plans.keys() | self.evidence.trials.keys()) - names.keys()):
            self.say("session", f"{name} is no session of the table, and has a plan or trials.")
        if self.evidence.is_whole:
            self._numbers()
        for row in self.evidence.sessions:
            name = str(row["session"])
            if names[name] > 1:
                self.say("session", "it stands in the table of sessions twice.", row)
            if name not in plans:
                self.say("plan", "it has no plan.", row)
                continue
            self._session(row, plans[name])

    def _numbers(self) -> None:
        """Participants of a kind are numbered without gaps, and none is ever deleted."""
        of_kind: dict[str, list[int]] = {}
        for row in self.evidence.sessions:
            of_kind.setdefault(str(row["session_kind"]), []).append(int(row["participant"] or 0))
        for kind, numbers in of_kind.items():
            for before, after in pairwise([0, *sorted(set(numbers))]):
                if after - before == 1:
                    continue
                gap = (
                    f"{before + 1} is"
                    if after - before == 2
                    else f"{before + 1} to {after - 1} are"
                )
                self.say("session", f"{kind} {gap} missing: numbers are given without gaps.")

    def _session(self, row: Row, entry: Mapping[str, Any]) -> None:
        statement = entry["statement"]
        for column, key in _SAID_IN_BOTH:
            if row[column] != statement.get(key):
                what = f"{column} is {row[column]!r}, and {statement.get(key)!r} was signed."
                self.say("session", what, row)
        signature = entry.get("signature")
        signed = signature is not None and is_signed_by_any(self.keys, statement, str(signature))
        self.n_signed += signed
        if signature is None:
            self.say("signature", "it was opened before plans were signed.", row)
        elif not signed:
            self.say("signature", "the signature is not of this plan, or of another key.", row)
        study = self.studies.get(str(statement.get("study_digest")))
        plan = self._plan(row, entry, study, signed=signed)
        if plan is None or study is None:
            return
        self._trials(row, study, plan)

    def _plan(
        self, row: Row, entry: Mapping[str, Any], study: StudyDefinition | None, *, signed: bool
    ) -> SessionPlan | None:
        """The plan that the trials are to be compared with: the signed one, else the one that is
        made again; None if there is neither."""
        statement = entry["statement"]
        remade = None
        if study is not None:
            remade = plan_session(
                study,
                participant=int(statement["participant"]),
                seed=study.seed,
                slot=int(statement["slot"]),
            )
        told, digest = entry.get("plan"), str(statement.get("plan_digest"))
        readable = None if told is None else _readable(told)
        if told is not None and readable is None:
            self.say("plan", "it cannot be read.", row)
        is_the_digests = readable is not None and digest_of(told) == digest
        if readable is not None and not is_the_digests:
            self.say("plan", "the plan is not the one whose digest was noted.", row)
        if remade is not None and remade.digest() == digest:
            self.n_remade += 1
            return remade
        if remade is not None:
            self.say("plan", _not_remade(row, told if is_the_digests else None, remade), row)
        return readable if is_the_digests and signed else remade

    def _trials(self, row: Row, study: StudyDefinition, plan: SessionPlan) -> None:
        rows = self.evidence.trials.get(str(row["session"]), ())
        state = str(row["session_state"])
        if state in ("withdrawn", "screened-out"):
            if rows:
                self.say("session", f"it is {state}, and has {len(rows)} trials.", row)
            return
        facts = SessionFacts(
            study_digest=str(row["study_digest"]),
            session=str(row["session"]),
            kind=str(row["session_kind"]),  # type: ignore[arg-type]
            state=state,
            participant=int(row["participant"] or 0),
            slot=None if row["slot"] is None else int(row["slot"]),
            jndlab_version=str(row["jndlab_version"]),
        )
        walk = Walk(study, facts, plan)
        walk.check(rows)
        self.n_right += walk.n_right
        for code, trial, message in walk.said:
            self.say(code, message, row, trial)
        n_answered = sum(one["response"] is not None for one in rows)
        if row["n_answered"] != n_answered:
            what = f"{row['n_answered']} trials count as answered, and {n_answered} are."
            self.say("session", what, row)


def _readable(told: Any) -> SessionPlan | None:
    """A plan as it is told; None if it is none."""
    try:
        return SessionPlan.from_json(json.dumps(told))
    except (AttributeError, KeyError, TypeError, ValueError):
        return None


def _not_remade(row: Row, told: Any, remade: SessionPlan) -> str:
    """What to say of a plan that is not made again."""
    message = "study file, seed, participant and slot give another plan"
    if told is not None:
        numbers = list(_other_trials(told, remade))
        if numbers:
            shown = ", ".join(map(str, numbers[:5])) + (", ..." if len(numbers) > 5 else "")
            message += f" (trials {shown})"
        elif told.get("adaptive") != json.loads(remade.to_json()).get("adaptive"):
            message += " (other tracks, rules or settings)"
    if row["jndlab_version"] != __version__:
        message += (
            f"; it was made by jndlab {row['jndlab_version']}, and this is {__version__}: verify "
            "it with that version"
        )
    return message + "."


def _other_trials(told: Mapping[str, Any], remade: SessionPlan) -> Iterator[int]:
    mine = json.loads(remade.to_json())["trials"]
    theirs = told.get("trials", [])
    for place in range(max(len(mine), len(theirs))):
        if mine[place : place + 1] != theirs[place : place + 1]:
            yield place + 1
