"""Entry points that take bytes from somebody else. Each may refuse them; none may fail.

A target raises nothing but what it says itself of wrong input, a JndlabError; whatever else comes
out is a defect.
"""

from __future__ import annotations

import io
import shutil
import tempfile
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import numpy as np
import soundfile as sf

from jndlab.analysis import load_counts, load_foreign_trials, load_trials
from jndlab.audio.archives import archive_entries, read_entry, unpack
from jndlab.audio.layout import arrange
from jndlab.audio.manifest import read_manifest
from jndlab.audio.reading import read_clip
from jndlab.audio.received import check_received
from jndlab.errors import JndlabError
from jndlab.importing import ImportOptions, import_study
from jndlab.study.edit import set_value, value_at
from jndlab.study.study_file import parse_study
from tests.builders import make_study_text

MOST_BYTES = 4 * 1024**2
"""What an archive may unpack to here."""

Target = Callable[[bytes], None]


@contextmanager
def _file(content: bytes, name: str) -> Iterator[Path]:
    folder = Path(tempfile.mkdtemp(prefix="jndlab-fuzz-", dir=_memory()))
    try:
        (folder / name).write_bytes(content)
        yield folder / name
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _memory() -> str | None:
    return "/dev/shm" if Path("/dev/shm").is_dir() else None


def _sound(content: bytes, name: str) -> None:
    with _file(content, name) as path, suppress(JndlabError):
        facts = check_received(path, name=name)
        clip = read_clip(path)
        assert clip.samples.shape[1] == facts.n_channels
        assert np.isfinite(clip.samples).all()


def wav(content: bytes) -> None:
    """A WAV file that was sent: what is accepted can be read, and is as it was told."""
    _sound(content, "a.wav")


def flac(content: bytes) -> None:
    """A FLAC file that was sent."""
    _sound(content, "a.flac")


def archive(content: bytes) -> None:
    """A zip archive that was sent: nothing gets out of its folder or over its size."""
    with _file(content, "a.zip") as path:
        with suppress(JndlabError):
            entries = archive_entries(path, max_bytes=MOST_BYTES)
            names = [entry.name for entry in entries]
            arrange(names)
            for name in names[:3]:
                with suppress(JndlabError):
                    assert len(read_entry(path, name, max_bytes=1000)) <= 1000
            stage = path.parent / "stage"
            unpack(path, {name: stage / name for name in names}, max_bytes=MOST_BYTES)
        outside = {file for file in path.parent.rglob("*") if file.is_file()} - {path}
        assert all((path.parent / "stage") in file.parents for file in outside)
        assert sum(file.stat().st_size for file in outside) <= MOST_BYTES + 64 * 1024


def study_file(content: bytes) -> None:
    """A study file: read, and changed by the pages."""
    text = content.decode("utf-8", errors="surrogateescape")
    with suppress(JndlabError):
        parse_study(text)
    with suppress(JndlabError):
        changed = set_value(text, ("title",), "changed")
        assert value_at(changed, ("title",)) == "changed"


def table(content: bytes) -> None:
    """CSV tables: of models, of trials, of other tools' trials, of counts."""
    with suppress(JndlabError):
        read_manifest(content.decode("utf-8", errors="replace"))
    with _file(content, "a.csv") as path:
        for load in (load_trials, load_foreign_trials, load_counts):
            with suppress(JndlabError):
                load(path)  # type: ignore[operator]


def other_tool(content: bytes) -> None:
    """The configuration of another tool: webMUSHRA, ReSEval, BeaqleJS, Listen-and-Rate."""
    for name in ("config.yaml", "config.js"):
        with _file(content, name) as path, suppress(JndlabError):
            import_study(path.parent, ImportOptions(follow_links=False), boundary=path.parent)


TARGETS: dict[str, Target] = {
    "wav": wav,
    "flac": flac,
    "zip": archive,
    "study": study_file,
    "csv": table,
    "import": other_tool,
}


def seeds(name: str) -> list[bytes]:
    """Good inputs of a target, from which bad ones are made."""
    return _SEEDS[name]()


def _sounds(kind: str, subtypes: tuple[str, ...]) -> list[bytes]:
    made = []
    rng = np.random.default_rng(1)
    for subtype in subtypes:
        for n_channels in (1, 2):
            out = io.BytesIO()
            samples = rng.uniform(-0.5, 0.5, (400, n_channels))
            sf.write(out, samples, 16_000, format=kind, subtype=subtype)
            made.append(out.getvalue())
    return made


def _archives() -> list[bytes]:
    wav_bytes = _sounds("WAV", ("PCM_16",))[0]
    made = []
    for packing in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w", packing) as written:
            written.writestr("baseline/one.wav", wav_bytes)
            written.writestr("bits/3/one.wav", wav_bytes)
            written.writestr("höhe/", b"")
            written.writestr(
                "manifest.csv", b"item,condition,level,path\none,bits,3,bits/3/one.wav\n"
            )
        made.append(out.getvalue())
    return made


def _tables() -> list[bytes]:
    return [
        b"item,condition,level,path,parameters\none,bits,3,bits/3/one.wav,1200\n",
        b"participant,level,response,correct,condition\n1,3,A,1,bits\n1,2,B,0,bits\n2,3,A,1,bits\n",
        b"level,n_trials,n_correct\n1,20,11\n2,20,15\n4,20,20\n",
        "\ufefflevel;n_trials;n_correct\r\n1,5;20;11\r\n2;20;15\r\n".encode(),
    ]


def _configurations() -> list[bytes]:
    return [
        b"testname: a\ntestId: b\npages:\n  - type: mushra\n    id: t1\n    reference: a.wav\n"
        b"    stimuli:\n      C1: b.wav\n      C2: c.wav\n",
        b'var TestConfig = {\n  "TestName": "x", "RateScaleEnd": 5,\n  Testsets: [{Name: \'a\','
        b' TestID: "id1", Files: {"A": "a.wav", "B": "b.wav"}}]\n}\n',
        b"name: x\ntest: ABTest\ndataset: x\nrandom_seed: 0\nconditions: [a, b]\n",
    ]


_SEEDS: dict[str, Callable[[], list[bytes]]] = {
    "wav": lambda: (
        _sounds("WAV", ("PCM_16", "PCM_24", "FLOAT", "DOUBLE")) + _sounds("RF64", ("PCM_16",))
    ),
    "flac": lambda: _sounds("FLAC", ("PCM_16", "PCM_24")),
    "zip": _archives,
    "study": lambda: [make_study_text().encode(), make_study_text(paradigm="mushra").encode()],
    "csv": _tables,
    "import": _configurations,
}
