"""webMUSHRA: a YAML file of pages, some of them in groups that begin with the word random."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from jndlab.importing import assembling as parts
from jndlab.importing.documents import Document
from jndlab.importing.imported import Imported, ImportOptions, wrong_file
from jndlab.importing.ledger import Ledger
from jndlab.importing.sounds import SoundFinder, folder_of_sounds
from jndlab.importing.webmushra_around import read_finish, read_screen
from jndlab.importing.webmushra_pages import tell_page
from jndlab.importing.webmushra_reading import Reading, keys_of
from jndlab.importing.webmushra_trials import (
    OWN,
    PREFERENCES,
    choose_kinds,
    read_anchors,
    read_pairs,
)
from jndlab.importing.words import plain_text
from jndlab.languages.tags import LANGUAGES
from jndlab.study.yaml_source import KeyPath

PAIRS = ("paired_comparison",)
MOST_PAGES = 5000


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
    reading = Reading(ledger=ledger, finder=finder, options=options)
    reading.paradigm, reading.kinds = choose_kinds(pages, options)
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
        keys=keys_of(reading),
        nothing=wrong_file(
            "there is no page whose sounds can be taken",
            f"These can: {', '.join(OWN)}, the last one where the baseline is told.",
            place=document.name,
        ),
    )


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


def _read_page(reading: Reading, path: KeyPath, page: dict[str, Any]) -> None:
    kind = str(page.get("type", ""))
    ledger = reading.ledger
    taken = kind in reading.kinds
    if taken:
        read_pairs(reading, path, page, kind)
        if reading.paradigm == "mushra":
            read_anchors(reading, path, page)
        if isinstance(page.get("enableLooping"), bool):
            reading.loops.append(page["enableLooping"])
    elif kind == "generic" and not reading.comparisons and page.get("content"):
        reading.welcome.append(plain_text(str(page["content"])))
        ledger.carry((*path, "type"), "part of texts.consent")
        ledger.carry((*path, "content"), "part of texts.consent, which is shown first")
    elif kind == "headphones_screen":
        read_screen(reading, path, page)
    elif kind == "volume":
        reading.checks.append({"kind": "level"})
        ledger.carry((*path, "type"), "checks: kind level, on the study's own speech")
    elif kind == "finish":
        read_finish(reading, path, page)
    tell_page(ledger, path, page, kind, taken=taken)


def _tell_top(document: Document, reading: Reading) -> None:
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
