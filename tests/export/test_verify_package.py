"""A package is held against the plans signed in it: what was changed in its tables is named."""

from __future__ import annotations

import csv
import hashlib
import json
import shutil
import zipfile
from pathlib import Path

import pytest

from jndlab.errors import DataError
from jndlab.export.package.signed import PLANS, SEAL, seal
from jndlab.export.verify.verification import verify_package
from jndlab.store.signing import digest_of, plan_key
from jndlab.web.packages import PackageOptions, package_study
from tests.export.verifying import (
    edit_csv,
    run,
)
from tests.store.launching import Launched


def test_a_package_of_one_version_has_gaps_that_say_nothing(
    study: Launched, tmp_path: Path
) -> None:
    run(study, "UPDATE sessions SET participant = participant + 7")
    path = tmp_path / "p.zip"
    package_study(study.store, "tiny", path, PackageOptions(with_seed=True, version=1))
    assert not any("missing: numbers" in one.message for one in verify_package(path).findings)
    package_study(study.store, "tiny", path, PackageOptions(with_seed=True))
    assert any("missing: numbers" in one.message for one in verify_package(path).findings)


def test_every_changed_row_of_a_package_is_named(package: Path) -> None:
    """Also where nothing but the signature of the export can tell."""

    def edit(rows: list[dict[str, str]]) -> None:
        rows[3]["response_time_ms"] = "1.0"
        rows[20]["level"] = "6.0" if rows[20]["level"] != "6.0" else "5.0"
        del rows[30]

    trials = package / "data" / "trials.csv"
    with trials.open(encoding="utf-8", newline="") as file:
        were = list(csv.DictReader(file))
    edit_csv(trials, edit)
    verification = verify_package(package)
    assert verification.export_signed is False
    named = {(one.participant, one.trial) for one in verification.findings if one.trial is not None}
    expected = {(f"simulated {were[n]['participant']}", int(were[n]["trial"])) for n in (3, 20, 30)}
    assert named == expected
    assert "data/trials.csv was changed after the export." in str(verification)


def test_a_session_that_was_left_out_is_missed(package: Path) -> None:
    sessions = package / "data" / "sessions.csv"
    edit_csv(sessions, lambda rows: rows.pop(1) and None)
    edit_csv(package / "data" / "trials.csv", lambda rows: _keep(rows, "1", "3", "4"))
    lines = (package / PLANS).read_bytes().splitlines(keepends=True)
    (package / PLANS).write_bytes(b"".join([lines[0], *lines[2:]]))
    said = str(verify_package(package))
    for path in ("data/sessions.csv", "data/trials.csv", PLANS):
        assert f"{path} was changed after the export." in said
    assert "its row was taken out after the export" in said
    assert "simulated 2 is missing" in said


def _keep(rows: list[dict[str, str]], *participants: str) -> None:
    rows[:] = [row for row in rows if row["participant"] in participants]


def test_a_package_signed_anew_with_another_key_is_told_by_the_published_key(
    study: Launched, package: Path, tmp_path: Path
) -> None:
    """Whoever makes everything up signs it with a key of his own."""
    ours = plan_key(study.settings.data).public
    forger = plan_key(tmp_path / "forger")
    lines = [json.loads(line) for line in (package / PLANS).read_text().splitlines()]
    for line in lines:
        line["signature"] = forger.sign(line["statement"])
    (package / PLANS).write_text("".join(json.dumps(line) + "\n" for line in lines))
    old = json.loads((package / SEAL).read_text())["statement"]
    files = {
        path: hashlib.sha256((package / path).read_bytes()).hexdigest() for path in old["files"]
    }
    forged = seal(forger, study="tiny", files=files, trials=old["trials"])
    (package / SEAL).write_text(json.dumps(forged))
    assert verify_package(package).verified  # by its own key: so it has to be compared
    verification = verify_package(package, keys=[ours])
    assert not verification.verified
    assert verification.findings[0].code == "key"
    assert verification.n_signed == 0


def test_rows_from_another_file_than_the_signed_one_are_found(package: Path) -> None:
    """The descriptor says where a table lies, and is not signed itself."""
    shutil.copy(package / "data" / "trials.csv", package / "data" / "others.csv")

    def edit(rows: list[dict[str, str]]) -> None:
        wrong = [one for one in rows if one["correct"] == "0" and one["paradigm"] == "acr"]
        rated = [one for one in rows if one["paradigm"] == "acr" and one["response"] == "3"]
        assert rated or wrong
        for one in rated:
            one["response"] = "4"

    edit_csv(package / "data" / "others.csv", edit)
    redirect(package, "trials", "data/others.csv")
    verification = verify_package(package)
    assert verification.export_signed is False
    said = str(verification)
    assert "data/others.csv was added after the export." in said
    assert "its row was changed after the export." in said


