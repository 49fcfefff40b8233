"""The versions of the software that an analysis was made with."""

from __future__ import annotations

import platform
from collections.abc import Mapping
from importlib.metadata import version

import numpy as np

from jndlab import __version__


def software_versions() -> Mapping[str, str]:
    """Versions of jndlab, Python, NumPy and SciPy by their names.

    >>> list(software_versions())
    ['jndlab', 'Python', 'NumPy', 'SciPy']
    """
    return {
        "jndlab": __version__,
        "Python": platform.python_version(),
        "NumPy": np.__version__,
        "SciPy": version("scipy"),
    }
