"""What machines ask a server about itself, and the id that each request has."""

from __future__ import annotations

import logging
import re
from collections.abc import Callable
from dataclasses import replace

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import text

from jndlab.errors import ServerError
from jndlab.settings import load_settings
from jndlab.web import observation
from jndlab.web.app import create_app
from jndlab.web.logs import FACTS
from tests.object_store import ObjectStore
from tests.store.launching import Launched

TOKEN = "only-for-the-tests-1"
OURS = "[0-9a-f]{32}"


@pytest.fixture
def make(launched: Launched) -> Callable[..., FlaskClient]:
    """A client of an application with other settings."""

    def client(**given: object) -> FlaskClient:
        settings = replace(launched.settings, **given)  # type: ignore[arg-type]
        return create_app(settings, launched.store).test_client()

    return client


def test_a_server_that_can_work_is_alive_and_ready(client: FlaskClient) -> None:
    assert client.get("/health").text == "ok\n"
    ready = client.get("/ready")
    assert ready.status_code == 200
    checks = dict.fromkeys(["database", "schema", "clips", "data"], "ok")
    assert ready.get_json() == {"ready": True, "checks": checks}


def test_another_schema_is_not_ready_and_still_alive(
    client: FlaskClient, launched: Launched
) -> None:
    with launched.store.write() as db:
        db.execute(text("UPDATE alembic_version SET version_num = '0001'"))
    ready = client.get("/ready")
    assert ready.status_code == 503
    assert ready.get_json()["checks"]["schema"] == "failed"
    assert ready.get_json()["checks"]["data"] == "ok"
    assert client.get("/health").status_code == 200


def test_a_database_that_is_gone_is_named_and_its_place_is_not(
    client: FlaskClient, launched: Launched, caplog: pytest.LogCaptureFixture
) -> None:
    launched.store.close()
    for path in launched.settings.data.glob("jndlab.db*"):
        path.unlink()
    (launched.settings.data / "jndlab.db").mkdir()
    ready = client.get("/ready")
    assert ready.status_code == 503
    assert ready.get_json()["checks"]["database"] == "failed"
    assert str(launched.settings.data) not in ready.text
    assert "Not ready: database" in caplog.text
    assert client.get("/health").status_code == 200


def test_a_missing_folder_of_data_is_not_ready(client: FlaskClient, launched: Launched) -> None:
    launched.settings.data.rename(launched.settings.data.with_name("elsewhere"))
    assert client.get("/ready").get_json()["checks"]["data"] == "failed"


