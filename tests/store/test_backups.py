"""Backups: whole, verified, cut off without harm, and put back."""

from __future__ import annotations

import json
import shutil
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import select, text

from jndlab.backups.making import Backup, make_backup
from jndlab.backups.manifest import MANIFEST, read_manifest
from jndlab.backups.restoring import restore_backup
from jndlab.backups.verifying import verify_again
from jndlab.clips import clip_name, missing_clips, open_clips
from jndlab.errors import SessionClosed
from jndlab.export.verify.verification import verify_store
from jndlab.sessions import release_trial, store_answer
from jndlab.settings import Settings
from jndlab.store.engine import open_store
from jndlab.store.models import AnswerRow, PresentedRow, SessionRow
from jndlab.store.sessions import token_digest
from jndlab.store.study_states import set_study_state
from jndlab.studies import launch_study
from jndlab.studies.deleting import delete_study
from jndlab.web.jobs.periodic import begin_what_is_due
from tests.builders import listing, write_study
from tests.object_store import ObjectStore
from tests.servers import jndlab
from tests.store.backing_up import count, elsewhere, facts, require_unbroken
from tests.store.launching import Launched, make_response
from tests.store.taking import STAIRCASE, launch, take_all
from tests.web.jobs import work_in_this_process


def test_what_is_put_back_equals_what_was_backed_up(
    taken: Launched, made: Backup, tmp_path: Path
) -> None:
    there = elsewhere(tmp_path)
    restored = restore_backup(made.path, there)
    assert facts(there) == facts(taken.settings)
    assert made.path.stat().st_mode & 0o077 == 0
    assert restored.n_rows == made.verified.n_rows > 50
    kept = {
        name: content
        for name, content in listing(taken.settings.data).items()
        if not name.startswith((".", "jndlab.db")) and "/." not in name
    }
    assert kept.keys() >= {"plan-key", "clips"}
    found = listing(there.data)
    assert {name: found[name] for name in kept} == kept
    assert found.keys() - kept.keys() <= {"jndlab.db", "jndlab.db-wal", "jndlab.db-shm"}


def test_sessions_go_on_where_a_backup_was_put_back(
    taken: Launched, made: Backup, tmp_path: Path
) -> None:
    """New rows get new numbers, and every plan still has its signature."""
    there = elsewhere(tmp_path)
    restore_backup(made.path, there)
    with open_store(there, create=False) as store:
        again = replace(taken, settings=there, store=store)
        n_trials = take_all(again, again.open(), seed=3)
        assert n_trials == 10
        assert len({again.open(), again.open()}) == 2
        assert verify_store(store, "tiny").verified


def test_a_backup_goes_back_into_the_other_kind_of_database(
    taken: Launched, made: Backup, tmp_path: Path
) -> None:
    there = Settings(data=tmp_path / "file")
    restore_backup(made.path, there)
    assert there.database.is_file()
    assert facts(there) == facts(taken.settings)


def test_everything_acknowledged_before_it_began_is_in_a_backup_under_load(
    launched: Launched, folder: Path, tmp_path: Path
) -> None:
    """Sessions run while backups are made; each has a state of one moment, without a gap."""
    tokens = [launched.open() for _ in range(4)]
    with ThreadPoolExecutor(len(tokens)) as pool:
        runs = [
            pool.submit(take_all, launched, token, seed=seed) for seed, token in enumerate(tokens)
        ]
        sizes: list[int] = []
        while not all(run.done() for run in runs) or not sizes:
            before = count(launched.settings, AnswerRow.presented_id)
            backup = make_backup(launched.settings, folder)
            there = Settings(data=tmp_path / f"back-{len(sizes)}")
            restore_backup(backup.path, there)
            stored = count(there, AnswerRow.presented_id)
            assert before <= stored <= count(launched.settings, AnswerRow.presented_id)
            require_unbroken(there)
            sizes.append(stored)
        assert sum(run.result() for run in runs) == 40


@pytest.mark.sqlite
def test_files_that_have_not_changed_are_shared_with_the_backup_before(
    taken: Launched, made: Backup, folder: Path
) -> None:
    clips = sorted((made.path / "data" / "clips").rglob("*.wav"))
    again = make_backup(taken.settings, folder)
    assert again.path != made.path
    assert again.n_linked >= len(clips) > 3
    for clip in clips:
        assert (again.path / clip.relative_to(made.path)).samefile(clip)
    shutil.rmtree(made.path)  # either is whole without the other
    assert verify_again(again.path).n_rows == again.verified.n_rows


@pytest.mark.sqlite
def test_the_newest_backups_are_kept_and_those_of_others(taken: Launched, folder: Path) -> None:
    other = folder / "jndlab-20200101T000000Z"
    shutil.copytree(make_backup(taken.settings, folder).path, other)
    manifest = json.loads((other / MANIFEST).read_text())
    (other / MANIFEST).write_text(json.dumps(manifest | {"deployment": "another"}))
    paths = [make_backup(taken.settings, folder, keep=2).path for _ in range(3)]
    assert sorted(path.name for path in folder.iterdir()) == sorted(
        [other.name, *(path.name for path in paths[1:])]
    )


