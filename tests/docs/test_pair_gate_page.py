"""The page about the pair gate lists every code and every limit that there is."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from jndlab.audio.limits import LIMITS

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "how-to" / "pair-gate.md").read_text(encoding="utf-8")
SOURCES = "\n".join(
    path.read_text(encoding="utf-8") for path in sorted((ROOT / "jndlab" / "audio").glob("*.py"))
)
NAMES = sorted(
    {*re.findall(r'(?:\bcode=|_error\()"([a-z-]+)"', SOURCES)}
    | {*re.findall(r'"([a-z-]+)", "(?:begins|ends)"', SOURCES)}
)


def test_codes_are_found_in_the_source() -> None:
    assert {"delay", "empty", "leading-silence", "not-monotone", "direction"} <= set(NAMES)
    assert len(NAMES) == 23


@pytest.mark.parametrize("code", NAMES)
def test_every_code_is_on_the_page_and_has_words_in_the_browser(code: str) -> None:
    assert re.search(rf"^\| .*`{code}`", PAGE, re.MULTILINE), code
    words = (ROOT / "templates" / "experimenter" / "gate_macros.html").read_text(encoding="utf-8")
    assert f'"{code}": "' in words


@pytest.mark.parametrize(
    "said",
    [
        f"{LIMITS.delay_warning_samples:g} sample | {LIMITS.delay_error_samples:g} sample",
        f"{LIMITS.gain_warning_db:g} dB, and {LIMITS.gain_warning_db:g} LU in the same direction | "
        f"{LIMITS.gain_error_db:g} dB",
        f"{LIMITS.loudness_warning_lu:g} LU |",
        f"{LIMITS.offset_warning:g} of full scale",
        f"{LIMITS.silence_warning_ms:g} ms |",
        f"where nothing else was found | {LIMITS.speech_level_warning_db:g} dB |",
        f"above {LIMITS.true_peak_warning_db:g} dB re full scale",
        f"by a factor | {LIMITS.click_warning:g} |",
        f"below −{abs(LIMITS.silent_db):g} dB re full scale",
        f"{LIMITS.bandwidth_drop_db:g} dB below the other",
        f"any delay below {LIMITS.related:g}",
        f"by more than {LIMITS.monotone_db:g} dB",
    ],
)
def test_every_limit_is_on_the_page(said: str) -> None:
    assert said in PAGE
