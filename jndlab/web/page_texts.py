"""Every text that a script of the participant's page shows, by the key that the script asks for.

The server puts them into the page in the page's language; `static/js/texts.js` reads them there.
Placeholders are written ``%(name)s``, as everywhere in the catalogues.
"""

from __future__ import annotations

from jndlab.languages.catalogue import Catalogue
from jndlab.languages.marks import N_, NN_

TEXTS: dict[str, str] = {
    "saved": N_("All answers are saved."),
    "no-connection": N_("No connection. Nothing is lost; we keep trying."),
    "resume": N_("You have answered %(done)s of %(total)s trials. Everything so far is saved."),
    "practice-trial": N_("Practice trial %(place)s of %(total)s"),
    "trial": N_("Trial %(place)s of %(total)s"),
    "loading-sounds": N_("Loading the sounds … %(share)s"),
    "still-to-hear": N_("Still to hear: %(labels)s"),
    "play": N_("Play"),
    "play-again": N_("Play again"),
    "interrupted": N_("The sound was interrupted. Please play it again."),
    "right": N_("Right."),
    "wrong": N_("Not this time. The right answer was: %(answer)s."),
    "break": N_(
        "You have done %(done)s of %(total)s trials. Rest your ears as long as you like; "
        "everything is saved."
    ),
    "check-sound": N_("Sound %(place)s of %(total)s"),
    "stop": N_("Stop"),
}
"""Key -> text in English."""

PLURALS: dict[str, tuple[str, str]] = {
    "waiting": NN_("%(n)s answer is waiting to be sent.", "%(n)s answers are waiting to be sent."),
}
"""Key -> text for one and text for many; the script passes the number as ``n``."""

_SERVER = (
    N_("The server cannot do this at the moment."),
    N_(
        "Try again in a moment; what was confirmed as saved is safe. If it goes on, tell the "
        "experimenter."
    ),
)

ERRORS: dict[str, tuple[str, str]] = {
    "no-sound": (
        N_("Your browser cannot start the sound."),
        N_(
            "Check that a loudspeaker or headphones are connected, close other programs that "
            "play sound, or use another browser."
        ),
    ),
    "clip-damaged": (
        N_("A sound arrived damaged, several times."),
        N_("Try again; if it goes on, use another network or another browser."),
    ),
    "not-found": (
        N_("This session is not known here."),
        N_("Open the link that you were given once more."),
    ),
    "study-paused": (
        N_("This study is paused."),
        N_("Everything that was answered is saved. Come back later with the same link."),
    ),
    "study-closed": (
        N_("This study has ended."),
        N_("Everything that was answered is saved. Thank you!"),
    ),
    "session-closed": (
        N_("This session takes no more answers."),
        N_("Everything that was answered is saved. Thank you!"),
    ),
    "trial-out-of-order": (
        N_("This is not the current trial."),
        N_("Reload the page: it goes on where you are."),
    ),
    "answer-conflict": (
        N_("This trial is answered already, and that answer stands."),
        N_("Reload the page: it goes on where you are."),
    ),
    "unknown": (
        N_("Something went wrong."),
        N_("Check your connection, then try again. Everything that was answered is saved."),
    ),
    "server-failed": _SERVER,
    "store-unusable": _SERVER,
}
"""Code of an error -> what went wrong and what to do. ``unknown`` stands in for all others."""


def page_texts(catalogue: Catalogue) -> dict[str, object]:
    """What `texts.js` reads: texts, forms of the plural by category, and errors by code."""
    say = catalogue.gettext
    plurals = {key: catalogue.plural_forms(*forms) for key, forms in PLURALS.items()}
    return {
        "texts": {key: say(text) for key, text in TEXTS.items()} | plurals,
        "errors": {
            code: {"message": say(message), "remedy": say(remedy)}
            for code, (message, remedy) in ERRORS.items()
        },
    }
