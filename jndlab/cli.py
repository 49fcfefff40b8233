"""The command line: one short command per verb, which reads, calls and writes.

Every import that costs time stands inside its command, so that ``--help`` answers at once.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any, NoReturn

import click

from jndlab import __version__
from jndlab.arguments import (
    data_option,
    definition_of_study,
    link_of,
    open_data,
    scheduler_option,
    split_link,
    truth_options,
)
from jndlab.cli_audit import audit
from jndlab.cli_backup import backup, restore
from jndlab.cli_batch import batch
from jndlab.cli_check import check
from jndlab.cli_compress import compress
from jndlab.cli_db import db
from jndlab.cli_export import export
from jndlab.cli_fit import fit
from jndlab.cli_import import import_
from jndlab.cli_new import new
from jndlab.cli_person import keep, person
from jndlab.cli_plan import plan
from jndlab.cli_register import register
from jndlab.cli_results import report
from jndlab.cli_state import state
from jndlab.cli_trials import report_trials
from jndlab.cli_user import user
from jndlab.cli_verify import verify
from jndlab.console import Bar, announcement
from jndlab.errors import JndlabError, ServerError
from jndlab.settings import load_settings


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, prog_name="jndlab")
def cli() -> None:
    """Listening tests for just-noticeable differences between a model and its compressed versions.

    From two folders of sound files to a fitted curve: new, check, serve, report.
    """


@cli.command()
@click.argument("studies", nargs=-1, type=click.Path(path_type=Path), metavar="[STUDY]...")
@data_option
@click.option("--host", help="Address to listen at. [default: $JNDLAB_HOST or 127.0.0.1]")
@click.option("--port", type=click.IntRange(1, 65535), help="Port. [default: $JNDLAB_PORT or 8000]")
@click.option(
    "--new-version",
    metavar="REASON",
    default="",
    help="Launch changed studies as new versions; the report quotes the reason.",
)
def serve(
    studies: tuple[Path, ...],
    data: Path | None,
    host: str | None,
    port: int | None,
    new_version: str,
) -> None:
    """Launch studies and serve all launched ones.

    Each STUDY is a folder with a study file. A launched study is frozen: serving it again is
    safe, serving it changed is refused unless a reason is given for a new version. Each session
    belongs to the version that it began with, and so do its data.
    """
    from jndlab.audio.stimuli import require_sound
    from jndlab.studies import check_study, launch_study
    from jndlab.study.study_file import load_study
    from jndlab.web.server import only_server, require_free_port, run_server

    settings = load_settings(data=data, host=host, port=port)
    require_free_port(settings)
    with only_server(settings):
        checked = {}
        for path in studies:  # all of them, before the first one is launched
            with Bar(f"Checking {path}", len(load_study(path).stimuli.items)) as step:
                checked[path] = check_study(path, progress=step)
            click.echo("\n".join(map(str, checked[path].findings)), nl=bool(checked[path].findings))
            require_sound(checked[path].findings)
        with open_data(settings, create=True) as store:
            for path, study in checked.items():
                with Bar(f"Launching {path}", len(study.definition.stimuli.items)) as step:
                    launch_study(
                        store, settings, path, checked=study, note=new_version, progress=step
                    )
            click.echo(announcement(store, settings))
        run_server(settings)


@cli.command()
@click.argument("study")
@data_option
@click.option(
    "--listeners", type=click.IntRange(1, 10_000), default=24, show_default=True, help="How many."
)
@truth_options
@click.option(
    "--seed", type=click.IntRange(0), default=1, show_default=True, help="Of the answers."
)
@click.option("--link", help="Participants' link. [default: of the server that runs on --data]")
@click.option(
    "--concurrency",
    type=click.IntRange(1, 64),
    default=8,
    show_default=True,
    help="Sessions at a time.",
)
@click.option(
    "--in-memory",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Without a server: write the tidy CSV to this file.",
)
@scheduler_option
def simulate(
    study: str,
    data: Path | None,
    listeners: int,
    seed: int,
    link: str | None,
    concurrency: int,
    in_memory: Path | None,
    scheduler: str | None,
    **truth: Any,
) -> None:
    """Let simulated listeners take a study.

    STUDY is a study folder or the slug of a launched study. They take it through a running
    server, several at once, and are kept apart from people. In memory many of them are shared out
    among the machines of a Dask cluster, if there is one.
    """
    from jndlab.batches import simulate_on_cluster
    from jndlab.export.files import write_table
    from jndlab.listeners.describing import describe_truth
    from jndlab.listeners.http import simulate_over_http
    from jndlab.listeners.memory import simulate_study
    from jndlab.listeners.truth import Truth
    from jndlab.study.plan import count_trials

    settings = load_settings(data=data)
    known = Truth(**truth)
    definition = definition_of_study(study, settings)
    n_trials = listeners * count_trials(definition)
    if in_memory is not None:
        bar = Bar("Simulating", n_trials)
        cluster = scheduler or settings.dask
        with bar as step:
            asked: Any = {"truth": known, "n_listeners": listeners, "seed": seed}
            asked |= {"progress": step, "spared": bar.shorten}
            if cluster:
                rows = simulate_on_cluster(definition, **asked, scheduler=cluster)
            else:
                rows = simulate_study(definition, **asked)
            write_table(rows, in_memory)
        click.echo(f"Wrote {in_memory}")
        return
    if scheduler:
        raise ServerError(
            "Listeners who take a study through its server need no cluster.",
            "Leave --scheduler out, or simulate with --in-memory FILE.",
        )
    url, opaque = split_link(link or link_of(definition.slug, settings))
    bar = Bar("Simulating", n_trials)
    with bar as step:
        simulate_over_http(
            definition,
            url=url,
            link=opaque,
            truth=known,
            n_listeners=listeners,
            seed=seed,
            concurrency=concurrency,
            progress=step,
            spared=bar.shorten,
        )
    click.echo(f"{listeners} sessions finished.\n{describe_truth(known, definition)}")
    click.echo(f"See what a fit makes of it:  jndlab report {study} --kind simulated")


@cli.command()
@click.option("--output", type=click.Path(path_type=Path, dir_okay=False), help="File to write.")
def schema(output: Path | None) -> None:
    """Print the JSON Schema of a study file, for editors."""
    from jndlab.files import write_atomically
    from jndlab.study.definition import study_schema

    text = json.dumps(study_schema(), indent=2) + "\n"
    if output is None:
        click.echo(text, nl=False)
    else:
        write_atomically(output, text.encode(), replace=True)
        click.echo(f"Wrote {output}")


@cli.command()
@click.option(
    "--folder",
    type=click.Path(path_type=Path, file_okay=False),
    default=Path("jndlab-demo"),
    show_default=True,
    help="Where everything is put.",
)
@click.option(
    "--port", type=click.IntRange(1, 65535), help="Port. [default: the first free from 8000]"
)
@click.option("--no-serve", is_flag=True, help="End after the report.")
def demo(folder: Path, port: int | None, no_serve: bool) -> None:
    """Show the whole way on a small study.

    Enhances synthetic speech with the bundled model, as it is and compressed, makes a study of
    it, lets simulated listeners take it, writes the report and goes on serving.
    """
    from jndlab.demo.run import run_demo

    run_demo(folder, port=port, keep_serving=not no_serve, echo=click.echo, bar=Bar)


cli.add_command(audit)
cli.add_command(backup)
cli.add_command(batch)
cli.add_command(compress)
cli.add_command(check)
cli.add_command(db)
cli.add_command(export)
cli.add_command(fit)
cli.add_command(import_)
cli.add_command(keep)
cli.add_command(new)
cli.add_command(person)
cli.add_command(plan)
cli.add_command(register)
cli.add_command(report)
cli.add_command(report_trials)
cli.add_command(restore)
cli.add_command(state)
cli.add_command(user)
cli.add_command(verify)


def all_commands(group: click.Group = cli, words: str = "") -> dict[str, click.Command]:
    """Every command by its words: "serve", "compress seofp". Groups come before what is in them."""
    found: dict[str, click.Command] = {}
    for name, command in sorted(group.commands.items()):
        found[words + name] = command
        if isinstance(command, click.Group):
            found |= all_commands(command, f"{words}{name} ")
    return found


def main() -> None:
    """Entry point: 0 done, 2 wrong input with message and remedy, 1 a failure of ours."""
    try:
        cli.main(prog_name="jndlab", standalone_mode=False)
    except click.ClickException as error:
        error.show()
        sys.exit(2)
    except (click.Abort, KeyboardInterrupt):
        click.echo("Stopped.", err=True)
        sys.exit(130)
    except JndlabError as error:
        _fail(error.message, error.remedy)
    except BrokenPipeError:
        sys.exit(1)
    except OSError as error:  # the last net: a path that is too long, a full standard output
        _fail(f"{error.strerror or error}: {error.filename or 'standard output'}", _OS_REMEDY)


_OS_REMEDY = "Check the path, its permissions, and the space on the disk."


def _fail(message: str, remedy: str) -> NoReturn:
    click.echo(f"{message}\n{remedy}".strip(), err=True)
    sys.exit(2)
