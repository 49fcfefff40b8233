"""The command line on its good days: what it says, writes and answers."""

from __future__ import annotations

import csv
import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click
import pytest
from builders import write_stimuli, write_study

from jndlab import __version__, cli_import, cli_new
from jndlab.errors import ServerError
from jndlab.study.definition import study_schema
from jndlab.study.paradigms import PARADIGMS
from jndlab.study.study_file import load_study

Cli = Callable[..., Any]
NEW = ["new", "made", "--baseline", "baseline", "--compressed", "bits"]


def test_the_paradigms_offered_are_those_there_are() -> None:
    for command in (cli_new.new, cli_import.import_):
        [offered] = [one for one in command.params if one.name == "paradigm"]
        assert isinstance(offered.type, click.Choice)
        assert list(offered.type.choices) == list(PARADIGMS)
        assert all(name in command.get_help(click.Context(command)) for name in ("abx", "bs1116"))


def test_new_then_check_says_ready_and_what_to_do_next(run_cli: Cli, here: Path) -> None:
    write_stimuli(here)
    made = run_cli(*NEW, "--paradigm", "two-interval", "--unit", "bits", "--title", "Mine")
    assert made.status == 0
    assert "jndlab check made" in made.out
    study = load_study(here / "made")
    assert (study.title, study.paradigm) == ("Mine", "two-interval")
    checked = run_cli("check", "made")
    assert (checked.status, checked.err) == (0, "")
    assert "bits: 4, 2, 1 bits, least to most compressed" in checked.out
    assert "Ready to launch:  jndlab serve made" in checked.out


def test_new_makes_studies_of_other_procedures_and_refuses_what_cannot_be(
    run_cli: Cli, here: Path
) -> None:
    write_stimuli(here, levels=[8, 7, 6, 5, 4, 3, 2, 1])
    told = ("--paradigm", "oddity", "--procedure", "staircase")
    assert run_cli(*NEW, *told).status == 0
    assert load_study(here / "made").design.procedure == "staircase"
    checked = run_cli("check", "made").out
    assert "oddity, 2-down 1-up staircase" in checked
    assert "at most 92 trials a session" in checked
    assert "no multiple" not in checked
    outcome = run_cli("new", "other", *NEW[2:], "--paradigm", "acr", "--procedure", "psi")
    assert outcome.status == 2
    assert "Use constant-stimuli, or another trial type." in outcome.err


def test_the_direction_told_comes_before_the_one_measured(run_cli: Cli, here: Path) -> None:
    write_stimuli(here, compression="falls")
    run_cli(*NEW, "--compression", "rises")
    assert load_study(here / "made").stimuli.conditions[0].compression == "rises"


def test_check_as_json_is_nothing_but_json(run_cli: Cli, study_file: Path) -> None:
    outcome = run_cli("check", study_file, "--json")
    assert outcome.status == 0
    content = json.loads(outcome.out)
    assert content["digest"] == load_study(study_file).digest()
    assert content["findings"] == []


def test_check_tells_when_orders_are_not_balanced_within_a_session(
    run_cli: Cli, tmp_path: Path
) -> None:
    odd = write_study(tmp_path / "odd", design={"trials_per_level": 3})
    assert "no multiple of 4" in run_cli("check", odd).out
    even = write_study(tmp_path / "even", paradigm="two-interval", design={"trials_per_level": 6})
    assert "no multiple" not in run_cli("check", even).out


def test_a_warning_does_not_stop_a_study(run_cli: Cli, study_folder: Path) -> None:
    copy = (study_folder / "baseline" / "one.wav").read_bytes()
    (study_folder / "bits" / "4" / "one.wav").write_bytes(copy)
    outcome = run_cli("check", study_folder)
    assert outcome.status == 0
    assert "warning: bits/4/one: is the baseline's very file, byte by byte" in outcome.out


def test_the_schema_is_printed_or_written(run_cli: Cli, here: Path) -> None:
    assert json.loads(run_cli("schema").out) == study_schema()
    assert run_cli("schema", "--output", "s.json").status == 0
    assert json.loads((here / "s.json").read_text(encoding="utf-8")) == study_schema()


def test_a_simulation_in_memory_gives_the_same_file_for_the_same_seed(
    run_cli: Cli, here: Path, study_folder: Path
) -> None:
    for name, seed in (("a.csv", 3), ("b.csv", 3), ("c.csv", 4)):
        options = ["--in-memory", name, "--listeners", 2, "--seed", seed]
        assert run_cli("simulate", study_folder, *options).status == 0
    files = [(here / name).read_bytes() for name in ("a.csv", "b.csv", "c.csv")]
    assert files[0] == files[1] != files[2]
    with (here / "a.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert {row["session_kind"] for row in rows} == {"simulated"}
    assert {row["participant"] for row in rows} == {"1", "2"}


def test_serve_launches_and_announces_before_it_serves(
    run_cli: Cli,
    here: Path,
    study_folder: Path,
    free_port: int,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    served: list[object] = []
    monkeypatch.setattr("jndlab.web.server.run_server", served.append)
    outcome = run_cli("serve", study_folder, "--port", free_port, "--data", "d")
    assert outcome.status == 0
    assert f"tiny: participants go to http://127.0.0.1:{free_port}/s/" in outcome.out
    assert "Nobody can sign in yet: jndlab user NAME --data d" in outcome.out
    assert len(served) == 1
    again = run_cli("serve", "--port", free_port, "--data", "d")
    assert "tiny: participants go to" in again.out
    empty = run_cli("serve", "--port", free_port, "--data", "other")
    assert "There is no study yet" in empty.out


@pytest.mark.parametrize(
    "link",
    ["nolink", "ftp://x/s/y", "http://x", "http://x:port/s/y", "http:///s/y", "http://x:1:2/s/y"],
)
def test_a_link_that_is_none_is_refused(run_cli: Cli, study_folder: Path, link: str) -> None:
    outcome = run_cli("simulate", study_folder, "--link", link, "--listeners", 1)
    assert outcome.status == 2
    assert "is no participants' link" in outcome.err
    assert "/s/NAME" in outcome.err


def test_a_wrong_option_shows_how_the_command_is_used(run_cli: Cli) -> None:
    outcome = run_cli("check", "--nonsense")
    assert outcome.status == 2
    assert "Usage: jndlab check" in outcome.err


def test_an_error_of_ours_shows_message_and_remedy_and_status_two(
    run_cli: Cli, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(**options: object) -> None:
        raise ServerError("It broke.", "Mend it.")

    monkeypatch.setattr("jndlab.cli_export.load_settings", fail)
    outcome = run_cli("export", "x")
    assert (outcome.status, outcome.out, outcome.err) == (2, "", "It broke.\nMend it.\n")


def test_an_interrupt_ends_quietly(run_cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt(**options: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("jndlab.cli_export.load_settings", interrupt)
    outcome = run_cli("export", "x")
    assert (outcome.status, outcome.err.strip()) == (130, "Stopped.")


def test_a_failure_nobody_foresaw_is_no_wrong_input(monkeypatch: pytest.MonkeyPatch) -> None:
    script = (
        "import jndlab.cli as c, jndlab.cli_export as r\n"
        "r.load_settings = lambda **_: 1 / 0\nc.main()"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, "export", "x"], capture_output=True, text=True, check=False
    )
    assert done.returncode == 1
    assert "ZeroDivisionError" in done.stderr


def test_the_module_can_be_run_and_says_its_version() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "jndlab", "--version"], capture_output=True, text=True, check=True
    )
    assert __version__ in done.stdout
