"""`jndlab audit`: acknowledged = stored, nothing missing, every chain whole."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import click

from jndlab.arguments import data_option, open_data, slug_of
from jndlab.settings import load_settings


@click.command()
@click.argument("study", required=False)
@data_option
@click.option(
    "--acknowledged",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Answers that clients have receipts for: one JSON object a line, with session (public id, "
    "or SHA-256 of the token), trial, key and response; repeated: true where the receipt said so.",
)
@click.option(
    "--head",
    "heads",
    multiple=True,
    help="Head of the study's chain as an earlier audit gave it: it has to be in the chain still. "
    "Can be given several times.",
)
@click.option(
    "--key",
    "keys",
    multiple=True,
    help="Public key that plans have to be signed with, as the lab published it. Can be given "
    "several times, for the keys before and after a change. [default: the one of the data folder]",
)
@click.option(
    "--without-plans",
    is_flag=True,
    help="Leave out whether each presented trial is the one of its plan, which takes longest.",
)
@click.option("--json", "as_json", is_flag=True, help="The findings for a machine.")
def audit(
    study: str | None,
    data: Path | None,
    acknowledged: Path | None,
    heads: tuple[str, ...],
    keys: tuple[str, ...],
    without_plans: bool,
    as_json: bool,
) -> None:
    """Prove that nothing was lost or changed: in STUDY, or in all of them.

    Follows the chain of every session, over its trials and answers, and of every study, over
    launches, exclusions, exports and the openings and ends of its sessions; looks for gaps; checks
    the signatures of the plans. Ends with 0 only if nothing was found, else with 2. It changes
    nothing, and the server need not be stopped.
    """
    from jndlab.export.audit.auditing import audit_store
    from jndlab.export.audit.findings import all_whole
    from jndlab.store.signing import require_public_key

    with open_data(load_settings(data=data)) as store:
        found = audit_store(
            store,
            slug=None if study is None else slug_of(study),
            acknowledged=acknowledged,
            heads=heads,
            keys=[require_public_key(key) for key in keys],
            plans=not without_plans,
        )
    if as_json:
        content = {"whole": all_whole(found), "studies": [one.to_dict() for one in found]}
        click.echo(json.dumps(content, indent=2))
    else:
        click.echo("\n\n".join(map(str, found)) or "There is no study here.")
    if not all_whole(found):
        sys.exit(2)
