"""A manifest that comes with the sounds: it says unit and direction, and the report shows it."""

from __future__ import annotations

import csv
import hashlib
import io
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask

from jndlab.audio.manifest import axes_in, read_manifest
from jndlab.errors import AudioError, StudyConflict
from jndlab.export.snapshot import snapshot_of
from jndlab.settings import Settings
from jndlab.store.engine import Store, open_store
from jndlab.store.studies import definition_of, require_study, require_version
from jndlab.studies import check_study, launch_study, new_study
from jndlab.studies.copying import copy_study
from jndlab.studies.drafts import launch_draft, save_draft
from jndlab.studies.launching import LaunchedStudy
from jndlab.studies.study_archive import read_study_archive, write_study_archive
from jndlab.study.study_file import load_study
from jndlab.web.app import create_app
from jndlab.web.packages import package_study, report_on_package
from jndlab.web.report_choice import ReportChoice
from jndlab.web.reports import make_study_report
from tests.builders import ITEMS, LEVELS, make_noise, write_stimuli, write_wav
from tests.store.launching import Launched
from tests.store.making import Making
from tests.web.listeners import take
from tests.web.making import Maker

HERON = "/studies/heron"


def manifest_of(items: tuple[str, ...] = ITEMS, **changes: str) -> str:
    """As a rendering writes it, with the sizes of ever fewer bits."""
    text = io.StringIO()
    columns = ["item", "condition", "level", "path", "unit", "compression", "bytes", "pesq"]
    writer = csv.DictWriter(text, columns, lineterminator="\n")
    writer.writeheader()
    for item in items:
        row = {"item": item, "condition": "baseline", "path": f"baseline/{item}.wav"}
        writer.writerow({**row, "bytes": 4000})
        for level in LEVELS:
            row = {"item": item, "condition": "bits", "path": f"bits/{level}/{item}.wav"}
            sizes = {"bytes": 100 * level, "pesq": 3.0 + level / 4}
            axis = {"unit": "kept bits", "compression": "falls", "level": level}
            writer.writerow({**row, **axis, **sizes, **changes})
    return text.getvalue()


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(data=tmp_path / "data")


@pytest.fixture
def store(settings: Settings) -> Iterator[Store]:
    store = open_store(settings)
    yield store
    store.close()


@pytest.fixture
def app(store: Store, settings: Settings) -> Flask:
    return create_app(settings, store)


@pytest.fixture
def maker(app: Flask, store: Store) -> Maker:
    return Maker(app, store)


@pytest.fixture
def making(maker: Maker, settings: Settings) -> Making:
    made = Making(store=maker.store, settings=settings, study_id=maker.make(), user_id=1)
    made.put()
    return made


@pytest.fixture
def rendered(tmp_path: Path) -> Path:
    write_stimuli(tmp_path / "rendered")
    path = tmp_path / "rendered" / "manifest.csv"
    path.write_text(manifest_of(), encoding="utf-8")
    return path


def settle(maker: Maker, manifest: str) -> object:
    paths = [f"baseline/{item}.wav" for item in ITEMS]
    paths += [f"bits/{level}/{item}.wav" for item in ITEMS for level in LEVELS]
    told = {"paths": paths, "manifest": manifest}
    return maker.ask("POST", f"{HERON}/sounds/settle", json=told)


def test_dropped_with_the_sounds_it_describes_the_axis(maker: Maker, making: Making) -> None:
    answer = settle(maker, manifest_of())
    assert answer.status_code == 200, answer.text  # type: ignore[attr-defined]
    stimuli = making.definition().stimuli
    assert stimuli.manifest == "manifest.csv"
    assert (stimuli.conditions[0].unit, stimuli.conditions[0].compression) == ("kept bits", "falls")
    assert (making.folder / "manifest.csv").read_text(encoding="utf-8") == manifest_of()


def test_a_manifest_that_cannot_be_read_is_refused(maker: Maker, making: Making) -> None:
    answer = settle(maker, "item,level\nx,1\n")
    assert answer.status_code == 422  # type: ignore[attr-defined]
    assert "lacks the column 'condition'" in answer.text  # type: ignore[attr-defined]


def test_no_other_file_of_the_server_can_be_named(maker: Maker, making: Making) -> None:
    settle(maker, manifest_of())
    text = making.text().replace("manifest: manifest.csv", "manifest: ../../secret.csv")
    with pytest.raises(StudyConflict, match=r"not the study's own"):
        save_draft(making.store, making.settings, making.study_id, text, based_on=1, by=1)


def test_a_copy_and_an_archive_take_it_along(maker: Maker, making: Making, tmp_path: Path) -> None:
    settle(maker, manifest_of())
    copy = copy_study(
        making.store, making.settings, making.study_id, slug="egret", title="Egret", by=1
    )
    assert (making.settings.study_folder(copy) / "manifest.csv").is_file()
    target = tmp_path / "heron.zip"
    write_study_archive(making.store, making.settings, making.study_id, target)
    with zipfile.ZipFile(target) as archive:
        assert archive.read("manifest.csv").decode() == manifest_of()
    fresh = maker.make("ibis")
    content = target.read_bytes()
    begun = maker.ask(
        "POST", "/studies/ibis/uploads", json={"path": "archive.zip", "n_bytes": len(content)}
    )
    name = begun.json["name"]  # type: ignore[index]
    assert maker.part(name, 0, content, slug="ibis").status_code == 200
    read_study_archive(making.store, making.settings, fresh, name, by=1)
    assert (making.settings.study_folder(fresh) / "manifest.csv").is_file()


