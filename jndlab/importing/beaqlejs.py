"""BeaqleJS: a JavaScript file that assigns an object with test sets to TestConfig."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from jndlab.importing import assembling as parts
from jndlab.importing.documents import Document
from jndlab.importing.imported import Imported, ImportOptions, wrong_file
from jndlab.importing.ledger import Ledger
from jndlab.importing.pairs import Comparison
from jndlab.importing.sounds import SoundFinder, folder_of_sounds
from jndlab.importing.words import plain_text
from jndlab.study.trials import ParadigmName
from jndlab.study.yaml_source import KeyPath

REFERENCE = "Reference"
PAIR = ("A", "B")
_NO_RATING = "Ratings in jndlab are from 0 to 100, as BS.1534-3 has them; pairs are not rated."
_LEFT: dict[str, tuple[str, str]] = {
    "ShowFileIDs": ("Participants of a blind test see no names.", ""),
    "ShowResults": ("Participants do not see results.", "texts.debrief can tell of the study."),
    "EnableOnlineSubmission": (parts.OWN_SAVING, ""),
    "BeaqleServiceURL": (parts.OWN_SAVING, ""),
    "UploadIntermediates": (parts.OWN_SAVING, ""),
    "RateScalePng": (_NO_RATING, ""),
    "RateScaleBgPng": (_NO_RATING, ""),
    "RateMinValue": (_NO_RATING, ""),
    "RateMaxValue": (_NO_RATING, ""),
    "RateDefaultValue": (_NO_RATING, ""),
    "RequireMaxRating": (_NO_RATING, ""),
}


@dataclass(slots=True)
class _Reading:
    ledger: Ledger
    finder: SoundFinder
    options: ImportOptions
    root: str
    comparisons: list[Comparison] = field(default_factory=list)
    rated: bool = False
    """Whether test sets with more than two files are what is imported: there are no others."""
    n_ratings: int = 0


def is_beaqlejs(data: object) -> bool:
    """Whether this is a BeaqleJS configuration."""
    return isinstance(data, dict) and isinstance(data.get("Testsets"), list)


def read_beaqlejs(
    document: Document, options: ImportOptions, *, boundary: Path | None = None
) -> Imported:
    """The pairs of ABX and preference test sets, else MUSHRA sets; with ``take_ratings`` these as
    pairs, too.

    StudyError: test sets that are none; AudioError: sounds that are missing.
    """
    ledger = Ledger(document)
    prefix = document.text(("AudioRoot",))
    sets = _sets(document)
    references = [
        _path(prefix, document.text((*place, "Files", label)))
        for place, files in sets
        for label in files
    ]
    root = folder_of_sounds(document.path, references, given=options.sounds, boundary=boundary)
    finder = SoundFinder(root, follow_links=options.follow_links)
    reading = _Reading(ledger=ledger, finder=finder, options=options, root=prefix)
    reading.rated = not options.take_ratings and not any(_is_pair(files) for _, files in sets)
    for place, files in sets:
        _read_set(reading, place, files)
    finder.require_all()
    keys, trials = _tell_top(document, reading)
    paradigm: ParadigmName = "mushra" if reading.rated else "abx"
    if reading.comparisons and options.paradigm is None and not reading.rated:
        ledger.notes.append(
            "BeaqleJS says in its index.html whether a test is ABX or preference: it was taken for "
            "ABX. For the others, import again with --paradigm preference or two-interval."
        )
    return parts.assemble(
        ledger,
        reading.comparisons,
        name="beaqlejs",
        options=options,
        title=plain_text(document.text(("TestName",))),
        identifier=document.text(("TestName",)),
        paradigm=paradigm,
        keys=keys,
        trials=trials,
        nothing=wrong_file(
            "there is no test set whose sounds can be taken",
            "A test set of a MUSHRA test has Files with a Reference among them; else name it: "
            "--baseline LABEL."
            if reading.n_ratings
            else "A test set of an ABX test has two Files, A and B, which are WAV or FLAC.",
            place=document.name,
        ),
    )


def _sets(document: Document) -> list[tuple[KeyPath, dict[str, Any]]]:
    """Every test set's place and its files."""
    found = []
    for index, entry in enumerate(document.value(("Testsets",))):
        place: KeyPath = ("Testsets", index)
        files = entry.get("Files") if isinstance(entry, dict) else None
        if not isinstance(files, dict) or not files:
            raise wrong_file(
                "a test set needs Files, an object of labels and paths",
                'Write it as: "Files": {"A": "sounds/one.wav", "B": "sounds/two.wav"}.',
                place=document.where(place),
            )
        for label in files:
            if not document.text((*place, "Files", label)):
                raise wrong_file(
                    "this is no path of a sound",
                    "Write the path of a WAV file in quotes.",
                    place=document.where((*place, "Files", label)),
                )
        found.append((place, files))
    return found


