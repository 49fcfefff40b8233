"""The worked example of the page about new paradigms, typed off into a copy of jndlab and run."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.docs.conftest import ROOT

PAGE = ROOT / "docs" / "how-to" / "add-a-paradigm.md"
NOT_COPIED = shutil.ignore_patterns("__pycache__", ".*_cache")

LOOK = """
import csv, io, sys
from jndlab.analysis import analyse_study, d_prime, load_trials
from jndlab.study.definition import study_schema
from jndlab.study.trials import COLUMNS
from jndlab.web.participant_tasks import page_tasks

assert "4i2afc" in study_schema()["properties"]["paradigm"]["enum"]
assert any("4i2afc" in column.values for column in COLUMNS)
[task] = page_tasks(study, 2.0)
assert task.paradigm.keys == ("2", "3")
table = io.StringIO()
writer = csv.DictWriter(table, list(rows[0]))
writer.writeheader()
writer.writerows(rows)
with open("trials.csv", "w", encoding="utf-8") as file:
    file.write(table.getvalue())
found = load_trials("trials.csv")
assert set(found["paradigm"]) == {"4i2afc"}
print(round(float(d_prime(0.7602, paradigm="4i2afc")), 2))
"""


def blocks() -> list[tuple[str, str, str]]:
    """What each block of code is for (file, entry, run), what it names, and its code."""
    found = []
    text = PAGE.read_text(encoding="utf-8")
    # A line of a table alone is no Python by itself: it stands in a block of text.
    for block in re.findall(r"```(?:python|text)\n(# .*?)```", text, flags=re.DOTALL):
        head, _, code = block.partition("\n")
        kind, _, name = head.removeprefix("# ").partition(": ")
        found.append((kind, name, code))
    return found


def type_off(folder: Path) -> str:
    """Apply the page to the copy in ``folder``; the program at its end comes back."""
    program = ""
    for kind, name, code in blocks():
        if kind == "file":
            assert not (folder / name).exists()
            (folder / name).write_text(code, encoding="utf-8")
        elif kind == "entry":
            path, _, table = name.partition(", ")
            text = (folder / path).read_text(encoding="utf-8")
            # after the line on which the table begins, whatever it is made of
            opening = re.search(
                rf"^{table}\b.*? = \{{\n(?:    paradigm\.name.*\n.*\(\n)?", text, re.M
            )
            assert opening, name
            at = opening.end()
            (folder / path).write_text(f"{text[:at]}{code}{text[at:]}", encoding="utf-8")
        else:
            assert kind == "run"
            program += code
    return program


@pytest.fixture(scope="module")
def said(tmp_path_factory: pytest.TempPathFactory) -> str:
    """What the page's program prints, in a copy of jndlab with the page's changes."""
    folder = tmp_path_factory.mktemp("copy")
    for name in ("analysis", "static", "templates", "jndlab"):
        shutil.copytree(ROOT / name, folder / name, symlinks=True, ignore=NOT_COPIED)
    program = type_off(folder)
    (folder / "look.py").write_text(program + LOOK, encoding="utf-8")
    result = subprocess.run(
        [sys.executable, "look.py"], cwd=folder, capture_output=True, text=True, check=False
    )
    assert result.returncode == 0, result.stdout + result.stderr
    return result.stdout


def test_the_example_is_planned_scored_and_simulated(said: str) -> None:
    first, *answers, share, d_prime = said.splitlines()
    assert first == "['baseline', 'baseline', 'seofp@-1', 'baseline']"
    assert answers == ["2 is right: False", "3 is right: True"]
    assert 0.85 <= float(share.split()[0]) <= 1.0
    assert d_prime == "1.0"


def test_the_files_that_the_page_names_exist() -> None:
    text = PAGE.read_text(encoding="utf-8")
    templates, scripts = ROOT / "templates" / "participant" / "answers", ROOT / "static" / "js"
    parts = re.findall(r"^\| `(\w+)` \|.*\| `([\w.]+)` \| `([\w.]+)` \|$", text, re.M)
    assert {name for name, _, _ in parts} == {path.stem for path in templates.iterdir()}
    assert all((templates / one).is_file() and (scripts / two).is_file() for _, one, two in parts)
    named = re.findall(r"`((?:templates|static|analysis|tools)/[\w/.-]+)`", text)
    assert len(named) >= 3
    assert [name for name in named if not (ROOT / name).exists()] == []
