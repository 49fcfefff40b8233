"""Which slot of the counterbalancing a session gets, and when it loses it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from jndlab.study.definition import Design
from jndlab.study.plan import SessionPlan, plan_session
from jndlab.study.slots import DEFAULT_HOURS, last_sign_of_life, next_slot, slot_fate
from jndlab.study.trials import Trial
from tests.builders import make_definition

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
DESIGN = make_definition().design
SHORT = Design.model_validate({**DESIGN.model_dump(), "resume_hours": 1.5})


@pytest.mark.parametrize(
    ("held", "slot"),
    [([], 1), ([1], 2), ([2], 1), ([1, 3], 2), ([3, 2, 1], 4), ([1, 1, 2], 3), ([5, 9], 1)],
)
def test_the_lowest_slot_that_nobody_holds_comes_next(held: list[int], slot: int) -> None:
    assert next_slot(held) == slot


def test_a_session_is_dead_once_it_was_unseen_for_longer_than_the_study_allows() -> None:
    edge = NOW - timedelta(hours=1.5)
    assert last_sign_of_life(SHORT, NOW) == edge
    assert slot_fate("open", edge, SHORT, NOW) == "living"
    assert slot_fate("open", edge - timedelta(milliseconds=1), SHORT, NOW) == "dead"


def test_without_a_limit_in_the_study_it_is_a_day() -> None:
    assert DESIGN.resume_hours is None
    assert last_sign_of_life(DESIGN, NOW) == NOW - timedelta(hours=DEFAULT_HOURS)


@pytest.mark.parametrize(
    ("state", "fate"), [("finished", "finished"), ("screened-out", "dead"), ("withdrawn", "dead")]
)
def test_what_has_ended_is_judged_by_how_it_ended(state: str, fate: str) -> None:
    assert slot_fate(state, NOW, DESIGN, NOW) == fate
    assert slot_fate(state, NOW - timedelta(days=400), DESIGN, NOW) == fate


def cells(trials: tuple[Trial, ...]) -> list[tuple[str, float, str, str, str]]:
    """Which item met which order where: what is counterbalanced, without the order of trials."""
    return sorted((t.condition, t.level, t.kind, t.item, t.order) for t in trials)


def test_the_slot_decides_the_balance_and_the_number_decides_the_order() -> None:
    study = make_definition()
    first, fifth, again = (
        plan_session(study, participant=participant, seed=7, slot=slot)
        for participant, slot in ((3, 3), (5, 5), (5, 3))
    )
    assert cells(again.trials) == cells(first.trials) != cells(fifth.trials)
    assert [t.item for t in again.trials] != [t.item for t in first.trials]


def test_a_plan_names_its_slot_only_where_it_is_not_the_number() -> None:
    study = make_definition()
    plain = plan_session(study, participant=4, seed=7)
    assert plain == plan_session(study, participant=4, seed=7, slot=4)
    assert plain.slot is None
    assert '"slot"' not in plain.to_json()
    moved = plan_session(study, participant=4, seed=7, slot=2)
    assert moved.slot == 2
    assert moved.digest() != plain.digest()
    assert SessionPlan.from_json(moved.to_json()) == moved
    assert SessionPlan.from_json(plain.to_json()) == plain


@pytest.mark.parametrize(("participant", "slot"), [(0, 1), (1, 0), (-1, None)])
def test_numbers_and_slots_count_from_one(participant: int, slot: int | None) -> None:
    with pytest.raises(ValueError, match="count from 1"):
        plan_session(make_definition(), participant=participant, seed=7, slot=slot)
