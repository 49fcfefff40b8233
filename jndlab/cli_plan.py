"""`jndlab plan`: how many listeners and trials a study takes, by simulating it."""

from __future__ import annotations

import json
import textwrap
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from jndlab.arguments import data_option, definition_of_study, scheduler_option
from jndlab.cli_plan_means import is_of_taste, tell_plan_of_means
from jndlab.cli_plan_options import listener_options, rating_options
from jndlab.cli_plan_simulation import pooled, simulation
from jndlab.console import Bar
from jndlab.errors import DataError
from jndlab.settings import load_settings

if TYPE_CHECKING:
    from jndlab.analysis.planning.results import StudyPlan
    from jndlab.analysis.planning.simulation import Simulate
    from jndlab.study.definition import Condition

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
@click.option("--part", help="Part of the session. [default: the only one]")
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
@rating_options
@click.option("--seed", type=click.IntRange(0), default=1, show_default=True, help="Of all chance.")
@click.option(
    "--whole-sessions",
    is_flag=True,
    help="Answer the study's own sessions trial by trial. Slow; the same for constant stimuli.",
)
@click.option(
    "--workers", type=click.IntRange(1, 256), default=1, show_default=True, help="Processes."
)
@scheduler_option
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
    part: str | None,
    condition: str | None,
    level: float | None,
    interval_width: float | None,
    listeners: tuple[int, ...],
    trials: tuple[int, ...] | None,
    simulations: int,
    whole_sessions: bool,
    figure: Path | None,
    as_json: bool,
    difference: float | None,
    share: float | None,
    rating_sd: float | None,
    difference_sd: float | None,
    **options: Any,
) -> None:
    """Tell how many listeners STUDY takes.

    Simulates the study with many numbers of listeners and shows in how many of them the goal is
    reached; for preferences and ratings, works it out for a t test. STUDY is a study folder or the
    slug of a launched study.
    """
    from jndlab.analysis.planning.plan import plan_study
    from jndlab.study.plan import count_trials
    from jndlab.study_planning import (
        Assumptions,
        planned_condition,
        planned_part,
        require_chance,
        usual_interval_width,
        with_trials,
    )

    _require_svg(figure)
    settings = load_settings(data=data)
    options["scheduler"] = options["scheduler"] or settings.dask or None
    definition = planned_part(definition_of_study(study, settings), part)
    if is_of_taste(definition):
        tell_plan_of_means(
            definition,
            goal=goal if _was_told("goal") else "difference",
            difference=difference,
            share=share,
            rating_sd=rating_sd,
            difference_sd=difference_sd,
            share_spread=options["proportion_spread"],
            dropout=options["dropout"],
            power=options["power"],
            listeners=listeners,
            trials=trials,
            figure=figure,
            as_json=as_json,
        )
        return
    require_chance(definition)
    if goal == "equivalence" and options["bound"] is None:
        raise DataError(
            "An equivalence claim needs a bound.",
            "Give the smallest share of correct responses that would matter, such as --bound 0.6.",
        )
    if goal == "threshold" and level is not None:
        raise DataError("A threshold is about all levels.", "Leave --level out, or plan a test.")
    chosen = planned_condition(definition, condition)
    assumed = Assumptions(**{name: options.pop(name) for name in Assumptions.__slots__})
    adaptive = definition.design.procedure != "constant-stimuli"
    simulate: Simulate
    if adaptive:
        simulate = pooled(
            definition,
            chosen,
            assumed,
            goal=goal,
            trials=trials,
            seed=options["seed"],
            hidden=as_json,
        )
        tried: tuple[int, ...] = (simulate.trials_per_level,)
        session_trials = {tried[0]: count_trials(definition)}
    else:
        simulate = simulation(
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


def _was_told(option: str) -> bool:
    """Whether the command line says the option."""
    source = click.get_current_context().get_parameter_source(option)
    return source is not click.core.ParameterSource.DEFAULT


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
