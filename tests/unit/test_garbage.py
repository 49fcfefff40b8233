"""Searches for garbage leave out what lives, and find what they left out in the end."""

from __future__ import annotations

import gc
import weakref
from collections.abc import Iterator

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
