"""What was answered in each part of a session: counts of responses, or ratings. No levels."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from jndlab.analysis.intervals import ConfidenceInterval, clopper_pearson
from jndlab.store.live_facts import AnswerFact
from jndlab.study.definition import StudyDefinition
from jndlab.study.session_parts import SessionPart, all_parts

BIAS_COVERAGE = 0.99
"""Of the interval of one session's preference: among forty sessions, 95 % would cry wolf twice."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PartAnswers:
    """The answers of one session to the test trials and catch trials of one part."""

    part: str
    """Empty where a session is all one."""
    measure: str
    responses: Mapping[str, int]
    """How often each possible response was given; empty where sounds are rated on sliders."""
    rating_sum: float = 0.0
    n_ratings: int = 0

    @property
    def n_answers(self) -> int:
        """Answers that are one of the responses."""
        return sum(self.responses.values())

    @property
    def chance(self) -> float | None:
        """Share of each response that a plan with balanced orders expects; None where what is heard
        decides it."""
        return 1 / len(self.responses) if self.measure == "correct" else None

    @property
    def first_response(self) -> str:
        """The response whose share is watched."""
        return next(iter(self.responses))

    @property
    def first_share(self) -> ConfidenceInterval | None:
        """Interval of the share of the first response; None where it says nothing."""
        if self.chance is None or not self.n_answers:
            return None
        n_first = self.responses[self.first_response]
        return clopper_pearson(n_first, self.n_answers, coverage=BIAS_COVERAGE)

    @property
    def preferred(self) -> str | None:
        """The response that is given more often than chance and the balanced order explain."""
        interval, chance = self.first_share, self.chance
        if interval is None or chance is None or chance in interval:
            return None
        others = [one for one in self.responses if one != self.first_response]
        high = interval.low > chance
        return self.first_response if high else max(others, key=self.responses.__getitem__)

    def __add__(self, other: PartAnswers) -> PartAnswers:
        return PartAnswers(
            part=self.part,
            measure=self.measure,
            responses={
                one: number + other.responses.get(one, 0) for one, number in self.responses.items()
            },
            rating_sum=self.rating_sum + other.rating_sum,
            n_ratings=self.n_ratings + other.n_ratings,
        )


def part_answers(study: StudyDefinition, answers: Sequence[AnswerFact]) -> tuple[PartAnswers, ...]:
    """What was answered in each part of the study, in the order of the file."""
    return tuple(
        _part(part, [one for one in answers if one.part == part.name]) for part in all_parts(study)
    )


def _part(part: SessionPart, answers: Sequence[AnswerFact]) -> PartAnswers:
    paradigm = part.paradigm
    given = Counter(answer.response for answer in answers)
    ratings = [
        rating
        for answer in answers
        if paradigm.measure == "rating"
        for rating in _numbers(answer.response)
    ]
    return PartAnswers(
        part=part.name,
        measure=paradigm.measure,
        responses={response: given[response] for response in paradigm.responses},
        rating_sum=sum(ratings),
        n_ratings=len(ratings),
    )


def _numbers(response: str) -> list[float]:
    return [float(one) for one in response.split(";")]
