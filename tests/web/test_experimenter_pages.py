"""What a signed-in experimenter sees and downloads."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable

from flask.testing import FlaskClient

from jndlab.export.tidy import study_rows
from jndlab.settings import Settings
from jndlab.store.users import set_password
from jndlab.study.trials import COLUMNS
from jndlab.web.app import create_app
from tests.store.launching import Launched
from tests.web.participants import Participant

Simulate = Callable[[], None]


def test_the_list_shows_each_study_with_its_counts(
    signed_in: FlaskClient, participant: Participant, simulate: Simulate
) -> None:
    participant.answer(participant.trial(), "A")
    simulate()
    page = signed_in.get("/studies").text
    assert "heron" in page
    assert "<b>0</b> finished, <b>1</b> under way, 1 answer" in page
    assert "4 simulated" in page


def test_a_studys_page_shows_link_and_counts(
    signed_in: FlaskClient, participant: Participant, launched: Launched, simulate: Simulate
) -> None:
    participant.answer(participant.trial(), "A")
    simulate()
    page = signed_in.get("/studies/heron").text
    assert f'value="http://localhost/s/{launched.link}"' in page
    assert "<b>1</b> under way" in page
    assert "<b>4</b> simulated" in page
    assert "2.625, 1.375" in page  # least to most compressed


def test_the_link_to_hand_out_begins_with_the_public_address(
    launched: Launched, csrf: Callable[[str], str]
) -> None:
    set_password(launched.store, "ann", "three unrelated words")
    settings = Settings(data=launched.settings.data, public_url="https://study.example/")
    client = create_app(settings, launched.store).test_client()
    base = "https://study.example"
    token = csrf(client.get("/sign-in", base_url=base).text)
    form = {"csrf_token": token, "name": "ann", "password": "three unrelated words"}
    client.post("/sign-in", base_url=base, data=form)
    page = client.get("/studies/heron", base_url=base).text
    assert f'value="{base}/s/{launched.link}"' in page


def test_the_csv_holds_every_row_of_the_study(
    signed_in: FlaskClient, participant: Participant, launched: Launched, simulate: Simulate
) -> None:
    participant.answer(participant.trial(), "B")
    participant.trial()  # presented and not answered: a row without an answer
    simulate()
    response = signed_in.get("/studies/heron/trials.csv")
    assert response.status_code == 200
    assert response.mimetype == "text/csv"
    assert 'filename="heron-trials.csv"' in response.headers["Content-Disposition"]
    rows = list(csv.DictReader(io.StringIO(response.text, newline="")))
    assert list(rows[0]) == [column.name for column in COLUMNS]
    expected = [
        {name: "" if value is None else str(value) for name, value in row.items()}
        for row in study_rows(launched.store, "heron")
    ]
    assert rows == expected
    assert len(rows) == 2 + 4 * 9
    assert [row["response"] for row in rows if row["session_kind"] == "participant"] == ["B", ""]


def test_a_study_with_more_rows_than_one_part_is_sent_whole(
    signed_in: FlaskClient, launched: Launched, simulate: Simulate
) -> None:
    for _ in range(3):
        simulate()
    text = signed_in.get("/studies/heron/trials.csv").text
    assert len(text.splitlines()) == 1 + 3 * 4 * 9 > 101


def test_a_study_without_answers_gives_the_header_alone(signed_in: FlaskClient) -> None:
    text = signed_in.get("/studies/heron/trials.csv").text
    assert text.splitlines() == [",".join(column.name for column in COLUMNS)]


def test_the_dictionary_describes_every_column(signed_in: FlaskClient) -> None:
    response = signed_in.get("/studies/heron/trials.dictionary.json")
    assert response.mimetype == "application/json"
    columns = json.loads(response.text)["columns"]
    assert [column["name"] for column in columns] == [column.name for column in COLUMNS]
    assert all(column["description"] for column in columns)


def test_the_report_keeps_people_and_simulated_listeners_apart(
    signed_in: FlaskClient, simulate: Simulate
) -> None:
    simulate()
    nobody = signed_in.get("/studies/heron/report").text
    assert "no answers from participants yet" in nobody
    assert "Make the report" not in nobody
    report = signed_in.get("/studies/heron/report?kind=simulated")
    assert (report.status_code, report.mimetype) == (200, "text/html")
    assert "36 answers in 4 sessions" in report.text
    assert "Make the report" in report.text


def test_a_study_that_was_never_launched_is_not_found(signed_in: FlaskClient) -> None:
    for slug in ("nothing", "a%0d%0aSet-Cookie:%20x=1", "%E2%82%AC", "a%22b"):
        for page in ("", "/trials.csv", "/trials.dictionary.json", "/report?kind=simulated"):
            response = signed_in.get(f"/studies/{slug}{page}")
            assert (response.status_code, response.mimetype) == (404, "text/html")
            assert "There is no study" in response.text
            assert "Set-Cookie: x" not in str(response.headers)


def test_the_first_page_leads_to_the_studies(client: FlaskClient) -> None:
    assert client.get("/").headers["Location"] == "/studies"


def test_ready_says_whether_the_database_can_be_read(
    client: FlaskClient, launched: Launched
) -> None:
    assert (client.get("/health").status_code, client.get("/health").text) == (200, "ok\n")
    launched.store.close()
    for path in launched.settings.data.glob("jndlab.db*"):
        path.unlink()
    (launched.settings.data / "jndlab.db").write_bytes(b"no database" * 500)
    broken = client.get("/ready")
    assert broken.status_code == 503
    assert client.get("/health").status_code == 200, "starting anew would mend nothing"
    assert str(launched.settings.data) not in broken.text
