"""Packages that were changed, cut, made up or made to hurt: refused with a reason."""

from __future__ import annotations

import json
import shutil
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from jndlab.errors import DataError
from jndlab.export.package import reading
from jndlab.store.engine import Store
from jndlab.web.packages import package_study, report_on_package
from jndlab.web.report_choice import ReportChoice


@pytest.fixture(scope="module")
def unpacked(store: Store, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("package")
    package_study(store, "tiny", folder / "tiny.zip")
    with zipfile.ZipFile(folder / "tiny.zip") as archive:
        archive.extractall(folder / "tiny")
    return folder / "tiny"


@pytest.fixture
def folder(unpacked: Path, tmp_path: Path) -> Path:
    return shutil.copytree(unpacked, tmp_path / "package")


def refused(path: Path) -> str:
    with pytest.raises(DataError) as caught:
        report_on_package(path, ReportChoice())
    assert caught.value.remedy
    return caught.value.message


def change(folder: Path, edit: Callable[[dict[str, Any]], object]) -> None:
    path = folder / "datapackage.json"
    content = json.loads(path.read_text(encoding="utf-8"))
    edit(content)
    path.write_text(json.dumps(content), encoding="utf-8")


def test_a_changed_answer_is_seen(folder: Path) -> None:
    trials = folder / "data" / "trials.csv"
    trials.write_bytes(trials.read_bytes().replace(b",A,1,", b",B,0,", 1))
    assert "data/trials.csv was changed after it was exported" in refused(folder)


@pytest.mark.parametrize("name", ["data/trials.csv", "history.json", "study/version-1.json"])
def test_a_missing_file_is_named(folder: Path, name: str) -> None:
    (folder / name).unlink()
    assert f"{name} is missing" in refused(folder)


@pytest.mark.parametrize("path", ["../../secret", "/etc/passwd", "a/../../b", "c:\\x", ""])
def test_a_path_out_of_the_package_is_not_followed(folder: Path, path: str) -> None:
    change(folder, lambda content: content["resources"][0].update(path=path))
    assert "is no path inside of it" in refused(folder)


@pytest.mark.parametrize(
    "edit",
    [
        lambda content: content.pop("jndlab"),
        lambda content: content.update(resources="none"),
        lambda content: content.update(resources=[1]),
        lambda content: content["jndlab"].update(format=2),
        lambda content: content["jndlab"].update(study="../../x"),
        lambda content: content["jndlab"].update(session_kinds=None),
    ],
)
def test_a_descriptor_that_is_none_of_ours_is_refused(
    folder: Path, edit: Callable[[dict[str, Any]], object]
) -> None:
    change(folder, edit)
    refused(folder)


@pytest.mark.parametrize("text", ["", "[]", "{", "[" * 100_000, "null", "\ufeff{}"])
def test_a_descriptor_that_is_no_json_is_refused(folder: Path, text: str) -> None:
    (folder / "datapackage.json").write_text(text, encoding="utf-8")
    refused(folder)


def rewritten(folder: Path, name: str, content: bytes) -> None:
    """Change a file and its digest, as somebody who knows the format would."""
    import hashlib

    (folder / name).write_bytes(content)
    digest = f"sha256:{hashlib.sha256(content).hexdigest()}"

    def edit(descriptor: dict[str, Any]) -> None:
        for resource in descriptor["resources"]:
            if resource["path"] == name:
                resource["hash"] = digest

    change(folder, edit)


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("history.json", b"{}"),
        ("history.json", b'{"versions": [{}], "states": [], "looks": []}'),
        ("history.json", b"\xff\xfe"),
        ("study/version-1.json", b"[]"),
        ("study/version-1.json", b'{"slug": "x"}'),
        ("data/sessions.csv", b""),
        ("data/sessions.csv", b"a,b\r\n1,2\r\n"),
        ("data/trials.csv", b"\xff\xff\xff"),
        ("data/trials.csv", b'study,"study'),
    ],
)
def test_wrong_contents_under_a_right_digest_are_refused(
    folder: Path, name: str, content: bytes
) -> None:
    rewritten(folder, name, content)
    refused(folder)


def test_a_zip_that_is_cut_or_none_is_refused(unpacked: Path, tmp_path: Path) -> None:
    whole = (unpacked.parent / "tiny.zip").read_bytes()
    for name, content in [
        ("cut.zip", whole[:-300]),
        ("text.zip", b"PK and no more"),
        ("e.zip", b""),
    ]:
        (tmp_path / name).write_bytes(content)
        assert "no zip file" in refused(tmp_path / name)
    assert "There is no file" in refused(tmp_path / "nothing.zip")
    spoiled = bytearray(whole)
    middle = len(spoiled) // 3
    spoiled[middle : middle + 100] = bytes(100)
    (tmp_path / "spoiled.zip").write_bytes(spoiled)
    refused(tmp_path / "spoiled.zip")
    with zipfile.ZipFile(tmp_path / "other.zip", "w") as archive:
        archive.writestr("holiday.txt", "sun")
    assert "datapackage.json is missing" in refused(tmp_path / "other.zip")


def test_a_zip_that_unpacks_without_end_is_left(
    folder: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(reading, "MAX_BYTES", 1 << 20)
    rewritten(folder, "consent.json", bytes(2 << 20))
    bomb = tmp_path / "bomb.zip"
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in folder.rglob("*"):
            archive.write(path, path.relative_to(folder))
    assert bomb.stat().st_size < 100_000
    assert "unpacks to more than" in refused(bomb)
