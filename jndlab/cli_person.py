"""`jndlab person` and `jndlab keep`: what is stored of people, for how long, and its end."""

from __future__ import annotations

import json
import sys
from datetime import datetime
from pathlib import Path
from typing import Any

import click

from jndlab.arguments import data_option, open_data, slug_of
from jndlab.errors import RequestInvalid
from jndlab.settings import load_settings


@click.command()
@click.argument("study")
@click.argument("who")
@data_option
@click.option(
    "--export",
    "target",
    type=click.Path(path_type=Path, dir_okay=False),
    help="File for everything that is stored of the person, as JSON. It names people.",
)
@click.option("--delete", is_flag=True, help="Delete everything of the person, for good.")
@click.option("--json", "as_json", is_flag=True, help="What was found for a machine.")
def person(
    study: str, who: str, data: Path | None, target: Path | None, delete: bool, as_json: bool
) -> None:
    """Find the sessions of one person in STUDY; export or delete them.

    WHO is the person's id at the recruiter, the session's id, the participant's number, or a link
    for one person. Exporting and deleting need WHO to mean one session. Both are noted.
    """
    from jndlab.export.person import export_person
    from jndlab.files import write_atomically
    from jndlab.sessions.withdrawal import delete_person
    from jndlab.store.people import find_sessions
    from jndlab.store.studies import require_study

    with open_data(load_settings(data=data)) as store:
        with store.read() as db:
            row = require_study(db, slug_of(study))
            found = find_sessions(db, row.id, who)
        if as_json:
            sessions = [_to_dict(one) for one in found]
            click.echo(json.dumps({"study": row.slug, "sessions": sessions}, indent=2))
        else:
            for one in found:
                click.echo(
                    f"{one.public_id}  {one.kind} {one.participant}, {one.state}, opened "
                    f"{one.opened_at:%Y-%m-%d %H:%M} UTC, found by {one.by}"
                )
        if not found:
            if not as_json:
                click.echo(f"Nobody in {row.slug} is found by {who!r}.")
            sys.exit(2)
        if target is None and not delete:
            return
        if len(found) > 1:
            raise RequestInvalid(
                f"{who!r} means {len(found)} sessions.", "Name one of the session ids above."
            )
        if target is not None:
            text = export_person(store, row.slug, found[0].public_id)
            write_atomically(target, text.encode(), mode=0o600, replace=True)
            click.echo(f"Wrote {target}", err=as_json)
        if delete:
            delete_person(store, row.id, found[0].public_id)
            click.echo(f"Deleted everything of session {found[0].public_id}.", err=as_json)


@click.command()
@click.argument("study")
@data_option
@click.option(
    "--until",
    type=click.DateTime(formats=["%Y-%m-%d"]),
    help="Last day (UTC) on which what is personal is kept.",
)
@click.option(
    "--then",
    type=click.Choice(["anonymise", "delete"]),
    default="anonymise",
    show_default=True,
    help="anonymise: ids of recruiters, browsers, what was typed go. delete: all answers, too.",
)
@click.option("--for-good", is_flag=True, help="Take the day away.")
def keep(study: str, data: Path | None, until: datetime | None, then: Any, for_good: bool) -> None:
    """Say how long what is personal in STUDY is kept, or set it.

    On the day after, the server closes the study and anonymises or deletes its data. There is no
    undo, and backups are not touched.
    """
    from jndlab.store.retention import retention_of
    from jndlab.store.studies import require_study
    from jndlab.studies.retention import set_retention

    if until is not None and for_good:
        raise click.UsageError("--until and --for-good exclude each other.")
    with open_data(load_settings(data=data)) as store:
        slug = slug_of(study)
        with store.read() as db:
            study_id = require_study(db, slug).id
        if until is not None or for_good:
            set_retention(store, study_id, until.date() if until else None, then)
        with store.read() as db:
            now = retention_of(require_study(db, slug))
    deed = "deleted" if now.then == "delete" else "anonymised"
    if now.done_at is not None:
        click.echo(f"{slug}: {deed} at {now.done_at:%Y-%m-%d %H:%M} UTC.")
    elif now.until is None:
        click.echo(f"{slug}: what is personal is kept for good.")
    else:
        click.echo(f"{slug}: what is personal is kept until {now.until}, then {deed}.")


def _to_dict(one: Any) -> dict[str, Any]:
    content = {name: getattr(one, name) for name in one.__slots__}
    return {**content, "opened_at": one.opened_at.isoformat(timespec="milliseconds")}
