"""Spoilt sounds, archives, study files and tables at each entry point: the short form."""

from __future__ import annotations

import pytest

from tests.fuzz.mutations import mutations
from tests.fuzz.targets import TARGETS, seeds

N = {"wav": 300, "flac": 300, "zip": 150, "study": 60, "csv": 150, "import": 150}


@pytest.mark.parametrize("name", TARGETS)
def test_spoilt_input_is_read_or_refused_and_nothing_else(name: str) -> None:
    for content in mutations(seeds(name), seed=20_260_301, n=N[name]):
        TARGETS[name](content)
