"""The documentation names everything there is, shows nothing that is not, and is up to date."""

from __future__ import annotations

import doctest
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click
import pytest

from jndlab import errors
from jndlab.cli import all_commands, cli
from jndlab.settings import Settings
from jndlab.study.definition import study_schema
from jndlab.study.trials import COLUMNS
from jndlab.web.errors import STATUS
from jndlab.web.openapi import OPERATIONS
from tests.docs.conftest import ROOT

DOCS = ROOT / "docs"
PAGES = sorted(path for path in DOCS.rglob("*.md") if "_build" not in path.parts)
READERS = [ROOT / "README.md", *PAGES]
INTERNAL = {"JNDLAB_HAS_RUN", "JNDLAB_PARENT_PROCESS"}
"""Variables by which the product speaks to its own processes; nobody else sets them."""


def page(name: str) -> str:
    return (DOCS / name).read_text(encoding="utf-8")


def name_of(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def study_keys() -> Iterator[str]:
    """Every key of a study file, as its page writes it."""

    schema: dict[str, Any] = study_schema()

    def walk(section: dict[str, Any], prefix: str) -> Iterator[str]:
        for name, given in section["properties"].items():
            yield prefix + name
            choices = given.get("anyOf", [given])
            for entry in choices:
                many = entry.get("type") == "array"
                reference = (entry.get("items", {}) if many else entry).get("$ref")
                if reference:
                    inner = schema["$defs"][reference.rsplit("/", 1)[1]]
                    yield from walk(inner, f"{prefix}{name}{'[].' if many else '.'}")

    yield from walk(schema, "")


def error_classes(error: type[errors.JndlabError] = errors.JndlabError) -> Iterator[str]:
    yield error.__name__
    for child in error.__subclasses__():
        if child.__module__ == errors.__name__:
            yield from error_classes(child)


def environment_variables() -> set[str]:
    """Every variable that the product's code names and that somebody may set."""
    files = [path for path in (ROOT / "jndlab").rglob("*.py") if "analysis" not in path.parts]
    text = "".join(path.read_text(encoding="utf-8") for path in files)
    return set(re.findall(r"JNDLAB_[A-Z_]+", text)) - INTERNAL


def console_commands() -> Iterator[tuple[str, str]]:
    """Page and text of every `jndlab` command in a console block."""
    for path in READERS:
        text = path.read_text(encoding="utf-8")
        for block in re.findall(r"```console\n(.*?)```", text, flags=re.DOTALL):
            lines = block.replace("\\\n", " ").splitlines()
            if any(line.startswith("$ ") for line in lines):  # the others are output
                lines = [line[2:] for line in lines if line.startswith("$ ")]
            for line in lines:
                if line.startswith("jndlab "):
                    yield name_of(path), line


def test_pages_of_the_contract_exist() -> None:
    expected = """
        index tutorial how-to/prepare-stimuli how-to/run-on-a-server how-to/analyse-in-python
        reference/study-file reference/command-line reference/tidy-table reference/errors
        reference/api reference/analysis explanation/blinding explanation/durability
        explanation/plan explanation/analysis explanation/sound explanation/architecture
    """
    assert {name for name in expected.split() if not (DOCS / f"{name}.md").is_file()} == set()


def test_every_page_is_in_the_table_of_contents() -> None:
    names = {path.relative_to(DOCS).with_suffix("").as_posix() for path in PAGES} - {"index"}
    assert names - set(page("index.md").split()) == set()


def test_the_reference_is_what_the_code_says() -> None:
    command = [sys.executable, str(ROOT / "tools" / "make-docs-reference"), "--check"]
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    hint = "\nRun tools/make-docs-reference and commit docs/reference."
    assert result.returncode == 0, result.stdout + result.stderr + hint


@pytest.mark.parametrize("key", sorted(set(study_keys())))
def test_every_study_key_has_a_heading(key: str) -> None:
    assert f"# `{key}`\n" in page("reference/study-file.md")


@pytest.mark.parametrize("name", all_commands())
def test_every_command_and_option_is_documented(name: str) -> None:
    text = page("reference/command-line.md")
    assert f"## jndlab {name}\n" in text
    part = text.split(f"## jndlab {name}\n")[1].split("\n## ")[0]
    options = [opt for p in all_commands()[name].params for opt in p.opts if opt.startswith("--")]
    assert [option for option in options if f"`{option}" not in part] == []


@pytest.mark.parametrize("column", [column.name for column in COLUMNS])
def test_every_column_is_documented(column: str) -> None:
    assert f"| `{column}` |" in page("reference/tidy-table.md")


@pytest.mark.parametrize("name", list(error_classes()))
def test_every_error_is_documented_with_its_code_and_status(name: str) -> None:
    error = getattr(errors, name)
    row = f"\n| `{name}` | `{error.code}` | {STATUS[error]} |"
    assert row in page("reference/errors.md")


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda op: f"{op.method} {op.path}")
def test_every_request_is_documented(operation: object) -> None:
    method, path = getattr(operation, "method", ""), getattr(operation, "path", "")
    assert f"### {method.upper()} /api/v1{path}\n" in page("reference/api.md")


