"""The definition: its digest, its JSON, its schema."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from builders import make_definition, make_document
from ruamel.yaml import YAML

from jndlab.study.definition import Analysis, StudyDefinition, study_schema
from jndlab.study.draft import draft_study
from jndlab.study.study_file import parse_study

_INDEPENDENT = {"decision_model": "independent_observation"}
BASE = make_definition()


def test_the_digest_is_that_of_the_same_study_today_and_tomorrow() -> None:
    # If this fails, launched studies would no longer be recognised as unchanged.
    assert make_definition().digest() == BASE.digest()
    assert BASE.digest().startswith("b83d2bf710bcde4e336be0c08455da7b")
    assert re.fullmatch("[0-9a-f]{64}", BASE.digest())
    assert StudyDefinition.from_json(BASE.to_json()).digest() == BASE.digest()


def test_a_study_with_a_plan_keeps_the_digest_of_its_launch() -> None:
    planned = make_definition(analysis={"equivalence_bound": 0.66})
    assert planned.digest().startswith("85d920e4e88967e94227792dca2f8a60")


def test_a_decision_model_left_out_is_the_one_of_earlier_studies_but_in_same_different() -> None:
    left_out, written = ({"analysis": {"alpha": 0.01, **one}} for one in ({}, _INDEPENDENT))
    assert make_definition(**left_out).digest() == make_definition(**written).digest()
    rates = {"paradigm": "same-different", "design": {"identical_trials": 0}}
    assert make_definition(**rates, **left_out).digest() != (
        make_definition(**rates, **written).digest()
    )


def test_moving_the_folders_leaves_the_digest_as_it_is() -> None:
    moved = make_definition(stimuli={"baseline": "../elsewhere"}, condition={"folder": "/x/bits"})
    assert moved != BASE
    assert moved.digest() == BASE.digest()


def test_writing_a_level_in_another_way_leaves_the_digest_as_it_is() -> None:
    assert make_definition(condition={"levels": [1.0, 2.0, 4]}).digest() == BASE.digest()


QUESTIONNAIRE = {
    "name": "about-you",
    "title": "About you",
    "when": "before",
    "questions": [{"name": "remarks", "kind": "text", "text": "Anything to add?"}],
}
PARTS = [{"name": "first"}, {"name": "second"}]
CHANGES: list[dict[str, Any]] = [
    {"slug": "other"},
    {"title": "Another title"},
    {"paradigm": "two-interval"},
    {"seed": 8},
    {"completion_code": "ABC"},
    {"screen_out_code": "ABC"},
    {"checks": []},
    {"checks": [{"kind": "sound"}]},
    {"checks": [{"kind": "noise", "tone_db": -30, "n_trials": 4, "pass_at": 3}]},
    {"checks": [{"kind": "bandwidth", "frequency_hz": 100}]},
    {"checks": [{"kind": "left-right", "on_fail": "retry", "after_retry": "screen-out"}]},
    {"items": ["one", "two"]},
    {"items": ["two", "one", "three"]},
    {"condition": {"name": "other"}},
    {"condition": {"levels": [1, 2, 5]}},
    {"condition": {"levels": [2, 1, 4]}},
    {"condition": {"unit": "bits"}},
    {"condition": {"compression": "rises"}},
    {"conditions": [{}, {"name": "second"}]},
    {"design": {"trials_per_level": 5}},
    {"design": {"confidence_steps": 4}},
    {"design": {"resume_hours": 24}},
    {"presentation": {"switching": "restart"}},
    {"presentation": {"loop": False}},
    {"presentation": {"loop_region": True}},
    {"presentation": {"max_plays": 3}},
    {"presentation": {"fresh_noise": False}},
    {"presentation": {"level_match": "loudness"}},
    {"design": {"practice_trials": 3}},
    {"design": {"identical_trials": 3}},
    {"design": {"gross_trials": 3}},
    {"design": {"trials_per_block": 11}},
    {"design": {"practice_criterion": {"share": 1, "last": 2}}},
    {"design": {"feedback": "always"}},
    {"design": {"break_seconds": 30}},
    {"examples": [{"item": "one", "caption": "Like this"}]},
    {"questionnaires": [QUESTIONNAIRE]},
    {"presentation": {"sample_rate_hz": 44_100}},
    {"presentation": {"gap_ms": 501}},
    {"presentation": {"ramp_ms": 5.5}},
    {"analysis": {"target_probability": 0.8}},
    {"analysis": {"equivalence_bound": 0.6}},
    {"analysis": {"bound_on": "d_prime"}},
    {"analysis": {"quality_bound": 5.0}},
    {"analysis": {"bound_reason": "As agreed."}},
    {"analysis": {"alpha": 0.01}},
    {"analysis": {"sigmoid": "weibull"}},
    {"analysis": {"decision_model": "differencing"}},
    {"analysis": {"min_gross_correct": 0.75}},
    {"analysis": {"include_unfinished": False}},
    {"analysis": {"min_practice_correct": 0.5}},
    {"analysis": {"max_same_response": 0.8}},
    {"analysis": {"max_same_response_run": 12}},
    {"analysis": {"max_reloaded_trials": 5}},
    {"analysis": {"max_gap_minutes": 30}},
    {"analysis": {"max_median_response_time_ms": 9000}},
    {"analysis": {"max_failed_checks": 0}},
    {"analysis": {"max_resumes": 3}},
    {"analysis": {"max_hidden": 4}},
    {"analysis": {"min_trials": 20}},
    {"analysis": {"min_response_time_ms": 200}},
    {"analysis": {"max_response_time_ms": 30000}},
    {"analysis": {"max_loads": 2}},
    {"analysis": {"sample_size": 20}},
    {"analysis": {"stopping_rule": "On the last day of May."}},
    {"texts": {"consent": "Please listen.\n\nYou may stop."}},
    {"texts": {"contact": "nobody@example.org"}},
    {"texts": {"thanks": "Thanks."}},
    {"texts": {"debrief": "It was about rounding."}},
    {"texts": {"overrides": {"de": {"consent": "Bitte hören Sie zu."}}}},
    {"language": "de"},
    {"paradigm": "mushra", "stimuli": {"anchors_hz": [3500]}},
    {"design": {"procedure": "staircase"}},
    {"design": {"procedure": "staircase"}, "adaptive": {"n_down": 3}},
    {"parts": [{"name": "first"}, {"name": "second", "paradigm": "3afc"}]},
    {"parts": PARTS, "design": {"part_order": "latin-square"}},
    {"parts": PARTS, "design": {"assignment": "between-participants"}},
    {"design": {"participants": 20}},
    {"design": {"items_per_session": 2}},
    {"paradigm": "preference", "design": {"pairs": "every-pair"}},
    {"design": {"repeated_trials": 2}},
    {"design": {"catch_placement": "spread"}},
    {"design": {"gold": [{"item": "one", "condition": "bits", "level": 1}]}},
    {"design": {"traps": [{"sound": "traps/a.wav", "answer": "A"}]}},
]


@pytest.mark.parametrize("change", CHANGES, ids=str)
def test_every_change_that_a_participant_could_notice_changes_the_digest(
    change: dict[str, Any],
) -> None:
    assert make_definition(**change).digest() != BASE.digest()


def test_every_key_but_the_folders_is_tried_in_the_test_above() -> None:
    tried = {key for change in CHANGES for key in _leaves(change)}
    keys = set(_leaves(BASE.model_dump(mode="json")))
    # The file format's version can have one value only.
    # Overrides hold texts of the same names as those beside them.
    # Sections and lists of sections are tried by the keys inside them.
    inner = {"practice_criterion", "examples", "questionnaires", "adaptive", "parts"}
    inner |= {"gold", "traps"}
    left = {"jndlab", "baseline", "folder", "manifest", "overrides"}
    left |= {"analysis", "gate"}
    assert keys - tried - inner <= left
    section = set(Analysis.model_fields)  # left out of the base: nothing is planned there
    assert section <= tried


def _leaves(content: object) -> Iterator[str]:
    if isinstance(content, dict):
        for key, value in content.items():
            inner = list(_leaves(value))
            yield from inner or [key]
    elif isinstance(content, list):
        for value in content:
            yield from _leaves(value)


def test_json_comes_back_equal_and_is_canonical() -> None:
    text = BASE.to_json()
    assert StudyDefinition.from_json(text) == BASE
    assert StudyDefinition.from_json(text).to_json() == text
    assert text == json.dumps(json.loads(text), sort_keys=True, separators=(",", ":"))


def test_a_definition_cannot_be_changed() -> None:
    with pytest.raises(ValueError, match="frozen"):
        BASE.seed = 8  # type: ignore[misc]


def test_the_simulation_key_needs_seed_and_definition_and_shows_neither() -> None:
    keys = {
        study.simulation_key()
        for study in (BASE, make_definition(seed=8), make_definition(title="Another"))
    }
    assert len(keys) == 3
    assert BASE.digest() not in keys


def test_levels_are_ordered_from_the_least_to_the_most_compressed() -> None:
    falls = make_definition(condition={"levels": [2, 10, 0]}).stimuli.conditions[0]
    rises = make_definition(condition={"levels": [0.5, 0.9, 0.1], "compression": "rises"})
    assert falls.by_compression() == (10, 2, 0)
    assert rises.stimuli.conditions[0].by_compression() == (0.1, 0.5, 0.9)


def test_an_unknown_condition_is_a_key_error() -> None:
    assert BASE.condition("bits").name == "bits"
    with pytest.raises(KeyError):
        BASE.condition("nowhere")


def objects_of(schema: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {"StudyDefinition": schema, **schema["$defs"]}


def test_every_key_of_the_schema_is_described_and_no_other_is_allowed() -> None:
    schema: Any = study_schema()
    for name, section in objects_of(schema).items():
        assert section["additionalProperties"] is False, name
        for key, entry in section["properties"].items():
            assert entry.get("description", "").endswith((".", "answers")), f"{name}.{key}"


def test_the_schema_written_to_disk_is_the_one_of_the_code() -> None:
    root = Path(__file__).parents[2]
    for path in [*root.glob("jndlab/study/*.json"), *root.glob("docs/**/study*.schema.json")]:
        assert json.loads(path.read_text(encoding="utf-8")) == study_schema(), path


def test_the_schema_takes_the_draft_and_refuses_what_the_parser_refuses() -> None:
    draft = draft_study(
        slug="s", title="A title", paradigm="abx", seed=1, stimuli=BASE.stimuli, design=BASE.design
    )
    parse_study(draft)
    schema: Any = study_schema()
    assert violations(YAML(typ="safe", pure=True).load(draft), schema, schema) == []
    assert violations(make_document(), schema, schema) == []
    for wrong in (
        make_document(sed=1),
        make_document(slug="Upper Case"),
        make_document(seed=-1),
        make_document(seed="1"),
        make_document(paradigm="xab"),
        make_document(items=[]),
        make_document(items=["../x"]),
        make_document(condition={"levels": ["two"]}),
        make_document(condition={"compression": "down"}),
        make_document(presentation={"sample_rate_hz": 16_000}),
        {key: value for key, value in make_document().items() if key != "stimuli"},
    ):
        assert violations(wrong, schema, schema)


def violations(value: object, rule: dict[str, Any], schema: dict[str, Any]) -> list[str]:
    """What of JSON Schema the study file's schema uses, and nothing more."""
    if "$ref" in rule:
        rule = schema["$defs"][rule["$ref"].removeprefix("#/$defs/")] | {
            key: entry for key, entry in rule.items() if key != "$ref"
        }
    if "anyOf" in rule:
        tried = [violations(value, choice, schema) for choice in rule["anyOf"]]
        return [] if [] in tried else tried[0]
    known = {"title", "description", "default", "$defs", "$schema", "type", "properties"}
    known |= {"exclusiveMinimum", "exclusiveMaximum"}
    known |= {"required", "additionalProperties", "items", "minItems", "maxItems", "enum", "const"}
    known |= {"pattern", "minLength", "maxLength", "minimum", "maximum"}
    assert set(rule) <= known, f"teach this test about {set(rule) - known}"
    kinds = {"object": dict, "array": list, "string": str, "integer": int, "number": int | float}
    kinds |= {"boolean": bool, "null": type(None)}
    found = []
    kind = kinds[rule["type"]] if "type" in rule else object
    if isinstance(value, bool) is not (kind is bool) or not isinstance(value, kind):
        return [f"{value!r} is no {rule['type']}"]
    if value not in rule.get("enum", [value]) or value != rule.get("const", value):
        found.append(f"{value!r} is not offered")
    if isinstance(value, dict):
        found += [f"{key} is missing" for key in rule.get("required", []) if key not in value]
        for key, entry in value.items():
            inner = rule["properties"].get(key)
            found += [f"{key} is unknown"] if inner is None else violations(entry, inner, schema)
    elif isinstance(value, list):
        if not rule.get("minItems", 0) <= len(value) <= rule.get("maxItems", len(value)):
            found.append(f"{len(value)} items")
        found += [
            problem for entry in value for problem in violations(entry, rule["items"], schema)
        ]
    elif isinstance(value, str):
        if not rule.get("minLength", 0) <= len(value) <= rule.get("maxLength", len(value)):
            found.append(f"{len(value)} characters")
        if not re.search(rule.get("pattern", ""), value):
            found.append(f"{value!r} does not match")
    elif isinstance(value, int | float) and not (
        rule.get("minimum", value) <= value <= rule.get("maximum", value)
        and rule.get("exclusiveMinimum", value - 1) < value
        and value < rule.get("exclusiveMaximum", value + 1)
    ):
        found.append(f"{value} is out of range")
    return found
