"""The frozen definition of a study as it can be given to others."""

from __future__ import annotations

import json
from typing import Any

from jndlab.study.draft import dump_study, written

SECRET_KEYS = ("seed", "completion_code", "screen_out_code")
"""The key to all answers, and what participants are paid for."""
_WITHHELD = (
    "# The seed and the codes are left out: whoever knows the seed knows the right answers.\n"
    "# Export the package again when the study is closed, or with --with-seed.\n"
)


def definition_json(definition: str, *, with_seed: bool) -> str:
    """Canonical JSON of a definition; folders, which are of one computer, get plain names."""
    content = _public(definition, with_seed=with_seed)
    return json.dumps(content, sort_keys=True, separators=(",", ":")) + "\n"


def definition_yaml(definition: str, *, with_seed: bool) -> str:
    """The same as a study file."""
    content = _without_nothing(_public(definition, with_seed=with_seed))
    text = dump_study(written(content))
    return text if with_seed else _WITHHELD + text


def _public(definition: str, *, with_seed: bool) -> dict[str, Any]:
    content: dict[str, Any] = json.loads(definition)
    content["stimuli"]["baseline"] = "baseline"
    for condition in content["stimuli"]["conditions"]:
        condition["folder"] = condition["name"]
    hidden = () if with_seed else SECRET_KEYS
    return {key: value for key, value in content.items() if key not in hidden}


def _without_nothing(value: Any) -> Any:
    """Without the keys that are None: a study file leaves them out."""
    if isinstance(value, dict):
        return {key: _without_nothing(part) for key, part in value.items() if part is not None}
    if isinstance(value, list):
        return [_without_nothing(part) for part in value]
    return value
