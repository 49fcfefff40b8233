"""``jndlab user``: accounts, from the server's own command line."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from jndlab.arguments import data_option, open_data
from jndlab.errors import AccountError
from jndlab.settings import load_settings

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from jndlab.store.engine import Store
    from jndlab.store.models import UserRow


@click.command()
@click.argument("name")
@data_option
@click.option("--password-stdin", is_flag=True, help="Read the password from standard input.")
@click.option("--admin", is_flag=True, help="Make an administrator, as the first user is anyway.")
@click.option(
    "--reset-second-factor",
    is_flag=True,
    help="Switch the second factor off, for somebody whose phone is lost.",
)
@click.option(
    "--oidc-subject",
    metavar="SUBJECT",
    help="Who this is at the OpenID Connect provider; needs no password. Empty: nobody.",
)
@click.option(
    "--disable/--enable", "disabled", default=None, help="Let the user in no more, or again."
)
def user(
    name: str,
    data: Path | None,
    password_stdin: bool,
    admin: bool,
    reset_second_factor: bool,
    oidc_subject: str | None,
    disabled: bool | None,
) -> None:
    """Create an experimenter's account, set its password anew, or help its user in.

    The very first user becomes an administrator. Without an option that does something else, the
    password is asked for.
    """
    other = reset_second_factor or oidc_subject is not None or disabled is not None
    if other and password_stdin:
        raise click.UsageError("--password-stdin does not go with the other options.")
    password = "" if other else _password(name, from_stdin=password_stdin)
    create = not other or oidc_subject is not None
    with open_data(load_settings(data=data), create=create) as store:
        if not other:
            _set_password(store, name, password, admin=admin)
        if oidc_subject is not None:
            _set_subject(store, name, oidc_subject, admin=admin)
        if reset_second_factor:
            _reset_second_factor(store, name)
        if disabled is not None:
            _set_disabled(store, name, disabled)


def _password(name: str, *, from_stdin: bool) -> str:
    """What was typed, before anything is opened: a password that cannot be used changes nothing."""
    from jndlab.store.passwords import require_name, require_password

    require_name(name)
    if from_stdin:
        password = sys.stdin.readline().rstrip("\n")
    elif not sys.stdin.isatty():
        raise click.UsageError("There is no terminal to type a password: use --password-stdin.")
    else:
        password = click.prompt("Password", hide_input=True, confirmation_prompt=True)
    require_password(password)
    return password


def _set_password(store: Store, name: str, password: str, *, admin: bool) -> None:
    from jndlab.store.users import set_password

    created = set_password(store, name, password, admin=admin)
    click.echo(f"{name} can sign in." if created else f"{name} has a new password.")
    with store.read() as db:
        if _known(db, name).is_admin:
            click.echo(f"{name} is an administrator.")


def _set_subject(store: Store, name: str, subject: str, *, admin: bool) -> None:
    from jndlab.store.administration import set_admin, set_subject
    from jndlab.store.sign_ins import user_named
    from jndlab.store.users import add_user, is_first_user

    with store.write() as db:
        user = user_named(db, name)
        if user is None:
            user = add_user(db, name, is_admin=admin or is_first_user(db))
        elif admin:
            set_admin(db, user.id, True, by=None)
        set_subject(db, user.id, subject, by=None)
    click.echo(f"{name} signs in as {subject}." if subject else f"{name} has no subject any more.")


def _reset_second_factor(store: Store, name: str) -> None:
    from jndlab.store.administration import reset_second_factor

    with store.write() as db:
        was_on = reset_second_factor(db, _known(db, name).id, by=None)
    click.echo(
        f"{name} signs in without a second factor now." if was_on else f"{name} has none set up."
    )


def _set_disabled(store: Store, name: str, disabled: bool) -> None:
    from jndlab.store.administration import disable, enable

    with store.write() as db:
        (disable if disabled else enable)(db, _known(db, name).id, by=None)
    click.echo(f"{name} cannot sign in any more." if disabled else f"{name} can sign in again.")


def _known(db: Session, name: str) -> UserRow:
    from jndlab.store.sign_ins import user_named

    user = user_named(db, name)
    if user is None:
        raise AccountError(f"There is no user {name!r}.", "Create one with: jndlab user NAME")
    return user
