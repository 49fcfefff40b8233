"""Rendering for tests that ask nothing of PESQ and STOI, which take most of its time."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from jndlab.compression.rendering import Rendered, render_axis
from jndlab.compression.sources import Source


def render(source: Source, output: Path, **options: Any) -> Rendered:
    """As :func:`render_axis`, without scores."""
    return render_axis(source, output, scores=False, **options)
