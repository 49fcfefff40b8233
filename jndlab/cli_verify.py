"""`jndlab verify`: what was presented, checked against the plans that were signed before."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import click

from jndlab.arguments import data_option, open_data, slug_of
from jndlab.settings import load_settings


@click.command()
@click.argument("source", metavar="STUDY|PACKAGE", required=False)
@data_option
@click.option(
    "--study",
    "studies",
    type=click.Path(path_type=Path),
    multiple=True,
    help="Study file, or its folder, that a package without the seed was made with. Can be given "
    "several times, for several versions.",
)
@click.option(
    "--key",
    "keys",
    multiple=True,
    help="Public key that it has to be signed with, as the lab published it. Can be given several "
    "times, for the keys before and after a change. [default: the one in the package]",
)
@click.option(
    "--show-key", is_flag=True, help="Print the public key of the data folder, to be published."
)
@click.option("--json", "as_json", is_flag=True, help="The findings for a machine.")
def verify(
    source: str | None,
    data: Path | None,
    studies: tuple[Path, ...],
    keys: tuple[str, ...],
    show_key: bool,
    as_json: bool,
) -> None:
    """Check what was presented against the signed plans, trial by trial.

    STUDY is a study folder or the slug of a launched study; PACKAGE a data package, zipped or
    unpacked, which needs no server. Ends with 0 only if everything could be looked at and is as
    it was planned, else with 2.
    """
    from jndlab.export.package.reading import is_package
    from jndlab.export.verify.verification import verify_package, verify_store
    from jndlab.store.signing import plan_key, require_public_key
    from jndlab.study.study_file import load_study

    settings = load_settings(data=data)
    if show_key:
        with open_data(settings) as store, store.write():
            click.echo(plan_key(store.folder).public)
        return
    if source is None:
        raise click.UsageError("Name a study or a package, or ask for --show-key.")
    expected = [require_public_key(key) for key in keys]
    if source.lower().endswith(".zip") or is_package(Path(source)):
        known = [load_study(path) for path in studies]
        found = verify_package(Path(source), studies=known, keys=expected)
    else:
        if studies:
            raise click.UsageError("--study is for a package: a database knows its study files.")
        with open_data(settings) as store:
            found = verify_store(store, slug_of(source), keys=expected)
    click.echo(json.dumps(found.to_dict(), indent=2) if as_json else str(found))
    if not found.verified:
        sys.exit(2)
