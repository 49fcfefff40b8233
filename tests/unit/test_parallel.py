"""Work in several processes: the same results in the same order, whatever happens to a process."""

from __future__ import annotations

import operator
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from builders import make_definition, write_stimuli

from jndlab.audio import parallel
from jndlab.audio.checking import check_sounds
from jndlab.audio.parallel import default_workers, map_in_order
from jndlab.errors import AudioError

ITEMS = [f"item{number}" for number in range(6)]
STUDY = make_definition(items=ITEMS)


@pytest.mark.parametrize("workers", [None, 1, 3])
def test_results_come_in_the_order_of_the_tasks(workers: int | None) -> None:
    tasks = list(range(50))
    results = list(map_in_order(operator.sub, 100, tasks, workers=workers))
    assert results == [100 - task for task in tasks]


def test_no_task_is_no_work() -> None:
    assert list(map_in_order(operator.sub, 1, [], workers=4)) == []


def test_sounds_are_checked_alike_by_one_process_and_by_two(tmp_path: Path) -> None:
    write_stimuli(tmp_path, items=ITEMS)
    (tmp_path / "bits" / "2" / "item3.wav").write_bytes(
        (tmp_path / "bits" / "4" / "item3.wav").read_bytes()
    )
    steps: list[None] = []
    two = check_sounds(STUDY, tmp_path, workers=2, progress=lambda: steps.append(None))
    assert two == check_sounds(STUDY, tmp_path, workers=1)
    assert [finding.code for finding in two.findings] == ["same-sound"]
    assert len(steps) == 6


def test_an_error_comes_where_it_stands_in_the_order_with_its_remedy(tmp_path: Path) -> None:
    write_stimuli(tmp_path, items=ITEMS)
    for number in (4, 2):
        (tmp_path / "bits" / "2" / f"item{number}.wav").write_bytes(b"no sound")
    steps: list[None] = []
    with pytest.raises(AudioError, match=r"item2\.wav is no readable sound") as caught:
        check_sounds(STUDY, tmp_path, workers=2, progress=lambda: steps.append(None))
    assert "WAV or FLAC" in caught.value.remedy
    assert len(steps) == 2


def test_a_failure_of_ours_says_where_it_happened() -> None:
    with pytest.raises(TypeError) as caught:
        list(map_in_order(operator.sub, 1, [1, "x", 2], workers=2))
    assert "parallel_helper.py" in "".join(caught.value.__notes__)


def test_where_no_process_can_be_started_this_one_does_everything(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(sys, "executable", "/nowhere/python")
    assert list(map_in_order(operator.sub, 5, [1, 2, 3], workers=2)) == [4, 3, 2]


def test_a_process_that_dies_costs_no_result(monkeypatch: pytest.MonkeyPatch) -> None:
    started: list[subprocess.Popen[bytes]] = []
    start = parallel._start

    def remember() -> subprocess.Popen[bytes]:
        started.append(start())
        return started[-1]

    monkeypatch.setattr(parallel, "_start", remember)
    results = map_in_order(operator.sub, 1000, list(range(400)), workers=2)
    first = [next(results) for _ in range(5)]
    for process in started:
        process.kill()
    assert first + list(results) == [1000 - task for task in range(400)]
    assert all(process.returncode is not None for process in started)


def test_whoever_stops_early_leaves_no_process_behind(monkeypatch: pytest.MonkeyPatch) -> None:
    started: list[subprocess.Popen[bytes]] = []
    start = parallel._start

    def remember() -> subprocess.Popen[bytes]:
        started.append(start())
        return started[-1]

    monkeypatch.setattr(parallel, "_start", remember)
    results = map_in_order(operator.sub, 9, list(range(300)), workers=2)
    next(results)
    results.close()  # what Ctrl+C comes to
    assert len(started) == 2
    assert [process.returncode for process in started] == [0, 0]


PARENT = """
import operator, sys, time
from jndlab.audio import parallel
start = parallel._start
def told():
    process = start()
    print(process.pid, flush=True)
    return process
parallel._start = told
for _ in parallel.map_in_order(operator.sub, 1, list(range(10)), workers=2):
    print("ready", flush=True)
    time.sleep(60)
"""


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="processes cannot be seen here")
def test_processes_end_with_the_one_that_was_killed() -> None:
    with subprocess.Popen([sys.executable, "-c", PARENT], stdout=subprocess.PIPE, text=True) as one:
        assert one.stdout is not None
        helpers = [int(one.stdout.readline()) for _ in range(2)]
        assert one.stdout.readline() == "ready\n"
        one.send_signal(signal.SIGKILL)
        for _ in range(500):
            if not any(is_running(helper) for helper in helpers):
                return
            time.sleep(0.05)
    raise AssertionError("a process outlived the one that it worked for")


def is_running(process: int) -> bool:
    """Whether there is such a process that has not ended."""
    stat = Path(f"/proc/{process}/stat")
    try:
        return stat.read_text(encoding="utf-8").rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def test_the_number_of_processes_is_that_of_the_processors_we_may_use_at_most_eight(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert 1 <= default_workers() <= 8
    for processors, workers in ((1, 1), (3, 3), (64, 8)):
        monkeypatch.setattr(os, "sched_getaffinity", lambda _, n=processors: set(range(n)))
        assert default_workers() == workers
    monkeypatch.delattr(os, "sched_getaffinity")
    monkeypatch.setattr(os, "cpu_count", lambda: None)
    assert default_workers() == 1


def test_little_work_starts_no_process(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parallel, "_start", lambda: pytest.fail("a process was started"))
    monkeypatch.setattr(parallel, "default_workers", lambda: 8)
    assert len(list(map_in_order(operator.sub, 1, list(range(1000))))) == 1000


def test_much_work_takes_processes_to_its_side(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parallel, "default_workers", lambda: 2)
    monkeypatch.setattr(parallel, "ENOUGH_SECONDS", 0.0)
    monkeypatch.setattr(parallel, "WORTH_SECONDS", -1.0)
    started: list[int] = []
    start = parallel._start

    def remember() -> subprocess.Popen[bytes]:
        started.append(1)
        return start()

    monkeypatch.setattr(parallel, "_start", remember)
    assert list(map_in_order(operator.sub, 1, [1, 2, 3])) == [0, -1, -2]
    assert len(started) == 2
