"""Searches for garbage leave out what lives, and find what they left out in the end."""

from __future__ import annotations

import ctypes
import gc
import weakref
from collections.abc import Iterator
from pathlib import Path

import pytest

from jndlab.web import garbage
from jndlab.web.garbage import Searches


class Node:
    """Refers to itself, and so is freed by a search alone."""

    def __init__(self) -> None:
        self.me = self


@pytest.fixture
def searches() -> Iterator[Searches]:
    before, thresholds = list(gc.callbacks), gc.get_threshold()
    searches = Searches()
    searches.install()
    yield searches
    gc.callbacks[:] = before
    gc.set_threshold(*thresholds)
    gc.unfreeze()


@pytest.mark.parametrize("generation", [1, 2])
def test_what_survives_a_search_is_left_out_of_the_next(
    searches: Searches, generation: int
) -> None:
    kept = [Node() for _ in range(1000)]
    n_left_out = gc.get_freeze_count()
    gc.collect(generation)
    assert gc.get_freeze_count() >= n_left_out + len(kept)
    assert len(gc.get_objects(generation=2)) < len(kept)


def test_garbage_of_a_request_is_found_as_before(searches: Searches) -> None:
    seen = weakref.ref(Node())
    gc.collect()
    assert seen() is None


def test_what_became_garbage_after_it_was_left_out_is_found_by_a_thorough_search(
    searches: Searches, monkeypatch: pytest.MonkeyPatch
) -> None:
    node = Node()
    seen = weakref.ref(node)
    gc.collect()
    del node
    gc.collect()
    assert seen() is not None, "left out"
    monkeypatch.setattr(garbage, "THOROUGH_SECONDS", 0.0)
    gc.collect()
    assert seen() is None


def test_free_memory_is_given_back_now_and_then(
    searches: Searches, monkeypatch: pytest.MonkeyPatch
) -> None:
    given = list[None]()
    monkeypatch.setattr(searches, "_give_back", lambda: given.append(None))
    gc.collect()
    assert not given, "not after every search"
    monkeypatch.setattr(garbage, "GIVE_BACK_SECONDS", 0.0)
    gc.collect(0)
    assert not given, "not after the frequent ones"
    gc.collect()
    assert given == [None]


@pytest.mark.skipif(not hasattr(ctypes.CDLL(None), "malloc_trim"), reason="not with glibc")
def test_what_lies_between_pieces_in_use_goes_back_to_the_system(searches: Searches) -> None:
    pieces = [b"%d" % number * 16_384 for number in range(1000)]
    kept = pieces[::2]
    del pieces
    before = own_memory()
    searches._give_back()
    assert before - own_memory() > 0.5 * 16_384 * len(kept)


def own_memory() -> int:
    """Bytes of memory that this process has of its own."""
    lines = Path("/proc/self/status").read_text(encoding="utf-8").splitlines()
    return 1024 * next(int(line.split()[1]) for line in lines if line.startswith("RssAnon:"))
