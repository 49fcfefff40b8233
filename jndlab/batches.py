"""Work that is shared out among processes or the machines of a Dask cluster.

Each piece is a task that says everything it needs, and a function at the top of this module. What
comes out is the same wherever a piece is worked on, in the order of the tasks.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from jndlab.analysis.cluster import map_on_cluster
from jndlab.errors import JndlabError
from jndlab.listeners.memory import simulate_study
from jndlab.listeners.truth import Truth
from jndlab.study.definition import StudyDefinition
from jndlab.study.plan import count_trials
from jndlab.study.rows import Row
from jndlab.web.report_choice import ReportChoice

_LISTENERS = 10
"""Simulated at a time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SomeListeners:
    """Some of the simulated listeners of a study."""

    study: StudyDefinition
    truth: Truth
    seed: int
    first: int
    n: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PackageToReport:
    """A data package, and what of it is wanted in the report."""

    name: str
    """Of its file, without the ending."""
    content: bytes = field(repr=False)
    choice: ReportChoice


@dataclass(frozen=True, slots=True, kw_only=True)
class PackageReport:
    """A report, or why there is none."""

    name: str
    """Of the package."""
    page: str = field(default="", repr=False)
    """One self-contained HTML file; empty: there is none."""
    headlines: tuple[str, ...] = ()
    problem: str = ""
    remedy: str = ""


def simulate_on_cluster(
    study: StudyDefinition,
    *,
    truth: Truth,
    n_listeners: int,
    seed: int,
    scheduler: str,
    progress: Callable[[], None] = lambda: None,
    spared: Callable[[int], None] = lambda n_trials: None,
) -> Iterator[Row]:
    """The rows of :func:`jndlab.listeners.memory.simulate_study`, worked out by a Dask cluster.

    Raises MissingExtra, ServerError.
    """
    most = count_trials(study)
    tasks = [
        SomeListeners(
            study=study,
            truth=truth,
            seed=seed,
            first=first,
            n=min(_LISTENERS, n_listeners + 1 - first),
        )
        for first in range(1, n_listeners + 1, _LISTENERS)
    ]
    parts = map_on_cluster(simulate_some, tasks, scheduler=scheduler)
    for task, rows in zip(tasks, parts, strict=True):
        spared(most * task.n - len(rows))
        for row in rows:
            progress()
            yield row


def simulate_some(task: SomeListeners) -> list[Row]:
    """The rows of some listeners."""
    return list(
        simulate_study(
            task.study,
            truth=task.truth,
            n_listeners=task.n,
            seed=task.seed,
            first_participant=task.first,
        )
    )


def report_packages(
    packages: Sequence[Path], choice: ReportChoice, *, workers: int | None, scheduler: str
) -> Iterator[PackageReport]:
    """The report on each data package, in their order; one that cannot be read stops no other.

    By a Dask cluster, else in ``workers`` processes of this machine (None: as many as are worth
    it). Raises MissingExtra, ServerError, and OSError for a file that cannot be read.
    """
    from jndlab.audio.parallel import map_in_order

    if scheduler:
        tasks = [
            PackageToReport(name=path.stem, content=path.read_bytes(), choice=choice)
            for path in packages
        ]
        yield from map_on_cluster(report_sent, tasks, scheduler=scheduler)
    else:
        yield from map_in_order(report_file, choice, packages, workers=workers)


def report_sent(task: PackageToReport) -> PackageReport:
    """The report on a package that is not on this machine."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"{task.name}.zip"
        path.write_bytes(task.content)
        return report_file(task.choice, path)


def report_file(choice: ReportChoice, path: Path) -> PackageReport:
    """The report on a package of this machine."""
    from jndlab.web.packages import report_on_package

    try:
        _, made = report_on_package(path, choice)
    except JndlabError as error:
        return PackageReport(name=path.stem, problem=error.message, remedy=error.remedy)
    return PackageReport(name=path.stem, page=made.page, headlines=made.headlines)
