"""Backups: whole, verified, cut off without harm, and put back."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, text

from jndlab.backups.making import Backup, make_backup
from jndlab.backups.manifest import MANIFEST, SUMS, UNFINISHED, read_manifest
from jndlab.backups.restoring import SCRATCH, restore_backup
from jndlab.backups.verifying import verify_again
from jndlab.clips import clip_name, missing_clips, open_clips
from jndlab.errors import SessionClosed, StoreError
from jndlab.export.verify.verification import verify_store
from jndlab.sessions import release_trial, store_answer
from jndlab.settings import Settings
from jndlab.store.copying import describe_tables
from jndlab.store.engine import open_store
from jndlab.store.models import AnswerRow, PresentedRow, SessionRow
from jndlab.store.sessions import token_digest
from jndlab.store.study_states import set_study_state
from jndlab.studies import launch_study
from jndlab.studies.deleting import delete_study
from jndlab.web.jobs.periodic import begin_what_is_due
from tests.builders import listing, write_study
from tests.databases import database_url
from tests.object_store import ObjectStore
from tests.servers import jndlab
from tests.store.launching import Launched, make_response
from tests.store.taking import STAIRCASE, launch, take_all
from tests.web.jobs import work_in_this_process

KILLED = """
import os, signal, sys
from pathlib import Path
from jndlab.backups.making import make_backup
from jndlab.backups.restoring import restore_backup
from jndlab.settings import load_settings
where, doing, at = sys.argv[1:]
def say(step):
    if step == at:
        os.kill(os.getpid(), signal.SIGKILL)
if doing == "backup":
    make_backup(load_settings(), Path(where), say=say)
else:
    restore_backup(Path(where), load_settings(), say=say)
