"""Members of a study and invitations to it: who may, and that nobody is locked out."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

import pytest
from sqlalchemy import update

from jndlab.errors import AccountError, RequestInvalid, TokenInvalid
from jndlab.store.deeds import deeds_of, detail_of
from jndlab.store.engine import Store
from jndlab.store.invitations import (
    invite,
    open_invitation,
    open_invitations,
    withdraw_invitation,
)
from jndlab.store.joining import join_as, join_with_password, join_with_subject
from jndlab.store.members import (
    Role,
    add_member,
    change_role,
    hand_over,
    members_of,
    remove_member,
    require_role,
)
from jndlab.store.models import InvitationRow, UserRow
from jndlab.store.rights import SignedIn
from jndlab.store.sign_ins import check_password
from jndlab.studies.drafts import create_study
from tests.store.people import PASSWORD, actor, make_user


@dataclass(frozen=True)
class Group:
    """A study with two members and a user who is none."""

    store: Store
    study: int
    ann: int
    bob: int
    cy: int

    @property
    def owner(self) -> SignedIn:
        return actor(self.ann)

    @property
    def admin(self) -> SignedIn:
        return actor(self.cy, is_admin=True)

    def roles(self) -> dict[str, str]:
        with self.store.read() as db:
            return {member.name: member.role for member in members_of(db, self.study)}

    def deeds(self) -> list[str]:
        with self.store.read() as db:
            return [row.deed for row in deeds_of(db, self.study)]

    def invite(self, role: Role = "analyst") -> str:
        with self.store.write() as db:
            return invite(db, by=self.ann, study_id=self.study, role=role)

    def n_invitations(self) -> int:
        with self.store.read() as db:
            return len(open_invitations(db, study_id=self.study))


@pytest.fixture
def group(store: Store) -> Group:
    ann, bob, cy = (make_user(store, name) for name in ("ann", "Bob", "cy"))
    study = create_study(store, slug="finch", title="Finches", by=ann)
    group = Group(store=store, study=study, ann=ann, bob=bob, cy=cy)
    with store.write() as db:
        add_member(db, study, "Bob", "viewer", by=group.owner)
    return group


def test_members_are_listed_owners_first(group: Group) -> None:
    with group.store.write() as db:
        add_member(db, group.study, " cy ", "viewer", by=group.owner)
        members = members_of(db, group.study)
    assert [(member.name, member.role) for member in members] == [
        ("ann", "owner"),
        ("Bob", "viewer"),
        ("cy", "viewer"),
    ]
    assert members[2].added_by == "ann"


def test_who_is_unknown_or_a_member_already_is_not_added(group: Group) -> None:
    for name, what in (("nobody", "no user"), ("Bob", "already"), ("", "no user")):
        with pytest.raises(AccountError, match=what), group.store.write() as db:
            add_member(db, group.study, name, "editor", by=group.owner)
    assert group.roles() == {"ann": "owner", "Bob": "viewer"}


@pytest.mark.parametrize("text", [None, "", "admin", "Owner", "own"])
def test_what_is_no_role_is_refused(text: str | None) -> None:
    with pytest.raises(RequestInvalid, match="no such role"):
        require_role(text)


def test_the_last_owner_stays_unless_an_administrator_says_otherwise(group: Group) -> None:
    for change in (
        lambda db, by: change_role(db, group.study, group.ann, "editor", by=by),
        lambda db, by: remove_member(db, group.study, group.ann, by=by),
    ):
        with pytest.raises(AccountError, match="at least one owner"), group.store.write() as db:
            change(db, group.owner)
    with group.store.write() as db:
        remove_member(db, group.study, group.ann, by=group.admin)
    assert group.roles() == {"Bob": "viewer"}


def test_an_owner_whose_account_is_disabled_does_not_count(group: Group) -> None:
    with group.store.write() as db:
        change_role(db, group.study, group.bob, "owner", by=group.owner)
        db.get_one(UserRow, group.bob).disabled_at = datetime.now(UTC)
    with pytest.raises(AccountError, match="at least one owner"), group.store.write() as db:
        remove_member(db, group.study, group.ann, by=group.owner)


def test_with_a_second_owner_the_first_may_leave(group: Group) -> None:
    with group.store.write() as db:
        change_role(db, group.study, group.bob, "owner", by=group.owner)
        remove_member(db, group.study, group.ann, by=group.owner)
    assert group.roles() == {"Bob": "owner"}


def test_ownership_is_handed_over_in_one_step(group: Group) -> None:
    with group.store.write() as db:
        hand_over(db, group.study, group.bob, by=group.owner)
    assert group.roles() == {"Bob": "owner", "ann": "editor"}


def test_ownership_is_not_handed_to_oneself_to_a_stranger_or_to_a_disabled_user(
    group: Group,
) -> None:
    with group.store.write() as db:
        db.get_one(UserRow, group.bob).disabled_at = datetime.now(UTC)
    for user_id in (group.ann, group.cy, group.bob, 999):
        with pytest.raises(AccountError), group.store.write() as db:
            hand_over(db, group.study, user_id, by=group.owner)
    assert group.roles()["ann"] == "owner"


def test_every_change_is_noted_with_who_did_it(group: Group) -> None:
    with group.store.write() as db:
        change_role(db, group.study, group.bob, "editor", by=group.owner)
        change_role(db, group.study, group.bob, "editor", by=group.owner)  # no change
        remove_member(db, group.study, group.bob, by=group.admin)
    with group.store.read() as db:
        rows = deeds_of(db, group.study)[-2:]
    assert [(row.deed, row.user_id) for row in rows] == [
        ("role-changed", group.ann),
        ("member-removed", group.cy),
    ]
    assert detail_of(rows[0]) == {"member": "Bob", "before": "viewer", "role": "editor"}


# Invitations


def test_an_invitation_makes_an_account_with_its_role_and_works_once(group: Group) -> None:
    token = group.invite("analyst")
    user_id = join_with_password(group.store, token, name="dot", password=PASSWORD)
    assert group.roles()["dot"] == "analyst"
    assert check_password(group.store, "dot", PASSWORD).user_id == user_id
    with group.store.read() as db:
        assert not db.get_one(UserRow, user_id).is_admin
    with pytest.raises(TokenInvalid):
        join_with_password(group.store, token, name="eve", password=PASSWORD)
    assert "eve" not in group.roles()
    assert "invitation-taken-up" in group.deeds()


def test_an_invitation_that_failed_can_be_tried_again(group: Group) -> None:
    token = group.invite()
    with pytest.raises(AccountError, match="user name"):
        join_with_subject(group.store, token, name="Bob", subject="1")
    join_with_subject(group.store, token, name="dot", subject="1")
    assert group.roles()["dot"] == "analyst"


@pytest.mark.parametrize("token", ["", "x" * 32, "ü"])
def test_an_unknown_invitation_is_refused(group: Group, token: str) -> None:
    with pytest.raises(TokenInvalid), group.store.read() as db:
        open_invitation(db, token)


def test_an_old_invitation_is_refused(group: Group) -> None:
    token = group.invite()
    with group.store.write() as db:
        db.execute(update(InvitationRow).values(expires_at=datetime.now(UTC)))
    with pytest.raises(TokenInvalid):
        join_with_subject(group.store, token, name="dot", subject="1")
    assert group.n_invitations() == 0


def test_a_withdrawn_invitation_is_refused_and_only_its_own_study_withdraws_it(
    group: Group,
) -> None:
    token = group.invite()
    with group.store.read() as db:
        [invitation] = open_invitations(db)
    other = create_study(group.store, slug="heron", title="Herons", by=group.bob)
    with pytest.raises(TokenInvalid), group.store.write() as db:
        withdraw_invitation(db, invitation.id, by=group.bob, study_id=other)
    with group.store.write() as db:
        withdraw_invitation(db, invitation.id, by=group.ann, study_id=group.study)
    with pytest.raises(TokenInvalid), group.store.read() as db:
        open_invitation(db, token)


def test_who_has_an_account_joins_with_it_and_never_loses_rights(group: Group) -> None:
    join_as(group.store, group.invite("editor"), group.bob)
    assert group.roles()["Bob"] == "editor"
    join_as(group.store, group.invite("viewer"), group.ann)
    assert group.roles()["ann"] == "owner"
    assert group.n_invitations() == 0


def test_an_invitation_to_the_server_is_of_no_use_to_who_has_an_account(group: Group) -> None:
    with group.store.write() as db:
        token = invite(db, by=group.ann)
    with pytest.raises(AccountError, match="have an account"):
        join_as(group.store, token, group.bob)
    with group.store.read() as db:
        assert open_invitation(db, token).study_id is None


def test_an_invitation_can_make_an_administrator(group: Group) -> None:
    for join in (
        lambda token: join_as(group.store, token, group.bob),
        lambda token: join_with_subject(group.store, token, name="dot", subject="1"),
    ):
        with group.store.write() as db:
            token = invite(db, by=group.ann, is_admin=True)
        join(token)
    with group.store.read() as db:
        assert db.get_one(UserRow, group.bob).is_admin


def test_the_invitations_of_who_may_not_invite_any_more_end(group: Group) -> None:
    with group.store.write() as db:
        change_role(db, group.study, group.bob, "owner", by=group.owner)
    for end in (
        lambda db: change_role(db, group.study, group.ann, "editor", by=group.owner),
        lambda db: hand_over(db, group.study, group.bob, by=group.owner),
        lambda db: remove_member(db, group.study, group.ann, by=group.owner),
    ):
        with group.store.write() as db:
            if group.roles()["ann"] != "owner":
                change_role(db, group.study, group.ann, "owner", by=group.admin)
            invite(db, by=group.ann, study_id=group.study, role="viewer")
            assert len(open_invitations(db)) == 1
            end(db)
            assert open_invitations(db) == []
