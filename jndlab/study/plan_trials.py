"""The trials of one part of a session, in no order yet."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from string import ascii_uppercase

import numpy as np

from jndlab.study.definition import Condition, StudyDefinition
from jndlab.study.known_answers import gives_gold, gives_trap, right_response
from jndlab.study.paradigms import Order, Side
from jndlab.study.procedures.constant import Slot, cell_slots
from jndlab.study.session_parts import SessionPart
from jndlab.study.trials import ANCHOR, BASELINE, TRAP, Interval, Phase, Trial, TrialKind

DRAWN = "drawn"
"""The code of an order that the plan draws for each trial by itself."""
_BASELINE = Side()

_STRETCH = 12
"""Trials of a track, at least, over which items and orders are balanced."""


class TrialMaker:
    """Makes the trials of one part: number and block are still 0."""

    def __init__(
        self,
        study: StudyDefinition,
        part: SessionPart,
        place: int,
        rng: np.random.Generator,
        items: Sequence[str],
    ) -> None:
        self._study = study
        self._part = part
        self._paradigm = part.paradigm
        self._place = place
        self._rng = rng
        self._items = items
        self._conditions = part.conditions
        self._n_cells = len(part.cells)

    def test(self) -> list[Trial]:
        """Every cell equally often."""
        n_trials = self._study.design.trials_per_level
        return [
            self._trial(slot, side, phase="main", kind="test", compared=compared)
            for cell, (compared, side) in enumerate(self._part.cells)
            for slot in self._slots(n_trials, cell)
        ]

    def catch(self) -> list[Trial]:
        """All catch trials that are made beforehand."""
        return [*self._identical(), *self._gross(), *self._gold(), *self._traps()]

    def practice(self) -> list[Trial]:
        """Trials at the two most compressed levels."""
        n_trials = self._study.design.practice_trials
        trials = []
        for number, slot in enumerate(self._slots(n_trials, self._n_cells + 2)):
            condition = self._turn(number)
            easiest = condition.by_compression()[-2:][::-1]
            level = easiest[number // len(self._conditions) % len(easiest)]
            side = Side(condition.name, level)
            trials.append(self._trial(slot, side, phase="practice", kind="test"))
        return trials

    def uses(self, n_trials: int, track: int) -> list[tuple[str, str]]:
        """Item and order code of each trial of an adaptive track, first to last.

        Balanced in stretches of a dozen trials or a few more, so that they nearly are wherever the
        track stops; in random order within each stretch. In shorter ones, somebody who is told
        what was right could count out the next right answer.
        """
        slots = self._slots(n_trials, track)
        n_orders = len(self._paradigm.orders)
        stretch = n_orders * max(2, -(-_STRETCH // n_orders))
        mixed = [
            slots[start + int(index)]
            for start in range(0, n_trials, stretch)
            for index in self._rng.permutation(len(slots[start : start + stretch]))
        ]
        items, orders = self._items, self._paradigm.orders
        return [(items[slot.item], orders[slot.order].code) for slot in mixed]

    def _identical(self) -> list[Trial]:
        """Catch trials that play the baseline throughout."""
        if not self._paradigm.has_identical:
            return []
        return self._catch("identical", self._study.design.identical_trials, self._n_cells)

    def _gross(self) -> list[Trial]:
        """Catch trials at the most compressed level."""
        if not self._paradigm.has_gross:
            return []
        return self._catch("gross", self._study.design.gross_trials, self._n_cells + 1)

    def _gold(self) -> list[Trial]:
        """Catch trials whose answers are known; their orders turn with the place."""
        wanted = [one for one in self._study.design.gold if gives_gold(self._part, one)]
        orders = self._paradigm.orders
        trials = []
        for number, gold in enumerate(wanted):
            order = orders[(number + self._place - 1) % len(orders)]
            side = Side(gold.condition, gold.level)
            right = right_response(self._paradigm, order, gold)
            trials.append(self._made(gold.item, order, side, kind="gold", right=right))
        return trials

    def _traps(self) -> list[Trial]:
        """Catch trials that play a sound which asks for an answer, in every interval."""
        trials = []
        for trap in self._study.design.traps:
            if not gives_trap(self._part, trap):
                continue
            orders = self._paradigm.orders
            order = next((one for one in orders if one.correct_response == trap.answer), orders[0])
            intervals = tuple(
                Interval(label=label, condition=TRAP, level=None) for label in self._paradigm.labels
            )
            trial = self._made(trap.name, order, Side(TRAP), kind="trap", right=trap.answer)
            trials.append(replace(trial, intervals=intervals))
        return trials

    def _catch(self, kind: TrialKind, n_trials: int, cell: int) -> list[Trial]:
        trials = []
        for number, slot in enumerate(self._slots(n_trials, cell)):
            condition = self._turn(number)
            side = Side(condition.name, condition.by_compression()[-1])
            trials.append(self._trial(slot, side, phase="main", kind=kind))
        return trials

    def _turn(self, number: int) -> Condition:
        # Conditions turn at another pace than orders: else each would meet one order only.
        n_orders = max(1, len(self._paradigm.orders))
        turn = number + number // n_orders + (self._place - 1) // n_orders
        return self._conditions[turn % len(self._conditions)]

    def _slots(self, n_trials: int, cell: int) -> list[Slot]:
        slots = cell_slots(
            n_trials,
            n_orders=max(1, len(self._paradigm.orders)),
            n_items=len(self._items),
            cell=cell,
            place=self._place,
        )
        return list(slots)

    def _trial(
        self,
        slot: Slot,
        side: Side,
        *,
        phase: Phase,
        kind: TrialKind,
        compared: Side = _BASELINE,
    ) -> Trial:
        item = self._items[slot.item]
        if self._paradigm.several:
            return self._several(item, phase)
        order = self._paradigm.orders[slot.order]
        right = order.correct_response
        return self._made(item, order, side, phase=phase, kind=kind, right=right, compared=compared)

    def _made(
        self,
        item: str,
        order: Order,
        side: Side,
        *,
        phase: Phase = "main",
        kind: TrialKind,
        right: str,
        compared: Side = _BASELINE,
    ) -> Trial:
        return Trial(
            number=0,
            block=0,
            phase=phase,
            kind=kind,
            item=item,
            condition=side.condition,
            level=side.level,
            order=order.code,
            intervals=self._paradigm.intervals(
                order, kind=kind, condition=side.condition, level=side.level, compared=compared
            ),
            correct_response=right,
            paradigm=self._part.own_paradigm,
            part=self._part.name,
            compared_with=compared.condition,
            compared_level=compared.level,
        )

    def _several(self, item: str, phase: Phase) -> Trial:
        """Every level of every condition, the baseline and the anchors, in an order of its own."""
        sides = several_sides(self._study, self._conditions)
        mixed = [sides[int(index)] for index in self._rng.permutation(len(sides))]
        open_reference = [
            Interval(label=label, condition=BASELINE, level=None) for label in self._paradigm.labels
        ]
        rated = [
            Interval(label=label, condition=side.condition, level=side.level)
            for label, side in zip(ascii_uppercase, mixed, strict=False)
        ]
        return Trial(
            number=0,
            block=0,
            phase=phase,
            kind="test",
            item=item,
            condition="",
            level=None,
            order=DRAWN,
            intervals=(*open_reference, *rated),
            correct_response="",
            paradigm=self._part.own_paradigm,
            part=self._part.name,
        )


def several_sides(study: StudyDefinition, conditions: Sequence[Condition]) -> list[Side]:
    """What a trial that holds all conditions has to be rated: hidden reference, all levels, then
    the anchors."""
    tested = [Side(condition.name, level) for condition in conditions for level in condition.levels]
    return [Side(), *tested, *(Side(ANCHOR, cutoff) for cutoff in study.stimuli.anchors_hz)]
