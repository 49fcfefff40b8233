"""Psychometric analysis on plain arrays and tidy tables: no server, no database.

>>> from jndlab.analysis import fit_psychometric
>>> fit = fit_psychometric([1, 2, 3, 4, 5, 6], [21, 23, 29, 33, 38, 39], [40] * 6,
...                        paradigm="two-interval")
>>> fit.threshold_at(0.75).inside_tested_range
True
"""

from __future__ import annotations

import ast
from importlib import import_module
from pathlib import Path
from typing import Any


def _homes() -> dict[str, str]:
    """Public name -> module, from the stub beside this file: the one list there is."""
    stub = ast.parse(Path(__file__).with_suffix(".pyi").read_text(encoding="utf-8"))
    return {
        alias.name: str(node.module)
        for node in stub.body
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
    }


_HOME = _homes()
__all__ = sorted(_HOME)


def __getattr__(name: str) -> Any:
    """Load a public name when it is first asked for: a notebook that fits needs no figures."""
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(import_module(_HOME[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return __all__
