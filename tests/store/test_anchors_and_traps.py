"""Anchors and traps through a launch: rendered, frozen, found again, carried along."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
from sqlalchemy import select

from jndlab.audio.fill_table import fill_table
from jndlab.audio.layout import arrange
from jndlab.audio.pcm import decode_wav
from jndlab.audio.places import Place, place_of
from jndlab.clips import load_clip, open_clips
from jndlab.errors import AudioError, StudyConflict, StudyFull
from jndlab.sessions import open_session, release_trial
from jndlab.settings import Settings
from jndlab.store.engine import Store, open_store
from jndlab.store.models import StimulusRow
from jndlab.store.studies import clip_of, require_version, study_by_slug
from jndlab.studies import launch_study
from jndlab.studies.making import check_study
from jndlab.studies.mending import mend_study
from jndlab.studies.sound_files import places_in
from jndlab.study.progress import next_trial
from jndlab.study.study_file import load_study
from tests.builders import make_noise, write_study, write_wav
from tests.databases import database_url
from tests.store.launching import Launched

ITEMS = ["one", "two"]
TRAPS = [{"sound": "voices/say a.wav", "answer": "A"}, {"sound": "voices/b.wav", "answer": "B"}]


@dataclass(frozen=True)
class Made:
    path: Path
    settings: Settings
    store: Store


@pytest.fixture
def made(tmp_path: Path) -> Iterator[Made]:
    """A study of two parts, ABX with traps and MUSHRA with anchors."""
    path = write_study(
        tmp_path / "study",
        items=ITEMS,
        parts=[{"name": "pairs"}, {"name": "ratings", "paradigm": "mushra"}],
        stimuli={"anchors_hz": [7000, 3500]},
        design={
            "trials_per_level": 2,
            "practice_trials": 0,
            "identical_trials": 0,
            "gross_trials": 0,
            "traps": TRAPS,
            "participants": 2,
        },
    )
    for number, trap in enumerate(TRAPS):
        sound = make_noise(seed=70 + number, seconds=0.2, rate_hz=16_000)
        write_wav(path.parent / trap["sound"], sound)
    settings = Settings(data=tmp_path / "data", database_url=database_url())
    store = open_store(settings)
    yield Made(path, settings, store)
    store.close()


def launched(made: Made) -> Launched:
    study = launch_study(made.store, made.settings, made.path)
    return Launched(made.settings, made.store, load_study(made.path), study.link)


def test_anchors_and_traps_are_stimuli_and_the_gate_has_nothing_to_say_of_them(
    made: Made,
) -> None:
    assert check_study(made.path).findings == ()
    launched(made)
    with made.store.read() as db:
        rows = db.scalars(select(StimulusRow)).all()
        extra = {
            (row.item, row.condition, row.level): row
            for row in rows
            if row.condition in ("anchor", "trap")
        }
        assert set(extra) == {
            *((item, "anchor", cutoff) for item in ITEMS for cutoff in (3500.0, 7000.0)),
            ("say a", "trap", None),
            ("b", "trap", None),
        }
        version = require_version(db, study_by_slug(db, "tiny").id)
        for item in ITEMS:
            baseline = clip_of(db, version.id, item=item, condition="baseline", level=None)
            whole = decode_wav(load_clip(open_clips(made.settings), baseline))
            for cutoff in (3500.0, 7000.0):
                row = extra[item, "anchor", cutoff]
                digest = clip_of(db, version.id, item=item, condition="anchor", level=cutoff)
                assert digest == row.clip
                sound = decode_wav(load_clip(open_clips(made.settings), digest))
                assert sound.shape == whole.shape
                assert high_share(sound, cutoff) < 1e-5 < high_share(whole, cutoff)
        assert extra["b", "trap", None].rate_hz == 48_000


def high_share(samples: np.ndarray, cutoff_hz: float) -> float:
    """Share of the power that lies more than 500 Hz above the cut-off, at 48 kHz."""
    power = np.abs(np.fft.rfft(samples[:, 0] * np.hanning(len(samples)))) ** 2
    high = np.fft.rfftfreq(len(samples), 1 / 48_000) > cutoff_hz + 600.0
    return float(power[high].sum() / power.sum())


def test_a_session_has_the_traps_in_one_part_and_the_anchors_in_the_other(made: Made) -> None:
    study = launched(made)
    token = study.open()
    plan = study.plan(token)
    kinds = [trial.kind for trial in plan.trials]
    assert kinds.count("trap") == 2
    first = next_trial(plan, [])
    assert first is not None
    view = release_trial(study.store, token)
    assert len(view.clips) == len(first.intervals)
    rated = next(trial for trial in plan.trials if trial.part == "ratings")
    heard = [(one.condition, one.level) for one in rated.intervals]
    assert {("anchor", 3500.0), ("anchor", 7000.0), ("baseline", None)} <= set(heard)


def test_launching_again_changes_nothing_until_a_trap_is_another_sound(made: Made) -> None:
    launched(made)
    assert not launch_study(made.store, made.settings, made.path).is_new
    write_wav(made.path.parent / TRAPS[0]["sound"], make_noise(seed=99, rate_hz=16_000))
    with pytest.raises(StudyConflict, match=r"say a\.wav has changed"):
        launch_study(made.store, made.settings, made.path)


def test_a_trap_without_its_sound_is_told_before_the_launch(made: Made) -> None:
    (made.path.parent / TRAPS[1]["sound"]).unlink()
    with pytest.raises(AudioError, match=r"There is no file .*b\.wav"):
        check_study(made.path)


def test_an_anchor_above_the_baseline_s_band_is_told_before_the_launch(tmp_path: Path) -> None:
    path = write_study(tmp_path / "study", paradigm="mushra", stimuli={"anchors_hz": [3500, 9000]})
    with pytest.raises(AudioError, match="an anchor at 9000 Hz would be the baseline itself"):
        check_study(path)


def test_mended_copies_have_the_traps(made: Made, tmp_path: Path) -> None:
    mended = mend_study(made.path, tmp_path / "mended")
    study = load_study(mended.folder)
    for trap, before in zip(study.design.traps, TRAPS, strict=True):
        copy, source = mended.folder / trap.sound, made.path.parent / before["sound"]
        assert copy.read_bytes() == source.read_bytes()
    assert check_study(mended.folder).findings == ()


def test_traps_have_a_folder_of_their_own_among_the_sounds_of_the_browser(
    tmp_path: Path,
) -> None:
    place = Place(condition="trap", level=None, item="say a")
    assert place_of("trap/say a.wav") == place
    write_wav(tmp_path / "trap" / "say a.wav", make_noise(seed=1))
    assert places_in(tmp_path) == [place]  # so copies and archives have it
    layout = arrange(["mine/orig/one.wav", "mine/bits/2/one.wav", "mine/trap/say a.wav"])
    assert {one.place for one in layout.placed} >= {place}
    assert layout.baseline == "mine/orig"
    table = fill_table([one.place for one in layout.placed])
    assert (table.items, table.missing, table.extra) == (("one",), (), ())
    with pytest.raises(AudioError):
        place_of("anchor/3500/one.wav")


def test_nobody_begins_beyond_the_planned_number(made: Made) -> None:
    study = launched(made)
    for _ in range(2):
        open_session(study.store, link=study.link, user_agent="a test")
    with pytest.raises(StudyFull):
        open_session(study.store, link=study.link, user_agent="a test")
    study.open(simulated=True)  # a simulated listener takes nobody's place
