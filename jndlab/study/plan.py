"""Definition + participant number, slot and seed -> SessionPlan: order, balance, catch trials.

A plan is a pure function of its arguments: it can be made again years later and compared
with what was presented. Which items meet which orders comes from the slot
(:mod:`jndlab.study.slots`); in which order the trials come, from the participant number, so that
whoever abandons a session and begins another does not meet the same order twice.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np

from jndlab.study.definition import Condition, StudyDefinition
from jndlab.study.paradigms import PARADIGMS, Paradigm
from jndlab.study.procedures.constant import Slot, cell_slots
from jndlab.study.trials import Interval, Phase, Trial, TrialKind

MAX_RUN = 3
"""No more than this many equal correct responses in a row."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PracticeEnd:
    """When the practice is over before its last trial."""

    share: float
    """Share of right answers that ends it,"""
    last: int
    """among so many of the newest."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionPlan:
    """Every trial of one session, in order, truth included."""

    participant: int
    seed: int
    trials: tuple[Trial, ...]
    practice_end: PracticeEnd | None = None
    """None: every practice trial is given."""
    slot: int | None = None
    """Place in the counterbalancing, where it is another than the participant's number."""

    def to_json(self) -> str:
        """Canonical JSON, as the store keeps it."""
        content = asdict(self)
        if self.practice_end is None:  # plans from before there was one keep their digest
            del content["practice_end"]
        if self.slot is None:  # and so do those from before there were slots
            del content["slot"]
        return json.dumps(content, sort_keys=True, separators=(",", ":"))

    @classmethod
    def from_json(cls, text: str) -> SessionPlan:
        """The plan that :meth:`to_json` wrote."""
        content = json.loads(text)
        trials = tuple(trial_from_dict(entry) for entry in content["trials"])
        end = content.get("practice_end")
        return cls(
            participant=content["participant"],
            seed=content["seed"],
            trials=trials,
            practice_end=PracticeEnd(**end) if end else None,
            slot=content.get("slot"),
        )

    def digest(self) -> str:
        """SHA-256 (hex) of the plan."""
        return hashlib.sha256(self.to_json().encode()).hexdigest()


def count_trials(study: StudyDefinition) -> int:
    """Trials of one session at most, practice and catch trials included."""
    design = study.design
    n_cells = sum(len(condition.levels) for condition in study.stimuli.conditions)
    return (
        n_cells * design.trials_per_level
        + design.practice_trials
        + design.identical_trials
        + design.gross_trials
    )


def estimate_minutes(study: StudyDefinition, clip_seconds: float) -> int:
    """Rough length of a session, for a mean clip length; at least one minute."""
    each = PARADIGMS[study.paradigm].seconds_per_trial(
        clip_seconds, study.presentation.gap_ms / 1000
    )
    checks = sum(rule.seconds for rule in study.check_rules())
    return max(1, round((count_trials(study) * each + checks) / 60))


def plan_session(
    study: StudyDefinition, *, participant: int, seed: int, slot: int | None = None
) -> SessionPlan:
    """The plan of participant number ``participant`` (from 1) in counterbalancing place ``slot``.

    Without ``slot`` it is the participant's number, as it is while nobody drops out.
    """
    slot = participant if slot is None else slot
    if participant < 1 or slot < 1:
        raise ValueError(f"participants and slots count from 1, not {participant} and {slot}")
    rng = np.random.default_rng([seed, participant])
    paradigm = PARADIGMS[study.paradigm]
    maker = _TrialMaker(study, paradigm, slot)
    practice = _ordered(maker.practice(), rng)
    main = _ordered(maker.test() + maker.identical() + maker.gross(), rng, after=practice)
    trials = [*practice, *main]
    size = study.design.trials_per_block
    first_main_block = 2 if practice else 1
    criterion = study.design.practice_criterion
    return SessionPlan(
        practice_end=PracticeEnd(**criterion.model_dump()) if criterion else None,
        participant=participant,
        slot=None if slot == participant else slot,
        seed=seed,
        trials=tuple(
            replace(
                trial,
                number=number,
                block=1
                if number <= len(practice)
                else first_main_block + (number - len(practice) - 1) // size,
            )
            for number, trial in enumerate(trials, start=1)
        ),
    )


