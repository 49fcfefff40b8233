"""What was presented against the signed plans: whatever is changed is found and named."""

from __future__ import annotations

import csv
import hashlib
import json
import shutil
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import text

from jndlab.cli import cli
from jndlab.errors import DataError
from jndlab.export.package.signed import PLANS, SEAL, seal
from jndlab.export.verify.findings import Verification
from jndlab.export.verify.verification import verify_package, verify_store
from jndlab.sessions import release_trial
from jndlab.store.sessions import token_digest
from jndlab.store.signing import KEY_FILE, digest_of, plan_key
from jndlab.study.plan import plan_session
from jndlab.web.packages import PackageOptions, package_study
from tests.store.launching import Launched
from tests.store.taking import PARTS, STAIRCASE, current, launch, take_all

N_HEARING = 18
"""Trials of the first part: two of practice, twelve of the staircase, four catch trials."""


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A study of two parts, an adaptive one and one of ratings, that four listeners took."""
    launched = launch(tmp_path_factory.mktemp("verify"), parts=PARTS, **STAIRCASE)
    for seed in range(3):
        take_all(launched, launched.open(), seed=seed)
    take_all(launched, launched.open(), seed=3, most=5)
    launched.store.close()
    return launched.settings.data


@pytest.fixture
def package(study: Launched, tmp_path: Path) -> Path:
    """An unpacked package with the seed."""
    package_study(study.store, "tiny", tmp_path / "p.zip", PackageOptions(with_seed=True))
    with zipfile.ZipFile(tmp_path / "p.zip") as archive:
        archive.extractall(tmp_path / "package")
    return tmp_path / "package"


def check(study: Launched) -> Verification:
    return verify_store(study.store, "tiny")


def run(study: Launched, *statements: str, **values: object) -> None:
    with study.store.write() as db:
        for statement in statements:
            db.execute(text(statement), values)


def found(verification: Verification) -> list[tuple[str, str, int | None]]:
    return [(one.code, one.participant, one.trial) for one in verification.findings]


def presented(study: Launched, session: int, number: int) -> dict[str, Any]:
    query = text("SELECT trial FROM presented_trials WHERE session_id = :s AND number = :n")
    with study.store.read() as db:
        return dict(json.loads(db.execute(query, {"s": session, "n": number}).scalar_one()))


def rewrite(study: Launched, session: int, number: int, **changed: object) -> None:
    """Change cells of a presented trial behind the server's back."""
    trial = {**presented(study, session, number), **changed}
    statement = "UPDATE presented_trials SET trial = :t WHERE session_id = :s AND number = :n"
    run(study, statement, t=json.dumps(trial), s=session, n=number)


def numbers_of(study: Launched, session: int, **wanted: object) -> list[int]:
    """Numbers of the trials of a session whose cells are these."""
    query = text("SELECT trial FROM presented_trials WHERE session_id = :s ORDER BY number")
    with study.store.read() as db:
        trials = [json.loads(one) for one in db.scalars(query, {"s": session})]
    return [
        one["number"]
        for one in trials
        if all(one.get(name, "") == value for name, value in wanted.items())
    ]


ANSWER_OF = "presented_id = (SELECT id FROM presented_trials WHERE session_id = :s AND number = :n)"


def test_what_was_presented_as_planned_is_verified(study: Launched, package: Path) -> None:
    for verification in (check(study), verify_package(package)):
        assert verification.findings == ()
        assert verification.verified
        assert (verification.n_sessions, verification.n_signed, verification.n_remade) == (4, 4, 4)
        assert verification.n_trials_right == verification.n_trials > 3 * N_HEARING


@pytest.mark.parametrize("track", ["bits", ""])
def test_one_edited_level_is_named_and_nothing_else(study: Launched, track: str) -> None:
    number = numbers_of(study, 1, track=track, kind="test", phase="main")[3]
    was = presented(study, 1, number)["level"]
    rewrite(study, 1, number, level=9.0)
    verification = check(study)
    assert found(verification) == [("trial", "simulated 1", number)]
    planned = "empty" if was is None else f"{was:g}"
    assert f"level is 9, and {planned} was planned" in verification.findings[0].message
    assert verification.n_trials_right == verification.n_trials - 1


def test_an_answer_that_counts_as_right_and_is_not_is_named(study: Launched) -> None:
    number = numbers_of(study, 2, kind="gross")[0]
    run(study, f"UPDATE answers SET correct = NOT correct WHERE {ANSWER_OF}", s=2, n=number)
    assert ("answer", "simulated 2", number) in found(check(study))


