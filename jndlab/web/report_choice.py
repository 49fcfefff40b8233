"""What a report is to be about: whose answers, which version and condition, analysed how."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Literal

from pydantic import ValidationError
from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from jndlab.errors import DataError
from jndlab.study.analysis_plan import Analysis
from jndlab.study.trials import SessionKind

if TYPE_CHECKING:
    from jndlab.analysis import AnalysisOptions

NO_OPTIONS = {"bound_reason", "sample_size", "stopping_rule"}
"""What the plan says of the study and not of how answers are analysed."""
OPTIONS: tuple[str, ...] = tuple(name for name in Analysis.model_fields if name not in NO_OPTIONS)
"""Keys of the study file's section ``analysis`` that a report can have another value of."""

LONGEST_VALUE = 100

Version = int | Literal["all"] | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportChoice:
    """The default is the planned analysis of everybody who counts, of the newest version."""

    kind: SessionKind = "participant"
    version: Version = None
    """None: the newest one that has answers."""
    condition: str | None = None
    """None: every condition."""
    include_pilot: bool = False
    """Sessions of the pilot are analysed together with those that count."""
    changes: Mapping[str, Any] = field(default_factory=dict)
    """Options that differ from the plan, by their key in the study file."""

    def __post_init__(self) -> None:
        if self.include_pilot and self.kind != "participant":
            raise DataError(
                "Only participants can be analysed together with the pilot.",
                "Leave the pilot out, or choose the answers of participants.",
            )

    def to_json(self) -> str:
        """One text for equal choices."""
        return json.dumps(self.to_dict(), sort_keys=True)

    def to_dict(self) -> dict[str, Any]:
        """Ready for JSON."""
        return {
            "kind": self.kind,
            "version": self.version,
            "condition": self.condition,
            "include_pilot": self.include_pilot,
            "changes": dict(self.changes),
        }

    @classmethod
    def from_dict(cls, content: Mapping[str, Any]) -> ReportChoice:
        """The choice that :meth:`to_dict` wrote."""
        return cls(**content)


def parse_version(text: str) -> Version:
    """A version as it is written: a number, ``all``, or nothing. Raises DataError."""
    text = text.strip()
    if text in ("", "newest"):
        return None
    if text == "all":
        return "all"
    if not text.isdecimal() or len(text) > 9 or int(text) < 1:
        raise DataError(f"There is no version {text!r}.", "Give its number, or: all.")
    return int(text)


def parse_changes(written: Iterable[tuple[str, str]]) -> dict[str, Any]:
    """Options from texts such as ("alpha", "0.01"), as they stand in a study file.

    Nothing or ``none`` stands for no value. Raises DataError for a key or a value that cannot be.
    """
    changes: dict[str, Any] = {}
    for key, text in written:
        if key not in OPTIONS:
            raise DataError(
                f"There is no option {key!r} of an analysis.",
                f"Write KEY=VALUE with one of these keys: {', '.join(sorted(OPTIONS))}.",
            )
        changes[key] = _value(key, text)
    _checked(Analysis(), changes)
    return changes


def planned_options(analysis: Analysis | None, *, kind: SessionKind) -> AnalysisOptions | None:
    """The analysis that the study file fixed; None if it fixed none."""
    from jndlab.analysis import AnalysisOptions

    if analysis is None:
        return None
    return AnalysisOptions(session_kind=kind, **analysis.model_dump(exclude=NO_OPTIONS))


def chosen_options(analysis: Analysis | None, choice: ReportChoice) -> AnalysisOptions:
    """The options of a report: those of the plan, or the defaults, with the changes. DataError."""
    from jndlab.analysis import AnalysisOptions

    base = planned_options(analysis, kind=choice.kind) or AnalysisOptions(session_kind=choice.kind)
    checked = _checked(analysis or Analysis(), choice.changes)
    changed = {key: getattr(checked, key) for key in choice.changes}
    return replace(base, condition=choice.condition, **changed)


def real_changes(analysis: Analysis | None, changes: Mapping[str, Any]) -> dict[str, Any]:
    """The changes less those that say what is planned, or the default, anyhow."""
    base = analysis or Analysis()
    return {key: value for key, value in changes.items() if value != getattr(base, key)}


def _checked(analysis: Analysis, changes: Mapping[str, Any]) -> Analysis:
    try:
        return Analysis.model_validate({**analysis.model_dump(), **changes})
    except ValidationError as error:
        wrong = error.errors()[0]
        key = str(wrong["loc"][0]) if wrong["loc"] else "analysis"
        described = Analysis.model_fields[key].description if key in Analysis.model_fields else ""
        raise DataError(
            f"{key} cannot be {changes.get(key)!r}: {wrong['msg'].lower()}.",
            " ".join((described or "Look at the study file's reference.").split()),
        ) from None


def _value(key: str, text: str) -> Any:
    if text.strip().lower() in ("", "none"):
        return None
    if len(text) > LONGEST_VALUE:
        raise DataError(f"The value of {key} is too long.", "Give a number or a word.")
    try:
        return YAML(typ="safe", pure=True).load(text)
    except YAMLError:
        return text
