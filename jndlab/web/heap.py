"""The C library's memory: one heap for all threads, and what is free in it goes back to the system.

Python keeps nothing but bounded caches of a session that is over, and yet the server grew by some
20 MiB in a thousand (``benchmarks/soak.py``), all of it free pieces between what is in use. glibc
gives each thread a heap of its own, and each of them grows to the most that its thread has ever
needed; and a heap is only given back from its end. Threads seldom ask at the same moment, as Python
runs one of them at a time, so that one heap does.
"""

from __future__ import annotations

import ctypes
import threading
import time

M_ARENA_MAX = -8
"""Parameter of ``mallopt``: how many heaps there may be (glibc's ``malloc.h``)."""
GIVE_BACK_SECONDS = 30.0
"""Between two times that free memory is given back, which takes milliseconds."""


def keep_small() -> None:
    """Let threads to come share one heap, and what is free in it go back to the system.

    Does nothing where the C library is not glibc.
    """
    try:
        libc = ctypes.CDLL(None)
        mallopt, trim = libc.mallopt, libc.malloc_trim
    except (AttributeError, OSError, TypeError):
        return
    trim.argtypes = [ctypes.c_size_t]
    mallopt(M_ARENA_MAX, 1)

    def give_back() -> None:
        while True:
            time.sleep(GIVE_BACK_SECONDS)
            trim(0)

    threading.Thread(target=give_back, daemon=True, name="heap").start()