"""


@pytest.fixture
def taken(launched: Launched) -> Launched:
    """A study that somebody has taken, and somebody else in part."""
    take_all(launched, launched.open(), seed=1)
    take_all(launched, launched.open(), seed=2, most=4)
    return launched


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "backups"


@pytest.fixture
def made(taken: Launched, folder: Path) -> Backup:
    return make_backup(taken.settings, folder)


def elsewhere(tmp_path: Path) -> Settings:
    """An empty data folder, with an empty database of the kind that is tested."""
    url = database_url()
    return Settings(data=tmp_path / "elsewhere", database_url=url)


def facts(settings: Settings) -> Any:
    with open_store(settings, create=False) as store, store.read() as db:
        return describe_tables(db.connection())


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


def count(settings: Settings, column: Any) -> int:
    with open_store(settings, create=False) as store, store.read() as db:
        return len(db.scalars(select(column)).all())


def require_unbroken(settings: Settings) -> None:
    """The trials of each session are numbered without a gap, and answered but for the last."""
    with open_store(settings, create=False) as store, store.read() as db:
        for session in db.scalars(select(SessionRow.id)):
            trials = select(PresentedRow.number, AnswerRow.response).outerjoin(PresentedRow.answer)
            rows = db.execute(trials.where(PresentedRow.session_id == session)).all()
            numbers = sorted(number for number, _ in rows)
            assert numbers == list(range(1, len(rows) + 1))
            assert all(response for number, response in rows if number < len(rows))


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


@pytest.mark.parametrize("at", ["Copying files", "Verifying"])
def test_a_backup_that_is_killed_leaves_nothing_that_looks_whole(
    taken: Launched, folder: Path, at: str
) -> None:
    assert kill_at(taken.settings, folder, "backup", at) == -signal.SIGKILL
    left = [path for path in folder.iterdir() if path.is_dir()]
    assert [path.name for path in left] == [f"{UNFINISHED}backup"]
    with pytest.raises(StoreError, match="cut off"):
        read_manifest(left[0])
    made = make_backup(taken.settings, folder)
    assert [path.name for path in folder.iterdir()] == [made.path.name]


@pytest.mark.parametrize("at", ["Comparing the database"])
def test_a_restore_that_is_killed_is_begun_anew(made: Backup, tmp_path: Path, at: str) -> None:
    there = elsewhere(tmp_path)
    assert kill_at(there, made.path, "restore", at) == -signal.SIGKILL
    assert [path.name for path in there.data.iterdir()] == [SCRATCH]
    restored = restore_backup(made.path, there)
    assert restored.n_rows == made.verified.n_rows
    assert SCRATCH not in {path.name for path in there.data.iterdir()}


def kill_at(settings: Settings, where: Path, doing: str, at: str) -> int:
    return subprocess.run(
        [sys.executable, "-c", KILLED, str(where), doing, at],
        env={**os.environ, **settings.to_environment()},
        check=False,
    ).returncode


def test_a_full_disk_leaves_no_backup(taken: Launched, folder: Path) -> None:
    limited = (
        "import resource, sys; resource.setrlimit(resource.RLIMIT_FSIZE, (40_000, 40_000)); "
        "from jndlab.cli import main; sys.argv = ['jndlab', 'backup', sys.argv[1]]; main()"
    )
    outcome = subprocess.run(
        [sys.executable, "-c", limited, str(folder)],
        env={**os.environ, **taken.settings.to_environment()},
        capture_output=True,
        text=True,
        check=False,
    )
    assert outcome.returncode == 2, outcome.stderr
    assert "Traceback" not in outcome.stderr
    assert list(folder.iterdir()) == []


def damages(backup: Path) -> Iterator[Any]:
    """Each way to damage a backup, and a word of what is said then."""
    clip = next((backup / "data" / "clips").rglob("*.wav"))

    def change(path: Path) -> Any:
        return lambda: path.write_bytes(path.read_bytes()[:-1] + b"?")

    yield "changed since", change(clip)
    yield "cannot be read", clip.unlink
    yield "changed since", change(backup / "data" / "jndlab.db")
    yield "changed since", change(backup / "data" / "plan-key")
    yield (
        "does not list",
        lambda: (backup / SUMS).write_text(
            "".join((backup / SUMS).read_text().splitlines(keepends=True)[:-1])
        ),
    )
    yield "no backup", (backup / MANIFEST).unlink


@pytest.mark.parametrize("number", range(6))
@pytest.mark.sqlite
def test_a_damaged_backup_is_not_verified(made: Backup, number: int) -> None:
    # Files may be shared with other backups, and tests: a copy is damaged.
    said, damage = list(damages(made.path))[number]
    damage()
    with pytest.raises(StoreError, match=said):
        verify_again(made.path)


@pytest.mark.sqlite
def test_rows_that_differ_from_the_manifest_are_found(made: Backup, tmp_path: Path) -> None:
    """Digests of files that somebody has mended to fit do not hide it."""
    content = json.loads((made.path / MANIFEST).read_text())
    content["tables"]["answers"] = [3, content["tables"]["answers"][1]]
    (made.path / MANIFEST).write_text(json.dumps(content))
    with pytest.raises(StoreError, match="table answers has 14 rows instead of 3"):
        restore_backup(made.path, elsewhere(tmp_path))


@pytest.mark.sqlite
def test_another_key_in_a_backup_is_refused(made: Backup) -> None:
    content = json.loads((made.path / MANIFEST).read_text())
    (made.path / MANIFEST).write_text(json.dumps(content | {"plan_key": "00" * 32}))
    with pytest.raises(StoreError, match="not the one that signed"):
        verify_again(made.path)


@pytest.mark.sqlite
@pytest.mark.parametrize(
    ("change", "said"),
    [({"jndlab_backup": 2}, "form 2"), ({"surplus": 1}, "lacks"), ({"tables": 3}, "lacks")],
)
def test_a_manifest_of_another_form_is_refused(
    made: Backup, change: dict[str, Any], said: str
) -> None:
    content = json.loads((made.path / MANIFEST).read_text())
    (made.path / MANIFEST).write_text(json.dumps(content | change))
    with pytest.raises(StoreError, match=said):
        read_manifest(made.path)


def test_nothing_is_restored_over_something(taken: Launched, made: Backup, tmp_path: Path) -> None:
    before = facts(taken.settings)
    with pytest.raises(StoreError, match="not empty"):
        restore_backup(made.path, taken.settings)
    if taken.settings.database_url:
        with pytest.raises(StoreError, match="not empty"):
            restore_backup(made.path, replace(taken.settings, data=tmp_path / "new"))
    assert facts(taken.settings) == before


def test_what_a_restore_left_behind_puts_no_data_in_danger(taken: Launched, made: Backup) -> None:
    """Its scratch folder could not be removed, and the server has run since."""
    (taken.settings.data / SCRATCH).mkdir()
    before = {path.name for path in taken.settings.data.iterdir()}
    with pytest.raises(StoreError, match="not empty"):
        restore_backup(made.path, taken.settings)
    assert {path.name for path in taken.settings.data.iterdir()} == before


@pytest.mark.sqlite
def test_a_clip_that_is_gone_is_told_and_the_rest_backed_up(taken: Launched, folder: Path) -> None:
    next(taken.settings.clips.rglob("*.wav")).unlink()
    made = make_backup(taken.settings, folder)
    assert len(made.manifest.missing_clips) == 1
    assert "1 rendered sounds are missing" in " ".join(made.verified.warnings)


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


@pytest.mark.sqlite
def test_a_key_that_signed_nothing_is_told(taken: Launched, folder: Path) -> None:
    (taken.settings.data / "plan-key").write_text("11" * 32)
    made = make_backup(taken.settings, folder)
    assert "signed with another key" in " ".join(made.verified.warnings)


@pytest.mark.sqlite
def test_a_backup_into_the_data_folder_is_refused(taken: Launched) -> None:
    with pytest.raises(StoreError, match="inside the data folder"):
        make_backup(taken.settings, taken.settings.data / "backups")


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
