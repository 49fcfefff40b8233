"""What an installed package brings along, and what asking for help costs."""

from __future__ import annotations

import json
import subprocess
import sys
import tomllib
from fnmatch import fnmatch
from pathlib import Path

import pytest

from jndlab import __version__
from jndlab.assets import asset_folder

ROOT = Path(__file__).parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
SETUPTOOLS = PROJECT["tool"]["setuptools"]
LINKED = {"jndlab.analysis": "analysis", "jndlab.static": "static", "jndlab.templates": "templates"}


def folder_of(package: str) -> Path:
    for name, folder in LINKED.items():
        if package == name or package.startswith(f"{name}."):
            return ROOT / (folder + package.removeprefix(name).replace(".", "/"))
    return ROOT / package.replace(".", "/")


def test_every_folder_with_modules_is_in_the_list_of_packages() -> None:
    folders = {
        ".".join(path.parent.relative_to(ROOT).parts)
        for path in ROOT.glob("jndlab/**/*.py")
        if "analysis" not in path.relative_to(ROOT).parts
    }
    folders |= {
        ".".join(("jndlab", *path.parent.relative_to(ROOT).parts))
        for path in ROOT.glob("analysis/**/*.py")
    }
    assert folders | set(LINKED) == set(SETUPTOOLS["packages"])
    assert all(folder_of(package).is_dir() for package in SETUPTOOLS["packages"])


def test_the_folders_beside_the_package_are_mapped_into_it() -> None:
    assert SETUPTOOLS["package-dir"] == LINKED
    assert SETUPTOOLS["include-package-data"] is False
    link = ROOT / "jndlab" / "analysis"
    assert link.is_symlink()
    assert not link.readlink().is_absolute()
    assert link.resolve() == ROOT / "analysis"


def test_every_file_that_is_no_module_is_package_data() -> None:
    owners = sorted(SETUPTOOLS["packages"], key=len, reverse=True)
    data = SETUPTOOLS["package-data"]
    for top in ("jndlab", *LINKED.values()):
        for path in (ROOT / top).rglob("*"):
            if path.suffix in (".py", ".pyc") or not path.is_file():
                continue
            owner = next(name for name in owners if path.is_relative_to(folder_of(name)))
            inner = path.relative_to(folder_of(owner)).as_posix()
            patterns = [pattern.replace("**/", "") for pattern in data.get(owner, [])]
            assert any(fnmatch(inner, pattern) for pattern in patterns), f"{owner}: {inner}"


def test_every_pattern_of_package_data_finds_something() -> None:
    for package, patterns in SETUPTOOLS["package-data"].items():
        for pattern in patterns:
            if (package, pattern) != ("jndlab.study", "*.json"):  # a schema may be shipped
                assert list(folder_of(package).glob(pattern)), f"{package}: {pattern}"


def test_pages_scripts_and_styles_are_found_from_the_source_tree() -> None:
    assert asset_folder("static") == ROOT / "static"
    assert asset_folder("templates") == ROOT / "templates"
    assert list(asset_folder("static").rglob("*.js"))
    with pytest.raises(FileNotFoundError, match="no folder 'nowhere'"):
        asset_folder("nowhere")


def test_the_version_stands_in_one_place() -> None:
    assert PROJECT["project"]["version"] == __version__


HEAVY = {
    "alembic",
    "argon2",
    "flask",
    "granian",
    "jndlab.analysis",
    "matplotlib",
    "numpy",
    "pandas",
    "pydantic",
    "ruamel",
    "scipy",
    "soundfile",
    "soxr",
    "sqlalchemy",
    "statsmodels",
}

ASK = """
import json, sys
sys.argv = ["jndlab", *sys.argv[1:]]
from jndlab.cli import main
try:
    main()
finally:
    print("modules:", json.dumps(sorted(sys.modules)))
"""


@pytest.mark.parametrize("option", ["--version", "--help"])
def test_asking_for_version_or_help_imports_nothing_heavy(option: str) -> None:
    done = subprocess.run(
        [sys.executable, "-c", ASK, option], capture_output=True, text=True, check=True, timeout=60
    )
    shown, _, modules = done.stdout.partition("modules: ")
    assert __version__ in shown or "Usage: " in shown
    assert HEAVY.isdisjoint(json.loads(modules))


def test_the_help_of_every_command_imports_nothing_heavy() -> None:
    script = (
        "import sys\nfrom jndlab.cli import cli\nimport click\n"
        "for name, command in cli.commands.items():\n"
        "    assert command.get_help(click.Context(command, info_name=name)).strip()\n"
        "import json; print(json.dumps(sorted(sys.modules)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True, timeout=60
    )
    assert HEAVY.isdisjoint(json.loads(done.stdout))
