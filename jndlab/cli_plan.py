"""`jndlab plan`: how many listeners and trials a study takes, by simulating it."""

from __future__ import annotations

import json
import textwrap
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from jndlab.arguments import data_option, definition_of_study
from jndlab.console import Bar
from jndlab.errors import DataError
from jndlab.settings import load_settings

if TYPE_CHECKING:
    from jndlab.analysis.planning.results import StudyPlan
    from jndlab.analysis.planning.simulation import Simulate
    from jndlab.study.definition import Condition, StudyDefinition
    from jndlab.study_planning import Assumptions

GOALS = ("threshold", "difference", "equivalence")
BOUNDS_ON = ("proportion_correct", "d_prime", "discriminators")


class Numbers(click.ParamType[tuple[int, ...]]):
    """Whole numbers with commas between them."""

    name = "N,N,..."

    def convert(self, value: Any, param: Any, ctx: Any) -> tuple[int, ...]:
        if isinstance(value, tuple):
            return value
        try:
            return tuple(int(part) for part in str(value).split(","))
        except ValueError:
            self.fail(f"{value!r} is not like 8,16,24.", param, ctx)


def listener_options(command: Any) -> Any:
    """What is assumed of the listeners, as options."""
    for option in reversed(_LISTENER_OPTIONS):
        command = option(command)
    return command


_LISTENER_OPTIONS = (
    click.option("--threshold", type=float, help="A level. [default: the middle of the levels]"),
    click.option(
        "--spread", type=float, help="SD of thresholds. [default: a quarter of the width]"
    ),
    click.option("--width", type=float, help="From 5 % to 95 %. [default: half the range]"),
    click.option(
        "--lapse-rate", type=float, default=0.02, show_default=True, help="Wrong at any level."
    ),
    click.option(
        "--proportion-correct",
        type=float,
        help="Of the average listener, instead of a level. [default for equivalence: chance]",
    ),
    click.option(
        "--proportion-spread",
        type=float,
        help="SD of proportions correct. [default: 0.05, at chance 0]",
    ),
    click.option(
        "--dropout", type=float, default=0.05, show_default=True, help="Share who do not finish."
    ),
    click.option(
        "--guessers", type=float, default=0.0, show_default=True, help="Share who always guess."
    ),
    click.option(
        "--min-gross-correct",
        type=float,
        help="Exclude listeners with fewer right of the gross catch trials. [default: nobody]",
    ),
)


@click.command()
@click.argument("study")
@data_option
@click.option(
    "--goal",
    type=click.Choice(GOALS),
    default="threshold",
    show_default=True,
    help="A JND that is precise, a difference that is found, or one that is ruled out.",
)
@click.option("--condition", help="Which one. [default: the only one]")
@click.option("--level", type=float, help="The level that a test is about.")
@click.option("--bound", type=float, help="Equivalence: the smallest effect that would matter.")
@click.option(
    "--bound-on",
    type=click.Choice(BOUNDS_ON),
    default="proportion_correct",
    show_default=True,
    help="What --bound is a value of.",
)
@click.option(
    "--interval-width",
    type=float,
    help="Threshold: the widest interval that would do. [default: two steps between levels]",
)
@click.option("--target", type=float, help="Proportion correct at the JND. [default: 0.75]")
@click.option(
    "--listeners",
    type=Numbers(),
    default="8,12,16,24,32",
    show_default=True,
    help="Numbers of listeners to try.",
)
@click.option(
    "--trials", type=Numbers(), help="Trials per level to try. [default: those of the study]"
)
@click.option("--power", type=float, default=0.9, show_default=True, help="Wanted.")
@click.option(
    "--simulations",
    type=click.IntRange(1, 100_000),
    default=200,
    show_default=True,
    help="Studies to simulate for each number of listeners and trials.",
)
@listener_options
@click.option("--seed", type=click.IntRange(0), default=1, show_default=True, help="Of all chance.")
@click.option(
    "--whole-sessions",
    is_flag=True,
    help="Answer the study's own sessions trial by trial. Slow; the same for constant stimuli.",
)
@click.option(
    "--workers", type=click.IntRange(1, 256), default=1, show_default=True, help="Processes."
)
@click.option("--scheduler", help="Dask cluster to work on, such as tcp://127.0.0.1:8786.")
@click.option(
    "--figure",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Write power against listeners to this SVG file.",
)
@click.option("--json", "as_json", is_flag=True, help="The plan as JSON.")
def plan(
    study: str,
    data: Path | None,
    goal: Any,
    condition: str | None,
    level: float | None,
    interval_width: float | None,
    listeners: tuple[int, ...],
    trials: tuple[int, ...] | None,
    simulations: int,
    whole_sessions: bool,
    figure: Path | None,
    as_json: bool,
    **options: Any,
) -> None:
    """Tell how many listeners STUDY takes.

    Simulates the study with many numbers of listeners and shows in how many of them the goal is
    reached. STUDY is a study folder or the slug of a launched study.
    """
    from jndlab.analysis.planning.plan import plan_study
    from jndlab.study.plan import count_trials
    from jndlab.study_planning import (
        Assumptions,
        planned_condition,
        usual_interval_width,
        with_trials,
    )

    _require_svg(figure)
    if goal == "equivalence" and options["bound"] is None:
        raise DataError(
            "An equivalence claim needs a bound.",
            "Give the smallest share of correct responses that would matter, such as --bound 0.6.",
        )
    if goal == "threshold" and level is not None:
        raise DataError("A threshold is about all levels.", "Leave --level out, or plan a test.")
    definition = definition_of_study(study, load_settings(data=data))
    chosen = planned_condition(definition, condition)
    assumed = Assumptions(**{name: options.pop(name) for name in Assumptions.__slots__})
    simulate = _simulation(
        definition, chosen, assumed, goal=goal, level=level, whole_sessions=whole_sessions
    )
    tried = trials or (definition.design.trials_per_level,)
    session_trials = {number: count_trials(with_trials(definition, number)) for number in tried}
    if goal == "threshold" and interval_width is None:
        interval_width = usual_interval_width(chosen)
    n_studies = len(set(listeners)) * len(set(tried)) * simulations
    with Bar("Simulating studies", n_studies, hidden=as_json) as step:

        def progress(n_finished: int) -> None:
            for _ in range(n_finished):
                step()

        made = plan_study(
            simulate,
            goal=goal,
            listeners=listeners,
            trials=tried,
            level=level,
            interval_width=interval_width,
            target_probability=options.pop("target"),
            n_simulations=simulations,
            progress=progress,
            **options,
        )
    if as_json:
        click.echo(json.dumps(made.to_dict(), indent=2))
    else:
        click.echo(_plan_text(made, chosen, session_trials))
    if figure is not None:
        _write_figure(made, figure)
        click.echo(f"Wrote {figure}", err=as_json)


