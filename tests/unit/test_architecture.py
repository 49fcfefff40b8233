"""Who may import whom: the contracts of pyproject.toml, and what they cannot say."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]


def test_every_import_contract_is_kept() -> None:
    command = Path(sys.executable).with_name("lint-imports")
    done = subprocess.run(
        [command, "--no-cache"], cwd=ROOT, capture_output=True, text=True, check=False, timeout=120
    )
    assert done.returncode == 0, done.stdout
    assert "0 broken" in done.stdout


def test_every_room_of_the_package_has_its_place_in_the_layers() -> None:
    [layers] = [one["layers"] for one in contracts() if one["type"] == "layers"]
    assert {name for layer in layers for name in layer.split(" | ")} == rooms()


def test_every_room_is_told_whether_it_may_use_the_analysis() -> None:
    [forbidden] = [one for one in contracts() if one["forbidden_modules"] == ["jndlab.analysis"]]
    users = {name for name in rooms() if USERS.fullmatch(name)}
    assert set(forbidden["source_modules"]) == rooms() - users


USERS = re.compile(r"jndlab\.(cli(_\w+)?|demo|batches|web|\w+_planning)")
"""The rooms that may use the analysis."""


def contracts() -> list[dict[str, Any]]:
    text = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    told = tomllib.loads(text)["tool"]["importlinter"]["contracts"]
    return [{"forbidden_modules": [], **one} for one in told]


def rooms() -> set[str]:
    """Every module and package directly below jndlab but the analysis, which stands apart."""
    return {
        f"jndlab.{path.stem}"
        for path in (ROOT / "jndlab").iterdir()
        if path.suffix in ("", ".py")
        and not path.name.startswith(("_", "."))
        and path.name != "analysis"
    }


def test_no_module_outgrows_what_one_can_read_at_once() -> None:
    for top in ("jndlab", "analysis"):
        for path in (ROOT / top).rglob("*.py"):
            n_lines = len(path.read_text(encoding="utf-8").splitlines())
            assert n_lines <= 400, f"{path.relative_to(ROOT)} has {n_lines} lines"
