"""Recruiters: which parameters they put into the link, and where they want people back.

Ids that identify a person at a recruiter are kept apart from all answers. This module only knows
their names and shapes, and the addresses that a finished participant is sent to.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, get_args
from urllib.parse import parse_qsl, quote, urlencode, urlsplit, urlunsplit

from jndlab.errors import RecruitMissing, RequestInvalid

RecruiterName = Literal["prolific", "mturk", "sona"]
Ending = Literal["complete", "screened-out", "failure"]
"""How a session ends for a recruiter; each has a completion code of its own."""

RECRUITER_NAMES: tuple[RecruiterName, ...] = get_args(RecruiterName)

MAX_ID_CHARACTERS = 100
_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.@:-]{0,99}")
_NOBODY = re.compile(r"[{%$].*|ASSIGNMENT_ID_NOT_AVAILABLE")
"""A placeholder that nobody filled in, or MTurk's preview of a task that nobody accepted."""

PROLIFIC_END = "https://app.prolific.com/submissions/complete"


@dataclass(frozen=True, slots=True, kw_only=True)
class Recruiter:
    """One way by which people come, and go back to be paid."""

    name: RecruiterName
    title: str
    person: str
    """URL parameter that names the person."""
    further: tuple[str, ...] = ()
    """Parameters that say more about the assignment; kept beside the person's id."""
    query: str = ""
    """What follows the link in the address that is pasted at the recruiter's; empty where the
    recruiter adds its parameters by itself."""
    has_return_url: bool = False
    """Whether the experimenter has to say where people go back to."""

    @property
    def parameters(self) -> tuple[str, ...]:
        """Every URL parameter of this recruiter."""
        return (self.person, *self.further)

    def entry_url(self, link: str) -> str:
        """The address to paste at the recruiter's, which fills in the placeholders."""
        return f"{link}?{self.query}" if self.query else link


RECRUITERS: Mapping[str, Recruiter] = {
    recruiter.name: recruiter
    for recruiter in (
        Recruiter(
            name="prolific",
            title="Prolific",
            person="PROLIFIC_PID",
            further=("STUDY_ID", "SESSION_ID"),
            query="PROLIFIC_PID={{%PROLIFIC_PID%}}&STUDY_ID={{%STUDY_ID%}}"
            "&SESSION_ID={{%SESSION_ID%}}",
        ),
        Recruiter(
            name="mturk",
            title="MTurk or CloudResearch",
            person="workerId",
            further=("assignmentId", "hitId"),
        ),
        Recruiter(
            name="sona",
            title="SONA",
            person="survey_code",
            query="survey_code=%SURVEY_CODE%",
            has_return_url=True,
        ),
    )
}


@dataclass(frozen=True, slots=True, kw_only=True)
class RecruitIds:
    """Who somebody is at the recruiter: never stored beside an answer."""

    recruiter: RecruiterName
    external_id: str
    assignment: Mapping[str, str]


def read_ids(recruiter: Recruiter, given: Mapping[str, str]) -> RecruitIds:
    """The ids among the URL parameters that a page was opened with.

    Raises RecruitMissing where the person's id is missing or still a placeholder, RequestInvalid
    where a parameter is none of the recruiter's or has not the shape of an id.
    """
    unknown = sorted(set(given) - set(recruiter.parameters))
    if unknown:
        raise RequestInvalid(
            f"recruit: {unknown[0][:40]!r} is no parameter of {recruiter.title}.",
            f"Send {', '.join(recruiter.parameters)}.",
        )
    ids = {
        name: value.strip()
        for name, value in given.items()
        if value.strip() and not _NOBODY.fullmatch(value.strip())
    }
    for name, value in ids.items():
        if not _ID.fullmatch(value):
            raise RequestInvalid(
                f"recruit: {name} does not look like an id.",
                f"Send 1 to {MAX_ID_CHARACTERS} letters, digits and any of _ . @ : -",
            )
    if recruiter.person not in ids:
        raise RecruitMissing(
            "The link came without the id of the person.",
            f"Open the study from the page of {recruiter.title}, after accepting it there.",
        )
    return RecruitIds(
        recruiter=recruiter.name,
        external_id=ids.pop(recruiter.person),
        assignment=dict(sorted(ids.items())),
    )


def way_back(
    recruiter: str, ending: Ending, code: str, *, external_id: str, return_url: str = ""
) -> str | None:
    """The address that sends somebody back to be paid; None where a code is to be copied.

    SONA's address gives the credit itself, so that it is for complete sessions only.
    """
    if recruiter == "prolific":
        return f"{PROLIFIC_END}?cc={quote(code, safe='')}"
    if recruiter == "sona" and return_url and ending == "complete":
        return with_parameter(return_url, "survey_code", external_id)
    return None


def with_parameter(url: str, name: str, value: str) -> str:
    """The address with that parameter set, whatever stood there as its placeholder."""
    parts = urlsplit(url)
    others = [pair for pair in parse_qsl(parts.query, keep_blank_values=True) if pair[0] != name]
    return urlunsplit(parts._replace(query=urlencode([*others, (name, value)])))


def is_return_url(url: str) -> bool:
    """Whether people may be sent to that address: encrypted, complete, of sensible length."""
    if len(url) > 500 or not url.isprintable() or " " in url:
        return False
    try:
        parts = urlsplit(url)
        return parts.scheme == "https" and bool(parts.hostname) and "@" not in parts.netloc
    except ValueError:
        return False