def _simulation(
    definition: StudyDefinition,
    condition: Condition,
    assumed: Assumptions,
    *,
    goal: str,
    level: float | None,
    whole_sessions: bool,
) -> Simulate:
    """The listeners that the options describe: with a curve, or with a proportion correct."""
    from jndlab.analysis.paradigms import require_guess_rate
    from jndlab.study_planning import SessionListeners, curve_listeners, proportion_listeners

    by_curve = goal == "threshold" or level is not None
    if by_curve and assumed.proportion_correct is not None:
        raise DataError(
            "--proportion-correct is for a test without --level.",
            "Leave it out: at a level the listeners' curves decide (--threshold, --width).",
        )
    if by_curve:
        listeners = curve_listeners(definition, condition, assumed)
        if not whole_sessions:
            return listeners
        return SessionListeners(study=definition, condition=condition.name, listeners=listeners)
    if whole_sessions:
        raise DataError(
            "Whole sessions need listeners with a curve.", "Name the level tested with --level."
        )
    nobody_hears = require_guess_rate(definition.paradigm) if goal == "equivalence" else None
    return proportion_listeners(definition, assumed, default=nobody_hears)


def _plan_text(made: StudyPlan, condition: Condition, session_trials: dict[int, int]) -> str:
    """The plan for people: what was assumed, a small table, the answer, what to mind."""
    from jndlab.analysis.planning.wording import describe_assumptions, describe_plan, goal_clause

    lines = [
        f"{condition.name}: in how many studies {goal_clause(made, unit=condition.unit)}",
        textwrap.fill(
            f"Assumed: {describe_assumptions(made, unit=condition.unit)} The plan is as good as "
            f"this: see jndlab plan --help for how to change it.",
            96,
            subsequent_indent="  ",
            break_on_hyphens=False,
        ),
        "",
        "listeners  trials per level  trials a session  power (simulated)     "
        + ("upper limit" if made.goal == "equivalence" else "interval width"),
    ]
    for cell in made.cells:
        low, high = cell.power_interval.low, cell.power_interval.high
        power = f"{cell.power:6.1%} ({low:.0%} to {high:.0%})"
        width = f"{cell.width_50:.2g} ({cell.width_10:.2g} to {cell.width_90:.2g})"
        mark = "  <- the smallest that is enough" if cell == made.answer else ""
        lines.append(
            f"{cell.n_listeners:9d}  {cell.trials_per_level:16d}  "
            f"{session_trials[cell.trials_per_level]:16d}  {power:20s}  {width}{mark}".rstrip()
        )
    lines += ["", textwrap.fill(describe_plan(made, unit=condition.unit), 96)]
    return "\n".join([*lines, *(f"  note: {warning}" for warning in made.warnings)])


def _require_svg(figure: Path | None) -> None:
    if figure is not None and figure.suffix.lower() != ".svg":
        raise DataError(f"{figure} is no SVG file.", "Give a name that ends in .svg.")


def _write_figure(made: StudyPlan, figure: Path) -> None:
    from jndlab.analysis.planning.plots import plot_power
    from jndlab.analysis.report.plots import figure_to_svg
    from jndlab.files import write_atomically

    write_atomically(figure, figure_to_svg(plot_power(made)).encode(), replace=True)
