"""The command that registers the plan of a study and writes the document to publish."""

from __future__ import annotations

from pathlib import Path

import click

from jndlab.arguments import data_option, open_data, slug_of
from jndlab.settings import load_settings


@click.command()
@click.argument("study")
@data_option
@click.option(
    "--version",
    "number",
    type=click.IntRange(min=1),
    metavar="NUMBER",
    help="Version to register. [default: the one that participants take]",
)
@click.option(
    "--output",
    type=click.Path(path_type=Path, file_okay=False),
    default=Path("."),
    help="Folder to write the document into. [default: here]",
)
def register(study: str, data: Path | None, number: int | None, output: Path) -> None:
    """Preregister the plan of STUDY, before anybody has answered.

    Writes it as one document, in Markdown and in JSON, to be published. Calling it again writes
    the same document again.
    """
    from jndlab.files import make_folder, write_atomically
    from jndlab.store.studies import definition_of, require_study, require_version
    from jndlab.studies.registration import register_version
    from jndlab.web.registration_files import registration_file

    with open_data(load_settings(data=data)) as store:
        with store.read() as db:
            study_id = require_study(db, slug_of(study)).id
        registration = register_version(store, study_id, number)
        with store.read() as db:
            definition = definition_of(require_version(db, study_id, registration.version))
    make_folder(output)
    click.echo(
        f"Version {registration.version} of {definition.slug} was registered at "
        f"{registration.registered_at:%Y-%m-%d %H:%M:%S} UTC, before its first answer.\n"
        f"SHA-256: {registration.digest}"
    )
    for ending in ("md", "json"):
        name, content = registration_file(definition, registration, ending)
        write_atomically(output / name, content, replace=True)
        click.echo(f"Wrote {output / name}")
