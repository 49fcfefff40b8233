"""Small studies with sounds, for every test that needs one: defaults, and overrides by name.

Sections of a study are plain dictionaries; a nested override replaces single keys:
``make_document(design={"practice_trials": 0}, condition={"levels": [1, 2]})``.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import soundfile as sf
from numpy.typing import NDArray

from jndlab.study.definition import StudyDefinition
from jndlab.study.paradigms import PARADIGMS
from jndlab.study.study_file import FILE_NAME, parse_study

ITEMS = ("one", "two", "three")
LEVELS = (1, 2, 4)
RATE_HZ = 16_000
SECONDS = 0.3


def make_document(**overrides: Any) -> dict[str, Any]:
    """The content of a valid study file.

    ``items=...`` and ``condition={...}`` reach into the stimuli; ``conditions=[...]`` gives
    all conditions, each filled up with the defaults of one; ``design``, ``presentation`` and
    ``texts`` change the keys they name; anything else is a key of the study.
    """
    condition = {
        "name": "bits",
        "folder": "bits",
        "levels": list(LEVELS),
        "unit": "fraction bits",
        "compression": "falls",
    }
    condition |= overrides.pop("condition", {})
    conditions = [condition | entry for entry in overrides.pop("conditions", [{}])]
    sections: dict[str, dict[str, Any]] = {
        "stimuli": {
            "baseline": "baseline",
            "items": list(overrides.pop("items", ITEMS)),
            "conditions": conditions,
        },
        "design": {
            "trials_per_level": 4,
            "practice_trials": 2,
            "identical_trials": 2,
            "gross_trials": 2,
            "trials_per_block": 10,
        },
        "presentation": {"sample_rate_hz": 48_000, "gap_ms": 500, "ramp_ms": 5.0},
        "texts": {"consent": "Please listen.\n\nYou may stop at any time."},
    }
    paradigm = PARADIGMS.get(overrides.get("paradigm", "abx"))
    if paradigm is not None:  # without the catch trials that it does not have
        for kind in ("identical", "gross"):
            if not getattr(paradigm, f"has_{kind}"):
                del sections["design"][f"{kind}_trials"]
    for name, section in sections.items():
        section |= overrides.pop(name, {})
    head = {
        "jndlab": 1,
        "slug": "tiny",
        "title": "A tiny study",
        "paradigm": "abx",
        "seed": 7,
        "completion_code": "",
    }
    return {**head, **sections, **overrides}


def make_study_text(**overrides: Any) -> str:
    """The text of a valid study file, block style, one key a line (lists stay on theirs)."""
    return "\n".join(_lines(make_document(**overrides))) + "\n"


def make_definition(**overrides: Any) -> StudyDefinition:
    """A valid study definition; overrides as in :func:`make_document`."""
    return parse_study(make_study_text(**overrides))


def make_noise(
    *, seed: int, seconds: float = SECONDS, rate_hz: int = RATE_HZ, n_channels: int = 1
) -> NDArray[np.float64]:
    """A burst of noise at about -20 dB re full scale, shape (n_frames, n_channels)."""
    noise = np.random.default_rng(seed).normal(size=(round(seconds * rate_hz), n_channels))
    return 0.1 * np.clip(noise, -4, 4)


def write_wav(path: Path, samples: NDArray[np.float64], rate_hz: int = RATE_HZ) -> Path:
    """The samples as a 24-bit file; folders are made."""
    path.parent.mkdir(parents=True, exist_ok=True)
    sf.write(path, samples, rate_hz, subtype="PCM_24")
    return path


def write_stimuli(
    folder: Path,
    *,
    items: Sequence[str] = ITEMS,
    levels: Sequence[float] = LEVELS,
    condition: str = "bits",
    compression: str = "falls",
    rate_hz: int = RATE_HZ,
    seconds: float = SECONDS,
    n_channels: int = 1,
    formats: Mapping[float, str] | None = None,
) -> Path:
    """``baseline/ITEM.wav`` and ``CONDITION/LEVEL/ITEM.wav`` below ``folder``; returns it.

    The difference to the baseline grows by 6 dB with each step of compression. ``formats``
    gives the name of a level's folder where it is not the number in its shortest form.
    """
    ordered = sorted(levels, reverse=compression == "falls")
    for number, item in enumerate(items):
        sound: dict[str, Any] = {"seconds": seconds, "rate_hz": rate_hz, "n_channels": n_channels}
        baseline = make_noise(seed=100 + number, **sound)
        error = make_noise(seed=900 + number, **sound)
        write_wav(folder / "baseline" / f"{item}.wav", baseline, rate_hz)
        for step, level in enumerate(ordered):
            name = (formats or {}).get(level, f"{level:g}")
            compressed = baseline + 0.05 * 2.0**step * error
            write_wav(folder / condition / name / f"{item}.wav", compressed, rate_hz)
    return folder


def write_study(folder: Path, *, sounds: Mapping[str, Any] | None = None, **overrides: Any) -> Path:
    """A whole study in ``folder``, sounds included; returns the path of its study file.

    Sounds follow the items and conditions of the study; ``sounds`` are further arguments of
    :func:`write_stimuli`.
    """
    stimuli = make_document(**overrides)["stimuli"]
    for condition in stimuli["conditions"]:
        write_stimuli(
            folder,
            items=stimuli["items"],
            levels=condition["levels"],
            condition=condition["folder"],
            compression=condition["compression"],
            **(sounds or {}),
        )
    return write_text(folder / FILE_NAME, make_study_text(**overrides))


def write_text(path: Path, text: str) -> Path:
    """The text as a UTF-8 file; folders are made."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


def listing(folder: Path) -> dict[str, bytes | None]:
    """Everything below ``folder``: contents of files by path, None for a folder."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes() if path.is_file() else None
        for path in sorted(folder.rglob("*"))
    }


def _lines(value: Mapping[str, Any], indent: str = "") -> list[str]:
    lines = []
    for key, entry in value.items():
        if isinstance(entry, Mapping):
            lines += [f"{indent}{key}:", *_lines(entry, indent + "  ")]
        elif isinstance(entry, list) and entry and all(isinstance(part, dict) for part in entry):
            lines.append(f"{indent}{key}:")
            for part in entry:
                first, *rest = _lines(part, indent + "    ")
                lines += [f"{indent}  - {first.strip()}", *rest]
        else:
            lines.append(f"{indent}{key}: {json.dumps(entry, ensure_ascii=False)}")  # is YAML
    return lines
