"""Answers that were acknowledged, held against what is stored."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from jndlab.errors import DataError
from jndlab.export.audit.auditing import ELSEWHERE, audit_store
from jndlab.sessions import release_trial, withdraw
from jndlab.store.sessions import require_session, token_digest
from tests.store.auditing import answer, audited, findings, participant
from tests.store.launching import Launched
from tests.store.taking import launch


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A study that nobody has taken."""
    launched = launch(tmp_path_factory.mktemp("receipts"))
    launched.store.close()
    return launched.settings.data


def test_what_was_acknowledged_is_stored(study: Launched, tmp_path: Path) -> None:
    token = study.open()
    noted = [receipt(study, token, number) for number in (1, 2, 3)]
    noted += [noted[0], {**noted[1], "key": "of another page", "repeated": True}]
    with study.store.read() as db:
        noted[2]["session"] = require_session(db, token).public_id
    audit = audited(study, acknowledged=write_lines(tmp_path, noted))
    assert audit.findings == []
    assert (audit.n_acknowledged, audit.n_found) == (5, 5)


def test_a_lost_answer_and_another_one_are_told_apart(study: Launched, tmp_path: Path) -> None:
    token = study.open()
    noted = [receipt(study, token, number) for number in (1, 2)]
    noted[0]["response"] = "B"
    noted[1]["key"] = "of another answer"
    noted.append({**noted[0], "trial": 3})
    path = write_lines(tmp_path, noted)
    assert findings(study, acknowledged=path) == [
        ("different", participant(study, token), 1),
        ("different", participant(study, token), 2),
        ("lost", participant(study, token), 3),
    ]


def test_an_acknowledged_answer_of_no_session_is_lost(study: Launched, tmp_path: Path) -> None:
    noted = {"session": token_digest("nobody"), "trial": 1, "key": "k", "response": "A"}
    audits = audit_store(study.store, acknowledged=write_lines(tmp_path, [noted]))
    assert [one.study for one in audits] == ["tiny", ELSEWHERE]
    assert [one.code for one in audits[1].findings] == ["lost"]


def test_answers_of_somebody_who_withdrew_are_not_lost(study: Launched, tmp_path: Path) -> None:
    token = study.open(simulated=False)
    noted = [receipt(study, token, number) for number in (1, 2)]
    withdraw(study.store, token)
    assert audited(study, acknowledged=write_lines(tmp_path, noted)).whole


@pytest.mark.parametrize("line", ["[]", "{}", "nothing", '{"session": 1}', '"text"'])
def test_a_line_that_is_no_receipt_is_named(study: Launched, tmp_path: Path, line: str) -> None:
    (tmp_path / "bad.jsonl").write_text(f"\n{line}\n")
    with pytest.raises(DataError, match=r"Line 2 of .*bad\.jsonl"):
        audit_store(study.store, acknowledged=tmp_path / "bad.jsonl")


def receipt(study: Launched, token: str, number: int) -> dict[str, Any]:
    release_trial(study.store, token)
    answer(study, token, number)
    key = f"key of {number}"
    return {"session": token_digest(token), "trial": number, "key": key, "response": "A"}


def write_lines(folder: Path, noted: Sequence[dict[str, Any]]) -> Path:
    path = folder / "receipts.jsonl"
    path.write_text("".join(json.dumps(one) + "\n" for one in noted))
    return path
