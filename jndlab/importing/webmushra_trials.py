"""webMUSHRA's pages with sounds: which paradigm each is, and its sounds."""

from __future__ import annotations

from collections import Counter
from typing import Any

from jndlab.importing.assembling import choose_baseline, compare
from jndlab.importing.imported import ImportOptions, wrong_file
from jndlab.importing.webmushra_reading import Reading
from jndlab.study.trials import TASKS, ParadigmName
from jndlab.study.yaml_source import KeyPath

PREFERENCES = ("preference_test",)
OWN: dict[str, ParadigmName] = {
    "paired_comparison": "abx",
    "mushra": "mushra",
    "bs1116": "bs1116",
    "preference_test": "preference",
}
"""The paradigm of each type of page whose sounds can be taken."""
ANCHORS_HZ = {"createAnchor35": 3500.0, "createAnchor70": 7000.0}


def choose_kinds(
    pages: list[tuple[KeyPath, dict[str, Any]]], options: ImportOptions
) -> tuple[ParadigmName, frozenset[str]]:
    """The paradigm of the study, and the types of the pages that are taken.

    A study has one paradigm for all of its items: that of most pages, or the one asked for.
    """
    kinds = Counter(
        kind
        for kind in (str(page.get("type", "")) for _, page in pages)
        if kind in OWN and (kind not in PREFERENCES or options.baseline)
    )
    if options.take_ratings:
        pairs: ParadigmName = "abx" if kinds.keys() - set(PREFERENCES) else "two-interval"
        return options.paradigm or pairs, frozenset(kinds)
    asked = options.paradigm
    if asked is None:
        asked = OWN[kinds.most_common(1)[0][0]] if kinds else "abx"
        return asked, frozenset(kind for kind in kinds if OWN[kind] == asked)
    measure = TASKS[asked].measure
    same = {kind for kind in kinds if OWN[kind] == asked}
    alike = {kind for kind in kinds if TASKS[OWN[kind]].measure == measure}
    return asked, frozenset(same or alike or kinds)


def read_pairs(reading: Reading, path: KeyPath, page: dict[str, Any], kind: str) -> None:
    """The sounds of a page, each beside the one that it is compared with."""
    document, ledger = reading.ledger.document, reading.ledger
    if not isinstance(page.get("stimuli"), dict):
        raise wrong_file(
            f"a page of type {kind} needs stimuli as a mapping of names to paths",
            "Write them as: stimuli, and below it C1: sounds/one.wav.",
            place=document.where((*path, "stimuli")),
        )
    stimuli = document.mapping((*path, "stimuli"), "stimuli")
    places = {label: (*path, "stimuli", label) for label in stimuli}
    paths = {label: document.text(place) for label, place in places.items()}
    if kind in PREFERENCES:
        label = choose_baseline(list(stimuli), options=reading.options, ledger=ledger)
        baseline = (places.pop(label), paths[label])
    else:
        baseline = ((*path, "reference"), document.text((*path, "reference")))
    empty = [place for place, text in [baseline] if not text]
    empty += [places[label] for label in places if not paths[label]]
    if empty:
        raise wrong_file(
            f"a page of type {kind} needs a path of a sound here",
            "Write the path of a WAV file.",
            place=document.where(empty[0]),
        )
    made = compare(
        ledger,
        reading.finder,
        path,
        baseline=baseline,
        versions=[(place, label, paths[label]) for label, place in places.items()],
        names=(document.text((*path, "id")), document.text((*path, "name"))),
    )
    kept = TASKS[OWN[kind]].measure == TASKS[reading.paradigm].measure
    ledger.carry((*path, "type"), "paradigm" if kept else "pairs, without the ratings")
    if made is not None:
        reading.comparisons.append(made)


def read_anchors(reading: Reading, path: KeyPath, page: dict[str, Any]) -> None:
    """The low-passed anchors that a page makes of its reference."""
    found = tuple(hz for key, hz in ANCHORS_HZ.items() if page.get(key) is True)
    for key in ANCHORS_HZ:
        if key in page:
            reading.ledger.carry((*path, key), "stimuli.anchors_hz, if any page has it")
    reading.anchors.append(found)
