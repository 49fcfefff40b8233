"""Who may import whom: the contracts of pyproject.toml, and what they cannot say."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]


def test_every_import_contract_is_kept() -> None:
    command = Path(sys.executable).with_name("lint-imports")
    done = subprocess.run(
        [command, "--no-cache"], cwd=ROOT, capture_output=True, text=True, check=False, timeout=120
    )
    assert done.returncode == 0, done.stdout
    assert "0 broken" in done.stdout


def test_every_room_of_the_package_has_its_place_in_the_layers() -> None:
    text = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    for path in (ROOT / "jndlab").iterdir():
        name = path.stem
        if name.startswith(("_", ".")) or path.suffix not in ("", ".py") or name == "analysis":
            continue
        assert re.search(rf"\bjndlab\.{name}\b", text), f"jndlab.{name} is in no contract"


def test_no_module_outgrows_what_one_can_read_at_once() -> None:
    for top in ("jndlab", "analysis"):
        for path in (ROOT / top).rglob("*.py"):
            n_lines = len(path.read_text(encoding="utf-8").splitlines())
            assert n_lines <= 400, f"{path.relative_to(ROOT)} has {n_lines} lines"
