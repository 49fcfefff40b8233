"""Planted faults: does the pair gate find every one, and leave clean pairs alone?

    python benchmarks/gate_faults.py [--quick] [--json FILE] [--pairs N] [--seed N] [--workers N]
        [--recordings FOLDER | --renders FOLDER] [--least DB]

Pairs of speech-like sounds, 3 s at 16 kHz and 16 bits. The compressed one is 16 to 60 dB away from
its baseline, by noise with the sound's own spectrum, by gains that wander over time and frequency,
or by a rounded spectrum, of no gain on average. Each pair is looked at clean and with every fault
in turn; whatever is found in a clean one is a false alarm. 0.2 dB is planted from 24 dB on, and a
second table says by kind up to where it shows through.

--recordings takes the baselines from the sound files of a folder, 3 s of each in turn. --renders
takes whole pairs, baseline/ITEM and CONDITION/LEVEL/ITEM, those at least --least dB apart.
620 pairs take six to ten minutes of CPU time, --quick (60 pairs) one. Exits with 1 if a fault
was missed or a clean pair raised an alarm.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import soundfile as sf
import soxr
from planted_faults import FAULTS, Pair, gain
from printing import finish, show
from speech_like import KINDS, RATE_HZ, Signal, difference, sixteen_bits, utterance

from jndlab.audio.checking import check_item
from jndlab.audio.pairs import Source
from jndlab.audio.reading import Clip
from jndlab.study.definition import Condition, Stimuli, StudyDefinition

SECONDS = 3.0
NEAREST_DB, FARTHEST_DB = 16.0, 60.0
SWEEP_DB = (10, 12, 14, 16, 18, 20, 22, 24)
N_SWEEP = 60
"""Pairs at each distance, of each kind in turn."""
ENDINGS = (".wav", ".flac")
CONDITION = Condition(
    name="planted", folder="planted", levels=(1.0,), unit="level", compression="rises"
)
STUDY = StudyDefinition(
    slug="benchmark",
    title="Benchmark",
    paradigm="abx",
    seed=1,
    stimuli=Stimuli(baseline="baseline", items=("item",), conditions=(CONDITION,)),
)
SOURCES = (
    Source(item="item", condition="baseline", level=None, path=Path("baseline/item.wav")),
    Source(item="item", condition="planted", level=1.0, path=Path("planted/1/item.wav")),
)


def codes(pair: Pair) -> tuple[str, ...]:
    """Everything that the gate finds in a pair as it would lie in two files."""
    clips = [
        Clip(samples=sixteen_bits(sound)[:, None], rate_hz=pair.rate_hz, source_digest=name)
        for name, sound in (("a", pair.baseline), ("b", pair.compressed))
    ]
    findings, _ = check_item(STUDY, SOURCES, clips)
    return tuple(finding.code for finding in findings)


def made_pair(sound: Signal, next_sound: Signal, distance_db: float, seed: int) -> Pair:
    """A pair of a baseline, with that seed's kind of difference."""
    rng = np.random.default_rng([seed, 1])
    kind = KINDS[seed % len(KINDS)]
    versions = [one + difference(kind, one, distance_db, rng) for one in (sound, next_sound)]
    return Pair(sound, versions[0], versions[1], RATE_HZ, kind, distance_db)


def synthetic_pair(seed: int, distance_db: float | None = None) -> Pair:
    """A pair of speech-like sounds; at any distance in the range if none is named."""
    rng = np.random.default_rng(seed)
    sounds = [utterance(np.random.default_rng([seed, n, 7]), SECONDS) for n in range(2)]
    distance = rng.uniform(NEAREST_DB, FARTHEST_DB) if distance_db is None else distance_db
    return made_pair(sounds[0], sounds[1], distance, seed)


def recorded_pair(folder: Path, seed: int, distance_db: float | None = None) -> Pair:
    """A pair whose baseline is 3 s of a recording, and another recording for a swap."""
    paths = sorted(path for path in folder.rglob("*") if path.suffix.lower() in ENDINGS)
    rng = np.random.default_rng(seed)
    sounds = [_excerpt(paths[(seed + n) % len(paths)], rng) for n in range(2)]
    distance = rng.uniform(NEAREST_DB, FARTHEST_DB) if distance_db is None else distance_db
    return made_pair(sounds[0], sounds[1], distance, seed)


