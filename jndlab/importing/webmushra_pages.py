"""What becomes of the other keys of webMUSHRA's pages."""

from __future__ import annotations

from typing import Any

from jndlab.importing.ledger import Ledger
from jndlab.study.yaml_source import KeyPath

_OWN_WORDS = (
    "jndlab explains the task in its own words, which fit its trials.",
    "Put what participants must know besides into texts.consent.",
)
_NO_RESULTS = ("Participants do not see results.", "texts.debrief can tell them about the study.")
_FORCED = (
    "Every answer in jndlab is a choice between two; without it there is no chance level.",
    "design.confidence_steps asks how sure the answer was.",
)
_NO_ANCHORS = ("There are no anchors where nothing is rated.", "")
_LISTENING: dict[str, tuple[str, str]] = {
    "id": ("Items are named after their sounds.", ""),
    "name": ("Trials have no heading of their own.", ""),
    "content": _OWN_WORDS,
    "showWaveform": ("A waveform can show which sound is which.", ""),
    "unforced": _FORCED,
    "createAnchor35": _NO_ANCHORS,
    "createAnchor70": _NO_ANCHORS,
    "randomize": ("Which interval is which is always balanced and random.", ""),
    "showConditionNames": ("Participants of a blind test see no names.", ""),
    "strict": (
        "No rating of 100 is enforced: the instructions ask for it.",
        "Listeners who miss the hidden reference are left out by post-screening.",
    ),
    "considerOrder": ("All orders are presented, balanced.", ""),
    "mustPlayback": ("Answers open when every interval has been heard.", ""),
    "switchBack": ("presentation.switching says what a switch does.", ""),
}
_FINISH: dict[str, tuple[str, str]] = {
    "name": ("The last page has a heading of its own.", ""),
    "popupContent": ("There is no such window.", "Put it into texts.thanks."),
    "showResults": _NO_RESULTS,
    "showErrors": ("jndlab saves while the test runs and says so when it cannot.", ""),
    "writeResults": ("jndlab saves every answer when it is given.", ""),
    "generateSubjectId": ("Every session has an id.", ""),
    "confirmationCode": (
        "A completion code has up to 40 letters, digits and hyphens.",
        "Write another one as completion_code.",
    ),
}


def tell_page(
    ledger: Ledger, path: KeyPath, page: dict[str, Any], kind: str, *, taken: bool
) -> None:
    """What was not carried over yet of a page, each key with its reason."""
    if kind == "finish":
        _tell(ledger, path, page, _FINISH)
    elif kind == "volume":
        why = "Participants set a comfortable level on the study's own speech."
        _rest(ledger, path, page, why, "")
    elif kind == "headphones_screen":
        _rest(ledger, path, page, "jndlab makes the sounds of its checks itself.", "")
    elif kind == "generic":
        if "content" in page:
            ledger.leave_rest((*path, "content"), *_OWN_WORDS)
        _rest(ledger, path, page, "A page of text has no name of its own.", "")
    elif taken or kind == "preference_test":
        if taken and isinstance(page.get("enableLooping"), bool):
            ledger.carry(
                (*path, "enableLooping"), "presentation.loop_region, where all pages agree"
            )
        if not page.get("unforced") and "unforced" in page:
            ledger.carry((*path, "unforced"), "an answer has to be given")
        _tell(ledger, path, page, _LISTENING)
        if not taken:
            why = "Nothing says which of its sounds is the baseline."
            remedy = (
                "--baseline NAME says it; --paradigm preference takes such pages and no others."
            )
            _rest(ledger, path, page, why, remedy)
    elif kind in ("paired_comparison", "bs1116", "mushra"):
        why = "A study has one trial type for all of its items, and more pages are of another."
        own = "abx" if kind == "paired_comparison" else kind
        remedy = f"--paradigm {own} takes such pages and no others, for a study of its own."
        _rest(ledger, path, page, why, remedy)
    elif kind.startswith("likert"):
        why = "jndlab's scales are those of the recommendations (paradigm acr, dcr, ccr)."
        remedy = "Ask questions that need no sound under questionnaires."
        _rest(ledger, path, page, why, remedy)
    else:
        _rest(ledger, path, page, "jndlab has no page of this type.", "")


def _tell(
    ledger: Ledger, path: KeyPath, page: dict[str, Any], reasons: dict[str, tuple[str, str]]
) -> None:
    for key, (why, remedy) in reasons.items():
        if key in page:
            ledger.leave_rest((*path, key), why, remedy)


def _rest(ledger: Ledger, path: KeyPath, page: dict[str, Any], why: str, remedy: str) -> None:
    kind = str(page.get("type", "none"))
    ledger.leave(path, why, remedy, name=f"page of type {kind}")
