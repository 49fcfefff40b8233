"""All threads of the server share one heap of the C library."""

from __future__ import annotations

import ctypes
import subprocess
import sys

import pytest

pytestmark = pytest.mark.skipif(
    not hasattr(ctypes.CDLL(None), "gnu_get_libc_version"), reason="not with glibc"
)

COUNT = """
import ctypes, sys, threading

if "shared" in sys.argv:
    from jndlab.web.heap import share_heap
    share_heap()

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


@pytest.mark.parametrize(("argument", "one"), [("shared", True), ("as it is", False)])
def test_threads_share_a_heap_once_it_is_asked_for(argument: str, one: bool) -> None:
    command = [sys.executable, "-c", COUNT, argument]
    told = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    assert (told.count("<heap nr=") == 1) is one