def _read_set(reading: _Reading, place: KeyPath, files: dict[str, Any]) -> None:
    ledger, document = reading.ledger, reading.ledger.document
    labels = list(files)
    is_pair = _is_pair(files)
    if not is_pair and not reading.rated and not reading.options.take_ratings:
        reading.n_ratings += 1
        ledger.leave_rest((*place, "Files"), "The other test sets are pairs.", parts.TAKE_RATINGS)
    elif not is_pair and REFERENCE not in labels and reading.options.baseline is None:
        reading.n_ratings += 1
        remedy = "Name the reference: --baseline LABEL."
        ledger.leave_rest((*place, "Files"), "The test set has no Reference.", remedy)
    else:
        _read_pair(reading, place, labels, is_pair)
    told = {
        "Name": "name of an item, where no better one is found",
        "TestID": "name of an item, where no better one is found",
    }
    for key, became in told.items():
        if key in document.value(place):
            ledger.carry((*place, key), became)


def _is_pair(files: dict[str, Any]) -> bool:
    return len(files) == 2 and REFERENCE not in files


def _read_pair(reading: _Reading, place: KeyPath, labels: list[str], is_pair: bool) -> None:
    document = reading.ledger.document
    if REFERENCE in labels:
        baseline = REFERENCE
    else:
        baseline = parts.choose_baseline(
            sorted(labels), options=reading.options, ledger=reading.ledger, first=is_pair
        )

    def place_of(label: str) -> KeyPath:
        return (*place, "Files", label)

    def path_of(label: str) -> str:
        return _path(reading.root, document.text(place_of(label)))

    made = parts.compare(
        reading.ledger,
        reading.finder,
        place,
        baseline=(place_of(baseline), path_of(baseline)),
        versions=[
            (place_of(label), label, path_of(label)) for label in labels if label != baseline
        ],
        names=(
            plain_text(document.text((*place, "Name"))),
            document.text((*place, "TestID")),
        ),
    )
    if made is not None:
        reading.comparisons.append(made)


def _path(prefix: str, path: str) -> str:
    """As BeaqleJS joins the two; two strokes between them are one."""
    if re.match(r"[A-Za-z][A-Za-z0-9+.-]+:", path) or not prefix:
        return path
    return prefix.rstrip("/") + "/" + path.removeprefix("./").lstrip("/")


def _tell_top(document: Document, reading: _Reading) -> tuple[dict[str, Any], int | None]:
    """Keys of the study, and how many trials a session has."""
    ledger, data = reading.ledger, document.data
    keys: dict[str, Any] = {}
    trials = None
    if "TestName" in data:
        ledger.carry(("TestName",), "title")
    if "AudioRoot" in data:
        ledger.carry(("AudioRoot",), "part of the paths of the sounds")
    presentation = {}
    for key, name in (("LoopByDefault", "loop"), ("EnableABLoop", "loop_region")):
        if isinstance(data.get(key), bool):
            presentation[name] = data[key]
            ledger.carry((key,), f"presentation.{name}")
    if presentation:
        keys["presentation"] = presentation
    contact = plain_text(document.text(("SupervisorContact",)))
    if contact:
        keys["texts"] = {"contact": contact}
    if "SupervisorContact" in data:
        ledger.carry(("SupervisorContact",), "texts.contact")
    if data.get("RandomizeTestOrder") is False:
        ledger.leave(("RandomizeTestOrder",), parts.EVERY_TIME)
    elif "RandomizeTestOrder" in data:
        ledger.carry(("RandomizeTestOrder",), "trials come in random order")
    most = data.get("MaxTestsPerRun")
    if isinstance(most, int) and not isinstance(most, bool):
        if 0 < most < len(reading.comparisons):
            trials = most
        ledger.carry(("MaxTestsPerRun",), "design.trials_per_level")
    for key, (why, remedy) in _LEFT.items():
        if key in data:
            ledger.leave_rest((key,), why, remedy)
    return keys, trials
