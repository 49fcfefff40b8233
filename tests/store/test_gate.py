"""Findings of the pair gate are kept, explained by written reasons, and frozen with a version."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import soundfile as sf

from jndlab.errors import AudioError, RequestInvalid, StudyConflict
from jndlab.settings import Settings
from jndlab.store.deeds import deeds_of
from jndlab.store.engine import Store
from jndlab.store.gate import reasons_of
from jndlab.store.studies import newest_version, study_by_slug
from jndlab.studies import launch_study
from jndlab.studies.drafts import create_study, launch_draft, save_draft
from jndlab.studies.gate import (
    MAX_REASON,
    examine_study,
    explain,
    gate_of_launch,
    gate_summary,
    is_current,
    require_passed,
)
from jndlab.studies.gate_record import GateRecord
from jndlab.studies.making import check_study
from tests.builders import make_study_text, write_stimuli, write_study

PAIR = ("one", "bits", 2.0)


@pytest.fixture
def study(store: Store, settings: Settings) -> int:
    """A study made in the browser; one pair differs by 0.4 dB."""
    study_id = create_study(store, slug="tiny", title="Tiny", by=None)
    folder = settings.study_folder(study_id)
    write_stimuli(folder)
    save_draft(store, settings, study_id, make_study_text(), based_on=0, by=None)
    amplify(folder / "bits" / "2" / "one.wav", 0.4)
    return study_id


def amplify(path: Path, gain_db: float, *, delay: int = 0) -> None:
    samples, rate_hz = sf.read(path, always_2d=True)
    changed = np.roll(samples, delay, axis=0) * 10 ** (gain_db / 20)
    sf.write(path, changed, rate_hz, subtype="PCM_24")


def summary(store: Store, settings: Settings, study: int) -> GateRecord:
    record = gate_summary(store, settings, study)
    assert record is not None
    return record


def write_reason(store: Store, settings: Settings, study: int, reason: str) -> None:
    explain(store, study, summary(store, settings, study).warnings, reason, by=None)


def test_before_anybody_looked_there_is_nothing(
    store: Store, settings: Settings, study: int
) -> None:
    assert gate_summary(store, settings, study) is None


def test_what_was_found_is_kept_with_every_figure(
    store: Store, settings: Settings, study: int
) -> None:
    steps: list[None] = []
    checked, record = examine_study(settings, study, progress=lambda: steps.append(None))
    kept = summary(store, settings, study)
    assert len(steps) == 3
    assert len(kept.pairs) == 9
    (warning,) = kept.warnings
    place = (warning.finding.item, warning.finding.condition, warning.finding.level)
    assert (warning.finding.code, place) == ("gain", PAIR)
    assert warning.finding.figure == pytest.approx(0.4, abs=0.05)
    assert kept.findings[0].finding.message == checked.findings[0].message
    assert [one.finding.key for one in kept.blocks] == ["gain|one|bits|2"]
    assert kept.checked_at == record.checked_at.replace(microsecond=0)
    figures = {(p.item, p.condition, p.level): p.figures for p in kept.pairs}[PAIR]
    assert figures is not None
    assert figures.gain_db == pytest.approx(warning.finding.figure, abs=1e-4)


def test_a_record_goes_through_json_and_back(settings: Settings, study: int) -> None:
    _, record = examine_study(settings, study)
    once = GateRecord.from_json(record.to_json())
    assert GateRecord.from_json(once.to_json()) == once
    for damaged in ("{}", "[]", "null", "", '{"checked_at": 3}', "{"):
        with pytest.raises(ValueError, match=r".*"):
            GateRecord.from_json(damaged)


def test_a_damaged_record_counts_as_none(store: Store, settings: Settings, study: int) -> None:
    examine_study(settings, study)
    (settings.study_folder(study) / "gate.json").write_text('{"checked_at": ')
    assert gate_summary(store, settings, study) is None


def test_a_reason_opens_the_way_and_can_be_changed_or_taken_back(
    store: Store, settings: Settings, study: int
) -> None:
    _, record = examine_study(settings, study)
    with pytest.raises(StudyConflict, match="1 warning of the pair gate has no written reason"):
        require_passed(record)
    write_reason(store, settings, study, "  The codec\ndoes this. ")
    explained = summary(store, settings, study)
    require_passed(explained)
    assert explained.warnings[0].reason == "The codec does this."
    assert explained.warnings[0].reason_at is not None
    assert not explained.blocks
    write_reason(store, settings, study, "Another one.")
    assert summary(store, settings, study).warnings[0].reason == "Another one."
    write_reason(store, settings, study, " ")
    assert len(summary(store, settings, study).unexplained) == 1
    with store.read() as db:
        assert not reasons_of(db, study)
        assert len(deeds_of(db, study, deed="explained a warning")) == 2
        assert len(deeds_of(db, study, deed="took back a reason")) == 1


@pytest.mark.parametrize("place", ["bits/2/one.wav", "baseline/one.wav"])
def test_a_reason_is_gone_when_either_sound_has_changed(
    store: Store, settings: Settings, study: int, place: str
) -> None:
    examine_study(settings, study)
    write_reason(store, settings, study, "The codec does this.")
    path = settings.study_folder(study) / place
    before = path.read_bytes()
    amplify(path, -0.01)
    examine_study(settings, study)
    gain = [one for one in summary(store, settings, study).warnings if one.finding.code == "gain"]
    assert [one.reason for one in gain] == [""]
    path.write_bytes(before)  # and it holds again for the sounds it was written for
    examine_study(settings, study)
    assert [one.reason for one in summary(store, settings, study).warnings] == [
        "The codec does this."
    ]


def test_a_change_of_the_other_sounds_leaves_it(
    store: Store, settings: Settings, study: int
) -> None:
    examine_study(settings, study)
    write_reason(store, settings, study, "The codec does this.")
    amplify(settings.study_folder(study) / "bits" / "2" / "two.wav", -0.01)
    examine_study(settings, study)
    assert [one.reason for one in summary(store, settings, study).warnings] == [
        "The codec does this."
    ]


def test_changed_files_are_noticed_without_reading_them(settings: Settings, study: int) -> None:
    _, record = examine_study(settings, study)
    assert is_current(settings, study, record)
    path = settings.study_folder(study) / "bits" / "4" / "three.wav"
    amplify(path, 0.0)
    assert not is_current(settings, study, record)
    _, record = examine_study(settings, study)
    assert is_current(settings, study, record)
    path.unlink()
    assert not is_current(settings, study, record)


def test_no_reason_helps_against_an_error(store: Store, settings: Settings, study: int) -> None:
    amplify(settings.study_folder(study) / "bits" / "2" / "one.wav", 0, delay=4)
    _, record = examine_study(settings, study)
    (error,) = record.errors
    with pytest.raises(RequestInvalid, match="does not help"):
        explain(store, study, [error], "It is late.", by=None)
    with pytest.raises(AudioError, match=r"4\.00 samples"):
        require_passed(record)


@pytest.mark.parametrize("reason", ["x" * (MAX_REASON + 1)])
def test_a_reason_has_its_limit_and_its_finding(
    store: Store, settings: Settings, study: int, reason: str
) -> None:
    _, record = examine_study(settings, study)
    with pytest.raises(RequestInvalid, match="1001 characters"):
        explain(store, study, record.warnings, reason, by=None)
    with pytest.raises(RequestInvalid, match="no such warning"):
        explain(store, study, [], "because", by=None)


def test_a_version_is_frozen_with_findings_and_reasons(
    store: Store, settings: Settings, study: int
) -> None:
    def launch(target: str) -> GateRecord:
        checked, _ = examine_study(settings, study)
        with store.read() as db:
            gate = gate_of_launch(db, study, checked)
        launch_draft(
            store,
            settings,
            study,
            target=target,  # type: ignore[arg-type]
            by=None,
            gate=gate.to_json(),
            checked=checked,
        )
        with store.read() as db:
            version = newest_version(db, study)
            assert version is not None
            assert version.number == 1
            return GateRecord.from_json(version.gate or "")

    assert launch("preview").warnings[0].reason == ""
    write_reason(store, settings, study, "The codec does this.")
    assert launch("running").warnings[0].reason == "The codec does this."
    write_reason(store, settings, study, "Said later.")  # what participants met stays
    assert launch("running").warnings[0].reason == "The codec does this."


def test_the_command_line_demands_no_reason_but_records_what_was_found(
    store: Store, settings: Settings, tmp_path: Path
) -> None:
    path = write_study(tmp_path / "study")
    amplify(path.parent / "bits" / "2" / "one.wav", 0.4)
    launch_study(store, settings, path)
    with store.read() as db:
        row = study_by_slug(db, "tiny")
        assert row is not None
        version = newest_version(db, row.id)
        assert version is not None
        record = GateRecord.from_json(version.gate or "")
    assert [one.finding.key for one in record.unexplained] == ["gain|one|bits|2"]
    assert len(record.pairs) == 9
    assert record.findings[0].finding.message == check_study(path).findings[0].message
