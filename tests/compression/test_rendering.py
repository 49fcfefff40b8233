"""Rendering an axis: files, manifest, going on after an interruption."""

from __future__ import annotations

import csv
import errno
import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import soundfile as sf
from builders import write_wav

from jndlab import files
from jndlab.compression.axis import Compressed
from jndlab.compression.counts import float_storage
from jndlab.compression.ledger import COLUMNS
from jndlab.compression.rendering import Rendered
from jndlab.compression.sources import LevelFacts, ModelSource
from jndlab.compression.summary import summary_text
from jndlab.compression.weights import Weights
from jndlab.errors import StoreError
from tests.compression.echo_model import ITEMS, RATE, Bits, Make
from tests.compression.rendering_without_scores import render


def rows_of(rendered: Rendered) -> list[dict[str, str]]:
    with rendered.manifest.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def test_every_level_of_every_item_lies_in_its_place(source: Make, tmp_path: Path) -> None:
    rendered = render(source(), tmp_path / "out", match_loudness=False)
    for row in rows_of(rendered):
        info = sf.info(tmp_path / "out" / row["path"])
        assert (info.samplerate, info.frames, info.subtype) == (RATE, RATE // 2, "FLOAT")
    assert {row["path"] for row in rows_of(rendered)} == {
        f"{folder}/{item}.wav"
        for folder in ("baseline", "bits/6", "bits/4", "bits/2")
        for item in ITEMS
    }
    assert rendered.n_written == 8
    assert rendered.disordered == ()


def test_the_manifest_says_what_each_is(source: Make, tmp_path: Path) -> None:
    rendered = render(source(), tmp_path / "out")
    rows = rows_of(rendered)
    assert tuple(rows[0]) == COLUMNS
    baseline = next(row for row in rows if row["condition"] == "baseline")
    assert (baseline["level"], baseline["bytes"], baseline["difference_snr_db"]) == ("", "12", "")
    two = next(row for row in rows if row["level"] == "2")
    assert (two["unit"], two["compression"], two["x"]) == ("bits", "falls", "-2")
    assert (two["bytes"], two["bytes_rule"], two["parameters"]) == ("2", "bits and a sign", "3")
    assert two["macs_rule"] == "one per tap; clip of 4 s"
    assert int(two["macs"]) == 3 * 4 * RATE
    assert two["origin"] == "post-training"
    assert 0 < float(two["difference_snr_db"]) < float(rows[2]["difference_snr_db"])
    card = json.loads((tmp_path / "out" / "model-card.json").read_text())
    assert card["bits"]["levels"]["2"]["facts"] == {"steps": 4}


def test_the_table_says_what_its_columns_are(source: Make, tmp_path: Path) -> None:
    made = source()
    rendered = render(made, tmp_path / "out")
    text = summary_text(made, rendered)
    assert "MACs: multiply-accumulates for a clip of 4 s." in text
    assert "PESQ" not in text  # not measured here, so not explained either
    scored = {"difference_snr_db": 10.0, "pesq": 4.0, "stoi": 0.9, "frames_above_mask": 0.5}
    entries = [
        one if one.level is None else replace(one, distances=scored) for one in rendered.entries
    ]
    text = summary_text(made, replace(rendered, entries=tuple(entries)))
    assert "PESQ (at most 4.64) and STOI (at most 1) compare the same two sounds" in text


def test_versions_have_the_loudness_of_their_baseline(source: Make, tmp_path: Path) -> None:
    from jndlab.audio.loudness import loudness_lufs

    rendered = render(source(), tmp_path / "out")
    loud = {
        row["path"]: loudness_lufs(sf.read(tmp_path / "out" / row["path"], always_2d=True)[0], RATE)
        for row in rows_of(rendered)
    }
    assert loud["bits/2/one.wav"] == pytest.approx(loud["baseline/one.wav"], abs=1e-3)
    plain = render(source(), tmp_path / "plain", match_loudness=False)
    assert {row["gain_db"] for row in rows_of(plain) if row["level"]} == {"0.0000"}
    assert any(abs(float(row["gain_db"])) > 0.1 for row in rows_of(rendered) if row["level"])


def test_doing_it_again_computes_nothing_and_changes_no_byte(source: Make, tmp_path: Path) -> None:
    first = render(source(), tmp_path / "out")
    before = {path: path.read_bytes() for path in (tmp_path / "out").rglob("*") if path.is_file()}
    calls: list[int] = []
    again = render(source(calls=calls), tmp_path / "out")
    assert (again.n_written, calls) == (0, [])
    assert {path: path.read_bytes() for path in before} == before
    assert again.entries == first.entries


def test_an_interrupted_rendering_goes_on(source: Make, tmp_path: Path) -> None:
    class Stop(Exception):
        pass

    steps = 0

    def stop() -> None:
        nonlocal steps
        steps += 1
        if steps == 6:  # within the second item
            raise Stop

    with pytest.raises(Stop):
        render(source(), tmp_path / "out", progress=stop)
    assert not (tmp_path / "out" / "manifest.csv").exists()
    calls: list[int] = []
    rendered = render(source(calls=calls), tmp_path / "out")
    assert len(calls) == 4, "the first item was not rendered again"
    whole = render(source(), tmp_path / "whole")
    assert rows_of(rendered) == rows_of(whole)


def test_one_that_was_killed_in_its_first_item_goes_on(source: Make, tmp_path: Path) -> None:
    class Killed(BaseException):
        pass

    def kill() -> None:
        raise Killed

    with pytest.raises(Killed):
        render(source(), tmp_path / "out", progress=kill)
    assert (tmp_path / "out" / "baseline" / "one.wav").exists()
    assert render(source(), tmp_path / "out").n_written == 8


def test_a_full_disk_leaves_whole_files_only(
    source: Make, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = files.os.fsync
    left = [5]

    def fsync(number: int) -> None:
        left[0] -= 1
        if left[0] < 0:
            raise OSError(errno.ENOSPC, "No space left on device")
        real(number)

    monkeypatch.setattr(files.os, "fsync", fsync)
    with pytest.raises(StoreError, match="No space left") as told:
        render(source(), tmp_path / "out")
    assert "free some space" in told.value.remedy
    monkeypatch.undo()
    for path in (tmp_path / "out").rglob("*.wav"):
        assert sf.info(path).frames == RATE // 2
    assert not list((tmp_path / "out").rglob(".writing-*"))
    assert render(source(), tmp_path / "out").n_written > 0


def test_other_levels_take_the_place_of_those_before(source: Make, tmp_path: Path) -> None:
    render(source(), tmp_path / "out")
    changed = tmp_path / "out" / "bits" / "6" / "one.wav"
    changed.write_bytes(changed.read_bytes() + b"mine")
    rendered = render(source(levels=(4, 1)), tmp_path / "out")
    assert {row["level"] for row in rows_of(rendered)} == {"", "4", "1"}
    assert not (tmp_path / "out" / "bits" / "2").exists()
    assert changed.exists(), "somebody has changed it: it is not ours to remove"


def test_a_second_axis_shares_the_baseline(source: Make, tmp_path: Path) -> None:
    render(source(), tmp_path / "out")
    calls: list[int] = []
    other = source(method=Bits(name="coarse"), levels=(3, 1), calls=calls)
    rendered = render(other, tmp_path / "out")
    assert len(calls) == 4, "the baseline was there"
    assert {row["condition"] for row in rows_of(rendered)} == {"baseline", "bits", "coarse"}


def test_an_item_without_order_is_named(source: Make, tmp_path: Path) -> None:
    class Backwards(Bits):
        def compress(self, weights: Weights, level: float) -> Compressed:
            return super().compress(weights, 8 - level)

    rendered = render(source(method=Backwards()), tmp_path / "out")
    assert rendered.disordered == ITEMS


def test_a_seed_twin_has_no_place_in_the_order(
    source: Make, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class FarFirst(Bits):
        def compress(self, weights: Weights, level: float) -> Compressed:
            return super().compress(weights, 1 if level == 6 else level)

    of_level = ModelSource.facts

    def facts(self: ModelSource, level: float | None) -> LevelFacts:
        found = of_level(self, level)
        return replace(found, origin="seed-twin") if level == 6 else found

    assert render(source(method=FarFirst()), tmp_path / "out").disordered == ITEMS
    monkeypatch.setattr(ModelSource, "facts", facts)
    assert render(source(method=FarFirst()), tmp_path / "out").disordered == ()


def test_sounds_at_another_rate_are_resampled_once(
    source: Make, tmp_path: Path, noisy: Path
) -> None:
    rng = np.random.default_rng(5)
    write_wav(noisy / "two.wav", 0.1 * rng.standard_normal((24_000, 1)), 48_000)
    render(source(), tmp_path / "out")
    assert sf.info(tmp_path / "out" / "baseline" / "two.wav").frames == 8_000


def test_float_storage_names_its_rule() -> None:
    storage = float_storage({"a": np.zeros(5, dtype=np.float32)})
    assert (storage.bits, storage.n_bytes, storage.rule) == (160, 20, "32 bits per weight")
