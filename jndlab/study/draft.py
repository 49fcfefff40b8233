"""Facts about stimulus folders -> the text of a study file, commented for its reader."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Mapping, Sequence
from io import StringIO
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.scalarstring import LiteralScalarString

from jndlab.study.analysis_plan import Analysis
from jndlab.study.definition import Condition, Design, Presentation, Stimuli
from jndlab.study.draft_design import (
    COMMENT_COLUMN,
    adaptive_section,
    design_section,
    usual_anchors,
    usual_design,
    with_comments,
)
from jndlab.study.form_relevance import Task, applies
from jndlab.study.paradigms import PARADIGMS
from jndlab.study.texts import Texts
from jndlab.study.trials import ParadigmName


def slug_of(name: str) -> str:
    """A slug made of any name: lower case, hyphens between words."""
    slug = re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")[:63].strip("-")
    return slug or "study"


def draft_study(
    *,
    slug: str,
    title: str,
    paradigm: ParadigmName,
    seed: int,
    stimuli: Stimuli,
    design: Design | None = None,
    presentation: Presentation | None = None,
    analysis: Analysis | None = None,
    texts: Texts | None = None,
) -> str:
    """The text of a study file: every key that means something for its paradigm and procedure, each
    with a comment where one helps. ``design``: left out, what suits the paradigm."""
    design = design or usual_design(paradigm, n_items=len(stimuli.items))
    task = Task(paradigm, design.procedure)
    root = CommentedMap()
    root["jndlab"] = 1
    root["slug"] = slug
    root["title"] = title
    root["paradigm"] = paradigm
    root["seed"] = seed
    root["completion_code"] = ""
    root["stimuli"] = _stimuli(stimuli, task)
    root["design"] = design_section(design, paradigm)
    adaptive = adaptive_section(design.procedure)
    if adaptive:
        root["adaptive"] = adaptive
    root["presentation"] = _presentation(presentation or Presentation(), task)
    root["analysis"] = _analysis(analysis or Analysis(), task)
    root["texts"] = _texts(texts or Texts())
    comments = {
        "slug": "short name in links and file names",
        "paradigm": PARADIGMS[paradigm].called,
        "seed": "keep it to yourself until the last session has ended",
        "completion_code": "empty: made at the launch",
    }
    with_comments(root, comments)
    root.yaml_set_start_comment(_start_comment())
    for key in ("stimuli", "design", "adaptive", "presentation", "analysis", "texts"):
        root.yaml_set_comment_before_after_key(key, before="\n")
    return dump_study(root)


def _start_comment() -> str:
    names = textwrap.fill(", ".join(PARADIGMS), 92, break_on_hyphens=False)
    return (
        "A jndlab study. `jndlab check` says what is wrong with it and how to mend it;\n"
        "`jndlab schema` describes every key, for you and for your editor.\n"
        f"Trial types (paradigm):\n{names}"
    )


def _presentation(presentation: Presentation, task: Task) -> CommentedMap:
    section = CommentedMap(
        {
            key: value
            for key, value in presentation.model_dump().items()
            if applies(f"presentation.{key}", [task])
        }
    )
    comments = {
        "gap_ms": "between the intervals",
        "switching": "keep-position | restart",
        "max_plays": "in a trial; empty: as often as wanted",
        "level_match": "none | rms | loudness | speech",
        "fresh_noise": "in the last of 24 bits, so that X is no copy of A or B",
    }
    return with_comments(section, comments)


def _stimuli(stimuli: Stimuli, task: Task) -> CommentedMap:
    section = CommentedMap()
    section["baseline"] = stimuli.baseline
    if stimuli.manifest is not None:
        section["manifest"] = stimuli.manifest
        comment = "sizes and distances, for the report"
        section.yaml_add_eol_comment(comment, "manifest", column=COMMENT_COLUMN)
    section["items"] = _flow(stimuli.items)
    section["conditions"] = CommentedSeq(
        [condition_entry(condition) for condition in stimuli.conditions]
    )
    if applies("stimuli.anchors_hz", [task]):
        section["anchors_hz"] = level_list(usual_anchors(stimuli))
        comment = "low-pass anchors, as BS.1534-3 asks for; []: none"
        section.yaml_add_eol_comment(comment, "anchors_hz", column=COMMENT_COLUMN)
    return section


def condition_entry(condition: Condition) -> CommentedMap:
    """A condition in the list of a study file."""
    entry = CommentedMap(condition.model_dump())
    entry["levels"] = level_list(condition.by_compression())
    comment = "as the number of the level grows: rises | falls"
    entry.yaml_add_eol_comment(comment, "compression", column=COMMENT_COLUMN)
    return entry


def level_list(levels: Sequence[float]) -> CommentedSeq:
    """Levels as people write them: 3, not 3.0."""
    whole = [level.is_integer() and abs(level) < 1e15 for level in levels]
    return _flow(
        [int(level) if plain else level for level, plain in zip(levels, whole, strict=True)]
    )


ALWAYS_SHOWN = frozenset(
    {"target_probability", "equivalence_bound", "bound_on", "quality_bound", "bound_reason"}
    | {"alpha", "sigmoid"}
    | {"decision_model", "min_gross_correct", "include_unfinished", "sample_size", "stopping_rule"}
)
"""Keys of the plan that a draft always has; further rules of exclusion are written when used."""


def _analysis(analysis: Analysis, task: Task) -> CommentedMap:
    section = CommentedMap(
        {
            key: value
            for key, value in analysis.model_dump().items()
            if (key in ALWAYS_SHOWN and applies(f"analysis.{key}", [task]))
            or value != Analysis.model_fields[key].default
        }
    )
    comments = {
        "target_probability": "proportion correct that counts as just noticeable",
        "equivalence_bound": "such as 0.6; without one nothing is ever called inaudible",
        "bound_on": "proportion_correct | d_prime | discriminators",
        "quality_bound": "such as 5 for MUSHRA; without one nothing is called as good",
        "bound_reason": "a reviewer will ask",
        "decision_model": "independent_observation | differencing; empty: as usual",
        "min_gross_correct": "such as 0.75: who misses more gross catch trials is left out",
        "sample_size": "such as 20: finished sessions to be collected",
        "stopping_rule": "when data collection ends, if not at that number",
    }
    return with_comments(section, comments)


def _texts(texts: Texts) -> CommentedMap:
    content = texts.model_dump(exclude={"overrides"})
    return CommentedMap({key: as_written(key, value) for key, value in content.items()})


def as_written(key: str, text: str) -> str:
    """A text for participants in the form in which a draft writes it."""
    return paragraphs_of(text) if key == "consent" or "\n\n" in text else text


def paragraphs_of(text: str) -> LiteralScalarString:
    """A text of some paragraphs as a study file shows it: a block of lines of readable length."""
    wrapped = "\n\n".join(textwrap.fill(paragraph, 88) for paragraph in text.split("\n\n"))
    block: LiteralScalarString = LiteralScalarString(wrapped + "\n")
    return block


def written(value: object) -> Any:
    """Any value in the form in which a draft writes it: short lists on one line, long texts as
    blocks."""
    if isinstance(value, Mapping) and not isinstance(value, CommentedMap):
        return CommentedMap({key: written(part) for key, part in value.items()})
    if isinstance(value, Sequence) and not isinstance(value, str | CommentedSeq):
        parts = [written(part) for part in value]
        nested = any(isinstance(part, Mapping) for part in parts)
        return CommentedSeq(parts) if nested else _flow(parts)
    if isinstance(value, str) and "\n" in value and not isinstance(value, LiteralScalarString):
        return LiteralScalarString(value)
    return value


def _flow(values: Sequence[Any]) -> CommentedSeq:
    sequence = CommentedSeq(values)
    sequence.fa.set_flow_style()
    return sequence


def dump_study(root: CommentedMap) -> str:
    """The text of a study file, or of a part of one."""
    yaml = YAML(typ="rt", pure=True)
    yaml.width = 96
    yaml.indent(mapping=2, sequence=4, offset=2)
    out = StringIO()
    yaml.dump(root, out)
    return out.getvalue()
