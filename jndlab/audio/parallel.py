"""The same work on many items in several processes, with the results in order.

Each process is a Python of its own that is sent one task after the other through a pipe, not one
of :mod:`multiprocessing`: those run the program of whoever imports jndlab once more, cannot be
started by a server's own processes, and wait for ever if their parent is killed. Here a pipe that
ends is the end of the process.
"""

from __future__ import annotations

import contextlib
import os
import pickle
import queue
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

Shared = TypeVar("Shared")
Task = TypeVar("Task")
Result = TypeVar("Result")

MAX_WORKERS = 8
"""More would wait for the disk, and hold that many items in memory."""
WORTH_SECONDS = 4.0
"""Of CPU time left. To start a process takes about one: NumPy, SciPy and the readers of sound."""
ENOUGH_SECONDS = 0.5
"""Of CPU time before it is decided whether processes are worth it."""
GRACE_SECONDS = 10.0
"""To finish the item at hand, so that no half-written file is left."""


def default_workers() -> int:
    """As many processes as this one may use processors, at most eight."""
    if hasattr(os, "sched_getaffinity"):  # what a container or a batch system leaves us
        return max(1, min(MAX_WORKERS, len(os.sched_getaffinity(0))))
    return max(1, min(MAX_WORKERS, os.cpu_count() or 1))


def map_in_order(
    function: Callable[[Shared, Task], Result],
    shared: Shared,
    tasks: Sequence[Task],
    *,
    workers: int | None = None,
) -> Iterator[Result]:
    """``function(shared, task)`` for each task, in their order.

    ``function`` stands at the top of a module; what goes in and comes out can be pickled.
    ``workers`` None: this process begins alone, and takes others to its side if much is left to
    do. An error is raised where it stands in the order, as if there were one process. A process
    that dies or cannot be started costs time only: this one does its part.
    """
    done = 0
    if workers is None:
        workers, spent = default_workers(), 0.0
        while done < len(tasks) and not _worth_it(spent, done, len(tasks), workers):
            start = time.thread_time()
            result = function(shared, tasks[done])
            spent, done = spent + time.thread_time() - start, done + 1
            yield result
    rest = tasks[done:]
    workers = min(workers, len(rest))
    if workers > 1:
        yield from _in_processes(function, shared, rest, workers)
    else:
        yield from (function(shared, task) for task in rest)


def _worth_it(spent: float, done: int, n_tasks: int, workers: int) -> bool:
    # CPU time: a machine that is busy with other things has no use for more processes.
    if workers < 2 or not done or spent < ENOUGH_SECONDS:
        return False
    return spent / done * (n_tasks - done) > WORTH_SECONDS


def _in_processes(
    function: Callable[[Shared, Task], Result], shared: Shared, tasks: Sequence[Task], workers: int
) -> Iterator[Result]:
    idle: queue.SimpleQueue[_Helper] = queue.SimpleQueue()
    helpers = [_Helper(function, shared) for _ in range(workers)]
    for helper in helpers:
        idle.put(helper)

    def run(task: Task) -> Result:
        helper = idle.get()
        try:
            result: Result = helper.run(task)
            return result
        finally:
            idle.put(helper)

    executor = ThreadPoolExecutor(workers)
    try:
        for future in [executor.submit(run, task) for task in tasks]:
            yield future.result()
    finally:  # at the end, after an error, after Ctrl+C
        executor.shutdown(wait=False, cancel_futures=True)
        for helper in helpers:
            helper.end()
        for helper in helpers:
            helper.wait()
        executor.shutdown()


class _Helper:
    """Another process, or this one in its place."""

    def __init__(self, function: Callable[[Any, Any], Any], shared: Any) -> None:
        self._function, self._shared = function, shared
        self._process: subprocess.Popen[bytes] | None = None
        with contextlib.suppress(OSError, TypeError, ValueError):
            self._process = _start()
            self._send((function, shared))

    def run(self, task: Any) -> Any:
        """What the function makes of the task. Raises what the function raises."""
        try:
            self._send(task)
            assert self._process is not None
            assert self._process.stdout is not None
            is_result, outcome = pickle.load(self._process.stdout)
        except (OSError, EOFError, ValueError, pickle.UnpicklingError):  # it is gone
            return self._function(self._shared, task)
        if is_result:
            return outcome
        raise outcome

    def end(self) -> None:
        """No more tasks: it ends after the one at hand."""
        if self._process is not None and self._process.stdin is not None:
            with contextlib.suppress(OSError):
                self._process.stdin.close()

    def wait(self) -> None:
        """Until it is gone, for good or ill."""
        if self._process is None:
            return
        try:
            self._process.wait(GRACE_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        if self._process.stdout is not None:
            with contextlib.suppress(OSError, ValueError):
                self._process.stdout.close()

    def _send(self, what: Any) -> None:
        if self._process is None or self._process.stdin is None:
            raise EOFError
        self._process.stdin.write(pickle.dumps(what))
        self._process.stdin.flush()


def _start() -> subprocess.Popen[bytes]:
    one_thread = dict.fromkeys(
        ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMEXPR_NUM_THREADS"), "1"
    )
    # A group of its own: Ctrl+C is for us, and the pipe tells it when to end. -P: the working
    # folder is a user's, and no place to import from.
    own_group: dict[str, Any] = {} if sys.platform == "win32" else {"process_group": 0}
    return subprocess.Popen(
        [sys.executable, "-P", "-m", "jndlab.audio.parallel_helper"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env=os.environ | one_thread,
        **own_group,
    )