class _TrialMaker:
    """Makes the trials of one session, in no order yet: number and block are still 0."""

    def __init__(self, study: StudyDefinition, paradigm: Paradigm, slot: int) -> None:
        self._study = study
        self._paradigm = paradigm
        self._slot = slot
        self._conditions = study.stimuli.conditions
        self._n_cells = sum(len(condition.levels) for condition in self._conditions)

    def test(self) -> list[Trial]:
        cells = [(condition, level) for condition in self._conditions for level in condition.levels]
        return [
            self._trial(slot, condition, level, phase="main", kind="test")
            for cell, (condition, level) in enumerate(cells)
            for slot in self._slots(self._study.design.trials_per_level, cell)
        ]

    def identical(self) -> list[Trial]:
        return self._catch("identical", self._study.design.identical_trials, self._n_cells)

    def gross(self) -> list[Trial]:
        return self._catch("gross", self._study.design.gross_trials, self._n_cells + 1)

    def practice(self) -> list[Trial]:
        n_trials = self._study.design.practice_trials
        trials = []
        for number, slot in enumerate(self._slots(n_trials, self._n_cells + 2)):
            condition = self._turn(number)
            easiest = condition.by_compression()[-2:][::-1]
            level = easiest[number // len(self._conditions) % len(easiest)]
            trials.append(self._trial(slot, condition, level, phase="practice", kind="test"))
        return trials

    def _catch(self, kind: TrialKind, n_trials: int, cell: int) -> list[Trial]:
        trials = []
        for number, slot in enumerate(self._slots(n_trials, cell)):
            condition = self._turn(number)
            level = condition.by_compression()[-1]
            trials.append(self._trial(slot, condition, level, phase="main", kind=kind))
        return trials

    def _turn(self, number: int) -> Condition:
        # Conditions turn at another pace than orders: else each would meet one order only.
        n_orders = len(self._paradigm.orders)
        turn = number + number // n_orders + (self._slot - 1) // n_orders
        return self._conditions[turn % len(self._conditions)]

    def _slots(self, n_trials: int, cell: int) -> list[Slot]:
        slots = cell_slots(
            n_trials,
            n_orders=len(self._paradigm.orders),
            n_items=len(self._study.stimuli.items),
            cell=cell,
            place=self._slot,
        )
        return list(slots)

    def _trial(
        self, slot: Slot, condition: Condition, level: float, *, phase: Phase, kind: TrialKind
    ) -> Trial:
        order = self._paradigm.orders[slot.order]
        return Trial(
            number=0,
            block=0,
            phase=phase,
            kind=kind,
            item=self._study.stimuli.items[slot.item],
            condition=condition.name,
            level=level,
            order=order.code,
            intervals=self._paradigm.intervals(
                order, kind=kind, condition=condition.name, level=level
            ),
            correct_response=order.correct_response,
        )


def _ordered(
    trials: Sequence[Trial], rng: np.random.Generator, *, after: Sequence[Trial] = ()
) -> list[Trial]:
    """The trials in random order, with short runs of equal correct responses.

    ``after`` are the trials before them, which a run may begin in.
    """
    by_response: dict[str, list[Trial]] = defaultdict(list)
    for index in rng.permutation(len(trials)):
        by_response[trials[index].correct_response].append(trials[index])
    responses = draw_without_runs(
        [trial.correct_response for trial in trials],
        rng,
        after=[trial.correct_response for trial in after],
    )
    return [by_response[response].pop() for response in responses]


def draw_without_runs(
    labels: Sequence[str],
    rng: np.random.Generator,
    *,
    max_run: int = MAX_RUN,
    after: Sequence[str] = (),
) -> list[str]:
    """A random order of ``labels`` in which none stands more than ``max_run`` times in a row.

    ``after`` stands before them and counts for the first run. Labels are drawn one by one in
    proportion to what is left of them; a draw after which the rest could not be placed is
    not offered. Where the counts allow no such order at all (all labels equal, say), the
    shortest possible runs are allowed.
    """
    left = Counter(labels)
    last = after[-1] if after else ""
    run = next((n for n, label in enumerate(reversed(after)) if label != last), len(after))
    while not all(_placeable(left, label, run if label == last else 0, max_run) for label in left):
        max_run += 1
    drawn: list[str] = []
    for _ in labels:
        offered = [label for label in sorted(left) if _offered(left, label, last, run, max_run)]
        weights = np.array([left[label] for label in offered], dtype=float)
        label = offered[int(rng.choice(len(offered), p=weights / weights.sum()))]
        run = run + 1 if label == last else 1
        last = label
        drawn.append(label)
        left[label] -= 1
    return drawn


def _offered(left: Counter[str], label: str, last: str, run: int, max_run: int) -> bool:
    if left[label] == 0:
        return False
    run = run + 1 if label == last else 1
    if run > max_run:
        return False
    after = left.copy()
    after[label] -= 1
    return all(_placeable(after, other, run if other == label else 0, max_run) for other in after)


def _placeable(left: Counter[str], label: str, run: int, max_run: int) -> bool:
    """Whether the rest of ``label`` fits between the rest of the others, after ``run`` of it."""
    others = left.total() - left[label]
    return left[label] <= max_run * (others + 1) - run


def trial_from_dict(entry: dict[str, Any]) -> Trial:
    """The trial that ``dataclasses.asdict`` took apart."""
    intervals = tuple(Interval(**interval) for interval in entry["intervals"])
    return Trial(**{**entry, "intervals": intervals})
