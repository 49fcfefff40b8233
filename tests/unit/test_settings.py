"""Deployment settings: from the environment, overridden by arguments, never guessed."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jndlab.errors import ServerError
from jndlab.settings import Settings, load_settings
from jndlab.store.engine import open_store


def test_without_anything_the_server_listens_on_this_machine_only() -> None:
    settings = load_settings({})
    assert settings == Settings()
    assert settings.url == "http://127.0.0.1:8000"
    assert not settings.secure_cookies


def test_arguments_come_before_the_environment_and_that_before_the_defaults() -> None:
    environment = {"JNDLAB_DATA": "there", "JNDLAB_HOST": "::1", "JNDLAB_PORT": "9000"}
    assert load_settings(environment).data == Path("there")
    assert load_settings(environment).url == "http://[::1]:9000"
    told = load_settings(environment, data=Path("here"), host="0.0.0.0", port=1)
    assert (told.data, told.host, told.port) == (Path("here"), "0.0.0.0", 1)


def test_empty_variables_count_as_unset() -> None:
    names = Settings().to_environment()
    assert load_settings(dict.fromkeys(names, "")) == Settings()


@pytest.mark.parametrize("text", ["0", "65536", "-1", "x", "1.5", " 80", "²", "8_0", "9" * 5000])
def test_a_port_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(ServerError, match="JNDLAB_PORT") as caught:
        load_settings({"JNDLAB_PORT": text})
    assert "1 to 65535" in caught.value.remedy


@pytest.mark.parametrize("url", ["example.org", "//example.org", "ftp://example.org", "https:/x"])
def test_a_public_address_without_its_scheme_is_refused(url: str) -> None:
    with pytest.raises(ServerError, match="JNDLAB_PUBLIC_URL") as caught:
        load_settings({"JNDLAB_PUBLIC_URL": url})
    assert "https://" in caught.value.remedy


OIDC = {
    "JNDLAB_OIDC_ISSUER": "https://login.example.org/realms/lab",
    "JNDLAB_OIDC_CLIENT_ID": "jndlab",
    "JNDLAB_OIDC_CLIENT_SECRET": "not to be shown",
}


@pytest.mark.parametrize("missing", OIDC)
def test_openid_connect_is_set_up_whole_or_not_at_all(missing: str) -> None:
    assert load_settings(OIDC).oidc_issuer == OIDC["JNDLAB_OIDC_ISSUER"]
    with pytest.raises(ServerError, match=missing) as caught:
        load_settings(OIDC | {missing: " "})
    assert OIDC["JNDLAB_OIDC_CLIENT_SECRET"] not in str(caught.value)


@pytest.mark.parametrize(
    "issuer", ["login.example.org", "http://login.example.org", "https://x/?y", "https://", "x"]
)
def test_a_provider_that_is_reached_in_the_clear_is_refused(issuer: str) -> None:
    with pytest.raises(ServerError, match="JNDLAB_OIDC_ISSUER"):
        load_settings(OIDC | {"JNDLAB_OIDC_ISSUER": issuer})


@pytest.mark.parametrize(
    "issuer", ["http://127.0.0.1:8080/x", "http://localhost", "http://[::1]:1"]
)
def test_a_provider_on_this_machine_may_be_reached_in_the_clear(issuer: str) -> None:
    assert load_settings(OIDC | {"JNDLAB_OIDC_ISSUER": issuer}).oidc_issuer == issuer


def test_the_client_secret_is_not_in_what_is_printed() -> None:
    settings = load_settings(OIDC)
    assert settings.oidc_client_secret == OIDC["JNDLAB_OIDC_CLIENT_SECRET"]
    assert settings.oidc_client_secret not in repr(settings)
    assert load_settings(settings.to_environment()) == settings


def test_behind_a_proxy_links_and_cookies_follow_the_public_address() -> None:
    settings = load_settings({"JNDLAB_PUBLIC_URL": "https://listen.example.org/"})
    assert settings.url == "https://listen.example.org"
    assert settings.secure_cookies


@pytest.mark.parametrize("address", ["somewhere", "127.0.0.1:8786", "tcp://x", "tcp://x:1/y"])
def test_a_scheduler_without_a_proper_address_is_refused(address: str) -> None:
    with pytest.raises(ServerError, match="JNDLAB_DASK") as refused:
        load_settings({"JNDLAB_DASK": address})
    assert "tcp://" in refused.value.remedy


@given(
    st.builds(
        Settings,
        data=st.text("abc/.? %", min_size=1).map(Path),
        host=st.sampled_from(["127.0.0.1", "::1", "localhost"]),
        port=st.integers(1, 65535),
        public_url=st.sampled_from(["", "https://x.org", "http://x.org/"]),
        dask=st.sampled_from(["", "tcp://127.0.0.1:8786", "tls://cluster.example:8786"]),
    )
)
def test_the_worker_gets_the_settings_that_the_command_had(settings: Settings) -> None:
    assert load_settings(settings.to_environment()) == settings


@pytest.mark.parametrize("name", ["what?", "a?mode=memory", "50%20", "a#b", "mit Leer", "日本"])
def test_any_folder_name_holds_its_database(tmp_path: Path, name: str) -> None:
    settings = Settings(data=tmp_path / name)
    open_store(settings).close()
    assert [path.name for path in tmp_path.iterdir()] == [name]
    with closing(sqlite3.connect(tmp_path / name / "jndlab.db")) as db:
        assert db.execute("SELECT count(*) FROM alembic_version").fetchone() == (1,)


@pytest.mark.parametrize(
    "url",
    ["http://x/y", "s3://", "s3://x", "s3://Bucket", "s3://bucket//a", "s3://b?x=1", "bucket"],
)
def test_an_address_of_no_object_store_is_refused(url: str) -> None:
    with pytest.raises(ServerError, match="JNDLAB_CLIPS_URL") as caught:
        load_settings({"JNDLAB_CLIPS_URL": url})
    assert "s3://BUCKET/PREFIX" in caught.value.remedy


@pytest.mark.parametrize("url", ["s3://lab-clips", "s3://lab-clips/", "s3://lab.clips/a/b_c-d"])
def test_clips_may_lie_in_an_object_store(url: str) -> None:
    settings = load_settings({"JNDLAB_CLIPS_URL": url, "JNDLAB_CLIPS_BY": "signed"})
    assert settings.clips_url == url.rstrip("/")
    assert settings.clips_by == "signed"
    assert load_settings(settings.to_environment()) == settings


def test_who_sends_clips_is_one_of_three_and_links_need_an_object_store() -> None:
    with pytest.raises(ServerError, match="JNDLAB_CLIPS_BY is 'apache'"):
        load_settings({"JNDLAB_CLIPS_BY": "apache"})
    with pytest.raises(ServerError, match="in a folder") as caught:
        load_settings({"JNDLAB_CLIPS_BY": "signed"})
    assert "JNDLAB_CLIPS_URL" in caught.value.remedy
