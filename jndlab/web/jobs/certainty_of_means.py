"""How certain a mean of ratings, or a share of preferences, will be: in closed form."""

from __future__ import annotations

from typing import Any

from jndlab.errors import JndlabError
from jndlab.study.definition import Condition, StudyDefinition


def numbers_around(n_listeners: int) -> list[int]:
    """Half as many, as many, and twice as many listeners."""
    return sorted({max(2, n_listeners // 2), max(2, n_listeners), 2 * n_listeners})


def means_of(study: StudyDefinition, condition: Condition, n_listeners: int) -> dict[str, Any]:
    """Half widths of the interval of a mean for some numbers of listeners, and what is assumed."""
    from jndlab.analysis.planning.means import plan_mean
    from jndlab.rating_planning import assumed_ratings, assumed_shares

    told: dict[str, Any] = {"condition": condition.name, "unit": ""}
    try:
        if study.paradigm == "preference":
            assumed, what = assumed_shares(0.6), "The share of preferences will be known to"
        else:
            assumed = assumed_ratings(study, 1.0)
            what = "A mean difference of ratings will be known to"
        made = plan_mean(
            difference=assumed.difference,
            between_sd=assumed.between_sd,
            within_sd=assumed.within_sd,
            listeners=numbers_around(n_listeners),
            trials=[study.design.trials_per_level],
        )
    except JndlabError as error:
        return told | {"problem": f"{error.message} {error.remedy}"}
    rows = [{"n_listeners": cell.n_listeners, "half_width": cell.half_width} for cell in made.cells]
    return told | {
        "rows": rows,
        "what": what,
        "assumed": f"{assumed.spreads[:1].upper()}{assumed.spreads[1:]}.",
    }
