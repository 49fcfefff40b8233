"""What travels over the experimenter's API about people's data, and how long they are kept."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Literal

from pydantic import Field

from jndlab.web.manage.messages import ApiMessage


class RetentionView(ApiMessage):
    """How long what is personal is kept."""

    until: date | None
    """To the end of that day, UTC; null: for good."""
    then: Literal["anonymise", "delete"]
    done_at: datetime | None
    """When the data were anonymised or deleted; null: not yet."""


class SetRetention(ApiMessage):
    """Say how long what is personal is kept."""

    until: date | None
    """Today or later; null: for good."""
    then: Literal["anonymise", "delete"] = "anonymise"


class FindPerson(ApiMessage):
    """Whom to look for."""

    who: Annotated[str, Field(min_length=1, max_length=200)]
    """Id at the recruiter, id of the session, number of the participant, or a link for one."""


class FoundPerson(ApiMessage):
    """A session that is, or may be, of the person."""

    session: str
    session_kind: str
    participant: int
    state: str
    opened_at: datetime
    found_by: Literal["recruiter", "session", "participant", "link"]


class FoundPeople(ApiMessage):
    """The sessions that were found."""

    sessions: list[FoundPerson]
