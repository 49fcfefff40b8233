"""The real server, browser and study that some benchmarks drive: those of the tests."""

from __future__ import annotations

import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT))  # the tests are no package that is installed

from tests.browser.chromium import ARGUMENTS, find_chromium  # noqa: E402
from tests.browser.conftest import make_study  # noqa: E402
from tests.builders import write_study  # noqa: E402
from tests.servers import Server  # noqa: E402

__all__ = ["ARGUMENTS", "ROOT", "Server", "find_chromium", "make_study", "write_study"]
