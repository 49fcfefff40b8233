"""The server's threads share one heap of the C library, and it goes back to the system."""

from __future__ import annotations

import ctypes
import os
import subprocess
import sys

import pytest

pytestmark = pytest.mark.skipif(
    not hasattr(ctypes.CDLL(None), "malloc_trim"), reason="the C library is not glibc"
)

KEEP_SMALL = """
import sys
from jndlab.web import heap
heap.GIVE_BACK_SECONDS = 0.05
if "small" in sys.argv:
    heap.keep_small()
"""
COUNT_HEAPS = """
import ctypes, threading

all_there = threading.Barrier(8)

def work():
    kept = [bytearray(10_000) for _ in range(100)]
    all_there.wait()

threads = [threading.Thread(target=work) for _ in range(8)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
libc = ctypes.CDLL(None)
libc.fdopen.restype = ctypes.c_void_p
output = ctypes.c_void_p(libc.fdopen(1, b"w"))
libc.malloc_info(0, output)
libc.fflush(output)
"""
FREE_BETWEEN = """
import time
from pathlib import Path

def own_memory():
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("RssAnon:"))

pieces = [b"%d" % number * 16_384 for number in range(1000)]
kept = pieces[::2]
before = own_memory()
del pieces
until = time.monotonic() + WAIT
while before - own_memory() < 8_000 and time.monotonic() < until:
    time.sleep(0.05)
print("given back" if before - own_memory() >= 8_000 else "kept")
"""


def run(code: str, argument: str) -> str:
    command = [sys.executable, "-c", KEEP_SMALL + code, argument]
    # Whatever this computer has set for its programs would change what "as it is" shows.
    variables = {name: one for name, one in os.environ.items() if "MALLOC" not in name}
    done = subprocess.run(command, env=variables, capture_output=True, text=True, check=True)
    return done.stdout


@pytest.mark.parametrize(("argument", "one"), [("small", True), ("as it is", False)])
def test_threads_share_a_heap(argument: str, one: bool) -> None:
    assert (run(COUNT_HEAPS, argument).count("<heap nr=") == 1) is one


@pytest.mark.parametrize(
    ("argument", "told", "seconds"), [("small", "given back", 60), ("as it is", "kept", 1)]
)
def test_what_is_free_between_pieces_in_use_goes_back(
    argument: str, told: str, seconds: int
) -> None:
    assert run(f"WAIT = {seconds}\n" + FREE_BETWEEN, argument).strip() == told
