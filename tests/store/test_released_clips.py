"""Looking up a released clip: the same work whatever is wrong, so that its time tells nothing."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from sqlalchemy import event

from jndlab.errors import SessionWithdrawn, TokenInvalid
from jndlab.sessions import find_clip, release_trial, withdraw
from tests.store.launching import Launched


@contextmanager
def statements(launched: Launched) -> Iterator[list[str]]:
    """What the database is asked meanwhile, but for the bounds of transactions."""
    asked: list[str] = []

    def note(*arguments: Any) -> None:
        if arguments[2].lstrip().upper().startswith(("SELECT", "INSERT", "UPDATE", "DELETE")):
            asked.append(arguments[2])

    event.listen(launched.store.engine, "before_cursor_execute", note)
    yield asked
    event.remove(launched.store.engine, "before_cursor_execute", note)


def test_one_statement_finds_a_clip_that_is_wrong_or_somebody_elses(launched: Launched) -> None:
    mine, other = launched.open(), launched.open()
    name = release_trial(launched.store, mine).clips[0]
    asked: list[list[str]] = []
    with statements(launched) as seen:
        assert len(find_clip(launched.store, mine, name).clip) == 64
        asked.append(seen.copy())
    told = set()
    for token, wrong in ((other, name), (mine, "x" * 24), (mine, ""), (mine, name.swapcase())):
        with statements(launched) as seen, pytest.raises(TokenInvalid) as caught:
            find_clip(launched.store, token, wrong)
        told.add(str(caught.value))
        asked.append(seen)
    assert len(told) == 1
    assert len(asked[0]) == 1
    assert asked == [asked[0]] * len(asked)


def test_a_token_that_is_unknown_or_of_nobody_any_more_is_told_whatever_the_name(
    launched: Launched,
) -> None:
    mine = launched.open()
    name = release_trial(launched.store, mine).clips[0]
    for wrong in (name, "x" * 24):
        with statements(launched) as seen, pytest.raises(TokenInvalid, match="session is not"):
            find_clip(launched.store, "x" * 43, wrong)
        assert len(seen) == 1
    withdraw(launched.store, mine)
    for wrong in (name, "x" * 24):
        with pytest.raises(SessionWithdrawn):
            find_clip(launched.store, mine, wrong)


def test_each_release_of_a_clip_has_noise_of_its_own(launched: Launched) -> None:
    mine = launched.open()
    names = release_trial(launched.store, mine).clips
    found = [find_clip(launched.store, mine, name) for name in names]
    assert len({one.noise_seed for one in found}) == len(names)
    assert find_clip(launched.store, mine, names[0]) == found[0]
