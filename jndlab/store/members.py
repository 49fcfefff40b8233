"""Who may do what with a study: its members and their roles."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal, get_args

from sqlalchemy import func, select
from sqlalchemy.orm import Session, aliased

from jndlab.errors import AccountError, RequestInvalid
from jndlab.store.deeds import note_deed
from jndlab.store.invitations import withdraw_invitations
from jndlab.store.models import MemberRow, StudyRow, UserRow
from jndlab.store.rights import SignedIn

Role = Literal["viewer", "analyst", "editor", "owner"]
ROLES: tuple[Role, ...] = get_args(Role)
"""Each may do what those before it may."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """One member of a study."""

    user_id: int
    name: str
    role: Role
    added_at: datetime
    added_by: str | None
    is_disabled: bool


def require_role(text: str | None) -> Role:
    """A role by its name. Raises RequestInvalid."""
    role = next((known for known in ROLES if known == text), None)
    if role is None:
        raise RequestInvalid("There is no such role.", f"Choose one of: {', '.join(ROLES)}.")
    return role


def members_of(db: Session, study_id: int) -> list[Member]:
    """The members of a study: owners first, then by name."""
    adder = aliased(UserRow)
    query = (
        select(MemberRow, UserRow, adder.name)
        .join(UserRow, UserRow.id == MemberRow.user_id)
        .outerjoin(adder, adder.id == MemberRow.added_by)
        .where(MemberRow.study_id == study_id)
    )
    members = [
        Member(
            user_id=user.id,
            name=user.name,
            role=require_role(row.role),
            added_at=row.added_at,
            added_by=added_by,
            is_disabled=user.disabled_at is not None,
        )
        for row, user, added_by in db.execute(query)
    ]
    return sorted(members, key=lambda member: (-ROLES.index(member.role), member.name.casefold()))


def studies_of(db: Session, user_id: int) -> list[tuple[StudyRow, Role]]:
    """The studies that a user is a member of, with the role in each."""
    query = (
        select(StudyRow, MemberRow.role)
        .join(MemberRow, MemberRow.study_id == StudyRow.id)
        .where(MemberRow.user_id == user_id)
        .order_by(StudyRow.title)
    )
    return [(study, require_role(role)) for study, role in db.execute(query)]


def add_member(db: Session, study_id: int, name: str, role: Role, *, by: SignedIn) -> None:
    """Make a user a member. Raises AccountError if there is none of that name, or is one."""
    user = db.scalars(select(UserRow).where(UserRow.name == name.strip())).one_or_none()
    if user is None:
        raise AccountError(
            f"There is no user {name.strip()!r} on this server.",
            "Check the spelling, or invite the person with a link.",
        )
    if db.get(MemberRow, (study_id, user.id)) is not None:
        raise AccountError(f"{user.name} is a member already.", "Change the role in the list.")
    join_study(db, study_id, user, role, added_by=by.id)


def join_study(
    db: Session, study_id: int, user: UserRow, role: Role, *, added_by: int | None
) -> None:
    """Make somebody a member, or raise a member's role; nobody's role is lowered by it."""
    row = db.get(MemberRow, (study_id, user.id))
    if row is not None and ROLES.index(require_role(row.role)) >= ROLES.index(role):
        return
    if row is None:
        db.add(
            MemberRow(
                study_id=study_id,
                user_id=user.id,
                role=role,
                added_by=added_by,
                added_at=datetime.now(UTC),
            )
        )
    else:
        row.role = role
    note_deed(db, "member-added", study_id=study_id, user_id=added_by, member=user.name, role=role)


def change_role(db: Session, study_id: int, user_id: int, role: Role, *, by: SignedIn) -> None:
    """Give a member another role. Raises AccountError for the last owner."""
    row, user = _member(db, study_id, user_id)
    if row.role == role:
        return
    _keep_an_owner(db, row, by=by)
    before, row.role = row.role, role
    if before == "owner":
        withdraw_invitations(db, created_by=user_id, study_id=study_id)
    note_deed(
        db,
        "role-changed",
        study_id=study_id,
        user_id=by.id,
        member=user.name,
        before=before,
        role=role,
    )


def remove_member(db: Session, study_id: int, user_id: int, *, by: SignedIn) -> None:
    """End a membership. Raises AccountError for the last owner."""
    row, user = _member(db, study_id, user_id)
    _keep_an_owner(db, row, by=by)
    db.delete(row)
    withdraw_invitations(db, created_by=user_id, study_id=study_id)
    note_deed(
        db, "member-removed", study_id=study_id, user_id=by.id, member=user.name, role=row.role
    )


def hand_over(db: Session, study_id: int, user_id: int, *, by: SignedIn) -> None:
    """Make another member the owner; who did so becomes an editor, if they were an owner."""
    row, user = _member(db, study_id, user_id)
    if user_id == by.id:
        raise AccountError("You cannot hand a study over to yourself.", "Choose another member.")
    if user.disabled_at is not None:
        raise AccountError(f"{user.name}'s account is disabled.", "Choose another member.")
    row.role = "owner"
    own = db.get(MemberRow, (study_id, by.id))
    if own is not None and own.role == "owner":
        own.role = "editor"
        withdraw_invitations(db, created_by=by.id, study_id=study_id)
    note_deed(db, "ownership-handed-over", study_id=study_id, user_id=by.id, member=user.name)


def _member(db: Session, study_id: int, user_id: int) -> tuple[MemberRow, UserRow]:
    row = db.get(MemberRow, (study_id, user_id))
    if row is None:
        raise AccountError("This person is no member any more.", "Load the page anew.")
    return row, db.get_one(UserRow, user_id)


def _keep_an_owner(db: Session, row: MemberRow, *, by: SignedIn) -> None:
    """A study without an owner is one that nobody but an administrator can open to others."""
    if row.role != "owner" or by.is_admin:
        return
    others = (
        select(func.count())
        .select_from(MemberRow)
        .join(UserRow, UserRow.id == MemberRow.user_id)
        .where(
            MemberRow.study_id == row.study_id,
            MemberRow.role == "owner",
            MemberRow.user_id != row.user_id,
            UserRow.disabled_at.is_(None),
        )
    )
    if not db.scalar(others):
        raise AccountError(
            "A study keeps at least one owner.", "Hand it over to another member first."
        )
