"""A registration: what a study is and how its answers will be analysed, as a document to publish.

Its content is plain JSON. The SHA-256 of its canonical form shows later that nothing was changed.
The answers must stay secret until the last session has ended, so the seed, which gives them away,
is not part of it: a digest of seed and salt is, and both are made known when the study is over.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

FORMAT = "jndlab registration 1"
_SECRET = ("seed", "completion_code", "screen_out_code")
"""What participants must not learn: the key to all answers, and the codes they are paid for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RegisteredVersion:
    """What there is to know of a version when it is registered."""

    definition: str
    """Canonical JSON, as it was frozen."""
    number: int
    digest: str
    """Over definition and sounds."""
    stimuli_digest: str
    frozen_at: datetime
    registered_at: datetime
    quota: int | None
    """Most sessions that the study would take."""
    n_pilot_answers: int
    n_earlier_answers: int
    """People's answers to earlier versions, which may have taught something."""
    salt: str
    """Random and secret: without it a short seed could be found by trying."""
    jndlab_version: str


def registration_content(version: RegisteredVersion) -> dict[str, Any]:
    """What the document says, ready for JSON.

    Folders are left out, for they are of one computer.
    """
    definition = json.loads(version.definition)
    seed = definition["seed"]
    public = {key: value for key, value in definition.items() if key not in _SECRET}
    public["stimuli"] = _without_folders(definition["stimuli"])
    analysis = public.pop("analysis", None) or {}
    return {
        "format": FORMAT,
        "study": definition["slug"],
        "title": definition["title"],
        "version": version.number,
        "frozen_at": _time(version.frozen_at),
        "registered_at": _time(version.registered_at),
        "jndlab_version": version.jndlab_version,
        "answers_before": {
            "to_this_version": 0,
            "to_earlier_versions": version.n_earlier_answers,
            "of_the_pilot": version.n_pilot_answers,
        },
        "sample": {
            "sample_size": analysis.get("sample_size"),
            "quota": version.quota,
            "stopping_rule": analysis.get("stopping_rule", ""),
        },
        "analysis": analysis,
        "definition": public,
        "stimuli_sha256": version.stimuli_digest,
        "sealed": {
            "seed_sha256": sealed(version.salt, str(seed)),
            "study_digest_sha256": sealed(version.salt, version.digest),
            "rule": "SHA-256 of salt, colon, value, in UTF-8",
        },
    }


def sealed(salt: str, value: str) -> str:
    """What can be published of a secret value, to be compared when it is told.

    >>> sealed("c0ffee", "7")[:16]
    '036280ba77fb7a20'
    """
    return hashlib.sha256(f"{salt}:{value}".encode()).hexdigest()


def canonical(content: Mapping[str, Any]) -> bytes:
    """The one form of a content that the digest is of: JSON, keys sorted, no spaces, UTF-8."""
    return json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def content_digest(content: Mapping[str, Any]) -> str:
    """SHA-256 (hex) of a document's content.

    >>> content_digest({"b": 1, "a": "é"}) == content_digest({"a": "é", "b": 1})
    True
    """
    return hashlib.sha256(canonical(content)).hexdigest()


def registration_json(content: Mapping[str, Any]) -> str:
    """The document as a file for machines: the content and its digest."""
    document = {"content": content, "sha256": content_digest(content)}
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"


def _without_folders(stimuli: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "items": stimuli["items"],
        "conditions": [
            {key: value for key, value in condition.items() if key != "folder"}
            for condition in stimuli["conditions"]
        ],
    }


def _time(moment: datetime) -> str:
    return moment.isoformat(timespec="milliseconds")
