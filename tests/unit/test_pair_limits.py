"""Limits of the pair gate as settings of a study: their defaults, range, digest and words."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from builders import make_definition, make_study_text, write_stimuli, write_text

from jndlab.audio.checking import check_sounds
from jndlab.console import findings_json, findings_text
from jndlab.errors import Problem, StudyError
from jndlab.studies import check_study
from jndlab.studies.gate_record import GateRecord, make_record
from jndlab.study.definition import StudyDefinition, study_schema
from jndlab.study.pair_limits import PairLimits
from jndlab.study.study_file import parse_study
from jndlab.web.gate_procedure import describe_gate

OWN = "\ngate:\n  gain_warning_db: 0.3\n  silence_warning_ms: 4\n"


def problems_of(section: str) -> tuple[Problem, ...]:
    with pytest.raises(StudyError) as caught:
        parse_study(make_study_text() + section, source="my.yaml")
    return caught.value.problems


@pytest.mark.parametrize(
    ("line", "message", "remedy"),
    [
        (
            "gain_warning_db: 0",
            "gate.gain_warning_db: input should be greater than 0",
            "Clark 1982",
        ),
        ("gain_warning_db: -1", "greater than 0", "Clark 1982"),
        ("gain_warning_db: much", "must be a number, not 'much'", "without quotes"),
        ("gain_warning: 1", "unknown key 'gain_warning'", "Did you mean 'gain_warning_db'?"),
        ("related: 1.0", "less than 1", "correlation"),
        ("certainty: .inf", "gate.certainty", "standard errors"),
        ("gain_error_db: 0.05", "gain_error_db (0.05) is below gain_warning_db (0.1)", "smaller"),
        ("delay_warning_samples: 3", "delay_error_samples (1) is below", "smaller figure"),
    ],
)
def test_a_limit_that_cannot_be_is_refused_at_its_line(
    line: str, message: str, remedy: str
) -> None:
    (problem,) = problems_of(f"\ngate:\n  monotone_db: 2\n  {line}\n")
    assert message in problem.message
    assert remedy in problem.remedy
    assert problem.location is not None
    n_lines = make_study_text().count("\n")
    # What is wrong beside a default is told where the section begins.
    assert n_lines + 1 < problem.location.line <= n_lines + 4


def test_a_study_without_limits_has_the_defaults_and_its_old_digest() -> None:
    study = make_definition()
    assert study.gate is None
    assert study.pair_limits() == PairLimits()
    content = json.loads(study.to_json())
    del content["gate"]  # as it was stored before there were such settings
    assert StudyDefinition.from_json(json.dumps(content)).digest() == study.digest()


def test_own_limits_are_part_of_the_definition_and_of_its_digest() -> None:
    study = parse_study(make_study_text() + OWN)
    assert study.pair_limits().gain_warning_db == 0.3
    assert study.pair_limits().changed() == {
        "gain_warning_db": (0.3, 0.1),
        "silence_warning_ms": (4.0, 1.0),
    }
    assert study.digest() != parse_study(make_study_text()).digest()
    assert StudyDefinition.from_json(study.to_json()) == study


def test_every_limit_is_described_and_has_a_range() -> None:
    described = study_schema()["$defs"]["PairLimits"]["properties"]  # type: ignore[index]
    assert set(described) == set(PairLimits.model_fields)
    for name, entry in described.items():
        assert len(entry["description"]) > 40, name
        assert {"minimum", "exclusiveMinimum"} & set(entry), name
        assert {"maximum", "exclusiveMaximum"} & set(entry), name


def test_the_gate_holds_figures_against_the_limits_of_the_study(tmp_path: Path) -> None:
    write_stimuli(tmp_path)
    assert check_sounds(make_definition(), tmp_path).findings == ()
    strict = make_definition(gate={"true_peak_warning_db": -15.0})
    checked = check_sounds(strict, tmp_path)
    assert checked.limits == strict.gate
    assert {(one.code, one.limit) for one in checked.findings} == {("true-peak", -15.0)}
    assert len(checked.findings) == 12  # three baselines, each with three levels
    assert any(", the baseline's at" in one.message for one in checked.findings)


def test_check_names_the_limits_that_differ(tmp_path: Path) -> None:
    write_stimuli(tmp_path)
    write_text(tmp_path / "study.yaml", make_study_text() + OWN)
    checked = check_study(tmp_path)
    shown = findings_text(checked)
    assert "limit of this study: gain_warning_db 0.3 (default 0.1)" in shown
    content = json.loads(findings_json(checked))
    assert content["limits"]["changed"] == ["gain_warning_db", "silence_warning_ms"]
    assert content["limits"]["values"]["silence_warning_ms"] == 4.0
    figures = content["pairs"][0]["figures"]
    assert {"delay_samples", "common_gain_db", "click", "difference_db"} <= set(figures)
    assert {"true_peak_db", "speech_level_db", "activity"} <= set(figures["baseline"])
    centres = [band["centre_hz"] for band in figures["octaves"]]
    assert centres[:4] == [125, 250, 500, 1000]


def test_a_record_keeps_the_limits_and_the_report_names_them(tmp_path: Path) -> None:
    write_stimuli(tmp_path)
    study = parse_study(make_study_text() + OWN)
    record = make_record(check_sounds(study, tmp_path))
    again = GateRecord.from_json(record.to_json())
    assert again.limits == study.gate
    assert again.pairs[0].figures is not None
    assert again.pairs[0].figures.octaves[0].centre_hz == 125
    (said,) = describe_gate(record.to_json())
    assert "gain (to 0.3 dB)" in said
    assert "active speech level (ITU-T P.56, to 0.5 dB)" in said
    assert (
        "Limits set by the study: gain_warning_db 0.3 (default 0.1), silence_warning_ms 4" in said
    )


def test_a_record_from_before_limits_is_read_and_says_no_more_than_it_knows() -> None:
    now = datetime(2025, 1, 1, tzinfo=UTC)
    record = GateRecord(checked_at=now, signature="", pairs=(), findings=())
    content = json.loads(record.to_json())
    del content["limits"]
    assert GateRecord.from_json(json.dumps(content)) == record
    (said,) = describe_gate(json.dumps(content))
    assert "gain (to 0.1 dB)" in said
    assert "P.56" not in said
    assert "Limits set" not in said
    with pytest.raises(ValueError, match="no record of the pair gate"):
        GateRecord.from_json(json.dumps({**content, "limits": {"certainty": "much"}}))
