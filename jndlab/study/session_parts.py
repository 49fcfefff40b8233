"""Which parts the session of a place in the counterbalancing has, and in which order."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

from jndlab.study.definition import Condition, StudyDefinition
from jndlab.study.paradigms import PARADIGMS, Paradigm, Side
from jndlab.study.trials import ParadigmName, ProcedureName


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionPart:
    """One part of a session, with what it does not say filled in."""

    name: str
    """Empty where the session is all one."""
    paradigm: Paradigm
    own_paradigm: ParadigmName | None
    """As trials note it: None where it is the study's."""
    conditions: tuple[Condition, ...]
    procedure: ProcedureName
    every_pair: bool = False
    """Whether levels are also compared with each other, and not only with the baseline."""

    @property
    def adaptive(self) -> bool:
        """Whether levels follow from answers."""
        return self.procedure != "constant-stimuli"

    @property
    def cells(self) -> tuple[tuple[Side, Side], ...]:
        """What is tested, each beside what it is compared with, that first: every level of every
        condition, and the baseline where that is rated as well; one where a trial holds all of
        them."""
        if self.paradigm.several:
            return ((Side(), Side("", None)),)
        tested = [
            Side(condition.name, level)
            for condition in self.conditions
            for level in condition.levels
        ]
        if self.every_pair:
            return tuple(combinations([Side(), *tested], 2))
        if self.paradigm.rates_baseline:
            tested.append(Side())
        return tuple((Side(), side) for side in tested)


def all_parts(study: StudyDefinition) -> tuple[SessionPart, ...]:
    """Every part of a study, in the order of the file; one without a name where it has none."""
    everything = study.stimuli.conditions
    if not study.parts:
        return (
            SessionPart(
                name="",
                paradigm=PARADIGMS[study.paradigm],
                own_paradigm=None,
                conditions=everything,
                procedure=study.design.procedure,
                every_pair=_every_pair(study, PARADIGMS[study.paradigm]),
            ),
        )
    return tuple(
        SessionPart(
            name=part.name,
            paradigm=PARADIGMS[part.paradigm or study.paradigm],
            own_paradigm=None if part.paradigm in (None, study.paradigm) else part.paradigm,
            conditions=tuple(
                one for one in everything if part.conditions is None or one.name in part.conditions
            ),
            procedure=part.procedure or study.design.procedure,
            every_pair=_every_pair(study, PARADIGMS[part.paradigm or study.paradigm]),
        )
        for part in study.parts
    )


def _every_pair(study: StudyDefinition, paradigm: Paradigm) -> bool:
    return study.design.pairs == "every-pair" and paradigm.symmetric


def group_size(study: StudyDefinition) -> int:
    """After so many participants every group, or every row of the Latin square, has been taken
    equally often."""
    if study.design.assignment == "between-participants":
        return len(all_parts(study))
    if study.design.part_order == "listed":
        return 1
    return len(latin_square(len(all_parts(study))))


def parts_of(study: StudyDefinition, slot: int) -> tuple[SessionPart, ...]:
    """The parts of a session in that place (from 1), in their order.

    Between participants each place takes one part in turn; within participants the places take the
    rows of a balanced Latin square in turn, or all of them the order of the file.
    """
    parts = all_parts(study)
    if study.design.assignment == "between-participants":
        return (parts[(slot - 1) % len(parts)],)
    if study.design.part_order == "listed":
        return parts
    rows = latin_square(len(parts))
    return tuple(parts[index] for index in rows[(slot - 1) % len(rows)])


def place_in_part(study: StudyDefinition, slot: int) -> int:
    """The place in the counterbalancing of items and orders, among those who take the same part."""
    if study.design.assignment == "between-participants":
        return 1 + (slot - 1) // len(all_parts(study))
    return slot


def latin_square(n: int) -> Sequence[Sequence[int]]:
    """Rows of a Latin square balanced for what comes just before what (Williams 1949).

    Every row is an order of 0 to n - 1. Over all rows each comes equally often in each place, and
    each comes equally often right after each other one. n rows for even n, 2 n for odd n > 1.

    E. J. Williams (1949), *Aust. J. Sci. Res.* A 2, 149-168.

    >>> latin_square(4)
    [[0, 3, 1, 2], [1, 0, 2, 3], [2, 1, 3, 0], [3, 2, 0, 1]]
    """
    zigzag = [place // 2 if place % 2 == 0 else n - (place + 1) // 2 for place in range(n)]
    rows = [[(one + row) % n for one in zigzag] for row in range(n)]
    return rows if n % 2 == 0 or n == 1 else rows + [row[::-1] for row in rows]
