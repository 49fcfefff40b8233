"""Where Chromium is. Run as a script it prints the path, or says what to install."""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
MISSING = (
    "Chromium is missing: sudo apt-get install chromium (or name one with JNDLAB_CHROMIUM=/path)"
)
ARGUMENTS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


def find_chromium() -> str | None:
    """Path of a Chromium: named by JNDLAB_CHROMIUM, installed, or Playwright's own."""
    named = os.environ.get("JNDLAB_CHROMIUM")
    if named:
        return named if Path(named).is_file() else None
    for name in NAMES:
        path = shutil.which(name)
        if path:
            return path
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        own = playwright.chromium.executable_path
    return own if Path(own).is_file() else None


if __name__ == "__main__":
    chromium = find_chromium()
    print(chromium or MISSING)
    sys.exit(0 if chromium else 2)
