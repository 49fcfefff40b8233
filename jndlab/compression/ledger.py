"""What a folder of renders consists of: kept beside the files, and written out as the manifest."""

from __future__ import annotations

import contextlib
import csv
import hashlib
import io
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from jndlab import __version__
from jndlab.audio.places import Place
from jndlab.compression.axis import position
from jndlab.compression.distances import NAMES, Distances
from jndlab.compression.sources import LevelFacts, Source
from jndlab.errors import CompressionError
from jndlab.files import write_atomically

FILE = ".rendering.json"
FORMAT = 1
COLUMNS = (
    *("item", "condition", "level", "path"),
    *("unit", "compression", "x", "origin", "method", "model", "seed"),
    *("parameters", "parameters_rule", "bytes", "bytes_rule", "macs", "macs_rule"),
    *("checkpoint_digest", "sound_digest", "gain_db"),
    *NAMES,
)
"""Of manifest.csv. ``x`` rises with compression; ``gain_db`` is what matched the loudness."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One file."""

    item: str
    condition: str
    level: float | None
    path: str
    """Below the folder."""
    key: str
    """Digest of what it was made from."""
    sound_digest: str
    """SHA-256 (hex) of the file."""
    gain_db: float
    distances: Mapping[str, float | None] | None
    """To the baseline, by the names in :class:`Distances`; None for the baseline itself."""


@dataclass(slots=True)
class Ledger:
    """All files of a folder, and the facts of the models that made them."""

    folder: Path
    entries: dict[str, Entry] = field(default_factory=dict)
    """By path."""
    axes: dict[str, dict[str, Any]] = field(default_factory=dict)
    """By the name of the condition."""

    @staticmethod
    def is_in(folder: Path) -> bool:
        """Whether the folder has one."""
        return (folder / FILE).is_file()

    @classmethod
    def load(cls, folder: Path) -> Ledger:
        """That of a folder, or an empty one. Raises CompressionError for a damaged one."""
        if not cls.is_in(folder):
            return cls(folder)
        try:
            content = json.loads((folder / FILE).read_text(encoding="utf-8"))
            if content["format"] != FORMAT:
                raise ValueError
            entries = [Entry(**one) for one in content["entries"]]
            return cls(folder, {one.path: one for one in entries}, content["axes"])
        except (OSError, ValueError, KeyError, TypeError):
            raise CompressionError(
                f"{folder / FILE} is damaged.", "Render into a new folder, or remove that file."
            ) from None

    def save(self) -> None:
        """Write it whole or not at all. Raises StoreError."""
        content = {
            "format": FORMAT,
            "entries": [asdict(one) for _, one in sorted(self.entries.items())],
            "axes": self.axes,
        }
        text = json.dumps(content, indent=1, sort_keys=True)
        write_atomically(self.folder / FILE, text.encode(), replace=True)

    def entry(self, path: str) -> Entry | None:
        """What is known of a file."""
        return self.entries.get(path)

    def add(
        self, place: Place, *, key: str, wav: bytes, gain_db: float, distances: Distances | None
    ) -> Entry:
        """Note a file that was just written."""
        entry = Entry(
            item=place.item,
            condition=place.condition,
            level=place.level,
            path=place.path,
            key=key,
            sound_digest=hashlib.sha256(wav).hexdigest(),
            gain_db=gain_db,
            distances=None if distances is None else asdict(distances),
        )
        self.entries[place.path] = entry
        return entry

    def remove_others(self, condition: str, paths: set[str]) -> None:
        """Remove what an earlier rendering of this axis made beyond ``paths``.

        A file that somebody has changed since is not ours any more, and stays.
        """
        for path, one in list(self.entries.items()):
            if one.condition != condition or path in paths:
                continue
            file = self.folder / path
            with contextlib.suppress(OSError):
                if hashlib.sha256(file.read_bytes()).hexdigest() == one.sound_digest:
                    file.unlink()
                    file.parent.rmdir()  # if that was the last of its level
            del self.entries[path]

    def describe(self, source: Source) -> None:
        """Note what is known of an axis and the model at each of its levels."""
        self.axes[source.name] = {
            "unit": source.unit,
            "compression": source.compression,
            "origin": source.origin,
            "method": source.rule,
            "model": source.model,
            "rate_hz": source.rate_hz,
            "jndlab": __version__,
            "baseline": _facts(source.facts(None)),
            "levels": {_key(level): _facts(source.facts(level)) for level in source.levels},
        }

    def manifest(self) -> str:
        """CSV with :data:`COLUMNS`, one row per file, the baseline first."""
        text = io.StringIO()
        writer = csv.DictWriter(text, COLUMNS, lineterminator="\n")
        writer.writeheader()
        for entry in sorted(self.entries.values(), key=self._order):
            writer.writerow(self._row(entry))
        return text.getvalue()

    def card(self) -> str:
        """All facts of all axes as JSON: sizes, rules, digests, seeds, codebooks."""
        return json.dumps(self.axes, indent=2, sort_keys=True, ensure_ascii=False) + "\n"

    def _order(self, entry: Entry) -> tuple[bool, str, float, str]:
        if entry.level is None:
            return False, "", 0.0, entry.item
        compression = self.axes[entry.condition]["compression"]
        return True, entry.condition, position(entry.level, compression), entry.item

    def _row(self, entry: Entry) -> dict[str, object]:
        if entry.level is None:
            axis: Mapping[str, Any] = next(iter(self.axes.values()))
            own, facts = {"model": axis["model"]}, axis["baseline"]
        else:
            axis = self.axes[entry.condition]
            facts = axis["levels"][_key(entry.level)]
            own = {
                "level": f"{entry.level:.15g}",
                "unit": axis["unit"],
                "compression": axis["compression"],
                "x": f"{position(entry.level, axis['compression']):.15g}",
                "origin": facts.get("origin") or axis["origin"],
                "method": axis["method"],
                "model": axis["model"],
                "gain_db": f"{entry.gain_db:.4f}",
            }
        figures = {
            name: f"{value:.6g}"
            for name, value in (entry.distances or {}).items()
            if value is not None
        }
        return {
            "item": entry.item,
            "condition": entry.condition,
            "path": entry.path,
            "sound_digest": entry.sound_digest,
            **own,
            **{name: facts[name] for name in _IN_MANIFEST if facts.get(name) not in (None, "")},
            **figures,
        }


_IN_MANIFEST = (
    *("seed", "parameters", "parameters_rule", "bytes", "bytes_rule"),
    *("macs", "macs_rule", "checkpoint_digest"),
)


def _key(level: float) -> str:
    return f"{level:.15g}"


def _facts(known: LevelFacts) -> dict[str, Any]:
    """As JSON has them; what is not known is left out."""
    found: dict[str, Any] = {
        "checkpoint_digest": known.digest,
        "seed": known.seed,
        "origin": known.origin,
    }
    if known.parameters is not None:
        found |= {
            "parameters": known.parameters.count,
            "parameters_rule": known.parameters.rule,
        }
    if known.storage is not None:
        found |= {
            "bits": known.storage.bits,
            "bytes": known.storage.n_bytes,
            "bytes_rule": known.storage.rule,
        }
    if known.operations is not None:
        found |= {
            "macs": round(known.operations.macs),
            "macs_rule": f"{known.operations.rule}; clip of {known.operations.seconds:g} s",
        }
    if known.facts:
        found["facts"] = dict(known.facts)
    return {name: value for name, value in found.items() if value not in (None, "")}
