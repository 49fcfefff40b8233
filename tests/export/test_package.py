"""The data package: valid, the same each time, and the same report on another machine."""

from __future__ import annotations

import json
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from sqlalchemy import update

from jndlab.cli import cli
from jndlab.errors import DataError
from jndlab.export.package.reading import open_package
from jndlab.export.snapshot import snapshot_of
from jndlab.export.tables import STUDY_TABLES, rows_of
from jndlab.store.engine import Store
from jndlab.store.models import StudyStateRow
from jndlab.study.study_file import parse_study
from jndlab.web.packages import PackageOptions, package_study, report_on_package
from jndlab.web.report_choice import ReportChoice
from jndlab.web.reports import make_study_report
from tests.store.launching import Launched

SEED = 7


@pytest.fixture(scope="module")
def package(store: Store, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("package") / "tiny.zip"
    package_study(store, "tiny", path)
    return path


def unpack(package: Path, folder: Path) -> Path:
    with zipfile.ZipFile(package) as archive:
        archive.extractall(folder)
    return folder


def test_the_validator_of_frictionless_finds_nothing(package: Path, tmp_path: Path) -> None:
    unpack(package, tmp_path)
    command = [sys.executable, "-m", "frictionless", "validate", "datapackage.json", "--json"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    found = json.loads(done.stdout)
    assert found["valid"], found
    counted = {task["name"]: task["stats"].get("rows", 0) for task in found["tasks"]}
    assert counted["trials"] == 8 * 24
    assert counted["sessions"] == 9


def test_the_validator_would_find_a_wrong_cell(package: Path, tmp_path: Path) -> None:
    unpack(package, tmp_path)
    trials = tmp_path / "data" / "trials.csv"
    trials.write_bytes(trials.read_bytes().replace(b",participant,", b",nobody,", 1))
    command = [sys.executable, "-m", "frictionless", "validate", "datapackage.json", "--json"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert not json.loads(done.stdout)["valid"]


@pytest.mark.parametrize("kind", ["participant", "simulated"])
def test_the_report_from_the_package_is_the_report_from_the_store_byte_for_byte(
    store: Store, package: Path, kind: str
) -> None:
    choice = ReportChoice.from_dict({"kind": kind})
    there = make_study_report(store, "tiny", kind=choice.kind)
    slug, here = report_on_package(package, choice)
    assert slug == "tiny"
    assert here.page == there.page
    assert here.headlines == there.headlines


def test_an_unpacked_package_makes_the_same_report_without_any_data_folder(
    store: Store, package: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = unpack(package, tmp_path / "unpacked")
    monkeypatch.chdir(tmp_path)
    with pytest.raises(SystemExit) as ended:
        cli.main(["report", str(folder)])
    assert ended.value.code == 0
    page = (tmp_path / "tiny-report.html").read_text(encoding="utf-8")
    assert page == make_study_report(store, "tiny", kind="participant").page


def test_equal_content_makes_equal_bytes(store: Store, package: Path, tmp_path: Path) -> None:
    again = tmp_path / "again.zip"
    package_study(store, "tiny", again)
    assert again.read_bytes() == package.read_bytes()


def test_every_table_comes_back_as_it_was_in_the_store(store: Store, package: Path) -> None:
    with snapshot_of(store, "tiny") as snapshot, open_package(package) as read:
        for table in STUDY_TABLES:
            assert list(read.rows(table.name)) == list(rows_of(snapshot, table))


def test_previews_recruiters_and_experimenters_are_not_in_it(package: Path) -> None:
    with open_package(package) as read:
        kinds = {row["session_kind"] for row in read.rows("sessions")}
        assert kinds == {"participant", "pilot", "simulated"}
        assert not any("recruit" in path for path in read.paths)


def seeds_in(package: Path) -> set[object]:
    with open_package(package) as read:
        told = json.loads(read.read("study/version-1.json"))
        text = read.read("study/version-1.yaml").decode()
        seeds = {told.get("seed")}
        if "seed:" in text:
            seeds.add(parse_study(text).seed)
        return seeds | {read.facts["seed_included"]}


def test_the_seed_is_kept_back_until_the_study_is_over_or_it_is_asked_for(
    answered: Launched, tmp_path: Path
) -> None:
    path = tmp_path / "one.zip"
    package_study(answered.store, "tiny", path)
    assert seeds_in(path) == {None, False}
    assert b"keep this package to yourself" in zipfile.ZipFile(path).read("README.md")
    package_study(answered.store, "tiny", path, PackageOptions(with_seed=True))
    assert seeds_in(path) == {SEED, True}
    with answered.store.write() as db:
        db.execute(update(StudyStateRow).values(state="closed"))
    package_study(answered.store, "tiny", path)
    assert seeds_in(path) == {SEED, True}


def test_with_the_seed_the_digest_of_the_definition_can_be_checked(
    store: Store, tmp_path: Path
) -> None:
    path = tmp_path / "one.zip"
    package_study(store, "tiny", path, PackageOptions(with_seed=True))
    with open_package(path) as read:
        (version,) = read.rows("versions")
        definition = parse_study(read.read("study/version-1.yaml").decode())
    assert definition.digest() == version["definition_digest"]


def test_a_licence_is_named_only_if_one_is_given(store: Store, tmp_path: Path) -> None:
    path = tmp_path / "one.zip"
    for licence, said in [
        ("", None),
        ("CC-BY-4.0", [{"name": "CC-BY-4.0"}]),
        ("https://example.org/l", [{"path": "https://example.org/l"}]),
    ]:
        package_study(store, "tiny", path, PackageOptions(licence=licence))
        with open_package(path) as read:
            assert read.descriptor.get("licenses") == said


def test_a_manifest_goes_with_the_package_into_the_report(store: Store, tmp_path: Path) -> None:
    manifest = tmp_path / "sizes.csv"
    lines = ["item,condition,level,bytes,pesq"]
    for item in ("one", "two", "three"):
        lines.append(f"{item},baseline,,4000,4.5")
        lines += [f"{item},bits,{level},{1000 * level},{1 + level / 2}" for level in (1, 2, 4)]
    manifest.write_text("\n".join(lines), encoding="utf-8")
    path = tmp_path / "one.zip"
    package_study(store, "tiny", path, PackageOptions(manifest=manifest))
    there = make_study_report(store, "tiny", kind="participant", manifest=manifest)
    assert report_on_package(path, ReportChoice())[1].page == there.page


def test_a_kind_that_was_not_exported_is_not_reported(store: Store, tmp_path: Path) -> None:
    path = tmp_path / "one.zip"
    package_study(store, "tiny", path, PackageOptions(kinds=["simulated"]))
    with pytest.raises(DataError, match="no sessions of kind participant"):
        report_on_package(path, ReportChoice())
