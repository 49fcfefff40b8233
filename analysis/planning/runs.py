"""Running simulated studies: here, in several processes, or on a Dask cluster.

Simulation i of a cell draws from ``SeedSequence(seed, spawn_key=(listeners, trials, i))`` and from
nothing else. So a study does not depend on how the work was cut, on who did it, or on the other
cells of the grid, and more simulations only add to those there were.
"""

from __future__ import annotations

import pickle
from collections.abc import Callable, Sequence
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from jndlab.analysis.cluster import map_on_cluster
from jndlab.analysis.planning.goals import Goal
from jndlab.analysis.planning.simulation import Simulate
from jndlab.errors import DataError

Progress = Callable[[int], None]
_SHARD = 10
"""Studies that a process takes at a time."""


class StudyOutcome(NamedTuple):
    """What one simulated study came to."""

    reached: bool
    width: float
    n_analysed: int
    """Listeners left."""
    n_trials: int
    """Their trials at all levels together."""
    problem: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Shard:
    """Some simulations of one cell: everything that another process needs to know."""

    simulate: Simulate
    goal: Goal
    n_listeners: int
    trials_per_level: int
    seed: int
    first: int
    stop: int


def make_shards(
    simulate: Simulate,
    goal: Goal,
    *,
    cells: Sequence[tuple[int, int]],
    n_simulations: int,
    seed: int,
) -> list[Shard]:
    """The work of all cells, (listeners, trials per level) each, in order."""
    return [
        Shard(
            simulate=simulate,
            goal=goal,
            n_listeners=n_listeners,
            trials_per_level=trials,
            seed=seed,
            first=first,
            stop=min(first + _SHARD, n_simulations),
        )
        for n_listeners, trials in cells
        for first in range(0, n_simulations, _SHARD)
    ]


def run_shard(shard: Shard) -> list[StudyOutcome]:
    """Simulate and analyse the studies of one shard."""
    return [_run_study(shard, number) for number in range(shard.first, shard.stop)]


def _run_study(shard: Shard, number: int) -> StudyOutcome:
    key = (shard.n_listeners, shard.trials_per_level, number)
    rng = np.random.default_rng(np.random.SeedSequence(shard.seed, spawn_key=key))
    study = shard.simulate(
        rng, n_listeners=shard.n_listeners, trials_per_level=shard.trials_per_level
    )
    judgement = shard.goal.judge(study, rng)
    return StudyOutcome(
        reached=bool(judgement.reached),
        width=float(judgement.width),
        n_analysed=study.n_listeners,
        n_trials=int(study.n_trials.sum()),
        problem=judgement.problem,
    )


def run_cells(
    shards: Sequence[Shard], *, workers: int, scheduler: str | None, progress: Progress
) -> list[list[StudyOutcome]]:
    """The outcomes of each cell, cells and studies in order, whoever worked them out.

    DataError: impossible ``workers``, a simulation that cannot travel. MissingExtra, ServerError:
    no Dask here, or no scheduler with workers at that address.
    """
    if workers < 1:
        raise DataError(f"{workers} workers cannot be.", "Give 1 or more.")
    if scheduler is not None or workers > 1:
        # One study here first: a mistake shows at once, and as itself.
        _run_study(shards[0], shards[0].first)
    if scheduler is not None:
        parts = _run_on_cluster(shards, scheduler, progress)
    elif workers > 1:
        parts = _run_in_processes(shards, workers, progress)
    else:
        parts = _run_here(shards, progress)
    cells: dict[tuple[int, int], list[StudyOutcome]] = {}
    for shard, part in zip(shards, parts, strict=True):
        cells.setdefault((shard.n_listeners, shard.trials_per_level), []).extend(part)
    return list(cells.values())


def _run_here(shards: Sequence[Shard], progress: Progress) -> list[list[StudyOutcome]]:
    outcomes = []
    for shard in shards:
        outcomes.append(run_shard(shard))
        progress(shard.stop - shard.first)
    return outcomes


def _run_in_processes(
    shards: Sequence[Shard], workers: int, progress: Progress
) -> list[list[StudyOutcome]]:
    from concurrent.futures import ProcessPoolExecutor, as_completed
    from multiprocessing import get_context

    _require_picklable(shards[0])
    # Spawned, not forked: a fork of a process with threads (a notebook, BLAS) can hang.
    with ProcessPoolExecutor(max_workers=workers, mp_context=get_context("spawn")) as pool:
        futures = {pool.submit(run_shard, shard): shard for shard in shards}
        try:
            for future in as_completed(futures):
                future.result()
                progress(futures[future].stop - futures[future].first)
        except BrokenProcessPool as error:
            raise DataError(
                "The worker processes ended before their work was done.",
                'In a script, make the call under: if __name__ == "__main__". Or use workers=1.',
            ) from error
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            raise
        return [future.result() for future in futures]


def _require_picklable(shard: Shard) -> None:
    try:
        pickle.dumps(shard)
    except (pickle.PicklingError, AttributeError, TypeError) as error:
        raise DataError(
            "This simulation cannot be sent to another process.",
            "Use workers=1, or define it at the top level of a module that can be imported.",
        ) from error


def _run_on_cluster(
    shards: Sequence[Shard], scheduler: str, progress: Progress
) -> list[list[StudyOutcome]]:
    _require_picklable(shards[0])
    outcomes = []
    for shard, part in zip(
        shards, map_on_cluster(run_shard, shards, scheduler=scheduler), strict=True
    ):
        outcomes.append(part)
        progress(shard.stop - shard.first)
    return outcomes
