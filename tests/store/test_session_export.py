"""Questionnaires, sessions and consent as exported, and in the report's words."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from jndlab.export.files import export_study
from jndlab.export.questionnaires import QUESTIONNAIRE_COLUMNS, questionnaire_rows
from jndlab.export.sessions import SESSION_COLUMNS, session_table
from jndlab.sessions import open_session, store_questionnaire, withdraw
from jndlab.study.consent import consent_in
from jndlab.study.flow import Occasion
from jndlab.web.session_procedure import describe_questionnaires, describe_sessions
from tests.store.launching import Launched, make_template, open_copy

YOU = {
    "name": "you",
    "title": "About you",
    "when": "before",
    "questions": [
        {"name": "age", "kind": "number", "text": "How old are you?", "unit": "years"},
        {
            "name": "devices",
            "kind": "choice",
            "several": True,
            "text": "What do you own?",
            "options": ["Headphones", "Loudspeakers"],
        },
        {"name": "note", "kind": "text", "text": "Anything else", "required": False},
    ],
}
ANSWERS = [
    {"age": "30", "devices": ["Loudspeakers", "Headphones"], "note": "=1+1"},
    {"age": "41,5", "devices": ["Headphones"]},
]


@pytest.fixture(scope="session")
def asking(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("session-export")
    return make_template(folder, questionnaires=[YOU], checks=[])


@pytest.fixture
def taken(asking: Path, tmp_path: Path) -> Iterator[Launched]:
    """Two people who answered, one who withdrew, one who left, one simulated listener."""
    launched = open_copy(asking, tmp_path)
    version = consent_in(launched.study, "en").version()
    for given in (*ANSWERS, ANSWERS[0], None):
        token, _ = open_session(
            launched.store, link=launched.link, user_agent="a test", consent_version=version
        )
        if given is not None:
            occasion = Occasion(questionnaire="you", block=0)
            store_questionnaire(launched.store, token, occasion, given, key="some-key")
        if given is ANSWERS[0]:
            last = token
    withdraw(launched.store, last)
    launched.open()
    yield launched
    launched.store.close()


def test_each_question_is_a_row_with_its_value_as_the_study_words_it(taken: Launched) -> None:
    rows = list(questionnaire_rows(taken.store, "tiny"))
    assert [list(row) for row in rows] == [[c.name for c in QUESTIONNAIRE_COLUMNS]] * 6
    assert [(row["participant"], row["question"], row["value"]) for row in rows] == [
        (1, "age", "30"),
        (1, "devices", "Headphones; Loudspeakers"),
        (1, "note", "=1+1"),
        (2, "age", "41.5"),
        (2, "devices", "Headphones"),
        (2, "note", None),
    ]
    assert {(row["questionnaire"], row["when"], row["block"]) for row in rows} == {
        ("you", "before", 0)
    }


def test_every_session_is_a_row_also_the_one_that_was_withdrawn(taken: Launched) -> None:
    rows = list(session_table(taken.store, "tiny"))
    assert {frozenset(row) for row in rows} == {frozenset(c.name for c in SESSION_COLUMNS)}
    states = [(row["session_kind"], row["participant"], row["session_state"]) for row in rows]
    assert states == [
        ("participant", 1, "open"),
        ("participant", 2, "open"),
        ("participant", 3, "withdrawn"),
        ("participant", 4, "open"),
        ("simulated", 1, "open"),
    ]
    (withdrawn,) = (row for row in rows if row["session_state"] == "withdrawn")
    assert withdrawn["withdrawn_at"]
    assert withdrawn["n_answered"] == 0
    for row in rows:
        empty = {name for name, value in row.items() if value is None}
        assert not empty & {column.name for column in SESSION_COLUMNS if column.required}


def test_the_export_writes_them_with_dictionaries_and_the_consent(
    taken: Launched, tmp_path: Path
) -> None:
    written = {path.name: what for path, what in export_study(taken.store, "tiny", tmp_path)}
    assert written["tiny-questionnaires.csv"] == "6 answers to questions"
    assert written["tiny-sessions.csv"] == "5 sessions"
    for name, columns in (
        ("questionnaires", QUESTIONNAIRE_COLUMNS),
        ("sessions", SESSION_COLUMNS),
    ):
        described = json.loads((tmp_path / f"tiny-{name}.dictionary.json").read_text("utf-8"))
        assert [column["name"] for column in described["columns"]] == [c.name for c in columns]
        with (tmp_path / f"tiny-{name}.csv").open(newline="", encoding="utf-8") as file:
            assert csv.DictReader(file).fieldnames == [c.name for c in columns]
    consents = json.loads((tmp_path / "tiny-consent.json").read_text("utf-8"))
    consent = consent_in(taken.study, "en")
    assert consents == {consent.version(): {"language": "en", "text": consent.text()}}


def test_the_report_counts_withdrawals_and_sums_up_the_answers(taken: Launched) -> None:
    people = session_table(taken.store, "tiny", kinds=["participant"])
    assert describe_sessions(people) == (
        "Sessions: 4 opened: 3 not finished, 1 withdrawn at the participant’s wish. The data of "
        "withdrawn sessions were deleted and are part of nothing below."
    )
    answers = list(questionnaire_rows(taken.store, "tiny"))
    assert describe_questionnaires(taken.study.questionnaires, answers) == [
        "Questionnaire “About you” (before): How old are you? median 35.75, 30 to 41.5 years, "
        "n = 2. What do you own? Headphones 2, Loudspeakers 1. Anything else: 1 answer."
    ]
