"""The server starts without what it does not need yet."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

SCIENTIFIC = {
    "dask",
    "librosa",
    "matplotlib",
    "numba",
    "onnxruntime",
    "pandas",
    "pyarrow",
    "scipy",
    "sklearn",
    "soundfile",
    "soxr",
    "statsmodels",
    "sympy",
    "torch",
}
"""Only numpy is there from the start: plans are drawn with its generators."""

START = """
import json, sys
from pathlib import Path
from jndlab.settings import Settings
from jndlab.web.app import create_app
create_app(Settings(data=Path(sys.argv[1])))
print(json.dumps(sorted(sys.modules)))
"""


def test_no_scientific_module_is_loaded_after_create_app(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", START, str(tmp_path / "data")],
        capture_output=True,
        text=True,
        check=True,
        timeout=120,
    )
    loaded = set(json.loads(done.stdout))
    assert "jndlab.web.api" in loaded
    assert SCIENTIFIC.isdisjoint(loaded)
    assert not any(name.startswith("jndlab.analysis.fits") for name in loaded)
