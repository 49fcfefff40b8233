"""``jndlab db``: the database itself. Where it is, its schema, and moving it elsewhere."""

from __future__ import annotations

import json
import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from jndlab.arguments import data_option
from jndlab.console import Bar
from jndlab.errors import ServerError
from jndlab.settings import load_settings

if TYPE_CHECKING:
    from jndlab.settings import Settings


@click.group()
def db() -> None:
    """Look at the database, bring its schema up to date, or move it to another one."""


@db.command()
@data_option
@click.option("--json", "as_json", is_flag=True, help="For machines.")
def status(data: Path | None, as_json: bool) -> None:
    """Say which database is used, whether its schema is up to date, and how much is in it."""
    from jndlab.store.copying import count_rows, read_revision
    from jndlab.store.databases import explained, name_of
    from jndlab.store.engine import connect_store
    from jndlab.store.schema import HEAD, KNOWN

    with connect_store(load_settings(data=data)) as store, explained(store.engine):
        with store.read() as session:
            schema = read_revision(session.connection())
            counts = count_rows(session.connection())
        name, dialect = name_of(store.engine), store.dialect
    newer = schema is not None and schema not in KNOWN
    if as_json:
        content = {"database": name, "kind": dialect, "schema": schema, "newest": HEAD}
        click.echo(json.dumps({**content, "rows": counts}, indent=2))
        return
    verdict = {
        None: "empty: the first server to start makes the tables",
        HEAD: f"schema {HEAD}, up to date",
    }.get(schema, f"schema {schema}, older than {HEAD}: jndlab db upgrade (or the next start)")
    if newer:
        verdict = f"schema {schema}, which is newer than this jndlab ({HEAD}): upgrade jndlab"
    click.echo(f"{name} ({dialect}): {verdict}")
    for table, n_rows in sorted(counts.items()):
        if n_rows:
            click.echo(f"  {table}: {n_rows}")


@db.command()
@data_option
def upgrade(data: Path | None) -> None:
    """Bring the schema up to date, as every server does when it starts.

    In one transaction: it is done as a whole or not at all. Of several processes that begin at
    once, one does it and the others wait. Back up first: an older jndlab cannot use it afterwards.
    """
    from jndlab.store.databases import name_of
    from jndlab.store.engine import connect_store, open_store
    from jndlab.store.schema import HEAD

    settings = load_settings(data=data)
    with connect_store(settings) as store:
        before, name = store.revision(), name_of(store.engine)
    open_store(settings, create=before is not None or bool(settings.database_url)).close()
    if before == HEAD:
        click.echo(f"{name} has schema {HEAD} already.")
    else:
        click.echo(f"{name}: from {before or 'nothing'} to schema {HEAD}.")


@db.command()
@click.argument("target")
@data_option
def move(target: str, data: Path | None) -> None:
    """Copy every row into another database, which is empty, and compare them all.

    TARGET is an address postgresql://USER:PASSWORD@HOST/NAME, or a minus sign to read it from
    standard input, so that no password is in a list of processes; or the word sqlite, for the file
    in the data folder. What is moved is the database of the settings; files stay where they are.
    Servers have to be stopped. It is done as a whole or not at all, and the source stays as it is.
    """
    from jndlab.store.copying import count_rows
    from jndlab.store.databases import name_of
    from jndlab.store.engine import open_store
    from jndlab.store.moving import move_rows, require_empty, require_nobody_else

    settings = load_settings(data=data)
    there = _target(settings, sys.stdin.readline().strip() if target == "-" else target)
    require_empty(there)
    with (
        _without_server(settings),
        open_store(settings, create=False) as store,
    ):
        require_nobody_else(store)
        with store.read() as session:
            n_rows = sum(count_rows(session.connection()).values())
        # Each row passes twice: on its way, and when what has arrived is compared.
        bar = Bar("Moving", 2 * n_rows)
        with bar as step:
            facts = move_rows(store, there, on_rows=step)
        source = name_of(store.engine)
    with open_store(there) as store:
        name = name_of(store.engine)
    click.echo(
        f"{sum(one.n_rows for one in facts.values())} rows in {len(facts)} tables of {source} are "
        f"in {name} now, and every table has the same digest there."
    )
    if there.database_url:
        click.echo("Set JNDLAB_DATABASE_URL to the new address, then start the server.")
    else:
        click.echo("Take JNDLAB_DATABASE_URL out of the settings, then start the server.")


def _target(settings: Settings, target: str) -> Settings:
    """The settings with the other database. Raises ServerError."""
    if target == "sqlite":
        there = replace(settings, database_url="", workers=1)
    else:
        checked = load_settings({"JNDLAB_DATABASE_URL": target})
        if not checked.database_url:
            raise ServerError(
                "There is no address to move to.", "Write postgresql://USER:PASSWORD@HOST/NAME."
            )
        there = replace(settings, database_url=checked.database_url)
    if there.database_url == settings.database_url:
        raise ServerError(
            "That is the database that is in use.",
            "Name the other one; the one in use is that of JNDLAB_DATABASE_URL, else SQLite.",
        )
    return there


def _without_server(settings: Settings) -> Any:
    """Hold the data folder, as a server does. Raises ServerError if one runs."""
    from jndlab.web.server import only_server

    return only_server(settings)
