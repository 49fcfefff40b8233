"""What experimenters do with links: make some, take one back, set how many may take part."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from jndlab.errors import RequestInvalid, StudyUnknown
from jndlab.store.deeds import note_deed
from jndlab.store.engine import Store
from jndlab.store.links import LINK_KINDS, ONE_SESSION, LinkKind, find_link, make_link
from jndlab.store.models import LinkRow, StudyRow
from jndlab.study.recruiters import RECRUITERS, is_return_url

MOST_LINKS = 500
"""At once; nobody hands out more in a day, and a typing error fills no database."""
MOST_LABEL_CHARACTERS = 60
MOST_USES = 100_000
PREFIXES: dict[LinkKind, str] = {"personal": "P", "single": "S"}
"""Of the labels that are made where none are given."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkWish:
    """Links to be made."""

    kind: LinkKind
    number: int = 1
    labels: tuple[str, ...] = ()
    """One for each link; without them, links for one session are numbered."""
    recruiter: str = ""
    return_url: str = ""
    max_uses: int | None = None
    expires_at: datetime | None = None


def make_links(
    store: Store, study_id: int, wish: LinkWish, *, by: int | None = None
) -> list[LinkRow]:
    """Make the links. Raises RequestInvalid, and makes none, where a wish cannot be met."""
    _require_possible(wish)
    with store.write() as db:
        known = set(db.scalars(select(LinkRow.label).where(LinkRow.study_id == study_id)))
        labels = _labels(wish, known)
        now = datetime.now(UTC)
        if wish.expires_at is not None and wish.expires_at <= now:
            raise RequestInvalid("That time is over already.", "Choose a later one, or none.")
        links = [
            make_link(
                study_id,
                kind=wish.kind,
                label=label,
                at=now,
                by=by,
                recruiter=wish.recruiter,
                return_url=wish.return_url,
                max_uses=wish.max_uses,
                expires_at=wish.expires_at,
            )
            for label in labels
        ]
        db.add_all(links)
        note_deed(
            db,
            "links-made",
            study_id=study_id,
            user_id=by,
            kind=wish.kind,
            number=len(links),
            **({"recruiter": wish.recruiter} if wish.recruiter else {}),
        )
    return links


def set_revoked(
    store: Store, study_id: int, link_id: int, revoked: bool, *, by: int | None = None
) -> None:
    """Take a link back, or let it be used again. Raises StudyUnknown for no link of the study."""
    with store.write() as db:
        link = find_link(db, study_id, link_id)
        if link is None:
            raise StudyUnknown("The study has no such link.", "Load the list of links again.")
        if (link.revoked_at is not None) == revoked:
            return
        link.revoked_at = datetime.now(UTC) if revoked else None
        deed = "link-revoked" if revoked else "link-restored"
        note_deed(db, deed, study_id=study_id, user_id=by, link=link.id)


def set_quota(store: Store, study_id: int, quota: int | None, *, by: int | None = None) -> None:
    """Set how many sessions may count; None: as many as come. Raises RequestInvalid."""
    if quota is not None and not 0 <= quota <= MOST_USES:
        raise RequestInvalid(
            f"{quota} is no number of participants.", f"Choose 0 to {MOST_USES}, or none."
        )
    with store.write() as db:
        study = db.get_one(StudyRow, study_id)
        if study.quota != quota:
            note_deed(
                db, "quota-set", study_id=study_id, user_id=by, quota=quota, before=study.quota
            )
            study.quota = quota


def preview_link(store: Store, study_id: int, *, by: int | None = None) -> str:
    """The token of a link for looking at the study; one is made if there is none."""
    with store.read() as db:
        known = _preview(db, study_id)
    if known is not None:
        return known
    return make_links(store, study_id, LinkWish(kind="preview", labels=("Preview",)), by=by)[
        0
    ].token


def read_labels(text: str) -> tuple[str, ...]:
    """The labels of a pasted list: one a line, or parted by commas, semicolons or tabs."""
    for separator in ",;\t":
        text = text.replace(separator, "\n")
    return tuple(label for label in (line.strip() for line in text.splitlines()) if label)


def _preview(db: Session, study_id: int) -> str | None:
    query = select(LinkRow.token).where(
        LinkRow.study_id == study_id,
        LinkRow.kind == "preview",
        LinkRow.revoked_at.is_(None),
        LinkRow.expires_at.is_(None),
        LinkRow.max_uses.is_(None),
    )
    return db.scalars(query.order_by(LinkRow.id).limit(1)).one_or_none()


def _require_possible(wish: LinkWish) -> None:
    if wish.kind not in LINK_KINDS:
        raise RequestInvalid(
            f"There is no kind of link {wish.kind!r}.", f"Choose one of {', '.join(LINK_KINDS)}."
        )
    if not 1 <= max(wish.number, len(wish.labels)) <= MOST_LINKS or wish.number < 1:
        raise RequestInvalid(
            "So many links cannot be made at once.", f"Make 1 to {MOST_LINKS} at a time."
        )
    if wish.max_uses is not None and not 1 <= wish.max_uses <= MOST_USES:
        raise RequestInvalid(
            "A link cannot be used so often.", f"Choose 1 to {MOST_USES} uses, or leave it empty."
        )
    if wish.recruiter and wish.recruiter not in RECRUITERS:
        raise RequestInvalid(
            f"There is no recruiter {wish.recruiter!r}.", f"Choose one of {', '.join(RECRUITERS)}."
        )
    if wish.recruiter and wish.kind != "multiple":
        raise RequestInvalid(
            "A recruiter sends everybody to one link.", "Make a link for many people."
        )
    if wish.expires_at is not None and not _is_moment(wish.expires_at):
        raise RequestInvalid(
            "The time when the link ends is no moment.",
            "Give it with its time zone, such as 2027-03-31T18:00:00Z.",
        )
    if wish.return_url and not is_return_url(wish.return_url):
        raise RequestInvalid(
            "The address to go back to cannot be used.",
            "Give the whole address, beginning with https://.",
        )


def _is_moment(time: datetime) -> bool:
    """Whether it has a time zone, and is in the calendar wherever one is."""
    try:
        return time.tzinfo is not None and bool(time.astimezone(UTC))
    except OverflowError:
        return False


def _labels(wish: LinkWish, known: set[str]) -> list[str]:
    if not wish.labels:
        return _numbered(wish, known)
    labels = [unicodedata.normalize("NFC", label) for label in wish.labels]
    for label in labels:
        if len(label) > MOST_LABEL_CHARACTERS or not label.isprintable():
            raise RequestInvalid(
                f"{label[:MOST_LABEL_CHARACTERS]!r} is no label.",
                f"Use at most {MOST_LABEL_CHARACTERS} characters, none of them invisible.",
            )
    taken = sorted({label for label in labels if labels.count(label) > 1 or label in known})
    if taken and wish.kind in ONE_SESSION:
        raise RequestInvalid(
            f"The label {taken[0]!r} is there already.", "Give every person a label of their own."
        )
    return labels


def _numbered(wish: LinkWish, known: set[str]) -> list[str]:
    prefix = PREFIXES.get(wish.kind)
    if prefix is None:
        return [""] * wish.number
    free = (f"{prefix}{n:02d}" for n in range(1, len(known) + wish.number + 1))
    return [label for label in free if label not in known][: wish.number]
