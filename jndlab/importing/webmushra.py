"""webMUSHRA: a YAML file of pages, some of them in groups that begin with the word random."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from jndlab.importing import assembling as parts
from jndlab.importing import questions
from jndlab.importing.documents import Document
from jndlab.importing.imported import Imported, ImportOptions, wrong_file
from jndlab.importing.ledger import Ledger
from jndlab.importing.pairs import Comparison
from jndlab.importing.sounds import SoundFinder, folder_of_sounds
from jndlab.importing.webmushra_pages import tell_page
from jndlab.importing.words import joined, plain_text
from jndlab.languages.tags import LANGUAGES
from jndlab.study.texts import Texts
from jndlab.study.trials import TASKS, ParadigmName
from jndlab.study.yaml_source import KeyPath

PAIRS = ("paired_comparison",)
PREFERENCES = ("preference_test",)
OWN: dict[str, ParadigmName] = {
    "paired_comparison": "abx",
    "mushra": "mushra",
    "bs1116": "bs1116",
    "preference_test": "preference",
}
"""The paradigm of each type of page whose sounds can be taken."""
ANCHORS_HZ = {"createAnchor35": 3500.0, "createAnchor70": 7000.0}
MOST_PAGES = 5000


@dataclass(slots=True)
class _Reading:
    ledger: Ledger
    finder: SoundFinder
    options: ImportOptions
    comparisons: list[Comparison] = field(default_factory=list)
    welcome: list[str] = field(default_factory=list)
    loops: list[bool] = field(default_factory=list)
    kinds: frozenset[str] = frozenset()
    """Types of the pages that are taken."""
    paradigm: ParadigmName = "abx"
    anchors: list[tuple[float, ...]] = field(default_factory=list)
    keys: dict[str, Any] = field(default_factory=dict)
    checks: list[dict[str, Any]] = field(default_factory=list)
    thanks: str = ""


def is_webmushra(data: object) -> bool:
    """Whether this is a webMUSHRA configuration."""
    return isinstance(data, dict) and isinstance(data.get("pages"), list)


def read_webmushra(
    document: Document, options: ImportOptions, *, boundary: Path | None = None
) -> Imported:
    """The pages of the type that most pages with sounds have; with ``take_ratings`` all, as pairs.

    StudyError: pages that are none; AudioError: sounds that are missing.
    """
    ledger = Ledger(document)
    pages = list(_pages(document))
    references = [
        path for _, page in pages for path in [page.get("reference"), *_paths(page)] if path
    ]
    root = folder_of_sounds(
        document.path, map(str, references), given=options.sounds, boundary=boundary
    )
    finder = SoundFinder(root, follow_links=options.follow_links)
    reading = _Reading(ledger=ledger, finder=finder, options=options)
    reading.paradigm, reading.kinds = _taken(pages, options)
    for path, page in pages:
        _read_page(reading, path, page)
    finder.require_all()
    _tell_top(document, reading)
    if options.baseline is not None and not reading.kinds & set(PREFERENCES):
        ledger.notes.append("Every page has a reference of its own: no baseline had to be told.")
    _tell_order(document, pages, ledger)
    return parts.assemble(
        ledger,
        reading.comparisons,
        name="webmushra",
        options=options,
        title=plain_text(document.text(("testname",))),
        identifier=document.text(("testId",)),
        paradigm=reading.paradigm,
        keys=_keys(reading),
        nothing=wrong_file(
            "there is no page whose sounds can be taken",
            f"These can: {', '.join(OWN)}, the last one where the baseline is told.",
            place=document.name,
        ),
    )


def _taken(
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


def _pages(document: Document) -> Iterator[tuple[KeyPath, dict[str, Any]]]:
    """Every page with its place, those of groups among them."""
    count = 0
    for place, entry in _entries(document, ("pages",)):
        if isinstance(entry, dict):
            count += 1
            yield place, entry
        elif entry != "random":
            raise wrong_file(
                "a page is a mapping with a type",
                "Write it as: - type: paired_comparison, or remove it.",
                place=document.where(place),
            )
        if count > MOST_PAGES:
            raise wrong_file(f"more than {MOST_PAGES} pages", "Import them in parts.")


def _entries(document: Document, path: KeyPath) -> Iterator[tuple[KeyPath, object]]:
    """Pages and the word random, in the order of the file, whatever group they are in."""
    for index, entry in enumerate(document.value(path)):
        if isinstance(entry, list):
            yield from _entries(document, (*path, index))
        else:
            yield (*path, index), entry


def _paths(page: dict[str, Any]) -> list[object]:
    stimuli = page.get("stimuli")
    return list(stimuli.values()) if isinstance(stimuli, dict) else []


def _read_page(reading: _Reading, path: KeyPath, page: dict[str, Any]) -> None:
    kind = str(page.get("type", ""))
    ledger = reading.ledger
    taken = kind in reading.kinds
    if taken:
        _read_pairs(reading, path, page, kind)
        if reading.paradigm == "mushra":
            _read_anchors(reading, path, page)
        if isinstance(page.get("enableLooping"), bool):
            reading.loops.append(page["enableLooping"])
    elif kind == "generic" and not reading.comparisons and page.get("content"):
        reading.welcome.append(plain_text(str(page["content"])))
        ledger.carry((*path, "type"), "part of texts.consent")
        ledger.carry((*path, "content"), "part of texts.consent, which is shown first")
    elif kind == "headphones_screen":
        _read_screen(reading, path, page)
    elif kind == "volume":
        reading.checks.append({"kind": "level"})
        ledger.carry((*path, "type"), "checks: kind level, on the study's own speech")
    elif kind == "finish":
        _read_finish(reading, path, page)
    tell_page(ledger, path, page, kind, taken=taken)


def _read_pairs(reading: _Reading, path: KeyPath, page: dict[str, Any], kind: str) -> None:
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
        label = parts.choose_baseline(list(stimuli), options=reading.options, ledger=ledger)
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
    made = parts.compare(
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


def _read_anchors(reading: _Reading, path: KeyPath, page: dict[str, Any]) -> None:
    found = tuple(hz for key, hz in ANCHORS_HZ.items() if page.get(key) is True)
    for key in ANCHORS_HZ:
        if key in page:
            reading.ledger.carry((*path, key), "stimuli.anchors_hz, if any page has it")
    reading.anchors.append(found)


def _read_screen(reading: _Reading, path: KeyPath, page: dict[str, Any]) -> None:
    huggins = "huggins" in str(page.get("target", "")).lower()
    check: dict[str, Any] = {"kind": "headphones-huggins" if huggins else "headphones-antiphase"}
    reading.ledger.carry((*path, "type"), f"checks: kind {check['kind']}")
    repetitions = page.get("repetitions")
    if isinstance(repetitions, int) and 1 <= repetitions <= 30:
        check["n_trials"] = repetitions
        reading.ledger.carry((*path, "repetitions"), "n_trials of the check")
    reading.checks.append(check)


def _read_finish(reading: _Reading, path: KeyPath, page: dict[str, Any]) -> None:
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


def _tell_top(document: Document, reading: _Reading) -> None:
    ledger, data = reading.ledger, document.data
    told = {
        "testname": "title",
        "testId": "slug",
    }
    for key, became in told.items():
        if key in data:
            ledger.carry((key,), became)
    left = {
        "bufferSize": ("jndlab's player sets its buffers itself.", ""),
        "stopOnErrors": ("jndlab checks all sounds before the launch.", "Run: jndlab check"),
        "showButtonPreviousPage": ("An answer in jndlab stands once it is given.", ""),
        "remoteService": (parts.OWN_SAVING, ""),
    }
    for key, (why, remedy) in left.items():
        if key in data:
            ledger.leave((key,), why, remedy)
    language = document.text(("language",))
    if language in LANGUAGES:
        reading.keys["language"] = language
        ledger.carry(("language",), "language")
    elif language:
        ledger.leave(
            ("language",),
            "jndlab's pages do not speak it.",
            f"They speak {', '.join(LANGUAGES)}; word the texts yourself under texts.",
        )


def _tell_order(
    document: Document, pages: list[tuple[KeyPath, dict[str, Any]]], ledger: Ledger
) -> None:
    for place, entry in _entries(document, ("pages",)):
        if entry == "random":
            ledger.carry(place, "trials come in random order")
    fixed = [path for path, page in pages if len(path) == 2 and page.get("type") in PAIRS]
    if len(fixed) > 1:
        ledger.leave_also("the fixed order of pages", parts.EVERY_TIME)


def _keys(reading: _Reading) -> dict[str, Any]:
    keys = dict(reading.keys)
    texts: dict[str, Any] = {}
    if reading.welcome:
        texts["consent"] = joined([*reading.welcome, Texts().consent])
    if reading.thanks:
        texts["thanks"] = reading.thanks
    if texts:
        keys["texts"] = texts
    if reading.loops and len(set(reading.loops)) == 1:
        keys["presentation"] = {"loop_region": reading.loops[0]}
    anchors = sorted({hz for found in reading.anchors for hz in found})
    if anchors:
        keys["stimuli"] = {"anchors_hz": tuple(anchors)}
    if reading.checks:
        keys["checks"] = [{"kind": "sound"}, *_once(reading.checks)]
    return keys


def _once(checks: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [one for at, one in enumerate(checks) if one not in checks[:at]]
