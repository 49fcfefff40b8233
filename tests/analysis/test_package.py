"""The room as a whole: what it exports, what importing it costs, and its doctests."""

from __future__ import annotations

import doctest
import importlib
import pkgutil
import subprocess
import sys

import pytest

import jndlab.analysis
import jndlab.sigmoids


def test_every_public_name_exists() -> None:
    for name in jndlab.analysis.__all__:
        assert getattr(jndlab.analysis, name) is not None
    assert list(jndlab.analysis.__all__) == sorted(jndlab.analysis.__all__)


def test_importing_loads_nothing_heavy() -> None:
    heavy = ["matplotlib", "statsmodels", "pandas", "scipy.stats", "scipy.optimize", "jinja2"]
    code = (
        "import sys, jndlab.analysis; "
        f"print([name for name in {heavy!r} + ['flask', 'sqlalchemy'] if name in sys.modules])"
    )
    result = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, env=_environment()
    )
    assert result.stdout.strip() == "[]"


def _environment() -> dict[str, str]:
    import os

    return os.environ | {"PYTHONPATH": os.pathsep.join(path for path in sys.path if path)}


MODULES = [
    "jndlab.sigmoids",
    *(m.name for m in pkgutil.walk_packages(jndlab.analysis.__path__, "jndlab.analysis.")),
    "jndlab.analysis",
]


@pytest.mark.parametrize("name", MODULES)
def test_examples_in_docstrings(name: str) -> None:
    assert doctest.testmod(importlib.import_module(name)).failed == 0
