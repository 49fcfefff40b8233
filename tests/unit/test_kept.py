"""What is kept in memory: bounded by weight, and by how long nobody asked for it."""

from __future__ import annotations

import pytest

from jndlab.store import kept
from jndlab.store.kept import IDLE_SECONDS, Kept


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    now = [1000.0]
    monkeypatch.setattr(kept.time, "monotonic", lambda: now[0])
    return now


def test_what_was_used_longest_ago_goes_first(clock: list[float]) -> None:
    values: Kept[str] = Kept(limit=3)
    for key in "abc":
        values.put(key, key, weight=1)
    assert values.get("a") == "a"
    values.put("d", "d", weight=1)
    assert [key for key in "abcd" if key in values] == ["a", "c", "d"]


def test_what_is_heavier_than_all_is_not_kept(clock: list[float]) -> None:
    values: Kept[str] = Kept(limit=3)
    values.put("a", "a", weight=4)
    assert len(values) == 0


def test_what_nobody_asks_for_goes_after_a_while(clock: list[float]) -> None:
    values: Kept[str] = Kept(limit=100)
    values.put("left", "left", weight=1)
    values.put("used", "used", weight=1)
    clock[0] += IDLE_SECONDS - 1
    assert values.get("used") == "used"
    clock[0] += 2
    values.put("new", "new", weight=1)
    assert "left" not in values
    assert values.get("used") == "used"
