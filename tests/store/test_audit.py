"""The audit: whatever is changed, dropped, moved or added past the server is found and named."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from sqlalchemy import text

from jndlab.errors import StudyUnknown
from jndlab.export.audit.auditing import audit_in, audit_store
from jndlab.sessions import release_ahead, release_trial, withdraw
from jndlab.store.deeds import deeds_of, note_deed
from jndlab.store.models import StudyRow
from jndlab.store.signing import plan_key
from jndlab.store.studies import all_studies
from jndlab.studies.lifecycle import change_state
from tests.store.auditing import Found, answer, audited, findings
from tests.store.launching import Launched
from tests.store.taking import STAIRCASE, launch, take_all


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A study that three listeners took, two of them to the end."""
    launched = launch(tmp_path_factory.mktemp("audit"))
    for seed in (1, 2):
        take_all(launched, launched.open(), seed=seed)
    take_all(launched, launched.open(), seed=3, most=5)
    launched.store.close()
    return launched.settings.data


def alter(study: Launched, *statements: str) -> None:
    """Past the server, as somebody does who has the password of the database."""
    with study.store.write() as db:
        for statement in statements:
            db.execute(text(statement))


def found_after(study: Launched, *statements: str, plans: bool = False) -> Found:
    """What an audit finds after such a change, which is undone."""
    try:
        with study.store.write() as db:
            for statement in statements:
                db.execute(text(statement))
            key = plan_key(study.store.folder).public
            (audit,) = audit_in(db, all_studies(db), [key], plans=plans)
            raise Undone
    except Undone:
        return [(one.code, one.participant, one.trial) for one in audit.findings]


class Undone(Exception):
    """Nothing of a transaction is kept."""


def of(participant: int, number: int) -> str:
    """The condition under which a row is of that trial."""
    return (
        "presented_id = (SELECT p.id FROM presented_trials p JOIN sessions s ON s.id = p.session_id"
        f" WHERE s.participant = {participant} AND p.number = {number})"
    )


def test_what_nobody_touched_is_whole(study: Launched) -> None:
    audit = audited(study)
    assert audit.findings == []
    assert (audit.n_sessions, audit.n_chained, audit.n_signed) == (3, 3, 3)
    assert audit.n_answers == audit.n_trials == audit.n_as_planned == 2 * 18 + 5
    assert audit.n_deeds == 1 + 3 + 2  # the launch, openings, ends
    assert "Whole: nothing was found." in str(audit)


def test_a_changed_answer_is_found_and_nothing_else(study: Launched) -> None:
    for change in (
        "response_time_ms = response_time_ms + 1",
        "response = 'Z'",
        "key = 'another'",
        "plays = '[9, 9, 9]'",
        "answered_at = '2020-01-01T00:00:00.000+00:00'",
        "context_rate_hz = 44100",
        "output_latency_ms = 3.5",
        "confidence = 1",
        "correct = NOT correct",
        "link = NULL",
    ):
        found = found_after(study, f"UPDATE answers SET {change} WHERE {of(2, 7)}")
        assert ("chain", "simulated 2", 7) in found, change
        assert len(found) == 1 or change == "link = NULL", change


def test_a_changed_trial_is_found_and_nothing_else(study: Launched) -> None:
    trial = f"id = (SELECT presented_id FROM answers WHERE {of(1, 4)})"
    for change in (
        f"presented_trials SET n_loads = n_loads + 1 WHERE {trial}",
        f"presented_trials SET trial = replace(trial, '\"main\"', '\"tail\"') WHERE {trial}",
        f"released_clips SET noise_seed = 5 WHERE position = 1 AND {of(1, 4)}",
        f"released_clips SET clip = 'another' WHERE position = 0 AND {of(1, 4)}",
        f"released_clips SET position = 3 WHERE position = 0 AND {of(1, 4)}",
    ):
        assert found_after(study, f"UPDATE {change}") == [("chain", "simulated 1", 4)], change


def test_a_dropped_answer_is_a_gap_and_a_broken_chain(study: Launched) -> None:
    alter(study, f"DELETE FROM answers WHERE {of(2, 7)}")
    found = findings(study)
    assert ("gap", "simulated 2", 7) in found
    assert ("chain", "simulated 2", 8) in found
    assert {participant for _, participant, _ in found} == {"simulated 2"}


def test_a_dropped_end_of_a_session_is_found(study: Launched) -> None:
    """Also with the head set back to the last link that is left: the study's chain knows better."""
    drop = (
        f"DELETE FROM answers WHERE {of(2, 18)}",
        f"DELETE FROM released_clips WHERE {of(2, 18)}",
        "DELETE FROM presented_trials WHERE number = 18 AND session_id = "
        "(SELECT id FROM sessions WHERE participant = 2)",
    )
    alter(study, *drop)
    assert ("chain", "simulated 2", None) in findings(study)
    last = f"(SELECT link FROM answers WHERE {of(2, 17)})"
    alter(study, f"UPDATE sessions SET chain_head = {last} WHERE participant = 2")
    found = findings(study)
    assert ("session", "simulated 2", None) in found
    assert ("gap", "simulated 2", 18) in found


def test_a_changed_session_is_found(study: Launched) -> None:
    for change in (
        "slot = 9",
        "participant = 9",
        "plan_digest = 'f00d'",
        "opened_at = '2020-01-01T00:00:00.000+00:00'",
        "public_id = 'f00d'",
        "state = 'open'",
        "chain_head = NULL",
    ):
        found = found_after(study, f"UPDATE sessions SET {change} WHERE participant = 1")
        assert "session" in {code for code, _, _ in found}, change


