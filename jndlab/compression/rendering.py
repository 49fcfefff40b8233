"""An axis -> sound files with a manifest: what a study is made from.

The files lie as a study wants them, ``baseline/ITEM.wav`` and ``NAME/LEVEL/ITEM.wav``, in single
precision, so that nothing is rounded twice and nothing clips before the launch. A rendering that
was interrupted goes on where it stopped: each file is written whole, and the ledger beside them
says what each was made from.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np

from jndlab.audio.loudness import loudness_lufs
from jndlab.audio.pcm import encode_float_wav
from jndlab.audio.places import Place, is_condition_name
from jndlab.audio.reading import read_clip
from jndlab.compression.distances import measure_distances
from jndlab.compression.ledger import Entry, Ledger
from jndlab.compression.model import Signal
from jndlab.compression.sources import Source, SourceSound, digest_of, require_heard
from jndlab.errors import CompressionError
from jndlab.files import hold_lock, make_folder, write_atomically
from jndlab.study.definition import is_name
from jndlab.study.trials import BASELINE

MANIFEST = "manifest.csv"
CARD = "model-card.json"
LOCK = ".rendering.lock"
MAX_GAIN_DB = 20.0
"""A version so much softer or louder than its baseline is broken, and no gain mends it."""

Progress = Callable[[], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Rendered:
    """What a rendering came to."""

    folder: Path
    manifest: Path
    n_written: int
    """Files made now; the others were there from before."""
    entries: tuple[Entry, ...]
    """Of this axis, the baseline's first."""
    disordered: tuple[str, ...]
    """Items whose distance to the baseline does not rise with every level."""


def count_steps(source: Source) -> int:
    """How often :func:`render_axis` calls ``progress``."""
    return len(source.items) * (1 + len(source.levels))


def render_axis(
    source: Source,
    output: Path,
    *,
    match_loudness: bool = True,
    scores: bool = True,
    progress: Progress = lambda: None,
) -> Rendered:
    """Render every level of every item below ``output``, and write the manifest.

    ``match_loudness``: bring each version to its baseline's loudness (BS.1770) by one factor,
    which the manifest records; without it the test may measure loudness. ``scores``: PESQ and
    STOI, where they are installed. Several axes may share a folder if they have the same baseline.

    Raises CompressionError, AudioError, StoreError; what was rendered until then stays and is gone
    on with.
    """
    _require_names(source)
    for level in source.levels:  # all of them can be had, before anything is written
        source.facts(level)
    with _only_rendering(output):
        ledger = Ledger.load(output)
        ledger.save()  # from here on the folder is known as ours, whatever happens
        work = _Work(source, output, ledger, match_loudness, scores)
        entries = []
        for item in source.items:
            for entry in work.item(item):
                entries.append(entry)
                progress()
            ledger.save()
        ledger.remove_others(source.name, {entry.path for entry in entries})
        ledger.describe(source)
        ledger.save()
        write_atomically(output / MANIFEST, ledger.manifest().encode(), replace=True)
        write_atomically(output / CARD, ledger.card().encode(), replace=True)
    return Rendered(
        folder=output,
        manifest=output / MANIFEST,
        n_written=work.n_written,
        entries=tuple(sorted(entries, key=lambda one: one.level is not None)),
        disordered=_disordered(source, entries),
    )


