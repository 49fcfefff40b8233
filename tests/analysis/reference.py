"""Reference values from R, psignifit and exact quadrature, where they lie beside the checkout."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

import pytest

_FILE = Path(__file__).resolve().parents[3] / "shared" / "data" / "reference_psychometrics.json"

needs_reference = pytest.mark.skipif(not _FILE.exists(), reason="the reference values are not here")


@cache
def _entries() -> tuple[dict[str, Any], ...]:
    return tuple(json.loads(_FILE.read_text(encoding="utf-8"))["entries"]) if _FILE.exists() else ()


def entries(kind: str) -> list[dict[str, Any]]:
    """The entries of one kind; an empty list where the file is not there."""
    return [entry for entry in _entries() if entry["kind"] == kind]


def entry(name: str) -> dict[str, Any]:
    """The entry with the id ``name``."""
    return next(entry for entry in _entries() if entry["id"] == name)
