"""Runs: the same studies whoever simulates them, and clear words where nobody can."""

from __future__ import annotations

import socket
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import pytest

from jndlab.analysis.planning.cells import make_cells
from jndlab.analysis.planning.exact import power_binomial
from jndlab.analysis.planning.goals import DifferenceGoal, Judgement
from jndlab.analysis.planning.listeners import ProportionListeners
from jndlab.analysis.planning.regions import upper_tail
from jndlab.analysis.planning.runs import StudyOutcome, make_shards, run_cells
from jndlab.analysis.planning.simulation import SimulatedStudy
from jndlab.errors import DataError, MissingExtra, ServerError

PEOPLE = ProportionListeners(paradigm="abx", proportion_correct=0.62, spread=0.05)
CELLS = [(4, 8), (7, 8), (4, 12)]


def run(
    cells: Sequence[tuple[int, int]] = CELLS, *, n_simulations: int = 23, **options: Any
) -> list[list[StudyOutcome]]:
    shards = make_shards(
        options.pop("simulate", PEOPLE),
        options.pop("goal", DifferenceGoal()),
        cells=cells,
        n_simulations=n_simulations,
        seed=options.pop("seed", 5),
    )
    chosen = {"workers": 1, "scheduler": None, "progress": lambda _: None} | options
    return run_cells(shards, **chosen)


def test_every_cell_has_its_studies_in_order() -> None:
    outcomes = run()
    assert [len(cell) for cell in outcomes] == [23, 23, 23]
    assert [cell[0].n_trials for cell in outcomes] == [32, 56, 48]


def test_two_processes_simulate_the_same_studies() -> None:
    finished: list[int] = []
    assert run(workers=2, progress=finished.append) == run()
    assert sum(finished) == 69


def test_a_cluster_of_two_processes_simulates_the_same_studies() -> None:
    distributed = pytest.importorskip("distributed")
    finished: list[int] = []
    with distributed.LocalCluster(
        n_workers=2,
        threads_per_worker=1,
        processes=True,
        host="127.0.0.1",
        dashboard_address="127.0.0.1:0",
    ) as cluster:
        there = run(scheduler=cluster.scheduler_address, progress=finished.append)
    assert there == run()
    assert sum(finished) == 69


def test_a_study_depends_on_seed_and_cell_only() -> None:
    alone = run([(7, 8)])
    assert alone[0] == run()[1]
    assert run([(7, 8)], n_simulations=40)[0][:23] == alone[0]
    assert run([(7, 8)], seed=6)[0] != alone[0]


@dataclass(frozen=True, slots=True, kw_only=True)
class PooledGoal:
    """The exact binomial test of all trials: what power_binomial is the power of."""

    name: Literal["difference"] = "difference"

    def judge(self, study: SimulatedStudy, rng: np.random.Generator) -> Judgement:
        k, n = (counts.sum(dtype=np.int64)[None] for counts in (study.n_correct, study.n_trials))
        return Judgement(bool(upper_tail(k, n, 0.5)[0] <= 0.05), 1.0)


def test_simulated_power_agrees_with_the_exact_one_where_there_is_one() -> None:
    alike = ProportionListeners(paradigm="abx", proportion_correct=0.6)
    grid = [(5, 8), (5, 20), (10, 16)]
    cells = make_cells(
        grid, run(grid, simulate=alike, goal=PooledGoal(), n_simulations=2000), power=0.9
    )
    for cell in cells:
        n_trials = cell.n_listeners * cell.trials_per_level
        exact = power_binomial(n_trials, proportion_correct=0.6, chance=0.5).power
        error = np.sqrt(exact * (1 - exact) / 2000)
        assert cell.power == pytest.approx(exact, abs=3.5 * error)


def test_a_simulation_that_cannot_travel_says_so() -> None:
    def mine(
        rng: np.random.Generator, *, n_listeners: int, trials_per_level: int
    ) -> SimulatedStudy:
        return PEOPLE(rng, n_listeners=n_listeners, trials_per_level=trials_per_level)

    with pytest.raises(DataError, match="cannot be sent to another process") as caught:
        run(simulate=mine, workers=2)
    assert "workers=1" in caught.value.remedy
    assert run(simulate=mine) == run()


def test_a_mistake_shows_as_itself_before_processes_start() -> None:
    with pytest.raises(DataError, match="no level 3"):
        run(goal=DifferenceGoal(level=3.0), workers=2)


def test_no_workers_is_refused() -> None:
    with pytest.raises(DataError, match="0 workers"):
        run(workers=0)


def test_without_dask_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(MissingExtra) as caught:
        run(scheduler="tcp://127.0.0.1:8786")
    assert 'pip install "jndlab[dask]"' in caught.value.remedy


@pytest.mark.parametrize("address", ["tcp://127.0.0.1:{port}", "127.0.0.1", "tcp://:x"])
def test_a_scheduler_that_is_not_there(address: str) -> None:
    pytest.importorskip("distributed")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with pytest.raises(ServerError, match="No Dask scheduler answers") as caught:
        run(scheduler=address.format(port=port))
    assert "dask scheduler" in caught.value.remedy


class FakeClient:
    """Stands for a cluster whose workers are not as they should be."""

    def __init__(self, found: object) -> None:
        self.found = found

    def run(self, function: Any) -> Any:
        if isinstance(self.found, Exception):
            raise self.found
        return self.found


@pytest.mark.parametrize(
    ("found", "message"),
    [
        ({}, "has no workers"),
        ({"tcp://x": "0.0.1"}, "have jndlab 0.0.1"),
        (ModuleNotFoundError("jndlab"), "do not have jndlab"),
    ],
)
def test_workers_that_would_give_other_results(found: object, message: str) -> None:
    from jndlab.analysis.cluster import _require_workers

    with pytest.raises(ServerError, match=message):
        _require_workers(FakeClient(found), "tcp://127.0.0.1:8786")
