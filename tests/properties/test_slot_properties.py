"""Slots: whatever order people come, leave and finish in, completed sessions stay balanced."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from jndlab.study.slots import DEFAULT_HOURS, next_slot, slot_fate
from tests.builders import make_definition

DESIGN = make_definition().design
START = datetime(2026, 3, 2, tzinfo=UTC)
CHOICE = st.integers(0, 10**6)


class Person:
    """A session as far as slots go."""

    def __init__(self, slot: int, now: datetime) -> None:
        self.slot = slot
        self.state = "open"
        self.seen = now


class People(RuleBasedStateMachine):
    """A study to which people come, which they leave, and to which nobody returns too late."""

    def __init__(self) -> None:
        super().__init__()
        self.now = START
        self.people: list[Person] = []

    def fate(self, person: Person) -> str:
        return slot_fate(person.state, person.seen, DESIGN, self.now)

    def living(self) -> list[Person]:
        return [person for person in self.people if self.fate(person) == "living"]

    def held(self) -> list[int]:
        return [person.slot for person in self.people if self.fate(person) != "dead"]

    @rule()
    def somebody_comes(self) -> None:
        held = self.held()
        slot = next_slot(held)
        assert slot not in held
        assert set(range(1, slot)) <= set(held), "gaps are filled first"
        self.people.append(Person(slot, self.now))

    @rule(hours=st.floats(0.1, 2 * DEFAULT_HOURS))
    def time_passes(self, hours: float) -> None:
        self.now += timedelta(hours=hours)

    @precondition(lambda self: self.living())
    @rule(choice=CHOICE, state=st.sampled_from(["finished", "screened-out", "withdrawn", "open"]))
    def somebody_answers(self, choice: int, state: str) -> None:
        living = self.living()
        person = living[choice % len(living)]
        person.state, person.seen = state, self.now

    @precondition(lambda self: self.people)
    @rule(choice=CHOICE)
    def somebody_withdraws_later(self, choice: int) -> None:
        self.people[choice % len(self.people)].state = "withdrawn"

    @invariant()
    def every_slot_is_held_once_at_most(self) -> None:
        held = self.held()
        assert len(held) == len(set(held))

    def teardown(self) -> None:
        """Once all gaps are filled, completed sessions hold slots 1 to k, each once."""
        for person in self.living():
            person.state = "withdrawn"
        for _ in range(len(self.people)):
            if max(self.held(), default=0) == len(self.held()):
                break
            self.people.append(Person(next_slot(self.held()), self.now))
            self.people[-1].state = "finished"
        assert sorted(self.held()) == list(range(1, len(self.held()) + 1))


TestPeople = People.TestCase
TestPeople.settings = settings(max_examples=60, stateful_step_count=40, deadline=None)
