"""webMUSHRA's pages around the trials: the test of headphones, and the last page."""

from __future__ import annotations

import re
from typing import Any

from jndlab.importing import questions
from jndlab.importing.webmushra_reading import Reading
from jndlab.importing.words import joined, plain_text
from jndlab.study.yaml_source import KeyPath


def read_screen(reading: Reading, path: KeyPath, page: dict[str, Any]) -> None:
    """A test of headphones, as a check before the first trial."""
    huggins = "huggins" in str(page.get("target", "")).lower()
    check: dict[str, Any] = {"kind": "headphones-huggins" if huggins else "headphones-antiphase"}
    reading.ledger.carry((*path, "type"), f"checks: kind {check['kind']}")
    repetitions = page.get("repetitions")
    if isinstance(repetitions, int) and 1 <= repetitions <= 30:
        check["n_trials"] = repetitions
        reading.ledger.carry((*path, "repetitions"), "n_trials of the check")
    reading.checks.append(check)


def read_finish(reading: Reading, path: KeyPath, page: dict[str, Any]) -> None:
    """The last page: thanks, the code, and questions after the trials."""
    ledger = reading.ledger
    reading.thanks = joined([reading.thanks, plain_text(str(page.get("content") or ""))])
    ledger.carry((*path, "type"), "the last page, which every study has")
    ledger.carry((*path, "content"), "texts.thanks")
    code = ledger.document.text((*path, "confirmationCode"))
    if re.fullmatch(r"[A-Za-z0-9-]{1,40}", code):
        reading.keys["completion_code"] = code
        ledger.carry((*path, "confirmationCode"), "completion_code")
    asked: list[dict[str, Any]] = []
    entries = page.get("questionnaire")
    for index, entry in enumerate(entries if isinstance(entries, list) else []):
        question = _question(entry, [one["name"] for one in asked])
        place = (*path, "questionnaire", index)
        if question is None:
            ledger.leave(
                place, "jndlab has no question of this type.", "Write it under questionnaires."
            )
            continue
        asked.append(question)
        ledger.carry(place, f"questionnaires: a question of kind {question['kind']}")
        for key in ("default", "img"):
            if key in entry:
                ledger.leave((*place, key), "jndlab's questions have none.", "")
    if asked:
        reading.keys["questionnaires"] = [
            questions.questionnaire("at-the-end", "Some questions", "after", asked)
        ]


def _question(entry: object, taken: list[str]) -> dict[str, Any] | None:
    if not isinstance(entry, dict):
        return None
    label = str(entry.get("label") or entry.get("name") or "")
    name = questions.question_name(str(entry.get("name") or label), taken)
    required = entry.get("optional") is not True
    kind = entry.get("type")
    if kind in ("text", "long_text"):
        return questions.free_text(name, label, required=required, long=kind == "long_text")
    if kind == "number":
        low, high = entry.get("min"), entry.get("max")
        return questions.number(name, label, low=low, high=high, required=required)
    if kind == "likert" and isinstance(entry.get("response"), list):
        options = [
            str(one.get("label") or one.get("value") or "")
            for one in entry["response"]
            if isinstance(one, dict)
        ]
        return questions.choice(name, label, options, required=required)
    return None
