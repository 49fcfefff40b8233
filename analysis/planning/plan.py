"""How many listeners and trials a study takes: a grid of simulated studies.

For each number of listeners and of trials per level whole studies are simulated and analysed as
the real one will be; the power is the share of them that reach the goal. Where listeners are all
alike and one count is tested, :mod:`jndlab.analysis.planning.exact` does without simulation.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from jndlab import __version__
from jndlab.analysis.checks import generator_of, numbers, one_number
from jndlab.analysis.inference.equivalence import LARGEST_SPREAD
from jndlab.analysis.inference.equivalence_bounds import BoundOn
from jndlab.analysis.planning.cells import advice, make_cells, require_analysed, smallest_cells
from jndlab.analysis.planning.exact import check_share
from jndlab.analysis.planning.goals import GoalName, make_goal
from jndlab.analysis.planning.possible import require_possible
from jndlab.analysis.planning.results import PlanCell, StudyPlan
from jndlab.analysis.planning.runs import make_shards, run_cells
from jndlab.analysis.planning.simulation import Simulate, describe
from jndlab.errors import DataError
from jndlab.sigmoids import SigmoidName

_METHOD = {
    "threshold": "simulated studies; interval of the group threshold by bootstrap over listeners",
    "difference": "simulated studies; t test over listeners against chance, and exact test",
    "equivalence": "simulated studies; equivalence test over listeners",
}


def plan_study(
    simulate: Simulate,
    *,
    goal: GoalName,
    listeners: Sequence[int],
    trials: Sequence[int],
    seed: int | np.random.Generator,
    bound: float | None = None,
    bound_on: BoundOn = "proportion_correct",
    model: str | None = None,
    largest_spread: float = LARGEST_SPREAD,
    interval_width: float | None = None,
    target_probability: float | None = None,
    level: float | None = None,
    sigmoid: SigmoidName = "norm",
    alpha: float = 0.05,
    coverage: float = 0.95,
    power: float = 0.9,
    n_simulations: int = 200,
    n_resamples: int = 400,
    workers: int = 1,
    scheduler: str | None = None,
    progress: Callable[[int], None] | None = None,
) -> StudyPlan:
    """Power and interval width for every number of ``listeners`` × ``trials`` per level.

    ``simulate`` makes the counts of one study: :class:`CurveListeners` or
    :class:`ProportionListeners`, or any callable as :class:`Simulate` describes it. ``goal``:

    ``threshold``
        the ``coverage`` interval of the level at ``target_probability`` (None: halfway between
        chance and 1) is at most ``interval_width`` wide;
    ``difference``
        a one-sided t test over listeners at ``level`` rejects chance at ``alpha``, and so does the
        exact binomial test of all their trials;
    ``equivalence``
        the equivalence test over listeners at ``level`` shows that they are below ``bound``;
        ``bound_on``, ``model`` and ``largest_spread`` as in :func:`equivalence_test`.

    ``power`` is the share of studies that must reach it. Simulated studies depend on ``seed`` and
    their own cell only: results are equal for any number of ``workers`` (processes), and on a Dask
    cluster (``scheduler``, such as "tcp://127.0.0.1:8786"; extra ``dask``) of like machines.
    ``progress`` is called with the number of studies finished since its last call, and nothing is
    shown otherwise. The Monte-Carlo interval of each power is exact (Clopper & Pearson 1934).

    DataError: a goal that lacks a number, or that no study of these listeners can reach. FitError:
    no simulated study could be analysed. MissingExtra, ServerError: no Dask, no scheduler.

    >>> from jndlab.analysis.planning.listeners import ProportionListeners
    >>> people = ProportionListeners(paradigm="abx", proportion_correct=0.65, spread=0.05)
    >>> plan = plan_study(people, goal="difference", listeners=[4, 8, 12], trials=[20], seed=1)
    >>> [(cell.n_listeners, cell.power, cell.enough) for cell in plan.cells]
    [(4, 0.585, False), (8, 0.92, True), (12, 0.995, True)]
    """
    check_share("power", power)
    if not one_number(n_simulations, "n_simulations") >= 1 or n_simulations % 1:
        raise DataError(f"{n_simulations} simulations cannot be.", "Give 200 or more.")
    grid = [
        (n_listeners, n_trials)
        for n_trials in _axis("trials", trials, 1)
        for n_listeners in _axis("listeners", listeners, 2)
    ]
    made = make_goal(
        goal,
        bound=bound,
        bound_on=bound_on,
        model=model,
        largest_spread=largest_spread,
        interval_width=interval_width,
        target_probability=target_probability,
        level=level,
        sigmoid=sigmoid,
        alpha=alpha,
        coverage=coverage,
        n_resamples=n_resamples,
    )
    require_possible(made, simulate)
    entropy = _entropy(seed)
    outcomes = run_cells(
        make_shards(simulate, made, cells=grid, n_simulations=n_simulations, seed=entropy),
        workers=workers,
        scheduler=scheduler,
        progress=progress or (lambda _: None),
    )
    require_analysed(outcomes)
    cells = make_cells(grid, outcomes, power=power)
    smallest = smallest_cells(cells)
    answer = min(smallest, key=_cost, default=None)
    return StudyPlan(
        goal=goal,
        goal_options=describe(made),
        power=power,
        cells=cells,
        smallest=smallest,
        answer=answer,
        assumptions=describe(simulate),
        n_simulations=n_simulations,
        seed=entropy,
        method=_METHOD[goal],
        warnings=advice(cells, outcomes, answer, goal=goal, power=power),
        version=__version__,
    )


def _cost(cell: PlanCell) -> tuple[int, int]:
    return cell.n_listeners * cell.trials_per_level, cell.n_listeners


def _axis(name: str, values: Sequence[int], least: int) -> list[int]:
    """Whole numbers in ascending order, each once. DataError where there are none."""
    found = numbers(values, name)
    if (
        found.ndim != 1
        or found.size == 0
        or not all(np.isfinite(value) and value >= least and value % 1 == 0 for value in found)
    ):
        raise DataError(
            f"The {name} of a plan must be whole numbers from {least} on.",
            f"Give them in a list, such as {name}=[8, 16, 24].",
        )
    return sorted({int(value) for value in found})


def _entropy(seed: int | np.random.Generator) -> int:
    """The number that all simulations are seeded by, so that a plan can be made again."""
    if isinstance(seed, np.random.Generator):
        return int(seed.integers(2**63))
    generator_of(seed)  # which says what a seed can be
    return int(seed)
