"""Options that commands share, and what their arguments mean: a study, a data folder, a link."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from jndlab.errors import ServerError, StudyUnknown

if TYPE_CHECKING:
    from jndlab.settings import Settings
    from jndlab.store.engine import Store
    from jndlab.study.definition import StudyDefinition


data_option = click.option(
    "--data",
    type=click.Path(path_type=Path, file_okay=False),
    help="Folder of database and clips. [default: $JNDLAB_DATA or ./jndlab-data]",
)
kind_option = click.option(
    "--kind",
    type=click.Choice(["participant", "simulated", "pilot"]),
    default="participant",
    show_default=True,
    help="Whose answers: people's, simulated listeners', or those of the pilot.",
)

scheduler_option = click.option(
    "--scheduler",
    help="Dask cluster to work on, such as tcp://127.0.0.1:8786. [default: $JNDLAB_DASK]",
)


def truth_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """The parameters of simulated listeners, as options."""
    for option in reversed(_TRUTH_OPTIONS):
        command = option(command)
    return command


_TRUTH_OPTIONS = (
    click.option("--threshold", type=float, help="A level. [default: the middle of the levels]"),
    click.option("--width", type=float, help="From 5 % to 95 %. [default: half the range]"),
    click.option(
        "--lapse-rate", type=float, default=0.02, show_default=True, help="Wrong at any level."
    ),
    click.option("--bias", type=float, default=0.0, show_default=True, help="Towards one answer."),
    click.option("--spread", type=float, default=0.0, show_default=True, help="SD of thresholds."),
    click.option(
        "--criterion",
        type=float,
        help="What it takes to say yes or different. [default: 0.5 for yes, 0 or 1.5 by the rule]",
    ),
    click.option(
        "--same-different",
        type=click.Choice(["independent-observation", "differencing"]),
        default="differencing",
        show_default=True,
        help="Rule by which two sounds are judged to differ.",
    ),
    click.option(
        "--quality-loss",
        type=float,
        default=0.8,
        show_default=True,
        help="Share of the scale that the most audible compression costs.",
    ),
    click.option(
        "--quality-noise",
        type=float,
        default=0.1,
        show_default=True,
        help="SD of a sound's quality between hearings, as a share of the scale.",
    ),
    click.option(
        "--quality-offset",
        type=float,
        default=0.05,
        show_default=True,
        help="SD of ratings between listeners, as a share of the scale.",
    ),
    click.option(
        "--inattentive",
        type=float,
        default=0.0,
        show_default=True,
        help="Share of listeners who answer at random.",
    ),
)


def open_data(settings: Settings, *, create: bool = False) -> Store:
    """The database of the data folder; without ``create`` it has to be there."""
    from jndlab.store.engine import open_store

    return open_store(settings, create=create)


def slug_of(study: str) -> str:
    """The slug that STUDY means: that of a study folder, or the word itself."""
    from jndlab.study.study_file import load_study, study_path

    return load_study(Path(study)).slug if study_path(Path(study)).is_file() else study


def definition_of_study(study: str, settings: Settings) -> StudyDefinition:
    """The definition that STUDY means: of a study folder, or of a launched study."""
    from jndlab.store.studies import definition_of, require_study, require_version
    from jndlab.study.study_file import load_study, study_path

    if study_path(Path(study)).is_file():
        return load_study(Path(study))
    with open_data(settings) as store, store.read() as db:
        return definition_of(require_version(db, require_study(db, study).id))


def link_of(slug: str, settings: Settings) -> str:
    """The participants' link of a launched study, at the server that runs on this data folder."""
    from jndlab.store.studies import require_study

    with open_data(settings) as store, store.read() as db:
        opaque = require_study(db, slug).link
    if not settings.running_at.exists():
        raise ServerError(
            f"No server runs on {settings.data}.",
            "Start it with: jndlab serve (or name a participants' link with --link)",
        )
    return f"{settings.running_at.read_text(encoding='utf-8')}/s/{opaque}"


_SERVER = re.compile(r"https?://(\[[0-9a-fA-F:]+\]|[\w.-]+)(:(?P<port>[0-9]{1,5}))?")


def split_link(link: str) -> tuple[str, str]:
    """A participants' link as server address and opaque part. Raises StudyUnknown."""
    url, _, opaque = link.partition("/s/")
    match = _SERVER.fullmatch(url)
    if not opaque or match is None or int(match["port"] or 0) > 65535:
        raise StudyUnknown(
            f"{link!r} is no participants' link.", "It looks like http://127.0.0.1:8000/s/NAME."
        )
    return url, opaque
