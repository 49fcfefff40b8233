"""ReSEval: a folder with one folder of sounds per condition, and a YAML file beside it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from jndlab.errors import AudioError
from jndlab.importing import assembling as parts
from jndlab.importing import questions
from jndlab.importing.documents import Document
from jndlab.importing.folders import compare_folders, sounds_in
from jndlab.importing.imported import Imported, ImportOptions, wrong_file
from jndlab.importing.ledger import Ledger
from jndlab.importing.words import joined, plain_text
from jndlab.study.texts import Texts
from jndlab.study.trials import ParadigmName

PARADIGMS: dict[str, ParadigmName] = {
    "abx": "abx",
    "ab": "preference",
    "mos": "acr",
    "mushra": "mushra",
}
AS_PAIRS = ("wordselect",)
REFERENCE = "reference"
_RECRUITING = "Recruiting is no part of a study file."
_LINKS = "The links of a study have presets for Prolific, MTurk and SONA."
_OWN_SERVER = "jndlab runs on your own server."
_LEFT: dict[str, tuple[str, str]] = {
    "datatype": ("jndlab's studies are always of sounds.", ""),
    "storage": (_OWN_SERVER, ""),
    "database": (_OWN_SERVER, ""),
    "server": (_OWN_SERVER, ""),
    "crowdsource": (_RECRUITING, _LINKS),
    "participants": (_RECRUITING, "Set it as the quota of the study."),
    "random_seed": (
        "Whoever knows the seed knows the answers, so a new one is drawn.",
        "Keep the seed of the study file to yourself until the last session has ended.",
    ),
    "survey_instructions": (
        "jndlab explains the task in its own words, which fit its trials.",
        "Put what participants must know besides into texts.consent.",
    ),
}


def is_reseval(data: object) -> bool:
    """Whether this is a configuration of ReSEval."""
    return (
        isinstance(data, dict)
        and "test" in data
        and bool({"datatype", "crowdsource", "samples_per_participant"} & set(data))
    )


def folder_document(folder: Path) -> Document:
    """A layout without its configuration."""
    return Document(path=folder, data={}, where=lambda _: folder.name or str(folder))


def conditions_in(folder: Path) -> dict[str, Path]:
    """The folders below that hold WAV or FLAC files."""
    try:
        found = sorted(path for path in folder.iterdir() if path.is_dir())
    except OSError:
        return {}
    return {path.name: path for path in found if not path.name.startswith(".") and sounds_in(path)}


def read_reseval(
    document: Document, options: ImportOptions, *, boundary: Path | None = None
) -> Imported:
    """The sounds of a layout: the reference and each condition.

    StudyError: a test that jndlab has no paradigm for; AudioError: no folders of sounds.
    """
    ledger = Ledger(document)
    kind = document.text(("test",)).lower()
    paradigm: ParadigmName = "abx"
    if document.data:
        paradigm = parts.own_paradigm(
            ledger, ("test",), kind, own=PARADIGMS, others=AS_PAIRS, options=options
        )
    folders = conditions_in(_layout(document, options, kind, boundary))
    if REFERENCE in folders and options.baseline is None:
        baseline = REFERENCE
    else:
        baseline = parts.choose_baseline(list(folders), options=options, ledger=ledger)
    _tell_question(ledger, kind)
    comparisons = compare_folders(ledger, folders, baseline)
    keys, trials = _tell_rest(document, ledger)
    return parts.assemble(
        ledger,
        comparisons,
        name="reseval",
        options=options,
        title=plain_text(document.text(("crowdsource", "title"))) or document.text(("name",)),
        identifier=document.text(("name",)),
        paradigm=paradigm,
        keys=keys,
        trials=trials,
        nothing=wrong_file("there are no pairs", "Put two folders of sounds beside one another."),
    )


def _layout(document: Document, options: ImportOptions, kind: str, boundary: Path | None) -> Path:
    """The folder whose folders are the conditions. AudioError: none is to be found."""
    if options.sounds is not None:
        candidates = [options.sounds]
    elif document.path.is_dir():
        candidates = [document.path]
    else:
        home = document.path.parent
        candidates = [home / document.path.stem, home / (kind or "test"), home]
    for folder in candidates:
        if boundary is not None and not folder.resolve().is_relative_to(boundary.resolve()):
            continue
        if len(conditions_in(folder)) > 1:
            return folder
    looked = ", ".join(str(folder) for folder in candidates)
    raise AudioError(
        f"No folder with one folder of sounds per condition was found; looked at: {looked}.",
        "Name it with --sounds. Each condition needs WAV or FLAC files of the same names.",
    )


def _tell_question(ledger: Ledger, kind: str) -> None:
    if kind == "abx":
        ledger.leave_also(
            "the comparison of conditions with one another",
            "ReSEval asks which condition is closer to the reference; jndlab asks whether a "
            "condition can be told from it.",
            "To compare two conditions, import again with one of them as --baseline.",
        )
    elif kind == "ab":
        ledger.leave_also(
            "the comparison of conditions with one another",
            "Here every condition is compared with the baseline.",
            "design.pairs: every-pair compares them all.",
        )


def _tell_rest(document: Document, ledger: Ledger) -> tuple[dict[str, Any], int | None]:
    """Keys of the study, and how many trials a session has."""
    data = document.data
    keys: dict[str, Any] = {}
    ledger.carry(("name",), "slug")
    for key, (why, remedy) in _LEFT.items():
        if key in data:
            ledger.leave(((key),), why, remedy)
    if document.text(("crowdsource", "title")):
        ledger.carry(("crowdsource", "title"), "title")
    number = data.get("samples_per_participant")
    trials = number if isinstance(number, int) and number > 0 else None
    if trials:
        ledger.carry(("samples_per_participant",), "design.trials_per_level")
    welcome = plain_text(document.text(("welcome_text",)))
    if welcome:
        asks = "consent" in welcome.lower() or "agree" in welcome.lower()
        keys["texts"] = {"consent": welcome if asks else joined([welcome, Texts().consent])}
        ledger.carry(("welcome_text",), "texts.consent")
    _tell_listening_test(data, ledger)
    pages = [
        page
        for key, when in (("prescreen_questions", "before"), ("followup_questions", "after"))
        if (page := _form(data.get(key), ledger, key, when)) is not None
    ]
    if pages:
        keys["questionnaires"] = pages
    return keys, trials


def _tell_listening_test(data: dict[str, Any], ledger: Ledger) -> None:
    """Tones are counted in both: ReSEval's test is the check that every study begins with."""
    if "listening_test" in data or data.get("if_listening_test"):
        ledger.carry(("listening_test",), "the check of the sound, in which beeps are counted")
        ledger.carry(("if_listening_test",), "the check of the sound, in which beeps are counted")
        again = "jndlab's check is given again until it is passed."
        for path in (
            ("listening_test", "num_questions"),
            ("listening_test", "retries"),
            ("listening_test_question_count",),
        ):
            ledger.leave(path, again, "checks can add one of headphones.")
        words = "The check has words of its own."
        ledger.leave(("listening_test", "instructions"), words)
        ledger.leave(("listening_test_instructions",), words)


