"""Spectrograms of an axis that `jndlab compress` has rendered, for the pages in docs/how-to.

    python benchmarks/compression_spectrograms.py FOLDER ITEM FILE.png [--levels 2,4,5]
                                                  [--names "4 groups,16 groups,32 groups"]

Above: the outputs of the baseline and the versions. Below: the difference of each to the baseline.
FOLDER holds baseline/ITEM.wav and one condition with LEVEL/ITEM.wav. All on one scale of 60 dB
below the baseline's strongest cell; 12 levels of grey, so that the file stays small.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import matplotlib as mpl
import numpy as np
from matplotlib.figure import Figure
from numpy.typing import NDArray
from PIL import Image
from scipy.signal import ShortTimeFFT
from scipy.signal.windows import hann

from jndlab.audio.reading import read_clip

RANGE_DB = 60.0
SHADES = 12


def options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folder", type=Path)
    parser.add_argument("item")
    parser.add_argument("file", type=Path)
    parser.add_argument("--levels", help="such as 2,4,5 [default: all]")
    parser.add_argument("--names", help="what the levels are called [default: the levels]")
    return parser.parse_args()


def main() -> None:
    asked = options()
    (condition,) = [p for p in asked.folder.iterdir() if p.is_dir() and p.name != "baseline"]
    levels = (
        asked.levels.split(",") if asked.levels else sorted(p.name for p in condition.iterdir())
    )
    names = asked.names.split(",") if asked.names else [f"level {level}" for level in levels]
    baseline, rate_hz = sound(asked.folder / "baseline" / f"{asked.item}.wav")
    versions = [sound(condition / level / f"{asked.item}.wav")[0] for level in levels]
    draw(baseline, dict(zip(names, versions, strict=True)), rate_hz, asked.file)
    print(f"{asked.file}: {asked.file.stat().st_size} bytes")


def sound(path: Path) -> tuple[NDArray[np.float64], int]:
    clip = read_clip(path)
    return clip.samples[:, 0], clip.rate_hz


def draw(
    baseline: NDArray[np.float64],
    versions: dict[str, NDArray[np.float64]],
    rate_hz: int,
    file: Path,
) -> None:
    top = spectrogram_db(baseline, rate_hz).max()
    mpl.rcParams.update({"font.size": 8})
    figure = Figure(figsize=(2.3 * (len(versions) + 1), 3.6), layout="constrained")
    grid = figure.subplots(2, len(versions) + 1, sharex=True, sharey=True, squeeze=False)
    cells = {(0, 0): ("baseline", baseline)}
    for column, (name, version) in enumerate(versions.items(), start=1):
        cells[0, column] = (name, version)
        cells[1, column] = ("its difference", version - baseline)
    for place, (title, samples) in cells.items():
        axes = grid[place]
        axes.imshow(
            spectrogram_db(samples, rate_hz),
            origin="lower",
            aspect="auto",
            cmap="gray_r",
            vmin=top - RANGE_DB,
            vmax=top,
            extent=(0, samples.size / rate_hz, 0, rate_hz / 2000),
            interpolation="nearest",
        )
        axes.set_title(title, fontsize=8)
    grid[1, 0].set_visible(False)
    grid[0, 0].set(ylabel="kHz", xlabel="s")
    grid[0, 0].tick_params(labelbottom=True)
    for column in range(1, len(versions) + 1):
        grid[1, column].set_xlabel("s")
    file.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(file, dpi=90, metadata={"Software": None})
    with Image.open(file) as image:
        image.convert("L").quantize(SHADES).save(file, optimize=True)


def spectrogram_db(samples: NDArray[np.float64], rate_hz: int) -> NDArray[np.float64]:
    """Power in frames of 32 ms every 16 ms, (n_bins, n_frames), dB."""
    frame = round(0.032 * rate_hz)
    transform = ShortTimeFFT(hann(frame, sym=False), frame // 2, rate_hz)
    return 10 * np.log10(np.abs(transform.stft(samples)) ** 2 + 1e-12)


if __name__ == "__main__":
    main()