def redirect(package: Path, name: str, path: str) -> None:
    """Let the descriptor take a table from another file."""
    descriptor = json.loads((package / "datapackage.json").read_text())
    for one in descriptor["resources"]:
        if one["name"] == name:
            one["path"] = path
    (package / "datapackage.json").write_text(json.dumps(descriptor))


def test_the_package_of_another_study_is_not_passed_off_as_this_one(package: Path) -> None:
    descriptor = json.loads((package / "datapackage.json").read_text())
    descriptor["jndlab"]["study"] = "famous"
    (package / "datapackage.json").write_text(json.dumps(descriptor))
    [one] = verify_package(package).findings
    assert one.message == "the package is of the study 'famous', and 'tiny' was signed."


@pytest.mark.parametrize(
    ("column", "value", "said"),
    [
        ("presented_at", "2026-03-02T10:00:00", "was changed after the export"),
        ("trial", "900000000000", "the plan has no trial of that number"),
    ],
)
def test_cells_that_nobody_wrote_are_findings_and_no_failure(
    package: Path, column: str, value: str, said: str
) -> None:
    def edit(rows: list[dict[str, str]]) -> None:
        rows[4][column] = value

    edit_csv(package / "data" / "trials.csv", edit)
    assert said in str(verify_package(package))


def test_a_huge_gap_is_one_finding(package: Path) -> None:
    def edit(rows: list[dict[str, str]]) -> None:
        rows[3]["participant"] = "900000000000"

    edit_csv(package / "data" / "sessions.csv", edit)
    said = str(verify_package(package))
    assert "simulated 4 to 899999999999 are missing: numbers are given without gaps." in said


@pytest.mark.parametrize("key", ["files", "trials"])
def test_a_seal_without_what_it_should_say_is_refused(package: Path, key: str) -> None:
    sealed = json.loads((package / SEAL).read_text())
    sealed["statement"][key] = [[1, 2]]
    (package / SEAL).write_text(json.dumps(sealed))
    with pytest.raises(DataError, match="cannot be used"):
        verify_package(package)


@pytest.mark.parametrize("plan", [{}, {"participant": 1, "seed": 7, "trials": 3}])
def test_a_plan_that_cannot_be_read_is_a_finding(
    package: Path, tmp_path: Path, plan: dict[str, object]
) -> None:
    """Also where whoever made it up signed it."""
    first, *others = (package / PLANS).read_text().splitlines()
    entry = json.loads(first)
    entry["plan"] = plan
    entry["statement"]["plan_digest"] = digest_of(plan)
    entry["signature"] = plan_key(tmp_path / "forger").sign(entry["statement"])
    (package / PLANS).write_text("\n".join([json.dumps(entry), *others]) + "\n")
    findings = verify_package(package).findings
    assert any((one.code, one.message) == ("plan", "it cannot be read.") for one in findings)


def test_a_package_without_the_seed_needs_the_study_file(study: Launched, tmp_path: Path) -> None:
    path = tmp_path / "kept-back.zip"
    package_study(study.store, "tiny", path)
    with zipfile.ZipFile(path) as archive:
        assert b'"plan":' not in archive.read(PLANS)
        assert b'"seed"' not in archive.read(PLANS)
    alone = verify_package(path)
    assert [one.code for one in alone.findings] == ["unchecked"]
    assert (alone.n_signed, alone.n_remade) == (4, 0)
    assert verify_package(path, studies=[study.study]).verified


def test_a_package_of_before_is_refused_with_what_to_do(package: Path) -> None:
    descriptor = package / "datapackage.json"
    content = json.loads(descriptor.read_text())
    content["resources"] = [one for one in content["resources"] if one["path"] != PLANS]
    descriptor.write_text(json.dumps(content))
    with pytest.raises(DataError, match="no signed plans"):
        verify_package(package)


@pytest.mark.parametrize(
    "line",
    [
        "[]",
        "{}",
        '{"statement": 3}',
        '{"statement": {"session": "x"}, "signature": ""}',
        "nonsense",
    ],
)
def test_a_line_that_is_no_plan_is_refused(package: Path, line: str) -> None:
    (package / PLANS).write_text(line + "\n")
    with pytest.raises(DataError, match="Line 1"):
        verify_package(package)
