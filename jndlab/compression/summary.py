"""What a rendering came to, level by level: a table for people, the same for machines."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from jndlab.compression.distances import NAMES
from jndlab.compression.rendering import Rendered
from jndlab.compression.sources import Source

_BEST = {"PESQ": "4.64", "STOI": "1"}
"""Of two equal sounds, the wide-band kind of PESQ (ITU-T P.862.2)."""


def summary_json(source: Source, rendered: Rendered) -> dict[str, Any]:
    """Folder, manifest, levels with sizes and mean distances, items out of order."""
    return {
        "folder": str(rendered.folder),
        "manifest": str(rendered.manifest),
        "condition": source.name,
        "unit": source.unit,
        "compression": source.compression,
        "n_written": rendered.n_written,
        "levels": [_level(source, rendered, level) for level in source.levels],
        "disordered_items": list(rendered.disordered),
    }


def summary_text(source: Source, rendered: Rendered) -> str:
    """The table, and what to look at."""
    rows = [_level(source, rendered, level) for level in source.levels]
    cells = [_cells(row) for row in rows]
    shown = [name for name in cells[0] if any(row[name] for row in cells)]
    lines = [f"Levels in {source.unit}; compression {source.compression} with them."]
    lines.append(_line("level", shown))
    lines += [
        _line(f"{row['level']:.4g}", [texts[name] for name in shown])
        for row, texts in zip(rows, cells, strict=True)
    ]
    lines += _legend(len(source.items), rows, shown)
    if rendered.disordered:
        some = ", ".join(rendered.disordered[:5])
        more = f" and {len(rendered.disordered) - 5} more" if len(rendered.disordered) > 5 else ""
        lines.append(
            f"Out of order: in {some}{more} some level lies nearer\nto the baseline than a less "
            "compressed one. Such items have no order on this axis: leave them\nout, or choose "
            "levels further apart."
        )
    return "\n".join(lines)


def _legend(n_items: int, rows: Sequence[dict[str, Any]], shown: Sequence[str]) -> list[str]:
    """What the columns are."""
    lines = [
        (f"Means over {n_items} items. " if n_items > 1 else "")
        + "Distances are to the baseline's output: SNR of the difference in dB, and the\n"
        "share of frames in which it exceeds an estimate of the masked threshold."
    ]
    scores = [f"{name} (at most {most})" for name, most in _BEST.items() if name in shown]
    if scores:
        verb = "compares" if len(scores) == 1 else "compare"
        lines.append(f"{' and '.join(scores)} {verb} the same two sounds: higher is nearer.")
    clips = sorted({row["macs_seconds"] for row in rows if "macs_seconds" in row})
    if clips:
        texts = ", ".join(f"{seconds:g}" for seconds in clips)
        lines.append(f"MACs: multiply-accumulates for a clip of {texts} s.")
    return lines


def _level(source: Source, rendered: Rendered, level: float) -> dict[str, Any]:
    facts, whole = source.facts(level), source.facts(None)
    of_level = [one for one in rendered.entries if one.level == level]
    found: dict[str, Any] = {"level": level}
    if facts.storage is not None:
        found |= {"bytes": facts.storage.n_bytes, "bytes_rule": facts.storage.rule}
        if whole.storage is not None:
            found["times_smaller"] = whole.storage.bits / facts.storage.bits
    if facts.parameters is not None:
        found["parameters"] = facts.parameters.count
    if facts.operations is not None:
        found |= {
            "macs": facts.operations.macs,
            "macs_seconds": facts.operations.seconds,
            "macs_rule": facts.operations.rule,
        }
    for name in NAMES:
        values = [one.distances[name] for one in of_level if one.distances is not None]
        known = [value for value in values if value is not None]
        if known and len(known) == len(values):
            found[name] = float(np.mean(known))
    return found


def _cells(row: dict[str, Any]) -> dict[str, str]:
    """By column, empty where it is not known."""

    def cell(name: str, shape: str) -> str:
        return shape.format(row[name]) if name in row else ""

    return {
        "smaller": cell("times_smaller", "{:.2f}x"),
        "bytes": cell("bytes", "{:,}"),
        "MACs": cell("macs", "{:,.0f}"),
        "SNR": cell("difference_snr_db", "{:.1f}"),
        "PESQ": cell("pesq", "{:.2f}"),
        "STOI": cell("stoi", "{:.3f}"),
        "above mask": cell("frames_above_mask", "{:.0%}"),
    }


def _line(first: str, cells: Sequence[str]) -> str:
    return f"{first:<8}" + "".join(f"{cell:>14}" for cell in cells)