@dataclass(slots=True)
class _Work:
    source: Source
    output: Path
    ledger: Ledger
    match_loudness: bool
    scores: bool
    n_written: int = 0

    def item(self, item: str) -> Iterator[Entry]:
        """The baseline of an item, then its versions, least compressed first."""
        sound = self.source.sound(item)
        baseline: Signal | None = None
        for level in (None, *self.source.levels):
            place = self._place(item, level)
            key = self._key(sound, item, level)
            known = self.ledger.entry(place.path)
            if level is None and known is not None and known.key != key:
                raise CompressionError(
                    f"{self.output} holds another baseline of {item}.",
                    "Axes share a folder only if model and noisy sounds are the same: name an "
                    "empty folder with --output.",
                )
            if known is None or known.key != key or not (self.output / place.path).is_file():
                baseline = self._baseline(sound, item) if baseline is None else baseline
                known = self._write(sound, baseline, place, key)
            yield known

    def _baseline(self, sound: SourceSound, item: str) -> Signal:
        kept = self.output / self._place(item, None).path
        if kept.is_file() and self.ledger.entry(self._place(item, None).path) is not None:
            return np.asarray(read_clip(kept).samples[:, 0])
        baseline = self.source.baseline(sound, item)
        require_heard(baseline, f"The baseline's output for {item} is")
        return baseline

    def _write(self, sound: SourceSound, baseline: Signal, place: Place, key: str) -> Entry:
        source, rate_hz = self.source, self.source.rate_hz
        baseline = as_written(baseline)
        version, gain_db = baseline, 0.0
        if place.level is not None:
            version = source.version(sound, place.item, place.level)
            if self.match_loudness:
                version, gain_db = match_loudness(baseline, version, rate_hz, place)
            version = as_written(version)
        wav = encode_float_wav(version[:, None], rate_hz)
        distances = None
        if place.level is not None:
            distances = measure_distances(baseline, version, rate_hz, scores=self.scores)
        write_atomically(self.output / place.path, wav, replace=True)
        self.n_written += 1
        return self.ledger.add(place, key=key, wav=wav, gain_db=gain_db, distances=distances)

    def _place(self, item: str, level: float | None) -> Place:
        name = BASELINE if level is None else self.source.name
        return Place(condition=name, level=level, item=item)

    def _key(self, sound: SourceSound, item: str, level: float | None) -> str:
        """What the file is made from: another one as soon as anything of it changes."""
        source = self.source
        parts = [str(source.rate_hz), source.fingerprint(sound, item, level)]
        if level is not None:
            matched = "matched" if self.match_loudness else "as it is"
            parts += [source.name, repr(level), matched, "scored" if self.scores else ""]
        return digest_of(*parts)


def as_written(sound: Signal) -> Signal:
    """What the file will give back: rounded to single precision."""
    return np.asarray(sound.astype(np.float32), dtype=np.float64)


def match_loudness(
    baseline: Signal, version: Signal, rate_hz: int, place: Place
) -> tuple[Signal, float]:
    """The version with the baseline's loudness (ITU-R BS.1770-4), and the gain in dB.

    Raises CompressionError for a version that is silent, or too far away to be brought there.
    """
    where = f"The output for {place.item} at level {place.level:g}"
    one, other = (loudness_lufs(sound[:, None], rate_hz) for sound in (baseline, version))
    if one is None or other is None:
        raise CompressionError(
            f"{where} is all but silent.",
            "The compression broke the model at this level: leave the level out.",
        )
    gain_db = one - other
    if abs(gain_db) > MAX_GAIN_DB:
        raise CompressionError(
            f"{where} is {abs(gain_db):.0f} dB {'softer' if gain_db > 0 else 'louder'} than the "
            "baseline.",
            "The compression broke the model at this level: leave the level out.",
        )
    return np.asarray(version * 10 ** (gain_db / 20)), gain_db


def _disordered(source: Source, entries: list[Entry]) -> tuple[str, ...]:
    """Items that have no order on this axis: a level lies nearer than a less compressed one.

    The seed twin is left out: it is as large as the baseline, and may lie anywhere.
    """
    levels = [one for one in source.levels if source.facts(one).origin != "seed-twin"]
    wrong = []
    for item in source.items:
        of_level = {one.level: one.distances for one in entries if one.item == item}
        snr = [(of_level[level] or {}).get("difference_snr_db") or 0.0 for level in levels]
        if any(after > before for before, after in pairwise(snr)):
            wrong.append(item)
    return tuple(wrong)


def _require_names(source: Source) -> None:
    if not is_condition_name(source.name):
        raise CompressionError(
            f"An axis cannot be called {source.name!r}.",
            "Give it a name of letters, digits, '.', '_' and '-' that is not “baseline”.",
        )
    for item in source.items:
        if not is_name(item):
            raise CompressionError(f"The item {item!r} cannot be used.", "Rename the file.")


@contextmanager
def _only_rendering(output: Path) -> Iterator[None]:
    """Hold the folder. Raises CompressionError if another rendering has it, or it is not ours."""
    existed = output.exists()
    make_folder(output)
    if existed and not Ledger.is_in(output) and any(path.name != LOCK for path in output.iterdir()):
        raise CompressionError(
            f"{output} holds files that no rendering has made.",
            "Name a new or empty folder with --output.",
        )
    with hold_lock(output / LOCK) as mine:
        if not mine:
            raise CompressionError(
                f"Another rendering writes into {output}.", "Wait until it has ended."
            )
        yield
