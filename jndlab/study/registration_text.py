"""A registration to read: the document's content in the words of a registry's form."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from jndlab.study.analysis_plan import Analysis
from jndlab.study.phrases import plural
from jndlab.study.registration import content_digest

_CHECK = (
    "python -c \"import json, hashlib, sys; d = json.load(open(sys.argv[1], encoding='utf-8')); "
    "print(hashlib.sha256(json.dumps(d['content'], sort_keys=True, separators=(',', ':'), "
    "ensure_ascii=False).encode()).hexdigest() == d['sha256'])\" FILE.json"
)


def registration_markdown(content: Mapping[str, Any], *, procedure: Sequence[str] = ()) -> str:
    """The document as Markdown; ``procedure`` are paragraphs on how the study is run.

    Everything in it is also in the content, which the digest covers.
    """
    parts = [
        f"# Registration: {_line(content['title'])}",
        _what(content),
        "## Have any data been collected?",
        _before(content["answers_before"]),
        "## What is tested",
        *([_line(paragraph) for paragraph in procedure] or [_tested(content)]),
        "## How the answers will be analysed",
        _analysis(content["analysis"]),
        "## How many people, and when it ends",
        _sample(content["sample"]),
        "## The study in full",
        "Everything that decides what a participant meets, without the folders, the secret seed, "
        "and the codes that participants are paid for.",
        f"```json\n{json.dumps(content['definition'], indent=1, ensure_ascii=False)}\n```",
        "## Digests",
        _digests(content),
    ]
    return "\n\n".join(parts) + "\n"


def _what(content: Mapping[str, Any]) -> str:
    return (
        f"Study `{content['study']}`, version {content['version']}, frozen at "
        f"{content['frozen_at']} and registered at {content['registered_at']} with jndlab "
        f"{content['jndlab_version']}.\n\n"
        f"SHA-256 of this registration: `{content_digest(content)}`"
    )


def _before(answers: Mapping[str, int]) -> str:
    text = "No. Nobody had answered a trial of this version when it was registered."
    if answers["of_the_pilot"]:
        in_pilot = plural(answers["of_the_pilot"], "answer")
        text += f" A pilot had given {in_pilot}, which do not count."
    if answers["to_earlier_versions"]:
        earlier = plural(answers["to_earlier_versions"], "answer")
        text += f" People had given {earlier} to earlier versions of the study."
    return text


def _tested(content: Mapping[str, Any]) -> str:
    stimuli = content["definition"]["stimuli"]
    conditions = "; ".join(
        f"{one['name']} at {', '.join(f'{level:g}' for level in one['levels'])} {one['unit']}"
        for one in stimuli["conditions"]
    )
    return f"Items: {len(stimuli['items'])}. Conditions: {conditions}."


def _analysis(analysis: Mapping[str, Any]) -> str:
    rows = [
        f"| `{key}` | {_cell(value)} | {_cell(_meaning(key))} |"
        for key, value in analysis.items()
        if key not in ("sample_size", "stopping_rule") and value not in (None, "")
    ]
    table = "\n".join(["| key | value | meaning |", "| --- | --- | --- |", *rows])
    return f"{table}\n\nThere are no other rules: nobody else is left out."


def _meaning(key: str) -> str:
    field = Analysis.model_fields.get(key)
    return " ".join((field.description or "").split()) if field else ""


def _sample(sample: Mapping[str, Any]) -> str:
    planned = sample["sample_size"]
    lines = [
        f"Finished sessions planned: {'not stated' if planned is None else planned}.",
        f"Most sessions that are taken: {sample['quota'] or 'no limit'}.",
        f"Stopping rule: {_line(sample['stopping_rule']) or 'not stated'}",
    ]
    return "\n\n".join(lines)


def _digests(content: Mapping[str, Any]) -> str:
    seal = content["sealed"]
    return (
        f"- Sounds (SHA-256 over all clips): `{content['stimuli_sha256']}`\n"
        f"- Seed, sealed: `{seal['seed_sha256']}`\n"
        f"- Digest of the study that its data carry, sealed: `{seal['study_digest_sha256']}`\n\n"
        "The seed gives the right answers away, so it stays secret until the last session has "
        f"ended; then seed and salt are published, and the sealed values can be checked "
        f"({seal['rule']}).\n\n"
        "The digest of the registration is that of the content of the JSON file. To check it:\n\n"
        f"```console\n{_CHECK}\n```"
    )


def _cell(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return _line(str(value)).replace("|", "\\|")


def _line(text: str) -> str:
    return " ".join(str(text).split())
