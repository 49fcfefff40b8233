"""What an audit of the one study finds."""

from __future__ import annotations

from typing import Any

from jndlab.export.audit.auditing import audit_store
from jndlab.export.audit.findings import Audit
from jndlab.sessions import store_answer
from jndlab.store.sessions import require_session
from tests.store.launching import Launched, make_response


def audited(study: Launched, **options: Any) -> Audit:
    (audit,) = audit_store(study.store, **options)
    return audit


Found = list[tuple[str, str, int | None]]
"""Code, participant and trial of each finding."""


def findings(study: Launched, **options: Any) -> Found:
    found = audited(study, **options).findings
    return [(one.code, one.participant, one.trial) for one in found]


def answer(study: Launched, token: str, number: int) -> None:
    store_answer(study.store, token, number, make_response("A"), key=f"key of {number}")


def participant(study: Launched, token: str) -> str:
    with study.store.read() as db:
        return f"session {require_session(db, token).public_id}"