def test_a_plan_that_was_exchanged_with_its_digest_lacks_the_signature(study: Launched) -> None:
    other = "(SELECT {0} FROM sessions WHERE participant = 1)"
    both = f"plan = {other.format('plan')}, plan_digest = {other.format('plan_digest')}"
    alter(study, f"UPDATE sessions SET {both} WHERE participant = 3")
    assert ("signature", "simulated 3", None) in findings(study)


def test_a_session_that_is_gone_or_made_up_is_found(study: Launched) -> None:
    alter(study, "UPDATE sessions SET public_id = 'made-up' WHERE participant = 3")
    said = [str(one) for one in audited(study, plans=False).findings]
    assert any("is gone" in one for one in said)
    assert any("its opening is not the one" in one for one in said)


def test_a_changed_deed_is_found(study: Launched) -> None:
    columns = "study_id, deed, detail, at"
    for change in (
        "UPDATE deeds SET detail = '{}' WHERE deed = 'launched'",
        "UPDATE deeds SET at = '2020-01-01T00:00:00.000+00:00' WHERE deed = 'session-finished'",
        "DELETE FROM deeds WHERE deed = 'launched'",
        "DELETE FROM deeds WHERE id = (SELECT max(id) FROM deeds)",
        "UPDATE studies SET chain_head = NULL",
        f"INSERT INTO deeds ({columns}) SELECT {columns} FROM deeds WHERE deed = 'launched'",
    ):
        assert "deed" in {code for code, _, _ in found_after(study, change)}, change


def test_a_head_that_was_written_down_stays_in_the_chain(study: Launched) -> None:
    head = audited(study).head
    assert head is not None
    study_id = study_row(study).id
    change_state(study.store, study_id, "paused")
    later = audited(study, heads=[head])
    assert later.whole
    assert later.head != head
    # Somebody makes the chain again, without what they do not like.
    with study.store.write() as db:
        for deed in deeds_of(db, study_id, deed="state-changed"):
            db.delete(deed)
        db.flush()
        alter_head = text("UPDATE studies SET chain_head = :head")
        db.execute(alter_head, {"head": head})
        note_deed(db, "looked-at", study_id=study_id)
    assert audited(study).whole, "a chain that was made again is whole in itself"
    assert findings(study, heads=[str(later.head)]) == [("deed", "", None)]


def test_trials_handed_out_ahead_are_chained_in_any_order(study: Launched) -> None:
    token = study.open()
    for number in range(1, 6):
        release_trial(study.store, token)
        if number != 3:
            release_ahead(study.store, token)
        answer(study, token, number)
    assert findings(study) == []


def test_answers_of_many_at_once_keep_every_chain_whole(study: Launched) -> None:
    tokens = [study.open() for _ in range(6)]
    with ThreadPoolExecutor(6) as pool:
        list(pool.map(lambda token: take_all(study, token, seed=5), tokens))
    audit = audited(study)
    assert audit.findings == []
    assert audit.n_chained == 9


def test_adaptive_levels_are_followed(tmp_path: Path) -> None:
    study = launch(tmp_path, design={"procedure": "staircase"}, **STAIRCASE)
    take_all(study, study.open(), seed=3)
    assert findings(study) == []
    alter(study, f"UPDATE answers SET correct = NOT correct WHERE {of(1, 6)}")
    found = findings(study)
    assert ("chain", "simulated 1", 6) in found
    assert {"plan", "gap"} & {code for code, _, _ in found}, "the levels after it do not follow"
    study.store.close()


def test_a_withdrawn_session_leaves_its_head_only(study: Launched) -> None:
    token = study.open(simulated=False)
    for number in (1, 2, 3):
        release_trial(study.store, token)
        answer(study, token, number)
    withdraw(study.store, token)
    audit = audited(study)
    assert audit.findings == []
    assert audit.n_withdrawn == 1
    exchanged = "UPDATE sessions SET chain_head = 'f00d' WHERE state = 'withdrawn'"
    assert ("session", "participant 1", None) in found_after(study, exchanged)


def test_sessions_from_before_there_were_chains_are_counted_apart(study: Launched) -> None:
    alter(
        study,
        "UPDATE sessions SET chain_head = NULL",
        "UPDATE presented_trials SET link = NULL",
        "UPDATE answers SET link = NULL",
        "UPDATE deeds SET link = NULL",
        "UPDATE studies SET chain_head = NULL",
    )
    token = study.open()
    take_all(study, token, seed=9)
    audit = audited(study)
    assert audit.findings == []
    assert (audit.n_from_before, audit.n_chained) == (3, 1)
    assert audit.n_deeds_from_before == 6
    assert "3 from before there were chains" in str(audit)
    alter(
        study, "UPDATE sessions SET id = id + 100 WHERE participant = 99"
    )  # none: nothing changes
    assert audited(study).whole


def test_one_without_a_chain_after_one_with_a_chain_is_found(study: Launched) -> None:
    alter(study, "UPDATE sessions SET chain_head = NULL WHERE participant = 2")
    said = [one.message for one in audited(study, plans=False).findings]
    assert "it has no chain, and sessions before it have one." in said


def test_an_unknown_study_is_named(study: Launched) -> None:
    with pytest.raises(StudyUnknown):
        audit_store(study.store, slug="nothing")


def study_row(study: Launched) -> StudyRow:
    with study.store.read() as db:
        return db.query(StudyRow).one()
