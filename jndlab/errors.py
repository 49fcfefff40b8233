"""Every error class of jndlab: what went wrong, and what to do about it.

The core raises these and never catches broadly. The command line prints message and
remedy and exits with status 2; the server maps each class to a status in one table
(:mod:`jndlab.web.errors`).
"""

from __future__ import annotations

from typing import Any

from jndlab.problems import Location as Location
from jndlab.problems import Problem as Problem


class JndlabError(Exception):
    """Wrong input or an impossible request. Says what is wrong and how to mend it."""

    code = "error"

    def __init__(self, message: str, remedy: str) -> None:
        super().__init__(message)
        self.message = message
        self.remedy = remedy

    def __str__(self) -> str:
        return f"{self.message}\n{self.remedy}" if self.remedy else self.message

    def __reduce__(self) -> tuple[Any, ...]:
        # Exceptions are rebuilt from ``args``, which hold the message only: a worker process
        # would lose the remedy, and the classes with other arguments could not be rebuilt at all.
        return _rebuild, (type(self), self.__dict__)


def _rebuild(kind: type[JndlabError], state: dict[str, Any]) -> JndlabError:
    error = kind.__new__(kind, state["message"])
    error.__dict__.update(state)
    return error


class StudyError(JndlabError):
    """A study definition is wrong. Carries every problem found, each with its place."""

    code = "study-invalid"

    def __init__(self, problems: list[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(str(problem) for problem in problems), "")


class StudyUnknown(JndlabError):
    """There is no such study here."""

    code = "study-unknown"


class StudyConflict(JndlabError):
    """A study clashes with what is stored: slug in use, or changed after its launch."""

    code = "study-conflict"


class DraftConflict(StudyConflict):
    """Somebody else has saved the study meanwhile. Nothing was overwritten."""

    code = "draft-conflict"


class AccessDenied(JndlabError):
    """Somebody may see a study but not do this with it."""

    code = "access-denied"


class NotSignedIn(JndlabError):
    """A request of an experimenter's program has no valid token."""

    code = "not-signed-in"


class AudioError(JndlabError):
    """A sound file is missing, unreadable, or does not fit its pair."""

    code = "audio-invalid"


class CompressionError(JndlabError):
    """A model cannot be compressed or rendered like this: its weights, a level, its output."""

    code = "compression-invalid"


class ArchiveRefused(AudioError):
    """An archive is damaged, too large, or has entries that no sounds need. Nothing was taken."""

    code = "archive-refused"

    def __init__(
        self, message: str, remedy: str, *, entries: tuple[tuple[str, str], ...] = ()
    ) -> None:
        super().__init__(message, remedy)
        self.entries = entries
        """Name and reason of every refused entry."""


class UploadConflict(JndlabError):
    """A part of a file was sent for another place than the one that is due."""

    code = "upload-conflict"

    def __init__(self, message: str, remedy: str, *, offset: int) -> None:
        super().__init__(message, remedy)
        self.offset = offset
        """Where to go on: so many bytes are here."""


class TooLarge(JndlabError):
    """More than a study may hold, or more than may be sent at once."""

    code = "too-large"


class NoRoom(JndlabError):
    """The disk of the server is full. What was not whole was removed."""

    code = "no-room"


class StoreError(JndlabError):
    """The database or its folder cannot be used: newer version, read-only, disk full."""

    code = "store-unusable"


class SessionError(JndlabError):
    """A participant's session cannot go on as asked."""

    code = "session-error"


class TokenInvalid(SessionError):
    """Unknown or missing token, link or clip name. One error for 'wrong' and 'not yours'."""

    code = "not-found"


class RequestInvalid(SessionError):
    """A request to the participant API does not have the documented shape."""

    code = "request-invalid"


class TrialOutOfOrder(SessionError):
    """The trial asked for is not the current one; the server decides the order."""

    code = "trial-out-of-order"


class AnswerConflict(SessionError):
    """A different answer is already stored for this trial. The stored one stands."""

    code = "answer-conflict"


class SessionClosed(SessionError):
    """The session or its study takes no more answers."""

    code = "session-closed"


class SessionExpired(SessionError):
    """The session was left longer ago than the study allows."""

    code = "session-expired"


class SessionWithdrawn(SessionError):
    """The participant has withdrawn: the data are deleted, and nothing more is taken."""

    code = "session-withdrawn"


class ConsentOutdated(SessionError):
    """Consent was given to a text that is not the study's text any more."""

    code = "consent-outdated"


class StudyPaused(SessionError):
    """The study takes nobody for the moment; what was answered is kept."""

    code = "study-paused"


class StudyClosed(SessionError):
    """The study has ended and takes nobody any more; what was answered is kept."""

    code = "study-closed"


class StudyFull(SessionError):
    """The study has as many participants as it needs; a place may become free again."""

    code = "study-full"


class LinkExpired(SessionError):
    """The link takes nobody any more, since its time is over; who has begun may go on."""

    code = "link-expired"


class LinkRevoked(SessionError):
    """The link was taken back and takes nobody any more; who has begun may go on."""

    code = "link-revoked"


class LinkUsedUp(SessionError):
    """As many people as the link is for have begun with it."""

    code = "link-used-up"


class RecruitMissing(SessionError):
    """The link is for people who come from a recruiter, and says nothing of who it is."""

    code = "recruit-missing"


class RecruitBegun(SessionError):
    """The person has begun the study already, in another browser."""

    code = "recruit-begun"


class RecruitDone(SessionError):
    """The person has taken part in the study already."""

    code = "recruit-done"


class SignInError(JndlabError):
    """Wrong name or password."""

    code = "sign-in-failed"


class TooManyAttempts(SignInError):
    """Too many failed sign-ins under one name: it has to wait."""

    code = "too-many-attempts"


class TooManyRequests(JndlabError):
    """Somebody asks for the same thing too often, all servers together."""

    code = "too-many-requests"

    def __init__(self, message: str, remedy: str, *, seconds: int) -> None:
        super().__init__(message, remedy)
        self.seconds = seconds
        """After so many it can be asked for again."""


class AccountError(JndlabError):
    """An account, an invitation or a membership cannot be changed as asked."""

    code = "account-conflict"


class DataError(JndlabError):
    """A table of trials lacks columns or holds values that cannot be."""

    code = "data-invalid"


class FitError(JndlabError):
    """A model cannot be fitted to these data."""

    code = "fit-failed"


class ServerError(JndlabError):
    """A server cannot be started or reached: port in use, nobody listening."""

    code = "server-unreachable"


class MissingExtra(JndlabError):
    """An optional package is not installed."""

    code = "missing-extra"

    def __init__(self, package: str, extra: str) -> None:
        super().__init__(
            f"This needs the package {package!r}, which is not installed.",
            f'Install it with: pip install "jndlab[{extra}]"',
        )