def _excerpt(path: Path, rng: np.random.Generator) -> Signal:
    samples, rate_hz = sf.read(path, always_2d=True)
    sound = soxr.resample(samples.mean(axis=1), rate_hz, RATE_HZ, quality="VHQ")
    sound *= min(1.0, 0.7 / np.abs(sound).max())
    n_frames = round(SECONDS * RATE_HZ)
    starts = np.arange(0, max(len(sound) - n_frames, 0) + 1, RATE_HZ // 20)
    power = np.concatenate([[0.0], np.cumsum(sound**2)])
    energy = power[np.minimum(starts + n_frames, len(sound))] - power[starts]
    start = int(rng.choice(starts[energy >= 0.5 * energy.max()]))
    return np.pad(sound[start : start + n_frames], (0, max(n_frames - len(sound), 0)))


def rendered_pairs(folder: Path) -> Iterator[Pair]:
    """All pairs below a folder with baseline/ITEM and CONDITION/LEVEL/ITEM, as they are."""
    baselines = sorted(p for p in (folder / "baseline").iterdir() if p.suffix.lower() in ENDINGS)
    for number, path in enumerate(baselines):
        one, rate_hz = sf.read(path, always_2d=True)
        for version in sorted(folder.glob(f"*/*/{path.name}")):
            next_item = version.with_name(baselines[(number + 1) % len(baselines)].name)
            other, third = (sf.read(each, always_2d=True)[0][:, 0] for each in (version, next_item))
            power = np.mean((other - one[:, 0]) ** 2) / np.mean(one[:, 0] ** 2)
            distance_db = -10 * np.log10(max(float(power), 1e-20))
            kind = "/".join(version.parts[-3:-1])
            yield Pair(one[:, 0], other, third, rate_hz, kind, distance_db)


def look(pair: Pair, seed: int) -> dict[str, tuple[str, ...] | None]:
    """What is found in a pair clean, under the name "clean", and with each fault."""
    found: dict[str, tuple[str, ...] | None] = {"clean": codes(pair)}
    for number, (name, fault) in enumerate(FAULTS.items()):
        rng = np.random.default_rng([seed, 2, number])
        is_defined = pair.distance_db >= fault.from_db
        found[name] = codes(fault.plant(pair, rng)) if is_defined else None
    return found


def look_at_seed(folder: Path | None, seed: int) -> dict[str, tuple[str, ...] | None]:
    pair = synthetic_pair(seed) if folder is None else recorded_pair(folder, seed)
    return look(pair, seed)


def gain_at(folder: Path | None, place: tuple[int, float]) -> tuple[float, str, bool, bool]:
    """Distance, kind, whether 0.2 dB (up and down) is found there, whether the pair is clean."""
    seed, distance_db = place
    pair = (
        synthetic_pair(seed, distance_db)
        if folder is None
        else recorded_pair(folder, seed, distance_db)
    )
    rng = np.random.default_rng(seed)
    louder, softer = ("gain" in codes(gain(change, pair, rng)) for change in (0.2, -0.2))
    return distance_db, pair.kind, louder and softer, not codes(pair)


def fault_rows(looks: Sequence[dict[str, tuple[str, ...] | None]]) -> list[dict[str, Any]]:
    """Per fault: planted, found, and what else was found."""
    rows = []
    for name, fault in FAULTS.items():
        seen = [found for one in looks if (found := one[name]) is not None]
        others = Counter(code for found in seen for code in {*found} - fault.codes)
        rows.append(
            {
                "fault": name,
                "found as": ", ".join(sorted(fault.codes)),
                "planted": len(seen),
                "found": sum(bool(fault.codes & {*found}) for found in seen),
                "found beside it": ", ".join(f"{n} {code}" for code, n in others.most_common()),
            }
        )
    alarms = Counter(code for one in looks for code in one["clean"] or ())
    n_clean = len(looks)
    rows.append(
        {
            "fault": "none: clean pairs",
            "found as": "nothing",
            "planted": n_clean,
            "found": sum(not one["clean"] for one in looks),
            "found beside it": ", ".join(f"{n} {code}" for code, n in alarms.most_common()),
        }
    )
    return rows


def parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--quick", action="store_true", help="60 pairs")
    parser.add_argument("--json", type=Path, help="write the rows to this file too")
    parser.add_argument("--pairs", type=int, default=620, help="how many pairs")
    parser.add_argument("--seed", type=int, default=1, help="seed of the first pair")
    parser.add_argument("--workers", type=int, default=os.cpu_count(), help="processes")
    parser.add_argument("--recordings", type=Path, help="folder of sound files for baselines")
    parser.add_argument("--renders", type=Path, help="folder of rendered pairs")
    parser.add_argument("--least", type=float, default=0.0, help="dB; only pairs so far apart")
    return parser.parse_args()


def main() -> int:
    options = parse()
    n_pairs = 60 if options.quick else options.pairs
    seeds = range(options.seed, options.seed + n_pairs)
    with ProcessPoolExecutor(options.workers) as pool:
        if options.renders is not None:
            pairs = [p for p in rendered_pairs(options.renders) if p.distance_db >= options.least]
            looks = list(pool.map(look, pairs, range(len(pairs))))
        else:
            looks = list(pool.map(partial(look_at_seed, options.recordings), seeds, chunksize=4))
            n_sweep = 12 if options.quick else N_SWEEP
            places = [(seed, float(db)) for db in SWEEP_DB for seed in seeds[:n_sweep]]
            sweep = list(pool.map(partial(gain_at, options.recordings), places, chunksize=4))
    rows = fault_rows(looks)
    print(f"seeds {seeds[0]} to {seeds[-1]}\n")
    show(rows)
    if options.renders is None:
        print()
        show(sweep_rows(sweep))
    finish(options, rows)
    return int(any(row["found"] < row["planted"] for row in rows))


def sweep_rows(sweep: Sequence[tuple[float, str, bool, bool]]) -> list[dict[str, Any]]:
    """Per distance: share of pairs in which 0.2 dB is found, up and down, by kind."""
    rows = []
    for db in SWEEP_DB:
        here = [one for one in sweep if one[0] == db]
        row: dict[str, Any] = {"difference, dB re the baseline": f"-{db}", "pairs": len(here)}
        for kind in KINDS:
            found = [one[2] for one in here if one[1] == kind]
            row[f"0.2 dB found: {kind}"] = f"{np.mean(found):.0%}"
        row["clean pairs without a finding"] = f"{np.mean([one[3] for one in here]):.0%}"
        rows.append(row)
    return rows


if __name__ == "__main__":
    sys.exit(main())
