"""The frozen definition of a study as it can be given to others."""

from __future__ import annotations

import json
from typing import Any

from jndlab.study.definition import StudyDefinition
from jndlab.study.draft import dump_study, written

SECRET_KEYS = ("seed", "completion_code", "screen_out_code")
"""The key to all answers, and what participants are paid for."""
_OF_KINDS = ("checks", "examples", "questionnaires")
"""Sections in which a key that is of no use to a kind must not be written."""
_WITHHELD = (
    "# The seed and the codes are left out: whoever knows the seed knows the right answers.\n"
    "# Export the package again when the study is closed, or with --with-seed.\n"
)


def definition_json(definition: str, *, with_seed: bool) -> str:
    """Canonical JSON of a definition; folders, which are of one computer, get plain names."""
    content = _public(json.loads(definition), with_seed=with_seed)
    return json.dumps(content, sort_keys=True, separators=(",", ":")) + "\n"


def definition_yaml(definition: str, *, with_seed: bool) -> str:
    """The same as a study file."""
    study = StudyDefinition.from_json(definition)
    content = study.model_dump(mode="json", exclude_none=True)
    lean = study.model_dump(mode="json", exclude_defaults=True)
    content |= {key: lean[key] for key in _OF_KINDS if key in lean}
    text = dump_study(written(_public(content, with_seed=with_seed)))
    return text if with_seed else _WITHHELD + text


def _public(content: dict[str, Any], *, with_seed: bool) -> dict[str, Any]:
    content["stimuli"]["baseline"] = "baseline"
    for condition in content["stimuli"]["conditions"]:
        condition["folder"] = condition["name"]
    hidden = () if with_seed else SECRET_KEYS
    return {key: value for key, value in content.items() if key not in hidden}
