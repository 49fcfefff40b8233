"""Listen and Rate: a YAML file with a test type and a folder of sounds per system."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from jndlab.importing import assembling as parts
from jndlab.importing import questions
from jndlab.importing.documents import Document
from jndlab.importing.folders import compare_folders
from jndlab.importing.imported import Imported, ImportOptions, wrong_file
from jndlab.importing.ledger import Ledger
from jndlab.importing.pairs import Comparison
from jndlab.importing.sounds import folder_of_sounds
from jndlab.importing.words import plain_text
from jndlab.languages.tags import LANGUAGES
from jndlab.study.trials import ParadigmName
from jndlab.study.yaml_source import KeyPath

PARADIGMS: dict[str, ParadigmName] = {
    "abx": "abx",
    "ab": "preference",
    "mos": "acr",
    "dmos": "dcr",
    "cmos": "ccr",
    "mushra": "mushra",
}
AS_PAIRS = ("smos", "xab")
"""Tests of similarity, which jndlab has no paradigm for."""
SYSTEMS: KeyPath = ("stimuli_dirs", "systems")
PER_SESSION = ("items_per_session", "utterances_per_session")
MOST_PRACTICE = 50
_OWN_CHECK = "jndlab measures every pair before the launch."
_LEFT: dict[str, tuple[str, str]] = {
    "output": (parts.OWN_SAVING, ""),
    "preload_audio": ("jndlab loads the sounds of the next trials beforehand.", ""),
    "audio_preload": ("jndlab loads the sounds of the next trials beforehand.", ""),
    "loudness_check": (_OWN_CHECK, "Run: jndlab check"),
    "duration_check": (_OWN_CHECK, "Run: jndlab check"),
    "silence_check": (_OWN_CHECK, "Run: jndlab check"),
    "loudness_normalization": (
        "jndlab plays sounds as they are: other gains would change the pair.",
        "Bring both versions of a pair to one level when you render them.",
    ),
    "shortcuts": ("The keys of jndlab's pages are the same in every study.", ""),
    "metrics": ("jndlab always takes down response times.", ""),
    "instructions": (
        "jndlab explains the task in its own words, which fit its trials.",
        "Put what participants must know besides into texts.consent.",
    ),
    "allow_tie": (
        "Every comparison in jndlab is a choice between two.",
        "design.confidence_steps asks how sure an answer was.",
    ),
    "rating_labels": ("jndlab's scales have the words of their recommendation.", ""),
}


def is_listen_and_rate(data: object) -> bool:
    """Whether this is a configuration of Listen and Rate."""
    return isinstance(data, dict) and "test_type" in data


def read_listen_and_rate(
    document: Document, options: ImportOptions, *, boundary: Path | None = None
) -> Imported:
    """The study with the paradigm of its test type; with ``take_ratings`` ABX of rating tests.

    StudyError: a test type that has none, systems that are none; AudioError: missing sounds.
    """
    ledger = Ledger(document)
    kind = document.text(("test_type",)).lower()
    paradigm = parts.own_paradigm(
        ledger, ("test_type",), kind, own=PARADIGMS, others=AS_PAIRS, options=options
    )
    comparisons = _comparisons(document, ledger, options, boundary, kind)
    keys, trials = _tell_rest(document, ledger)
    return parts.assemble(
        ledger,
        comparisons,
        name="listen-and-rate",
        options=options,
        title=plain_text(document.text(("title",))),
        identifier=document.text(("experiment_id",)),
        paradigm=paradigm,
        keys=keys,
        trials=trials,
        nothing=wrong_file("there are no pairs", "Name two systems or more."),
    )


def _comparisons(
    document: Document,
    ledger: Ledger,
    options: ImportOptions,
    boundary: Path | None,
    kind: str,
) -> list[Comparison]:
    systems = _systems(document)
    root = folder_of_sounds(
        document.path,
        [document.text((*place, "path")) for place in systems.values()],
        given=options.sounds,
        boundary=boundary,
    )
    folders: dict[str, Path] = {}
    for name, place in systems.items():
        path = os.path.normpath(document.text((*place, "path")).replace("\\", "/"))
        if os.path.isabs(path) or path.startswith("..") or ":" in path.split("/")[0]:
            raise wrong_file(
                f"the path {path!r} leads out of the folder of sounds",
                "Name the folder that holds all systems with --sounds, and write paths in it.",
                place=document.where((*place, "path")),
            )
        folders[name] = root / path
        ledger.carry((*place, "path"), "a version, or the baseline")
        for key in ("system", "reference"):
            ledger.carry((*place, key), "name of a version, or which one is the baseline")
        ledger.leave(
            (*place, "anchor"),
            "It is a version like the others.",
            "For MUSHRA, stimuli.anchors_hz adds anchors that are known as such.",
        )
    flagged = [
        name for name, place in systems.items() if document.value(place).get("reference") is True
    ]
    if len(flagged) == 1 and options.baseline is None:
        baseline = flagged[0]
    else:
        baseline = parts.choose_baseline(
            list(folders), options=options, ledger=ledger, first=kind == "abx"
        )
    return compare_folders(ledger, folders, baseline, place=SYSTEMS)


def _systems(document: Document) -> dict[str, KeyPath]:
    """Name of every system and its place. StudyError: fewer than two, or not as they must be."""
    try:
        entries = document.value(SYSTEMS)
    except (KeyError, TypeError):
        entries = None
    if not isinstance(entries, list) or len(entries) < 2:
        raise wrong_file(
            "stimuli_dirs.systems must list two folders or more",
            "Explicit lists of stimuli cannot be imported: put the sounds of each system into a "
            "folder of its own.",
            place=document.where(("stimuli_dirs",)),
        )
    found: dict[str, KeyPath] = {}
    for index, entry in enumerate(entries):
        place = (*SYSTEMS, index)
        path = document.text((*place, "path")) if isinstance(entry, dict) else ""
        name = document.text((*place, "system")) or Path(path).name
        if not path or name in found:
            raise wrong_file(
                "a system needs a path" if not path else f"two systems are called {name!r}",
                "Write it as: - path: sounds/A, and below it system: A.",
                place=document.where(place),
            )
        found[name] = place
    return found


def _tell_rest(document: Document, ledger: Ledger) -> tuple[dict[str, Any], int | None]:
    """Keys of the study, and how many trials a session has."""
    data = document.data
    keys: dict[str, Any] = {"design": {}}
    ledger.carry(("title",), "title")
    ledger.carry(("experiment_id",), "slug")
    trials = None
    for key in PER_SESSION:
        number = data["stimuli_dirs"].get(key)
        if isinstance(number, int) and number > 0:
            trials = number
            ledger.carry(("stimuli_dirs", key), "design.trials_per_level")
    if data.get("randomize") is False or data.get("presentation_order") == "fixed":
        for key in ("randomize", "presentation_order"):
            ledger.leave((key,), parts.EVERY_TIME)
    else:
        for key in ("randomize", "presentation_order"):
            ledger.carry((key,), "trials come in random order")
    _tell_practice(data, ledger, keys)
    hours = data["resume"].get("max_age_hours") if isinstance(data.get("resume"), dict) else None
    if isinstance(hours, int | float) and not isinstance(hours, bool) and 0 < hours <= 8760:
        keys["design"]["resume_hours"] = float(hours)
        ledger.carry(("resume", "max_age_hours"), "design.resume_hours")
    elif "resume" in data:
        ledger.leave_rest(("resume",), "A session can always be gone on with.", "")
    language = document.text(("ui_language",))
    if language in LANGUAGES:
        keys["language"] = language
        ledger.carry(("ui_language",), "language")
    pages = [
        page
        for key, when in (("metadata", "before"), ("survey", "after"))
        if key in data and (page := _form(document, ledger, key, when)) is not None
    ]
    if pages:
        keys["questionnaires"] = pages
    for key, (why, remedy) in _LEFT.items():
        if key in data:
            ledger.leave_rest((key,), why, remedy)
    return keys, trials


def _tell_practice(data: dict[str, Any], ledger: Ledger, keys: dict[str, Any]) -> None:
    practice = data.get("practice")
    if not isinstance(practice, dict):
        return
    count = practice.get("count")
    if isinstance(count, int) and not isinstance(count, bool) and 0 <= count <= MOST_PRACTICE:
        keys["design"]["practice_trials"] = count
        ledger.carry(("practice", "count"), "design.practice_trials")
    ledger.leave(("practice", "instructions"), "jndlab's practice says itself that it is one.")


def _form(document: Document, ledger: Ledger, key: str, when: str) -> dict[str, Any] | None:
    """A form of the source as a questionnaire."""
    form = document.data[key]
    fields: object = form
    place: KeyPath = (key,)
    if isinstance(form, dict):
        fields, place = form.get("fields"), (key, "fields")
    asked: list[dict[str, Any]] = []
    for index, entry in enumerate(fields if isinstance(fields, list) else []):
        question = _question(entry, [one["name"] for one in asked])
        if question is None:
            why = "jndlab has no question of this type."
            ledger.leave((*place, index), why, "Write it under questionnaires.")
            continue
        asked.append(question)
        ledger.carry((*place, index), f"questionnaires: a question of kind {question['kind']}")
        if isinstance(entry, dict) and "default" in entry:
            ledger.leave((*place, index, "default"), "No answer is chosen beforehand.")
    if not asked:
        return None
    title = document.text((key, "title")) or "Some questions"
    text = plain_text(document.text((key, "description")))
    if isinstance(form, dict):
        ledger.carry((key, "title"), "heading of the questionnaire")
        ledger.carry((key, "description"), "text of the questionnaire")
    name = "about-you" if when == "before" else "at-the-end"
    return questions.questionnaire(name, title, when, asked, text=text)


def _question(entry: object, taken: list[str]) -> dict[str, Any] | None:
    if not isinstance(entry, dict):
        return None
    label = str(entry.get("label") or entry.get("key") or "")
    name = questions.question_name(str(entry.get("key") or label), taken)
    required = entry.get("required") is True
    kind = entry.get("type", "text")
    if kind == "text":
        return questions.free_text(name, label, required=required)
    if kind in ("select", "radio") and isinstance(entry.get("options"), list):
        return questions.choice(name, label, [str(o) for o in entry["options"]], required=required)
    return None