def test_two_answers_that_change_places_break_the_track(study: Launched) -> None:
    """Each of them is possible and scored as it should be; the levels after them tell."""
    query = text(
        "SELECT p.number, a.correct, p.trial FROM answers a JOIN presented_trials p ON "
        "p.id = a.presented_id WHERE p.session_id = 1 ORDER BY p.number"
    )
    with study.store.read() as db:
        rows = [(n, right, json.loads(trial)) for n, right, trial in db.execute(query)]
    track = [(n, right, trial["correct_response"]) for n, right, trial in rows if "track" in trial]
    first = track[2]
    second = next(one for one in track[3:] if one[1] != first[1])
    for (number, _, key), (_, right, _) in ((first, second), (second, first)):
        wrong = "B" if key == "A" else "A"
        run(
            study,
            f"UPDATE answers SET correct = :c, response = :r WHERE {ANSWER_OF}",
            s=1,
            n=number,
            c=right,
            r=key if right else wrong,
        )
    verification = check(study)
    assert not verification.verified
    assert {one.participant for one in verification.findings} == {"simulated 1"}
    assert min(one.trial or 0 for one in verification.findings) > first[0]


@pytest.mark.parametrize("part", ["hearing", "quality"])
def test_a_trial_that_was_taken_out_is_missing(study: Launched, part: str) -> None:
    number = numbers_of(study, 1, part=part, phase="main", kind="test")[3]
    where = "session_id = :s AND number = :n"
    run(
        study,
        f"DELETE FROM answers WHERE {ANSWER_OF}",
        "DELETE FROM released_clips WHERE presented_id = (SELECT id FROM presented_trials WHERE "
        f"{where})",
        f"DELETE FROM presented_trials WHERE {where}",
        s=1,
        n=number,
    )
    verification = check(study)
    assert found(verification) == [("trial", "simulated 1", number)]
    assert "it is missing" in verification.findings[0].message


def test_a_trial_past_the_stop_rule_is_named(study: Launched) -> None:
    """One more of the staircase, at a number that the plan keeps for it."""
    plan = study.plan(token_of(study))
    answered = set(numbers_of(study, 1))
    free = [trial.number for trial in plan.trials if trial.number not in answered]
    beyond = free[0] if free else len(plan.trials) + 1
    last = numbers_of(study, 1, track="bits")[-1]
    copy = {**presented(study, 1, last), "number": beyond}
    run(
        study,
        "INSERT INTO presented_trials (session_id, number, trial, presented_at, n_loads) "
        "SELECT 1, :n, :t, presented_at, 1 FROM presented_trials WHERE session_id = 1 AND "
        "number = :last",
        n=beyond,
        t=json.dumps(copy),
        last=last,
    )
    said = [one for one in check(study).findings if one.trial == beyond and one.code == "trial"]
    assert len(said) == 1
    assert "stopped by its rule" in said[0].message or "no trial of that number" in said[0].message


def token_of(study: Launched) -> str:
    """A token for the first session: that of the listener is not known any more."""
    run(study, "UPDATE sessions SET token_digest = :d WHERE id = 1", d=token_digest("a-token"))
    return "a-token"


def test_the_plan_of_another_participant_is_no_signed_plan(study: Launched) -> None:
    other = plan_session(study.study, participant=2, seed=study.study.seed)
    run(
        study,
        "UPDATE sessions SET plan = :p, plan_digest = :d WHERE id = 1",
        p=other.to_json(),
        d=other.digest(),
    )
    codes = {(code, who) for code, who, _ in found(check(study))}
    assert {("signature", "simulated 1"), ("plan", "simulated 1")} <= codes


def test_another_stop_rule_in_a_plan_is_found(study: Launched) -> None:
    statement = (
        "UPDATE sessions SET plan = json_set(plan, '$.adaptive[0].settings.stop.trials', 40) "
        "WHERE id = 1"
    )
    run(study, statement)
    [one] = check(study).findings
    assert (one.code, one.participant) == ("plan", "simulated 1")


def test_another_stop_rule_in_the_study_file_is_found(study: Launched) -> None:
    changed = study.study.to_json().replace('"trials":12', '"trials":11')
    assert changed != study.study.to_json()
    run(study, "UPDATE study_versions SET definition = :d", d=changed)
    codes = {one.code for one in check(study).findings}
    assert codes == {"unchecked"}  # no study file has the digest that was frozen
    digest = type(study.study).from_json(changed).digest()
    run(study, "UPDATE study_versions SET definition_digest = :d", d=digest)
    verification = check(study)
    assert {"version", "plan"} <= {one.code for one in verification.findings}
    assert verification.n_remade == 0


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ("UPDATE sessions SET kind = 'pilot' WHERE id = 1", "signature"),
        ("UPDATE sessions SET plan_signature = NULL WHERE id = 1", "signature"),
        (
            "UPDATE sessions SET opened_at = '2020-01-01T00:00:00.000+00:00' WHERE id = 1",
            "signature",
        ),
        ("UPDATE sessions SET state = 'finished' WHERE id = 4", "trial"),
        ("UPDATE answers SET response = '7' WHERE presented_id = 1", "answer"),
        ("UPDATE answers SET plays = '[1]' WHERE presented_id = 1", "answer"),
        (
            "UPDATE answers SET answered_at = '2020-01-01T00:00:00.000+00:00' "
            "WHERE presented_id = 1",
            "time",
        ),
        (
            "UPDATE presented_trials SET presented_at = '2020-01-01T00:00:00.000+00:00' "
            "WHERE id = 2",
            "time",
        ),
        ("DELETE FROM answers WHERE presented_id = 3", "answer"),
    ],
)
def test_every_change_behind_the_servers_back_is_found(
    study: Launched, change: str, code: str
) -> None:
    run(study, change)
    assert code in {one.code for one in check(study).findings}


