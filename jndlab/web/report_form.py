"""The options of an analysis as fields of a form, each with its planned value and its origin."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from jndlab.study.analysis_plan import Analysis
from jndlab.study.form_words import LABELS
from jndlab.web.report_choice import OPTIONS, real_changes

_HOW = (
    "target_probability",
    "equivalence_bound",
    "bound_on",
    "quality_bound",
    "alpha",
    "sigmoid",
    "decision_model",
)
"""How kept answers are analysed; the other options are rules of who and what is left out."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OptionField:
    """One option: what it is called, what it is set to, what was planned."""

    key: str
    label: str
    help: str
    choices: tuple[tuple[str, str], ...]
    """Value and words; empty: to be typed."""
    value: str
    planned: str
    """In words."""
    is_rule: bool
    """Of exclusion."""
    departs: bool
    """It is set to something else than planned; without a plan nothing departs."""


def option_fields(plan: Analysis | None, changes: Mapping[str, Any]) -> list[OptionField]:
    """A field for each option, in the order of the study file."""
    properties = Analysis.model_json_schema()["properties"]
    base = plan or Analysis()
    changed = real_changes(plan, changes)
    return [
        OptionField(
            key=key,
            label=LABELS[f"analysis.{key}"],
            help=" ".join(properties[key].get("description", "").split()),
            choices=_choices(properties[key]),
            value=written(changes.get(key, getattr(base, key))),
            planned=said(getattr(base, key)),
            is_rule=key not in _HOW,
            departs=plan is not None and key in changed,
        )
        for key in OPTIONS
    ]


def written(value: object) -> str:
    """A value as the form sends it and :func:`parse_changes` reads it."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    return f"{value:g}" if isinstance(value, float) else str(value)


def said(value: object) -> str:
    """A value as people say it."""
    if value is None:
        return "none"
    if isinstance(value, bool):
        return "yes" if value else "no"
    return written(value).replace("_", " ")


def _choices(schema: Mapping[str, Any]) -> tuple[tuple[str, str], ...]:
    for one in (schema, *schema.get("anyOf", ())):
        if "enum" in one:
            empty = () if one is schema else (("", "what suits the trial type"),)
            return (*empty, *((name, name.replace("_", " ")) for name in one["enum"]))
    if schema.get("type") == "boolean":
        return (("true", "yes"), ("false", "no"))
    return ()
