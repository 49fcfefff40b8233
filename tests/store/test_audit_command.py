"""The commands audit, keep and person as somebody types them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import text

from jndlab.cli import cli
from jndlab.errors import DataError, JndlabError
from jndlab.store.signing import KEY_FILE, plan_key
from tests.store.launching import Launched
from tests.store.recruiting import IDS, add_link, enter, row_of
from tests.store.taking import launch, take_all

pytestmark = pytest.mark.sqlite


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    launched = launch(tmp_path_factory.mktemp("command"))
    take_all(launched, launched.open(), seed=1)
    launched.store.close()
    return launched.settings.data


def run(study: Launched, *words: str) -> Result:
    return CliRunner().invoke(cli, [*words, "--data", str(study.settings.data)])


def test_audit_says_whole_and_ends_with_0(study: Launched) -> None:
    done = run(study, "audit")
    assert (done.exit_code, "Whole: nothing was found." in done.output) == (0, True)
    told = json.loads(run(study, "audit", "tiny", "--json").output)
    assert told["whole"] is True
    [one] = told["studies"]
    assert (one["study"], one["n_answers"], one["findings"]) == ("tiny", 18, [])
    assert run(study, "audit", "--head", one["head"]).exit_code == 0


def test_audit_names_what_was_changed_and_ends_with_2(study: Launched, tmp_path: Path) -> None:
    with study.store.write() as db:
        db.execute(text("UPDATE answers SET response_time_ms = 1 WHERE presented_id = 3"))
    done = run(study, "audit", "tiny")
    assert done.exit_code == 2
    assert "simulated 1, trial 3: its answer was changed after it was stored" in done.output
    told = json.loads(run(study, "audit", "--json").output)
    assert [one["code"] for one in told["studies"][0]["findings"]] == ["chain"]
    assert run(study, "audit", "--head", "f00d").exit_code == 2


def test_after_a_change_of_the_key_both_are_named(study: Launched) -> None:
    before = plan_key(study.settings.data).public
    (study.settings.data / KEY_FILE).unlink()
    now = plan_key(study.settings.data).public
    take_all(study, study.open(), seed=2)
    done = run(study, "audit", "tiny")
    assert (done.exit_code, "simulated 1: the signature is not of" in done.output) == (2, True)
    done = run(study, "audit", "tiny", "--key", before)
    assert (done.exit_code, "simulated 2: the signature is not of" in done.output) == (2, True)
    done = run(study, "audit", "tiny", "--key", before.upper(), "--key", now)
    assert (done.exit_code, "2 of 2 plans bear the signature" in done.output) == (0, True)
    done = run(study, "audit", "tiny", "--key", "f00d")
    assert isinstance(done.exception, DataError)
    assert "no public key" in done.exception.message


def test_a_file_that_is_not_there_is_named(study: Launched) -> None:
    done = run(study, "audit", "--acknowledged", "/nowhere/receipts.jsonl")
    assert isinstance(done.exception, JndlabError)
    assert "receipts.jsonl cannot be read" in done.exception.message


def test_keep_says_and_sets_the_day(study: Launched) -> None:
    assert "is kept for good" in run(study, "keep", "tiny").output
    done = run(study, "keep", "tiny", "--until", "2090-05-04", "--then", "delete")
    assert "kept until 2090-05-04, then deleted" in done.output
    assert "kept until 2090-05-04, then deleted" in run(study, "keep", "tiny").output
    assert "is kept for good" in run(study, "keep", "tiny", "--for-good").output
    both = run(study, "keep", "tiny", "--until", "2090-05-04", "--for-good")
    assert (both.exit_code, "exclude each other" in both.output) == (2, True)


def test_person_finds_exports_and_deletes(study: Launched, tmp_path: Path) -> None:
    token = enter(study, add_link(study, recruiter="prolific"), recruit=IDS)
    session, who = row_of(study, token).public_id, IDS["PROLIFIC_PID"]
    assert f"{session}  participant 1, open" in run(study, "person", "tiny", who).output
    [one] = json.loads(run(study, "person", "tiny", who, "--json").output)["sessions"]
    assert (one["public_id"], one["by"]) == (session, "recruiter")
    target = tmp_path / "person.json"
    run(study, "person", "tiny", who, "--export", str(target))
    assert json.loads(target.read_text())["recruiter"]["id"] == who
    assert target.stat().st_mode & 0o077 == 0
    done = run(study, "person", "tiny", session, "--delete")
    assert f"Deleted everything of session {session}." in done.output
    assert row_of(study, token).state == "withdrawn"
    nobody = run(study, "person", "tiny", who)
    assert (nobody.exit_code, "Nobody in tiny" in nobody.output) == (2, True)


def test_person_deletes_nobody_where_two_are_meant(study: Launched) -> None:
    tokens = [enter(study, add_link(study, "personal", label="Ada")) for _ in range(2)]
    done = run(study, "person", "tiny", "Ada", "--delete")
    assert isinstance(done.exception, JndlabError)
    assert "means 2 sessions" in done.exception.message
    assert [row_of(study, token).state for token in tokens] == ["open", "open"]
