"""What was presented against the signed plans: whatever is changed is found and named."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import text

from jndlab.cli import cli
from jndlab.errors import DataError
from jndlab.export.verify.verification import verify_package, verify_store
from jndlab.sessions import release_trial
from jndlab.store.sessions import token_digest
from jndlab.store.signing import KEY_FILE, plan_key
from jndlab.study.plan import plan_session
from jndlab.web.packages import PackageOptions, package_study
from tests.export.verifying import (
    ANSWER_OF,
    N_HEARING,
    check,
    edit_csv,
    found,
    numbers_of,
    presented,
    rewrite,
    run,
)
from tests.store.launching import Launched
from tests.store.taking import current, take_all


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