@pytest.mark.parametrize("variable", sorted(environment_variables()))
def test_every_environment_variable_is_documented(variable: str) -> None:
    assert variable in Settings().to_environment()
    for name in ("reference/command-line.md", "how-to/run-on-a-server.md"):
        assert f"| `{variable}` |" in page(name)


@pytest.mark.parametrize("path", READERS, ids=name_of)
def test_relative_links_and_pictures_exist(path: Path) -> None:
    text = re.sub(r"```.*?```", "", path.read_text(encoding="utf-8"), flags=re.DOTALL)
    targets = re.findall(r"\]\(([^)\s]+)\)", text)
    local = [t.split("#")[0] for t in targets if not re.match(r"[a-z]+:|#", t)]
    assert [target for target in local if not (path.parent / target).exists()] == []


@pytest.mark.parametrize("path", PAGES, ids=name_of)
def test_links_stay_within_the_pages_that_are_rendered(path: Path) -> None:
    targets = re.findall(r"\]\(([^)\s#]+)[^)]*\)", path.read_text(encoding="utf-8"))
    local = [(path.parent / t).resolve() for t in targets if not re.match(r"[a-z]+:", t)]
    assert [target for target in local if not target.is_relative_to(DOCS)] == []


@pytest.mark.parametrize(
    ("where", "command"), list(console_commands()), ids=lambda value: value.replace(" ", "_")
)
def test_commands_shown_can_be_typed(where: str, command: str) -> None:
    words = shlex.split(command, comments=True)[1:]
    ends = [words.index(sign) for sign in ("<", ">", "|", "&&") if sign in words]
    words = words[: min(ends, default=len(words))]
    context = click.Context(cli, info_name="jndlab")
    try:
        group: click.Group = cli
        while True:
            name, verb, words = group.resolve_command(context, words)
            assert name is not None
            assert verb is not None
            if not isinstance(verb, click.Group) or not words or words[0].startswith("-"):
                break
            group = verb
        verb.make_context(name, words, parent=context)
    except click.ClickException as error:
        pytest.fail(f"{where}: {command}: {error.format_message()}")


@pytest.mark.parametrize("path", READERS, ids=name_of)
def test_no_path_or_host_of_a_private_machine(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert re.findall(r"(?<![\w/])/(?:work|tmp|root|home)/\S*", text) == []
    hosts = set(re.findall(r"https?://([\w.-]+)", text))
    private = {host for host in hosts if re.fullmatch(r"[\d.]+|[\w-]+", host)}
    assert private <= {"127.0.0.1", "localhost"}


def test_pictures_are_small() -> None:
    sizes = {path.name: path.stat().st_size for path in (DOCS / "img").iterdir()}
    assert {name: size for name, size in sizes.items() if size > 80_000} == {}


@pytest.mark.usefixtures("exported")
@pytest.mark.parametrize(
    "path", [path for path in PAGES if ">>> " in path.read_text(encoding="utf-8")], ids=name_of
)
def test_python_examples_print_what_the_page_says(path: Path) -> None:
    result = doctest.testfile(str(path), module_relative=False, encoding="utf-8")
    assert result.attempted > 0
    assert result.failed == 0


def test_example_script_runs(exported: Path) -> None:
    script = ROOT / "examples" / "analyse_export.py"
    command = [sys.executable, str(script), exported.name, "--kind", "simulated"]
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stderr
    assert "75% correct" in result.stdout
    assert (exported.parent / "curve-seofp.svg").is_file()


def test_every_function_that_the_guide_to_analyses_names_is_public() -> None:
    import jndlab.analysis

    table = page("explanation/which-analysis.md").split("## The JND")[0]
    rows = [line.split("|") for line in table.splitlines() if line.startswith("| ")]
    named = {name for row in rows for name in re.findall(r"`([a-z_0-9]+)`", row[2])}
    assert len(named) > 15
    assert named - set(jndlab.analysis.__all__) == set()
