"""The compose file, the image and the units: each thing that they name is there and means it.

Parsed and checked here, since a test machine need not have Docker; where its compose plugin is
there, it is asked as well.
"""

from __future__ import annotations

import re
import shlex
import shutil
import subprocess
import tomllib
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from jndlab.cli import all_commands
from jndlab.settings import Settings, load_settings
from tests.nginx import TEMPLATE, fill_in, variables_of

ROOT = Path(__file__).parents[2]
DEPLOY = ROOT / "deploy"
COMPOSE = DEPLOY / "compose.yaml"
EXAMPLE = DEPLOY / "example.env"
GIVEN = {
    "SERVER_NAME": "listen.example.org",
    "CERTIFICATES": "/etc/letsencrypt/live/listen.example.org",
    "POSTGRES_PASSWORD": "p" * 48,
    "OBJECTS_KEY": "k" * 24,
    "OBJECTS_SECRET": "s" * 48,
    "JNDLAB_METRICS_TOKEN": "m" * 48,
    "JNDLAB_WORKERS": "4",
    "BACKUPS": "backups",
}
"""What somebody writes into deploy/.env."""
OPTIONAL = {"JNDLAB_METRICS_TOKEN", "JNDLAB_WORKERS", "BACKUPS"}
AWS = {"AWS_ENDPOINT_URL", "AWS_REGION", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"}
VARIABLE = re.compile(r"\$\{(\w+)(?::([-?])([^}]*))?\}")


def interpolated(text: str, given: dict[str, str]) -> str:
    """The text with its variables, as compose fills them in. Raises KeyError for a missing one."""

    def value(found: re.Match[str]) -> str:
        name, kind, default = found.groups()
        if given.get(name):
            return given[name]
        if kind == "-":
            return default
        raise KeyError(name)

    return VARIABLE.sub(value, text)


def composed(given: dict[str, str]) -> dict[str, Any]:
    return dict(YAML(typ="safe").load(interpolated(COMPOSE.read_text(), given)))


@pytest.fixture(scope="module")
def compose() -> dict[str, Any]:
    return composed(GIVEN)


def test_there_are_two_app_servers_a_database_an_object_store_and_nginx(
    compose: dict[str, Any],
) -> None:
    assert set(compose["services"]) == {"app1", "app2", "postgres", "objects", "nginx"}
    assert compose["services"]["app1"] == compose["services"]["app2"]


def test_every_service_is_of_a_named_version_and_says_how_it_is(compose: dict[str, Any]) -> None:
    for name, service in compose["services"].items():
        image, _, tag = service["image"].partition(":")
        assert image, name
        assert tag not in ("", "latest"), name
        check = service["healthcheck"]
        assert check["test"][0] == "CMD", name
        assert {"interval", "timeout", "retries", "start_period"} <= set(check), name
        assert service["restart"] == "unless-stopped", name
        assert service["security_opt"] == ["no-new-privileges:true"], name


def test_the_image_of_the_app_servers_is_built_from_files_that_exist(
    compose: dict[str, Any],
) -> None:
    build = compose["services"]["app1"]["build"]
    assert (DEPLOY / build["context"]).resolve() == ROOT
    assert (ROOT / build["dockerfile"]).is_file()


def test_volumes_networks_and_dependencies_are_declared(compose: dict[str, Any]) -> None:
    used: set[str] = set()
    for name, service in compose["services"].items():
        assert set(service["networks"]) <= set(compose["networks"]), name
        for other, condition in service.get("depends_on", {}).items():
            assert condition == {"condition": "service_healthy"}
            assert "healthcheck" in compose["services"][other]
        for volume in service["volumes"]:
            source = volume.split(":")[0]
            if source.startswith("."):
                assert (DEPLOY / source).is_file(), source
            elif not source.startswith("/"):
                used.add(source)
    assert used == set(compose["volumes"])


def test_nobody_but_nginx_is_reached_from_outside(compose: dict[str, Any]) -> None:
    with_ports = {name for name, service in compose["services"].items() if "ports" in service}
    assert with_ports == {"nginx"}
    assert compose["networks"]["inside"] == {"internal": True}
    outside = {n for n, service in compose["services"].items() if "outside" in service["networks"]}
    assert outside == {"nginx"}


def test_the_app_servers_understand_their_settings(compose: dict[str, Any]) -> None:
    environment = compose["services"]["app1"]["environment"]
    known = set(Settings().to_environment())
    assert set(environment) - AWS <= known
    assert set(environment) >= AWS
    settings = load_settings({name: str(value) for name, value in environment.items()})
    assert settings.database_url == f"postgresql://jndlab:{'p' * 48}@postgres/jndlab"
    assert settings.url == "https://listen.example.org"
    assert settings.secure_cookies
    assert settings.workers == 4
    assert settings.metrics_token == "m" * 48
    assert (settings.clips_by, settings.clips_url) == ("nginx", "s3://jndlab-clips/clips")
    volumes = compose["services"]["app1"]["volumes"]
    assert volumes == [f"data:{settings.data}", f"backups:{settings.backup_to}"]


def test_the_services_agree_on_names_and_secrets(compose: dict[str, Any]) -> None:
    app, objects = (compose["services"][name] for name in ("app1", "objects"))
    postgres, nginx = (compose["services"][name] for name in ("postgres", "nginx"))
    assert app["environment"]["AWS_ACCESS_KEY_ID"] == objects["environment"]["ROOT_ACCESS_KEY"]
    assert app["environment"]["AWS_SECRET_ACCESS_KEY"] == objects["environment"]["ROOT_SECRET_KEY"]
    assert app["environment"]["AWS_REGION"] == objects["environment"]["VGW_REGION"]
    port = objects["environment"]["VGW_PORT"]
    assert app["environment"]["AWS_ENDPOINT_URL"] == f"http://objects{port}"
    assert nginx["environment"]["OBJECTS"] == f"http://objects{port}"
    assert nginx["environment"]["OBJECTS_HOST"] == f"objects{port}"
    bucket = app["environment"]["JNDLAB_CLIPS_URL"].split("/")[2]
    assert objects["volumes"] == [f"clips:/data/{bucket}"]
    assert postgres["environment"]["POSTGRES_PASSWORD"] == "p" * 48
    for name in ("APP_1", "APP_2"):
        server, _, at = nginx["environment"][name].partition(":")
        assert server in compose["services"]
        assert at == app["environment"]["JNDLAB_PORT"]


def test_nginx_gets_every_variable_of_its_template_and_no_other(compose: dict[str, Any]) -> None:
    nginx = compose["services"]["nginx"]
    assert set(nginx["environment"]) == variables_of(TEMPLATE.read_text())
    filled = fill_in(TEMPLATE.read_text(), nginx["environment"])
    assert "server_name listen.example.org;" in filled
    template, *_ = (volume for volume in nginx["volumes"] if "templates" in volume)
    assert template.split(":")[0] == f"./{TEMPLATE.name}"


@pytest.mark.parametrize("name", sorted(set(GIVEN) - OPTIONAL))
def test_nothing_that_is_secret_or_ours_to_know_has_a_default(name: str) -> None:
    with pytest.raises(KeyError, match=name):
        composed(GIVEN | {name: ""})


def test_the_example_names_every_variable_and_fills_in_no_secret() -> None:
    lines = [line for line in EXAMPLE.read_text().splitlines() if line and line[0] != "#"]
    example = dict(line.split("=", 1) for line in lines)
    assert (
        set(example) == set(GIVEN) == {found[1] for found in VARIABLE.finditer(COMPOSE.read_text())}
    )
    assert {name for name, value in example.items() if value} == {"JNDLAB_WORKERS", "BACKUPS"}
    assert "deploy/.env" in (ROOT / ".gitignore").read_text().splitlines()


def test_compose_itself_accepts_the_file(tmp_path: Path) -> None:
    docker = shutil.which("docker")
    if (
        docker is None
        or subprocess.run([docker, "compose", "version"], capture_output=True).returncode
    ):
        pytest.skip("Docker's compose plugin is not installed")
    env = tmp_path / "env"
    env.write_text("".join(f"{name}={value}\n" for name, value in GIVEN.items()))
    command = [docker, "compose", "--env-file", str(env), "-f", str(COMPOSE), "config", "--quiet"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_the_image_starts_jndlab_as_nobody_in_particular() -> None:
    text = (DEPLOY / "Dockerfile").read_text()
    given = dict(re.findall(r"(JNDLAB_[A-Z_]+)=(\S+)", text))
    assert set(given) <= set(Settings().to_environment())
    assert load_settings(given).host == "0.0.0.0"
    assert re.search(r"^USER jndlab$", text, re.MULTILINE)
    assert 'ENTRYPOINT ["jndlab"]\nCMD ["serve"]' in text
    assert "/ready" in text
    extras = re.search(r'\$wheel\[([a-z,0-9]+)\]"', text)
    assert extras is not None
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    assert set(extras[1].split(",")) <= set(project["optional-dependencies"])


def test_what_goes_to_the_builder_is_what_the_wheel_is_made_of() -> None:
    kept = {
        line[1:] for line in (ROOT / ".dockerignore").read_text().splitlines() if line[:1] == "!"
    }
    assert all((ROOT / name).exists() for name in kept)
    tables = tomllib.loads((ROOT / "pyproject.toml").read_text())
    folders = {"jndlab", *tables["tool"]["setuptools"]["package-dir"].values()}
    files = {"pyproject.toml", tables["project"]["readme"], *tables["project"]["license-files"]}
    assert kept == folders | files


UNITS = sorted((DEPLOY / "systemd").glob("*.service"))


def options(unit: Path) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for line in unit.read_text().splitlines():
        name, sign, value = line.partition("=")
        if sign and not line.startswith("#"):
            found.setdefault(name, []).append(value)
    return found


@pytest.mark.parametrize("unit", UNITS, ids=lambda path: path.name)
def test_a_unit_starts_a_command_that_exists_with_settings_that_exist(unit: Path) -> None:
    given = options(unit)
    [start] = given["ExecStart"]
    program, verb, *rest = shlex.split(start)
    assert program == "/opt/jndlab/bin/jndlab"
    known = [name for option in all_commands()[verb].params for name in option.opts]
    assert [word for word in rest if word.startswith("--") and word not in known] == []
    environment = dict(line.split("=", 1) for line in given["Environment"])
    ours = {name: value for name, value in environment.items() if name.startswith("JNDLAB_")}
    assert set(ours) <= set(Settings().to_environment())
    assert load_settings(ours).data == Path("/var/lib") / given["StateDirectory"][0]
    assert given["NoNewPrivileges"] == given["ProtectHome"] == ["yes"]
    assert given["ProtectSystem"] == ["strict"]
    assert given["KillSignal"] == ["SIGTERM"]


@pytest.mark.parametrize("unit", UNITS, ids=lambda path: path.name)
def test_systemd_accepts_the_unit(unit: Path, tmp_path: Path) -> None:
    program = shutil.which("systemd-analyze")
    if program is None:
        pytest.skip("systemd-analyze is not installed")
    there = tmp_path / unit.name
    there.write_text(unit.read_text().replace("/opt/jndlab/bin/jndlab", "/bin/true"))
    done = subprocess.run([program, "verify", str(there)], capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")
