"""The C library's memory: one heap for all threads, so that it does not grow with their number.

glibc gives each thread a heap of its own, and each of them grows to the most that its thread has
ever needed at once, with free pieces between what is kept: 16 threads took some 20 MiB more until
1,500 sessions were over (``benchmarks/soak.py``). They seldom ask at the same moment, as Python
runs one of them at a time.
"""

from __future__ import annotations

import contextlib
import ctypes

M_ARENA_MAX = -8
"""Parameter of ``mallopt``: how many heaps there may be (glibc's ``malloc.h``)."""


def share_heap() -> None:
    """Let all threads to come use one heap; does nothing where the C library is not glibc."""
    with contextlib.suppress(AttributeError, OSError, TypeError):
        libc = ctypes.CDLL(None)
        if hasattr(libc, "gnu_get_libc_version"):
            libc.mallopt(M_ARENA_MAX, 1)
