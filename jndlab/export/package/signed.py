"""What a package holds to be checked by: the plans, each signed at its opening, and a seal.

The seal says what every file and every row was at the export, signed with the same key.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from jndlab.export.snapshot import Snapshot
from jndlab.store.signing import PlanKey, digest_of, plan_statement
from jndlab.study.rows import Row

PLANS = "plans.jsonl"
PLANS_TITLE = "The plan of every session, with the signature of its opening"
SEAL = "signatures.json"
SEAL_TITLE = "The public key, and what every file and every trial was at the export, signed"
_ROW_DIGITS = 16
"""Of the digest of a row; the file that it stands in has a whole one."""


def plan_lines(snapshot: Snapshot, *, with_plan: bool) -> Iterator[str]:
    """One line of JSON per session: whose plan, its digest and signature; and the plan itself, if
    the seed is told as well, for it holds the right answers of trials that are still to come."""
    for entry in plan_entries(snapshot, with_plan=with_plan):
        yield json.dumps(entry, sort_keys=True, separators=(",", ":")) + "\n"


def plan_entries(snapshot: Snapshot, *, with_plan: bool) -> Iterator[dict[str, Any]]:
    """The same as dictionaries, with the keys statement, signature and plan."""
    for session in snapshot.sessions():
        entry: dict[str, Any] = {
            "statement": plan_statement(session, study_digest=snapshot.digest_of(session)),
            "signature": session.plan_signature,
        }
        if with_plan:
            entry["plan"] = json.loads(session.plan)
        yield entry


def row_digest(row: Row) -> str:
    """What a row of the trials was."""
    return digest_of(row)[:_ROW_DIGITS]


class RowDigests:
    """Notes the digest of every row of the trials that passes through it."""

    def __init__(self) -> None:
        self.of_sessions: dict[str, dict[str, str]] = {}
        """Digests by session and by number of the trial."""

    def passing(self, rows: Iterable[Row]) -> Iterator[Row]:
        """The rows, unchanged."""
        for row in rows:
            own = self.of_sessions.setdefault(str(row["session"]), {})
            own[str(row["trial"])] = row_digest(row)
            yield row


def seal(
    key: PlanKey, *, study: str, files: Mapping[str, str], trials: Mapping[str, Mapping[str, str]]
) -> dict[str, Any]:
    """The content of the file of signatures. ``files``: SHA-256 by path."""
    statement = {"what": "export", "study": study, "files": dict(files), "trials": dict(trials)}
    return {"public_key": key.public, "statement": statement, "signature": key.sign(statement)}


def digest_of_version(definition: str, stimuli: Iterable[Row], manifest: str | None) -> str:
    """The digest of a version from its parts, as it was made when the version was frozen.

    ``definition``: the digest of the study file; ``stimuli``: rows of the table of that name.
    """
    lines = sorted(
        f"{row['item']}\t{row['condition']}\t{row['level']}\t{row['clip_sha256']}"
        for row in stimuli
    )
    parts = [definition, _sha256("\n".join(lines))]
    if manifest is not None:
        parts.append(_sha256(manifest))
    return _sha256("\n".join(parts))


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
