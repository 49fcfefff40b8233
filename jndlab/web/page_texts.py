"""Every text that a script of the participant's page shows, by the key that the script asks for.

The server puts them into the page in the page's language; `static/js/texts.js` reads them there.
Placeholders are written ``%(name)s``, as everywhere in the catalogues.
"""

from __future__ import annotations

from jndlab.languages.catalogue import Catalogue
from jndlab.languages.marks import N_, NN_

TEXTS: dict[str, str] = {
    "back": N_("Your place is kept. Press Back once more to leave the test."),
    "link-copied": N_("Copied. Whoever has this link can go on in your place."),
    "saved": N_("All answers are saved."),
    "no-connection": N_("No connection. Nothing is lost; we keep trying."),
    "resume": N_("You have answered %(done)s of %(total)s trials. Everything so far is saved."),
    "practice-trial": N_("Practice trial %(place)s of %(total)s"),
    "trial": N_("Trial %(place)s of %(total)s"),
    "trial-at-most": N_("Trial %(place)s of at most %(total)s"),
    "part": N_("Part %(place)s of %(total)s"),
    "loading-sounds": N_("Loading the sounds … %(share)s"),
    "still-to-hear": N_("Still to hear: %(labels)s"),
    "rating-of": N_("Rating of %(label)s"),
    "rating-in-words": N_("%(rating)s, %(words)s"),
    "not-rated": N_("not rated yet"),
    "still-to-rate": N_("Still to rate: %(labels)s"),
    "needs-highest": N_(
        "One of these is the reference itself: rate the one that you take for it %(highest)s."
    ),
    "used-up": N_("Played as often as this test allows. Please answer."),
    "play": N_("Play"),
    "play-again": N_("Play again"),
    "interrupted": N_("The sound was interrupted. Please play it again."),
    "right": N_("Right."),
    "wrong": N_("Not this time. The right answer was: %(answer)s."),
    "break": N_(
        "You have done %(done)s of %(total)s trials. Rest your ears as long as you like; "
        "everything is saved."
    ),
    "break-at-most": N_(
        "You have done %(done)s of at most %(total)s trials. Rest your ears as long as you like; "
        "everything is saved."
    ),
    "break-part": N_(
        "You have done part %(done)s of %(total)s. Rest your ears as long as you like; everything "
        "is saved."
    ),
    "break-over": N_("The break is over. Go on when you are ready."),
    "practice-trial-at-most": N_("Practice trial %(place)s of at most %(total)s"),
    "problem-missing": N_("Please answer this question."),
    "problem-not-offered": N_("Please choose one of the answers."),
    "problem-not-a-number": N_("Please write a number in digits."),
    "problem-not-whole": N_("Please write a whole number."),
    "problem-too-small": N_("Please write a number that is not below %(limit)s."),
    "problem-too-large": N_("Please write a number that is not above %(limit)s."),
    "problem-too-long": N_("Please use at most %(limit)s characters."),
    "withdrawing": N_("Your answers are being deleted …"),
    "check-sound": N_("Sound %(place)s of %(total)s"),
    "stop": N_("Stop"),
    "code-copied": N_("The code is copied."),
    "code-not-copied": N_("Please copy the code by hand."),
}
"""Key -> text in English."""

PLURALS: dict[str, tuple[str, str]] = {
    "break-minutes": NN_("%(n)s minute of rest is left.", "%(n)s minutes of rest are left."),
    "break-seconds": NN_("%(n)s second of rest is left.", "%(n)s seconds of rest are left."),
    "questionnaire-problems": NN_(
        "%(n)s answer is missing or needs a change. Everything else is kept.",
        "%(n)s answers are missing or need a change. Everything else is kept.",
    ),
    "time-left": NN_("About %(n)s minute left", "About %(n)s minutes left"),
    "time-left-at-most": NN_("At most %(n)s minute left", "At most %(n)s minutes left"),
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
    "study-full": (
        N_("Enough people take part in this study already."),
        N_("Thank you for your interest! A place may become free later, with the same link."),
    ),
    "link-expired": (
        N_("The time of this link is over."),
        N_("Ask the people who invited you for another one."),
    ),
    "link-revoked": (
        N_("This link is no longer in use."),
        N_("Ask the people who invited you for another one."),
    ),
    "link-used-up": (
        N_("This link has been used already."),
        N_(
            "If that was you, open it in the browser in which you began. If not, ask the people "
            "who invited you for another one."
        ),
    ),
    "recruit-missing": (
        N_("This link does not say who you are."),
        N_(
            "Open the study from the page where you signed up for it, after you have accepted it "
            "there. Otherwise nobody would know that you took part."
        ),
    ),
    "recruit-begun": (
        N_("You have begun this study already."),
        N_("Go on in the browser in which you began: your place is kept there."),
    ),
    "recruit-done": (
        N_("You have taken part in this study already."),
        N_("Your completion code is shown in the browser in which you took part."),
    ),
    "session-expired": (
        N_("This session was left too long ago."),
        N_("Ask the people who invited you. What was answered is saved."),
    ),
    "session-closed": (
        N_("This session takes no more answers."),
        N_("Everything that was answered is saved. Thank you!"),
    ),
    "session-withdrawn": (
        N_("You have withdrawn from this study."),
        N_("Everything that you had answered is deleted."),
    ),
    "consent-outdated": (
        N_("The text that you agreed to has changed."),
        N_("Reload the page and read it once more."),
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
