"""The command that pauses, closes and archives a launched study."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from jndlab.arguments import data_option, open_data, slug_of
from jndlab.settings import load_settings

WORDS = {
    "draft": "a draft: it was not launched yet",
    "piloting": "piloting: whoever has the link takes part, and none of it counts",
    "running": "running: whoever has the link takes part",
    "paused": "paused: nobody starts or goes on for now; what is under way is kept",
    "closed": "closed: nobody starts or goes on any more; what was answered is kept",
    "archived": "archived: closed, and out of the way",
}
OLD_NAMES = {"open": "running"}


@click.command()
@click.argument("study")
@click.argument("state", type=click.Choice([*WORDS, *OLD_NAMES]), required=False)
@data_option
@click.option("--note", default="", help="Why: kept with the change, and told in the report.")
def state(study: str, state: Any, data: Path | None, note: str) -> None:
    """Say in what state STUDY is, or put it into another one.

    The server need not be stopped: the next request already meets the new state. open is another
    word for running.
    """
    from jndlab.store.studies import require_study
    from jndlab.store.study_states import study_state
    from jndlab.studies.lifecycle import change_state

    with open_data(load_settings(data=data)) as store:
        with store.read() as db:
            row = require_study(db, slug_of(study))
        if state is not None:
            change_state(store, row.id, OLD_NAMES.get(state, state), note=note)
        with store.read() as db:
            click.echo(f"{row.slug} is {WORDS[study_state(db, row.id)]}.")
