"""A table of somebody's trials becomes a report on a page that only they can see."""

from __future__ import annotations

import io
from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from jndlab.analysis.study.example import example_rows
from jndlab.web.foreign_tables import MAX_BYTES
from tests.store.launching import Launched
from tests.web.access import client_of
from tests.web.jobs import hold_jobs, run_jobs

Csrf = Callable[[str], str]
ROWS = [
    f"S{row['participant']};{row['item']};{row['level']};{int(row['correct'])}"
    for row in example_rows(n_listeners=5)
    if (row["phase"], row["trial_kind"]) == ("main", "test")
]
TABLE = "\n".join(["Subject;utt;bits;<b>hit</b>", *ROWS]).encode()
COLUMNS = {
    "column-level": "bits",
    "column-correct": "<b>hit</b>",
    "column-listener": "Subject",
    "column-item": "utt",
    "paradigm": "abx",
    "compression": "falls",
    "unit": "bits",
    "title": "Of <2011>",
}


@pytest.fixture(autouse=True)
def _held(monkeypatch: pytest.MonkeyPatch) -> None:
    hold_jobs(monkeypatch)


def send(client: FlaskClient, csrf: Csrf, content: bytes, name: str = "mine.csv") -> TestResponse:
    token = csrf(client.get("/analyse-csv").text)
    form = {"csrf_token": token, "table": (io.BytesIO(content), name)}
    return client.post("/analyse-csv", data=form, content_type="multipart/form-data")


def make(client: FlaskClient, csrf: Csrf, address: str, **form: str) -> str:
    """Ask for the report; where its page is."""
    token = csrf(client.get(address).text)
    answer = client.post(address, data={"csrf_token": token, **COLUMNS, **form})
    assert answer.status_code == 302, answer.text
    return answer.headers["Location"]


def test_a_table_becomes_a_report(signed_in: FlaskClient, launched: Launched, csrf: Csrf) -> None:
    address = send(signed_in, csrf, TABLE).headers["Location"]
    page = signed_in.get(address).text
    assert "S1" in page
    assert '<option value="bits" selected>' in page
    assert "&lt;b&gt;hit&lt;/b&gt;" in page
    assert "<b>hit</b>" not in page
    result = make(signed_in, csrf, address)
    assert run_jobs(launched) == ["foreign-report"]
    shown = signed_in.get(result).text
    assert "The just-noticeable difference is" in shown
    assert "jndlab did not run this test" in shown
    inner = shown.split('src="/analyse-csv')[1].split('"')[0]
    report = signed_in.get(f"/analyse-csv{inner}")
    assert report.status_code == 200
    assert "script" not in report.headers["Content-Security-Policy"].replace("script-src", "")
    assert "This test was not run by jndlab" in report.text
    assert "Of &lt;2011&gt;" in report.text
    job = inner.rsplit("/", 1)[1]
    for name in ("report.html", "numbers.json", "figures.zip"):
        with signed_in.get(f"/jobs/{job}/files/{name}") as file:
            assert (file.status_code, bool(file.data)) == (200, True)


def test_a_table_is_its_owners_only(
    app: Flask, signed_in: FlaskClient, launched: Launched, csrf: Csrf
) -> None:
    address = send(signed_in, csrf, TABLE).headers["Location"]
    result = make(signed_in, csrf, address)
    run_jobs(launched)
    shown = signed_in.get(result).text
    inner = "/analyse-csv" + shown.split('src="/analyse-csv')[1].split('"')[0]
    admin = client_of(app, launched.store, "admin")
    for path in (address, result, inner):
        assert admin.get(path).status_code == 404
    assert client_of(app, launched.store, "stranger").get(address).status_code in (302, 401)


def test_what_is_wrong_is_said_with_its_line(
    signed_in: FlaskClient, launched: Launched, csrf: Csrf
) -> None:
    broken = TABLE + b"\nS1;p287_002;three;1\n"
    address = send(signed_in, csrf, broken).headers["Location"]
    result = make(signed_in, csrf, address)
    run_jobs(launched)
    job = result.split("job=")[1]
    told = signed_in.get(f"/jobs/{job}").get_json()
    assert told["state"] == "failed"
    assert "'three' is not a number" in told["message"]
    assert str(launched.settings.data) not in told["message"]
    assert told["remedy"]


@pytest.mark.parametrize(
    ("form", "message"),
    [
        ({"paradigm": "", "compression": ""}, "the task: abx or two-interval"),
        ({"column-level": "-"}, "the column with the level"),
        ({"column-level": "nothing"}, "no column 'nothing'"),
        ({"target": "much"}, "no number"),
        ({"target": "3"}, "target_probability cannot be 3.0"),
        ({"paradigm": "mushra"}, "have no report like a study's"),
    ],
)
def test_choices_that_cannot_be(
    form: dict[str, str],
    message: str,
    signed_in: FlaskClient,
    launched: Launched,
    csrf: Csrf,
) -> None:
    address = send(signed_in, csrf, TABLE).headers["Location"]
    result = make(signed_in, csrf, address, **form)
    run_jobs(launched)
    told = signed_in.get(f"/jobs/{result.split('job=')[1]}").get_json()
    assert told["state"] == "failed"
    assert message in told["message"]
    assert signed_in.get(result).status_code == 200


@pytest.mark.parametrize("content", [b"", b"\x00\x01\x02", b"only a header\n", b"a,b\n1,2,3\n"])
def test_files_that_are_no_table(
    content: bytes, signed_in: FlaskClient, launched: Launched, csrf: Csrf
) -> None:
    answer = send(signed_in, csrf, content)
    assert answer.status_code == 422, answer.text[:300]
    assert 'role="alert"' in answer.text
    tables = launched.settings.data / "tables"
    assert [path for path in tables.rglob("*") if path.is_file()] == []


def test_a_table_that_is_too_large(signed_in: FlaskClient, launched: Launched) -> None:
    answer = signed_in.post(
        "/analyse-csv",
        data=b"x" * (MAX_BYTES + 100_000),
        content_type="multipart/form-data; boundary=x",
    )
    assert answer.status_code == 413
    assert not (launched.settings.data / "tables").exists()


def test_names_of_files_stay_in_their_folder(
    signed_in: FlaskClient, launched: Launched, csrf: Csrf
) -> None:
    sent = send(signed_in, csrf, TABLE, name="../../../etc/<x>.csv")
    assert sent.status_code == 302
    (kept,) = [p for p in (launched.settings.data / "tables").rglob("*") if p.is_file()]
    assert kept.name.endswith("-x-.csv")


@pytest.mark.parametrize("token", ["x", "../1", "0" * 24, "0" * 23 + "*"])
def test_tables_that_are_not_there(token: str, signed_in: FlaskClient) -> None:
    assert signed_in.get(f"/analyse-csv/{token}").status_code == 404


def test_an_empty_form_is_refused(signed_in: FlaskClient, csrf: Csrf) -> None:
    token = csrf(signed_in.get("/analyse-csv").text)
    assert signed_in.post("/analyse-csv", data={"csrf_token": token}).status_code == 400
