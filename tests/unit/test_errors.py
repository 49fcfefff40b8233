"""Every error says what is wrong and what to do; its place in a file can be read."""

from __future__ import annotations

import ast
import inspect
import pickle
import re
from pathlib import Path

import pytest

from jndlab import errors
from jndlab.cli import all_commands, cli
from jndlab.errors import JndlabError, Location, MissingExtra, Problem, StudyError

PACKAGE = Path(errors.__file__).parent
CLASSES = [
    entry
    for entry in vars(errors).values()
    if inspect.isclass(entry) and issubclass(entry, JndlabError)
]


def test_every_class_of_error_has_its_own_code_and_description() -> None:
    codes = [entry.code for entry in CLASSES]
    assert len(set(codes)) == len(codes)
    assert all(re.fullmatch("[a-z-]+", code) for code in codes)
    assert all((entry.__doc__ or "").strip() for entry in CLASSES)


def test_an_error_shows_its_message_and_then_its_remedy() -> None:
    assert str(JndlabError("This is wrong.", "Do that.")) == "This is wrong.\nDo that."
    assert "pip install" in MissingExtra("torch", "torch").remedy


def test_a_study_error_shows_every_problem_with_its_place() -> None:
    place = Location(path="study.yaml", line=3, column=5, excerpt="seed: x")
    error = StudyError(
        [
            Problem(message="first", remedy="Mend it.", location=place),
            Problem(message="second", remedy="Mend that."),
        ]
    )
    assert str(error) == (
        "study.yaml:3:5: first\n    seed: x\n        ^\n    Mend it.\nsecond\n    Mend that."
    )


def test_an_error_comes_back_whole_from_another_process() -> None:
    problem = Problem(message="first", remedy="Mend it.", location=Location(path="s", line=3))
    for error in (JndlabError("Wrong.", "Do that."), MissingExtra("x", "y"), StudyError([problem])):
        back = pickle.loads(pickle.dumps(error))
        assert (type(back), str(back)) == (type(error), str(error))
        assert vars(back) == vars(error)


def raised() -> list[tuple[str, ast.Call]]:
    """Every place where the package makes one of its errors."""
    names = {entry.__name__ for entry in CLASSES}
    return [
        (f"{path.relative_to(PACKAGE)}:{node.lineno}", node)
        for path in sorted(PACKAGE.rglob("*.py"))
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id in names - {"StudyError", "MissingExtra"}
    ]


FACTS = ("offset", "entries", "seconds")
"""What some errors carry beside their words."""


def test_no_error_is_raised_without_a_remedy() -> None:
    places = raised()
    assert len(places) > 40
    for place, call in places:
        facts = [keyword for keyword in call.keywords if keyword.arg in FACTS]
        assert len(call.args) + len(call.keywords) - len(facts) == 2, place
        remedy = call.args[1] if len(call.args) == 2 else call.keywords[-1].value
        assert not (isinstance(remedy, ast.Constant) and not str(remedy.value).strip()), place


OPTIONS = {
    option
    for command in all_commands().values()
    for parameter in command.params
    for option in [*parameter.opts, *parameter.secondary_opts]
}


@pytest.mark.parametrize("path", sorted(PACKAGE.rglob("*.py")), ids=lambda path: path.name)
def test_every_option_and_command_named_in_a_text_exists(path: Path) -> None:
    # Every command has the first; the others are pip's and flite's.
    elsewhere = {"--help", "--upgrade", "--setf"}
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if not (isinstance(node, ast.Constant) and isinstance(node.value, str)):
            continue
        named = set(re.findall(r"(?<![\w-])--[a-z][a-z-]+", node.value))
        assert named <= OPTIONS | elsewhere, f"line {node.lineno}: {named - OPTIONS}"
        for command in re.findall(r"(?:with|:|and|`) {0,2}jndlab ([a-z]+)", node.value):
            assert command in cli.commands, f"line {node.lineno}: jndlab {command}"