def test_clips_in_an_object_store_have_to_be_within_reach(
    make: Callable[..., FlaskClient], monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("moto", reason="the object store of the tests is not installed")
    with ObjectStore() as objects:
        for name, value in objects.environment.items():
            monkeypatch.setenv(name, value)
        there = make(clips_url=objects.url("ready")).get("/ready")
        away = make(clips_url="s3://no-such-bucket/ready").get("/ready")
    assert there.get_json()["checks"]["clips"] == "ok"
    assert there.status_code == 200
    assert away.get_json()["checks"]["clips"] == "failed"
    assert away.status_code == 503


def test_without_a_token_in_the_settings_there_are_no_figures(client: FlaskClient) -> None:
    assert client.get("/metrics", headers={"Authorization": "Bearer "}).status_code == 404


@pytest.mark.parametrize("given", ["", "Bearer ", f"Bearer {TOKEN}x", TOKEN, "Bearer é"])
def test_figures_are_for_who_has_the_token(make: Callable[..., FlaskClient], given: str) -> None:
    client = make(metrics_token=TOKEN)
    answer = client.get("/metrics", headers={"Authorization": given})
    assert answer.status_code == 401
    assert "jndlab_" not in answer.text


def figures(client: FlaskClient) -> dict[str, float]:
    """The figures by name and labels, as Prometheus reads them."""
    from prometheus_client.parser import text_string_to_metric_families

    answer = client.get("/metrics", headers={"Authorization": f"Bearer {TOKEN}"})
    assert answer.status_code == 200
    assert answer.mimetype == "text/plain"
    return {
        " ".join([sample.name, *map("=".join, sorted(sample.labels.items()))]): sample.value
        for family in text_string_to_metric_families(answer.text)
        for sample in family.samples
    }


def test_figures_count_requests_by_view_and_name_nobody(
    make: Callable[..., FlaskClient], launched: Launched
) -> None:
    client = make(metrics_token=TOKEN)
    for _ in range(3):
        assert client.get(f"/s/{launched.link}").status_code == 200
    client.get("/s/nothing")
    client.get("/no/such/page")
    seen = figures(client)
    assert seen["jndlab_requests_total status=200 view=participant.study"] == 3
    assert seen["jndlab_requests_total status=404 view=participant.study"] == 1
    assert seen["jndlab_requests_total status=404 view=unknown"] == 1
    assert seen["jndlab_request_seconds_count view=participant.study"] == 4
    assert seen["jndlab_jobs state=queued"] == 0
    assert seen["jndlab_data_free_bytes"] > 0
    assert not any(launched.link in name or "nothing" in name for name in seen)


def test_every_answer_has_an_id_of_its_own(client: FlaskClient) -> None:
    answers = [client.get(path) for path in ("/health", "/s/x", "/api/v1/session", "/nothing")]
    ids = [answer.headers.getlist(observation.HEADER) for answer in answers]
    assert all(len(one) == 1 and re.fullmatch(OURS, one[0]) for one in ids)
    assert len({one[0] for one in ids}) == len(ids)


@pytest.mark.parametrize("given", ["a" * 32, "9b2f0c1e-55aa-4c0e-8b1f-0123456789ab"])
def test_only_behind_a_proxy_its_id_is_taken_over(
    make: Callable[..., FlaskClient], given: str
) -> None:
    headers = {observation.HEADER: given}
    alone = make().get("/health", headers=headers)
    behind = make(public_url="https://x.example").get("/health", headers=headers)
    assert alone.headers[observation.HEADER] != given
    assert behind.headers[observation.HEADER] == given


@pytest.mark.parametrize("given", ["", "short", "x" * 65, "a b" * 8, 'x"; rm' * 4, "é" * 20])
def test_what_is_no_id_is_not_taken_over(make: Callable[..., FlaskClient], given: str) -> None:
    client = make(public_url="https://x.example")
    answer = client.get("/health", environ_overrides={"HTTP_X_REQUEST_ID": given})
    assert re.fullmatch(OURS, answer.headers[observation.HEADER])


def test_requests_are_logged_by_pattern_and_only_if_wanted(
    make: Callable[..., FlaskClient], launched: Launched, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, logger="jndlab.requests")
    make().get(f"/s/{launched.link}?a=b")
    assert caplog.records == []
    make(log_requests=True).get(f"/s/{launched.link}?a=b")
    [record] = caplog.records
    facts = getattr(record, FACTS)
    assert facts.pop("ms") > 0
    assert facts == {"method": "GET", "route": "/s/<link>", "status": 200}


def test_a_failure_is_logged_with_the_pattern_of_the_address(
    app: Flask, client: FlaskClient, launched: Launched, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(**_: object) -> None:
        raise ZeroDivisionError

    app.view_functions["participant.study"] = fail  # type: ignore[assignment]
    assert client.get(f"/s/{launched.link}").status_code == 500
    assert "Unexpected error at GET /s/<link>" in caplog.text
    assert launched.link not in caplog.text


@pytest.mark.parametrize(
    ("variable", "value", "remedy"),
    [
        ("JNDLAB_LOG", "xml", "text or json"),
        ("JNDLAB_LOG_REQUESTS", "maybe", "yes or no"),
        ("JNDLAB_METRICS_TOKEN", "zebra", "openssl"),
        ("JNDLAB_METRICS_TOKEN", "with a space in it", "openssl"),
    ],
)
def test_settings_that_are_wrong_are_refused(variable: str, value: str, remedy: str) -> None:
    with pytest.raises(ServerError, match=variable) as caught:
        load_settings({variable: value})
    assert remedy in caught.value.remedy
    if variable == "JNDLAB_METRICS_TOKEN":
        assert value not in str(caught.value)


def test_the_metrics_token_is_not_in_what_is_printed() -> None:
    settings = load_settings({"JNDLAB_METRICS_TOKEN": TOKEN, "JNDLAB_LOG_REQUESTS": "yes"})
    assert TOKEN not in repr(settings)
    assert load_settings(settings.to_environment()) == settings