def test_a_study_that_is_deleted_meanwhile_is_not_in_it(taken: Launched, folder: Path) -> None:
    """Its clips go after its rows were copied: it is all done once more."""
    with taken.store.read() as db:
        study = db.execute(text("SELECT id FROM studies")).scalar_one()
    steps = []

    def say(step: str) -> None:
        steps.append(step)
        if steps.count("Copying files") == 1 and step == "Copying files":
            with taken.store.write() as db:
                set_study_state(db, study, "closed")
                set_study_state(db, study, "archived")
            delete_study(taken.store, taken.settings, study, by=None, confirmed="tiny")

    made = make_backup(taken.settings, folder, say=say)
    assert steps.count("Copying the database") == 2
    assert made.manifest.missing_clips == ()
    assert made.manifest.tables["studies"][0] == 0


def test_the_commands_say_what_they_did(taken: Launched, folder: Path, tmp_path: Path) -> None:
    environment = {**taken.settings.to_environment(), "JNDLAB_BACKUP_TO": str(folder)}
    made = jndlab("backup", "--json", environment=environment)
    path = json.loads(made.stdout)["backup"]
    verified = jndlab("backup", "--verify", path, environment=environment)
    assert "read again" in verified.stdout
    target = elsewhere(tmp_path)
    restored = jndlab("restore", path, environment=target.to_environment())
    assert restored.returncode == 0, restored.stderr
    assert "equal to what was backed up" in restored.stdout
    refused = jndlab("restore", path, environment=target.to_environment())
    assert refused.returncode == 2
    assert "not empty" in refused.stderr


@pytest.mark.sqlite
def test_clips_are_found_by_their_digest(made: Backup) -> None:
    with open_store(Settings(data=made.path / "data"), create=False) as store, store.read() as db:
        named = db.execute(text("SELECT DISTINCT clip FROM stimuli")).scalars().all()
    for clip in named:
        assert (made.path / "data" / "clips" / clip_name(clip)).is_file()


def test_a_server_backs_up_when_the_time_has_come(
    taken: Launched, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As a job, and no second time until it is due again."""
    settings = replace(taken.settings, backup_to=folder, backup_hours=1, backup_keep=1)
    assert begin_what_is_due(taken.store, taken.settings) == []
    old = make_backup(settings, folder)
    assert begin_what_is_due(taken.store, settings) == ["backup"]
    assert begin_what_is_due(taken.store, settings) == []
    assert work_in_this_process(replace(taken, settings=settings), monkeypatch) == 0
    [path] = folder.iterdir()
    assert path != old.path
    assert read_manifest(path).tables["answers"][0] == 14
    with taken.store.read() as db:
        [(state, result)] = db.execute(text("SELECT state, result FROM jobs"))
    assert state == "done"
    assert json.loads(result)["path"] == str(path)


def test_a_backup_that_fails_by_itself_is_told_in_the_log(
    taken: Launched, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    settings = replace(taken.settings, backup_to=taken.settings.data / "inside")
    begin_what_is_due(taken.store, settings)
    assert work_in_this_process(replace(taken, settings=settings), monkeypatch) == 0
    assert "The backup failed: " in caplog.text
    with taken.store.read() as db:
        assert db.execute(text("SELECT state FROM jobs")).scalar_one() == "failed"


def test_answers_given_back_lead_an_adaptive_procedure_to_the_same_trials(
    tmp_path: Path, folder: Path
) -> None:
    """What pages rely on: the same plan and the same answers are followed by the same trial."""
    study = launch(tmp_path, design={"procedure": "staircase"}, **STAIRCASE)
    token = study.open()
    take_all(study, token, seed=5, most=3)
    backup = make_backup(study.settings, folder)
    take_all(study, token, seed=6)
    answers, trials = study.answers(token), trials_of(study, token)
    study.store.close()

    there = elsewhere(tmp_path)
    restore_backup(backup.path, there)
    with open_store(there, create=False) as store:
        restored = replace(study, settings=there, store=store)
        assert len(restored.answers(token)) == 3 < len(answers)
        for number in range(4, len(answers) + 1):
            view = release_trial(store, token)
            assert view.number == number
            response = make_response(answers[number], plays=(1,) * len(view.labels))
            store_answer(store, token, number, response, key=f"again-{number}")
        assert trials_of(restored, token) == trials
        assert verify_store(store, "tiny").verified
        with pytest.raises(SessionClosed):
            release_trial(store, token)


def trials_of(launched: Launched, token: str) -> dict[int, str]:
    """Every answered trial, truth included."""
    query = select(PresentedRow.number, PresentedRow.trial).join(PresentedRow.answer)
    query = query.join(PresentedRow.session).where(SessionRow.token_digest == token_digest(token))
    with launched.store.read() as db:
        return {row.number: row.trial for row in db.execute(query)}


@pytest.mark.sqlite
def test_clips_of_an_object_store_are_in_the_backup_and_go_back_there(
    tmp_path: Path, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with ObjectStore() as objects:
        for name, value in objects.environment.items():
            monkeypatch.setenv(name, value)
        settings = Settings(data=tmp_path / "data", clips_url=objects.url("here"))
        with open_store(settings) as store:
            launch_study(store, settings, write_study(tmp_path / "study"))
        assert not settings.clips.exists()
        made = [make_backup(settings, folder) for _ in range(2)]
        clips = [path.relative_to(made[0].path) for path in made[0].path.rglob("*.wav")]
        assert len(clips) > 3
        assert all((made[1].path / clip).samefile(made[0].path / clip) for clip in clips)
        assert made[1].manifest.missing_clips == ()

        there = Settings(data=tmp_path / "there", clips_url=objects.url("there"))
        restore_backup(made[1].path, there)
        assert not there.clips.exists()
        with open_store(there, create=False) as store, store.read() as db:
            named = set(db.execute(text("SELECT clip FROM stimuli")).scalars())
        assert missing_clips(open_clips(there), named) == set()
