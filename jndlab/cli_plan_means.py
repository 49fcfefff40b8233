"""`jndlab plan` for preferences and ratings: how many listeners a mean difference takes."""

from __future__ import annotations

import json
import textwrap
from pathlib import Path
from typing import TYPE_CHECKING

import click

from jndlab.errors import DataError

if TYPE_CHECKING:
    from jndlab.analysis.planning.means import MeanPlan
    from jndlab.study.definition import StudyDefinition


def is_of_taste(definition: StudyDefinition) -> bool:
    """Whether nothing is right or wrong in the study."""
    from jndlab.study.trials import TASKS

    return TASKS[definition.paradigm].measure in ("preference", "rating")


def tell_plan_of_means(
    definition: StudyDefinition,
    *,
    goal: str,
    difference: float | None,
    share: float | None,
    rating_sd: float | None,
    difference_sd: float | None,
    share_spread: float | None,
    dropout: float,
    power: float,
    listeners: tuple[int, ...],
    trials: tuple[int, ...] | None,
    figure: Path | None,
    as_json: bool,
) -> None:
    """Print the plan. DataError: a goal or a figure that there is not here, or no difference."""
    from jndlab.analysis.planning.means import plan_mean
    from jndlab.rating_planning import assumed_ratings, assumed_shares

    _require_difference(definition, goal=goal, figure=figure)
    if definition.paradigm == "preference":
        assumed = assumed_shares(share, share_spread)
    else:
        assumed = assumed_ratings(
            definition, difference, rating_sd=rating_sd, difference_sd=difference_sd
        )
    made = plan_mean(
        difference=assumed.difference,
        between_sd=assumed.between_sd,
        within_sd=assumed.within_sd,
        listeners=listeners,
        trials=trials or (definition.design.trials_per_level,),
        alpha=definition.analysis.alpha if definition.analysis else 0.05,
        power=power,
        dropout=dropout,
    )
    click.echo(
        json.dumps(made.to_dict(), indent=2)
        if as_json
        else _text(made, f"{assumed.found}; {assumed.spreads}")
    )


def _require_difference(definition: StudyDefinition, *, goal: str, figure: Path | None) -> None:
    from jndlab.study.paradigms import PARADIGMS

    if goal != "difference":
        raise DataError(
            f"In {PARADIGMS[definition.paradigm].called} nothing is right or wrong, so that there "
            f"is no {goal} to plan for.",
            "Plan for a difference: --goal difference.",
        )
    if figure is not None:
        raise DataError(
            "A plan of means has no figure.", "Leave --figure out: the table has all of it."
        )


def _text(made: MeanPlan, words: str) -> str:
    lines = [
        textwrap.fill(
            f"In how many studies {words}; {made.dropout:.0%} drop out; two-sided t test over "
            f"listeners at alpha {made.alpha:g}. The plan is as good as these numbers.",
            96,
            subsequent_indent="  ",
        ),
        "",
        "listeners  trials of each  power   half width of the 95% interval",
    ]
    lines += [
        f"{cell.n_listeners:9d}  {cell.n_trials:14d}  {cell.power:5.1%}  {cell.half_width:.3g}"
        for cell in made.cells
    ]
    lines.append("")
    for answer in made.answers:
        trials = "trial" if answer.n_trials == 1 else "trials"
        lines.append(
            f"Recruit {answer.n_listeners} listeners with {answer.n_trials} {trials} at each "
            f"level: power {answer.power:.1%}."
        )
    lines.append(
        "  note: this is for one comparison; for the first of k by Holm's rule, plan with an alpha "
        "of 1/k of it"
    )
    return "\n".join([*lines, *(f"  note: {warning}" for warning in made.warnings)])
