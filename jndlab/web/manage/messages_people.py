"""What travels about people: links and places for participants, roles of members."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from pydantic import Field

from jndlab.web.manage.messages import ApiMessage, Line


class MakeLinks(ApiMessage):
    """Links to be made beside the study's own."""

    kind: Literal["multiple", "single", "personal", "preview"]
    number: Annotated[int, Field(ge=1, le=500)] = 1
    labels: Annotated[tuple[Line, ...], Field(max_length=500)] = ()
    recruiter: Literal["", "prolific", "mturk", "sona"] = ""
    return_url: Annotated[str, Field(max_length=1000)] = ""
    max_uses: Annotated[int, Field(ge=1)] | None = None
    expires_at: datetime | None = None


class LinkView(ApiMessage):
    """A link, with the address to hand out."""

    id: int
    kind: str
    label: str
    url: str
    recruiter: str
    max_uses: int | None
    n_uses: int
    expires_at: datetime | None
    revoked_at: datetime | None


class LinkList(ApiMessage):
    """The links of a study beside its own."""

    links: list[LinkView]


class Revoke(ApiMessage):
    """Take a link back, or let it be used again."""

    revoked: bool


class SetQuota(ApiMessage):
    """How many sessions may count; null for as many as come."""

    quota: int | None


class MemberView(ApiMessage):
    """Somebody with a role in a study."""

    user_id: int
    name: str
    role: Literal["viewer", "analyst", "editor", "owner"]


class MemberList(ApiMessage):
    """The members of a study, owners first."""

    members: list[MemberView]


class AddMember(ApiMessage):
    """A user who is to get a role."""

    name: Line
    role: Literal["viewer", "analyst", "editor", "owner"]


class SetRole(ApiMessage):
    """Another role for a member."""

    role: Literal["viewer", "analyst", "editor", "owner"]
