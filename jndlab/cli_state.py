"""The command that opens, pauses and closes a launched study."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from jndlab.arguments import data_option, open_data, slug_of
from jndlab.settings import load_settings

WORDS = {
    "open": "open: whoever has the link takes part",
    "paused": "paused: nobody starts or goes on for now; what is under way is kept",
    "closed": "closed: nobody starts or goes on any more; what was answered is kept",
}


@click.command()
@click.argument("study")
@click.argument("state", type=click.Choice(list(WORDS)), required=False)
@data_option
def state(study: str, state: Any, data: Path | None) -> None:
    """Say whether STUDY is open, paused or closed, or make it so.

    The server need not be stopped: the next request already meets the new state.
    """
    from jndlab.store.studies import require_study
    from jndlab.store.study_states import set_study_state, study_state

    with open_data(load_settings(data=data)) as store, store.write() as db:
        row = require_study(db, slug_of(study))
        if state is not None:
            set_study_state(db, row.id, state)
            db.flush()
        click.echo(f"{row.slug} is {WORDS[study_state(db, row.id)]}.")