def test_a_session_that_is_gone_leaves_a_gap(study: Launched) -> None:
    tables = {"answers": "presented_id", "released_clips": "presented_id"}
    own = "(SELECT id FROM presented_trials WHERE session_id = 2)"
    run(
        study,
        *(f"DELETE FROM {table} WHERE {column} IN {own}" for table, column in tables.items()),
        "DELETE FROM presented_trials WHERE session_id = 2",
        "DELETE FROM sessions WHERE id = 2",
    )
    [one] = check(study).findings
    assert one.message.startswith("simulated 2 is missing")


def test_a_package_of_one_version_has_gaps_that_say_nothing(
    study: Launched, tmp_path: Path
) -> None:
    run(study, "UPDATE sessions SET participant = participant + 7")
    path = tmp_path / "p.zip"
    package_study(study.store, "tiny", path, PackageOptions(with_seed=True, version=1))
    assert not any("missing: numbers" in one.message for one in verify_package(path).findings)
    package_study(study.store, "tiny", path, PackageOptions(with_seed=True))
    assert any("missing: numbers" in one.message for one in verify_package(path).findings)


def test_another_key_signs_nothing(study: Launched, tmp_path: Path) -> None:
    ours = plan_key(study.settings.data).public
    assert verify_store(study.store, "tiny", keys=[ours]).verified
    theirs = plan_key(tmp_path).public
    verification = verify_store(study.store, "tiny", keys=[theirs])
    assert [one.code for one in verification.findings] == ["key", *["signature"] * 4]
    assert verification.n_signed == 0


def test_after_a_change_of_the_key_both_are_named(study: Launched, tmp_path: Path) -> None:
    before = plan_key(study.settings.data).public
    (study.settings.data / KEY_FILE).unlink()
    now = plan_key(study.settings.data).public
    take_all(study, study.open(), seed=8, most=3)
    package_study(study.store, "tiny", tmp_path / "p.zip", PackageOptions(with_seed=True))

    def run(source: str, *words: str) -> Result:
        return CliRunner().invoke(cli, ["verify", source, *words])

    for source, *words in (["tiny", "--data", str(study.settings.data)], [str(tmp_path / "p.zip")]):
        done = run(source, *words)
        assert (done.exit_code, "NOT verified, 4 findings" in done.output) == (2, True)
        done = run(source, *words, "--key", before, "--key", now)
        assert (done.exit_code, "5 of 5 plans bear" in done.output) == (0, True)
        done = run(source, *words, "--key", before)
        assert f"not with {before}" in done.output


# -- packages ---------------------------------------------------------------------------------


def edit_csv(path: Path, edit: Callable[[list[dict[str, str]]], None]) -> None:
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    columns = list(rows[0])
    edit(rows)
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, columns)
        writer.writeheader()
        writer.writerows(rows)


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


def test_the_command_ends_with_2_unless_everything_is_as_planned(
    study: Launched, package: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def ends(*arguments: str) -> int:
        with pytest.raises(SystemExit) as ended:
            cli.main(["verify", *arguments])
        return int(ended.value.code or 0)

    data = ["--data", str(study.settings.data)]
    assert ends("--show-key", *data) == 0
    key = capsys.readouterr().out.strip()
    assert ends("tiny", *data, "--key", key.upper()) == 0
    assert "Verified: nothing was found." in capsys.readouterr().out
    shutil.copytree(package, tmp_path / "copy")
    edit_csv(package / "data" / "trials.csv", lambda rows: rows.pop() and None)
    assert ends(str(package), "--json") == 2
    told = json.loads(capsys.readouterr().out)
    assert told["verified"] is False
    assert {one["code"] for one in told["findings"]} >= {"file"}
    assert ends(str(tmp_path / "copy"), "--key", key) == 0
    with pytest.raises(DataError, match="no public key"):
        ends(str(tmp_path / "copy"), "--key", "no key")


def test_a_trial_that_is_under_way_is_no_finding(study: Launched) -> None:
    token = study.open()
    take_all(study, token, seed=8, most=2)
    number = release_trial(study.store, token).number
    assert current(study, token, number).number == number
    assert check(study).verified