def test_launched_with_a_draft_it_is_frozen(maker: Maker, making: Making) -> None:
    settle(maker, manifest_of())
    launch_draft(making.store, making.settings, making.study_id, target="running", by=1)
    with snapshot_of(making.store, "heron") as snapshot:
        assert [row.manifest for row in snapshot.versions] == [manifest_of()]


def test_new_reads_it_and_uses_the_sounds_where_they_are(rendered: Path, tmp_path: Path) -> None:
    made = new_study(tmp_path / "study", manifest=rendered, paradigm="abx")
    stimuli = load_study(made.path).stimuli
    assert (stimuli.baseline, stimuli.manifest) == (
        "../rendered/baseline",
        "../rendered/manifest.csv",
    )
    assert stimuli.conditions[0].unit == "kept bits"
    assert made.notes == ()
    assert check_study(made.path).manifest == manifest_of()


def test_new_copies_sounds_that_lie_elsewhere(rendered: Path, tmp_path: Path) -> None:
    root = rendered.parent
    for path in list(root.rglob("*.wav")):
        path.rename(root / path.relative_to(root).as_posix().replace("/", "-"))
    text = manifest_of()
    lines = [line.split(",") for line in text.splitlines()]
    for line in lines[1:]:
        line[3] = line[3].replace("/", "-")
    rendered.write_text("\n".join(",".join(line) for line in lines), encoding="utf-8")
    made = new_study(tmp_path / "study", manifest=rendered, paradigm="abx")
    assert load_study(made.path).stimuli.baseline == "sounds/baseline"
    assert check_study(made.path).sounds.pairs


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (manifest_of().replace("baseline", "other"), "no number"),
        ("item,condition,level,path\nx,baseline,,x.wav\n", "names no compressed version"),
        ("item,condition,level,path\nx,bits,1,x.wav\n", "names no baseline"),
        (manifest_of(compression="sideways"), "neither rises nor"),
        ("item,condition,level,path\nx,baseline,,gone.wav\nx,bits,1,g.wav\n", "there is no file"),
        ("item,condition,level,path\nx,baseline,,../key\nx,bits,1,g.wav\n", "no WAV or FLAC file"),
        (manifest_of() + manifest_of().splitlines()[-1], "same item, condition and level as line"),
    ],
)
def test_new_says_what_is_wrong_with_it(
    rendered: Path, tmp_path: Path, text: str, words: str
) -> None:
    rendered.write_text(text, encoding="utf-8")
    with pytest.raises(AudioError, match=words):
        new_study(tmp_path / "study", manifest=rendered, paradigm="abx")
    assert not (tmp_path / "study").exists()


def test_rows_of_a_condition_that_disagree_are_refused() -> None:
    text = manifest_of().replace("kept bits", "bits", 1)
    with pytest.raises(AudioError, match="an earlier line of bits says 'bits'"):
        axes_in(read_manifest(text))


def test_a_tested_level_must_be_in_it(rendered: Path, tmp_path: Path) -> None:
    made = new_study(tmp_path / "study", manifest=rendered, paradigm="abx")
    rows = [line for line in manifest_of().splitlines() if ",bits,2," not in line]
    rendered.write_text("\n".join(rows), encoding="utf-8")
    with pytest.raises(AudioError, match="no row for level 2 of bits"):
        check_study(made.path)


def test_a_sound_that_changed_since_is_found(rendered: Path, tmp_path: Path) -> None:
    rows = list(csv.DictReader(io.StringIO(manifest_of())))
    for row in rows:
        content = (rendered.parent / row["path"]).read_bytes()
        row["sound_digest"] = hashlib.sha256(content).hexdigest()
    with rendered.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    made = new_study(tmp_path / "study", manifest=rendered, paradigm="abx")
    assert "manifest" not in {one.code for one in check_study(made.path).findings}
    write_wav(rendered.parent / "bits" / "2" / "one.wav", make_noise(seed=77))
    found = [one for one in check_study(made.path).sounds.findings if one.code == "manifest"]
    assert [(one.item, one.condition, one.level) for one in found] == [("one", "bits", 2)]


def test_the_report_and_the_package_show_it(
    rendered: Path, tmp_path: Path, store: Store, settings: Settings
) -> None:
    made = new_study(tmp_path / "study", manifest=rendered, paradigm="abx", slug="heron")
    listened(store, settings, launch_study(store, settings, made.path))
    report = make_study_report(store, "heron", kind="simulated")
    assert "Times smaller" in report.page
    package = tmp_path / "heron.zip"
    package_study(store, "heron", package)
    with zipfile.ZipFile(package) as archive:
        assert archive.read("models/frozen/version-1.csv").decode() == manifest_of()
    _, again = report_on_package(package, ReportChoice(kind="simulated"))
    assert again.page == report.page


def test_a_changed_manifest_is_another_version(
    rendered: Path, tmp_path: Path, store: Store, settings: Settings
) -> None:
    made = new_study(tmp_path / "study", manifest=rendered, paradigm="abx", slug="heron")
    launch_study(store, settings, made.path)
    assert launch_study(store, settings, made.path).version == 1
    rendered.write_text(manifest_of(bytes="77"), encoding="utf-8")
    with pytest.raises(StudyConflict, match="manifest has changed"):
        launch_study(store, settings, made.path)
    assert launch_study(store, settings, made.path, note="sizes corrected").version == 2


def listened(store: Store, settings: Settings, made: LaunchedStudy) -> None:
    """A few simulated listeners."""
    with store.read() as db:
        study = definition_of(require_version(db, require_study(db, made.slug).id))
    take(Launched(store=store, settings=settings, study=study, link=made.link), 4, kind="simulated")
