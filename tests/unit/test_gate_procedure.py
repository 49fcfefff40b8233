"""What the report says about the pair gate."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from speech import ITEMS, LEVELS, MATERIAL

from jndlab.audio.checking import check_sounds
from jndlab.audio.pairs import Finding
from jndlab.studies.gate_record import GateFinding, GateRecord, make_record
from jndlab.web.gate_procedure import describe_gate
from tests.builders import make_definition


def finding(item: str = "one", **changes: Any) -> GateFinding:
    found = Finding(
        code="loudness",
        severity="warning",
        message="is louder",
        remedy="",
        figure=1.062,
        limit=0.5,
        unit="LU",
        item=item,
        condition="bits",
        level=0.5,
    )
    reason = changes.pop("reason", "")
    return GateFinding(finding=replace(found, **changes), sounds="", reason=reason)


def record(*findings: GateFinding) -> str:
    now = datetime(2025, 1, 1, tzinfo=UTC)
    return GateRecord(checked_at=now, signature="", pairs=(), findings=findings).to_json()


def test_a_version_without_a_gate_says_nothing() -> None:
    assert describe_gate(None) == []


def test_a_clean_gate_is_one_paragraph() -> None:
    levels = [int(level) for level in LEVELS]
    condition = {"name": "seofp", "folder": "seofp", "levels": levels}
    sounds = check_sounds(make_definition(items=ITEMS, condition=condition), MATERIAL)
    (said,) = describe_gate(make_record(sounds).to_json())
    assert said.startswith("Pair gate: 24 pairs were checked for delay (to 0.1 sample)")
    assert said.endswith("Nothing was found.")


def test_warnings_are_counted_and_their_reasons_quoted() -> None:
    said = describe_gate(
        record(
            finding(reason="The level belongs to it."),
            finding("two", reason="The level belongs to it.", level=1.0, figure=-0.7),
            finding("three"),
            finding("two", code="clipped", condition="baseline", level=None, figure=None),
        )
    )
    assert "There were 4 warnings: 1 clipped, 3 loudness." in said[0]
    assert said[1:] == [
        "Pair gate, clipped (baseline: two). No reason was written.",
        "Pair gate, loudness (bits: three at 0.5 (+1.06 LU)). No reason was written.",
        "Pair gate, loudness (bits: one at 0.5 (+1.06 LU), two at 1 (-0.7 LU)). "
        "Written reason: “The level belongs to it.”",
    ]


def test_many_findings_of_a_kind_are_not_all_named() -> None:
    said = describe_gate(record(*(finding(f"item {number}") for number in range(10))))
    assert said[1].count("item") == 6
    assert "and 4 more)" in said[1]


def test_a_damaged_record_is_admitted() -> None:
    assert describe_gate("{}") == ["Pair gate: what it found cannot be read."]