def _form(entries: object, ledger: Ledger, key: str, when: str) -> dict[str, Any] | None:
    asked: list[dict[str, Any]] = []
    for index, entry in enumerate(entries if isinstance(entries, list) else []):
        place = (key, index)
        question = _question(entry, [one["name"] for one in asked])
        if question is None:
            why = "jndlab has no question of this type."
            ledger.leave(place, why, "Write it under questionnaires.")
            continue
        asked.append(question)
        ledger.carry(place, f"questionnaires: a question of kind {question['kind']}")
        if "correct_answer" in entry:
            ledger.leave(
                (*place, "correct_answer"),
                "Answers to questions screen nobody out.",
                "Screen at the recruiter's, or take the answer as a rule of exclusion.",
            )
        if "placeholder" in entry:
            ledger.leave((*place, "placeholder"), "No answer is suggested.")
    if not asked:
        return None
    name = "about-you" if when == "before" else "at-the-end"
    return questions.questionnaire(name, "Some questions", when, asked)


def _question(entry: object, taken: list[str]) -> dict[str, Any] | None:
    if not isinstance(entry, dict):
        return None
    text = str(entry.get("text") or entry.get("name") or "")
    name = questions.question_name(str(entry.get("name") or text), taken)
    if entry.get("type") == "free-response":
        return questions.free_text(name, text, required=True, long=True)
    if entry.get("type") == "multiple-choice" and isinstance(entry.get("answers"), list):
        options = [_word(answer) for answer in entry["answers"]]
        return questions.choice(name, text, options, required=True)
    return None


def _word(answer: object) -> str:
    """YAML reads Yes and No without quotes as truth values."""
    if isinstance(answer, bool):
        return "Yes" if answer else "No"
    return str(answer)
