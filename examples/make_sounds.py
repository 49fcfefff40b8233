#!/usr/bin/env python3
"""Make the sounds of the example studies, all of them in one folder.

    python examples/make_sounds.py

writes ``examples/sounds``: the four noisy sentences of ``jndlab demo``, enhanced by the small
model that comes with jndlab, as it is (``baseline``) and compressed in three ways at graded
levels, with a manifest; and two sounds of beeps. What is there already is kept, so doing it again
takes no time.

The same from the command line, one line for each way:

    jndlab compress seofp --noisy NOISY --levels 4,3,2,1,0,-0.585,-1 --output examples/sounds
"""

from __future__ import annotations

import argparse
import sys
from importlib.resources import as_file, files
from pathlib import Path

from jndlab.audio.pcm import encode_float_wav
from jndlab.audio.tones import beeps
from jndlab.compression.axis import Method, WeightAxis
from jndlab.compression.enhancer.bundled import bundled_model
from jndlab.compression.rendering import render_axis
from jndlab.compression.seofp.axis import Seofp
from jndlab.compression.sources import ModelSource
from jndlab.compression.sparse.axis import Cluster, Prune
from jndlab.errors import JndlabError
from jndlab.files import write_atomically

OUTPUT = Path(__file__).parent / "sounds"
AXES: tuple[tuple[Method, tuple[float, ...]], ...] = (
    (Seofp(), (4.0, 3.0, 2.0, 1.0, 0.0, -0.585, -1.0)),
    (Prune(), (0.2, 0.3, 0.4, 0.45, 0.5)),
    (Cluster(), (6.0, 5.0, 4.0, 3.0)),
)
"""Fraction bits, share of zeros, bits of an index; each from inaudible to obvious."""

TRAPS = {"two-beeps.wav": 2, "four-beeps.wav": 4}
"""Sounds of catch trials that ask for an answer: as many as there are beeps."""
RATE_HZ = 16_000


def make_sounds(output: Path, *, scores: bool = True) -> Path:
    """Render everything that the examples need; the manifest's path comes back.

    ``scores``: PESQ and STOI in the manifest, where they are installed.
    """
    model = bundled_model()
    with as_file(files("jndlab.demo") / "material" / "noisy") as noisy:
        for method, levels in AXES:
            axis = ModelSource(WeightAxis.of(model, method, levels), noisy)
            rendered = render_axis(axis, output, scores=scores)
    for name, n_beeps in TRAPS.items():
        sound = beeps(n_beeps, RATE_HZ)
        write_atomically(output / "traps" / name, encode_float_wav(sound, RATE_HZ), replace=True)
    return rendered.manifest


def main() -> int:
    """Read the command line, make the sounds, say where they are."""
    parser = argparse.ArgumentParser(description="Make the sounds of the example studies.")
    parser.add_argument("--output", type=Path, default=OUTPUT, help="folder (%(default)s)")
    parser.add_argument("--no-scores", action="store_true", help="leave out PESQ and STOI")
    options = parser.parse_args()
    try:
        manifest = make_sounds(options.output, scores=not options.no_scores)
    except JndlabError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    print(f"Wrote {manifest.parent}; now for example:  jndlab check examples/abx")
    return 0


if __name__ == "__main__":
    sys.exit(main())
