"""Where a session stands: a function of its plan and its history, and of nothing else.

No procedure keeps state, so a crash, a reload or a second server cannot lose one.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from jndlab.errors import RequestInvalid
from jndlab.study.paradigms import PARADIGMS, Paradigm, paradigm_of
from jndlab.study.procedures.track import Choice, Outcome
from jndlab.study.session_plan import OpenTrial, PlannedTrial, SessionPlan
from jndlab.study.trials import SEVERAL_ANSWERS, ParadigmName, Trial, TrialRecord

_EITHER = (True, False)


def next_trial(plan: SessionPlan, history: Sequence[TrialRecord]) -> Trial | None:
    """The trial to present now, or None when all are answered.

    DataError: the levels of the history are not those that its answers lead to.
    """
    return _next(plan, _Past.of(history))


def upcoming_trials(
    plan: SessionPlan, history: Sequence[TrialRecord], n_trials: int
) -> tuple[Trial, ...]:
    """The trials after the current one, at most ``n_trials``, whatever the answers will be.

    Nothing before, among or after trials whose levels follow from answers, catch trials included:
    which of them is known before its turn would tell catch trials from the others, and by a stop
    rule how the answers were.
    """
    past = _Past.of(history)
    current, pasts = _next(plan, past), [past]
    upcoming: list[Trial] = []
    while current is not None and len(upcoming) < n_trials and not _is_among_open(plan, current):
        pasts = [past.answered(current, correct=correct) for past in pasts for correct in _EITHER]
        possible = {_next(plan, past) for past in pasts}
        current = possible.pop() if len(possible) == 1 else None
        if current is None or _is_among_open(plan, current):
            break
        upcoming.append(current)
    return tuple(upcoming)


def _is_among_open(plan: SessionPlan, trial: Trial) -> bool:
    """Whether it stands where levels follow from answers, be it a catch trial."""
    return trial.phase == "main" and any(one.part == trial.part for one in plan.adaptive)


def trials_left(plan: SessionPlan, history: Sequence[TrialRecord]) -> tuple[PlannedTrial, ...]:
    """The places of the plan that are still to come, as far as it is known; the levels of some
    may be open."""
    return tuple(_left(plan, _Past.of(history)))


def trials_given(plan: SessionPlan, history: Sequence[TrialRecord]) -> tuple[PlannedTrial, ...]:
    """The trials of this session as far as it is known: less the practice that is not needed and
    the places that no track needs any more."""
    past = _Past.of(history)
    left = {trial.number for trial in _left(plan, past)}
    return tuple(
        trial for trial in plan.trials if trial.number in left or trial.number in past.answers
    )


def outcomes_of(history: Sequence[TrialRecord], part: str) -> tuple[Outcome, ...]:
    """The answered trials of the adaptive tracks of a part, in order."""
    return _Past.of(history).outcomes.get(part, ())


@dataclass(frozen=True, slots=True, kw_only=True)
class _Past:
    """What a session has behind it, as far as what comes next depends on it."""

    answers: Mapping[int, bool]
    """Whether each answer was right, by the number of its trial."""
    outcomes: Mapping[str, tuple[Outcome, ...]]
    """Of the adaptive tracks, by part."""
    choices: dict[str, Choice | None] = field(default_factory=dict)
    """What follows from them, by part, once it was asked for."""

    @classmethod
    def of(cls, history: Sequence[TrialRecord]) -> _Past:
        answers: dict[int, bool] = {}
        outcomes: dict[str, list[Outcome]] = {}
        for record in history:
            if record.response is None:
                continue
            trial, correct = record.trial, bool(record.correct)
            answers[trial.number] = correct
            if trial.track and trial.level is not None:
                outcome = Outcome(trial.level, correct, trial.track)
                outcomes.setdefault(trial.part, []).append(outcome)
        return cls(answers=answers, outcomes={part: tuple(own) for part, own in outcomes.items()})

    def answered(self, trial: Trial, *, correct: bool) -> _Past:
        """The same with one answer more."""
        outcomes = dict(self.outcomes)
        if trial.track and trial.level is not None:
            outcome = Outcome(trial.level, correct, trial.track)
            outcomes[trial.part] = (*outcomes.get(trial.part, ()), outcome)
        return _Past(answers={**self.answers, trial.number: correct}, outcomes=outcomes)


def _next(plan: SessionPlan, past: _Past) -> Trial | None:
    planned = next(_left(plan, past), None)
    return _fill(plan, planned, past) if isinstance(planned, OpenTrial) else planned


def _fill(plan: SessionPlan, planned: OpenTrial, past: _Past) -> Trial | None:
    """The trial in an open place; None when every track of its part has stopped."""
    adaptive = plan.adaptive_part(planned.part)
    outcomes = past.outcomes.get(planned.part, ())
    choice = _choice(plan, planned.part, past)
    if choice is None:
        return None
    track = next(one for one in adaptive.tracks if one.name == choice.track)
    n_before = sum(outcome.track == track.name for outcome in outcomes)
    item, code = track.uses[n_before % len(track.uses)]
    paradigm = PARADIGMS[adaptive.paradigm]
    order = paradigm.order(code)
    return Trial(
        number=planned.number,
        block=planned.block,
        phase="main",
        kind="test",
        item=item,
        condition=track.condition,
        level=choice.level,
        order=code,
        intervals=paradigm.intervals(
            order, kind="test", condition=track.condition, level=choice.level
        ),
        correct_response=order.correct_response,
        paradigm=adaptive.own_paradigm,
        part=planned.part,
        track=track.name,
    )


def _left(plan: SessionPlan, past: _Past) -> Iterator[PlannedTrial]:
    """The places to come, in order.

    A part is over once its tracks have stopped. Catch trials that were to come yet are not given:
    one after the other at its end, whoever sees them would know them for what they are.
    """
    over: dict[str, bool] = {}
    for planned in plan.trials:
        if planned.number in past.answers:
            continue
        if planned.phase == "practice":
            if not _practice_over(plan, past, planned.part):
                yield planned
            continue
        if planned.part not in over:
            over[planned.part] = _tracks_stopped(plan, planned.part, past)
        if not over[planned.part]:
            yield planned


def _tracks_stopped(plan: SessionPlan, part: str, past: _Past) -> bool:
    """Whether levels follow from answers in that part, and every track of it has stopped."""
    return part in {one.part for one in plan.adaptive} and _choice(plan, part, past) is None


def _choice(plan: SessionPlan, part: str, past: _Past) -> Choice | None:
    """Track and level of the next trial of an adaptive part, asked for once."""
    if part not in past.choices:
        tracks = plan.adaptive_part(part).make()
        past.choices[part] = tracks.next_choice(past.outcomes.get(part, ()))
    return past.choices[part]


def _practice_over(plan: SessionPlan, past: _Past, part: str) -> bool:
    """Whether the practice of a part has met its criterion, at any point so far: it never begins
    again."""
    end = plan.practice_end
    if end is None:
        return False
    right = [
        past.answers[trial.number]
        for trial in plan.trials
        if isinstance(trial, Trial)
        and (trial.phase, trial.part) == ("practice", part)
        and trial.number in past.answers
    ]
    return any(
        sum(right[stop - end.last : stop]) >= end.share * end.last - 1e-9
        for stop in range(end.last, len(right) + 1)
    )


def tells_correct(feedback: Literal["practice", "always", "never"], trial: Trial) -> bool:
    """Whether the participant is told how the answer was. An identical pair has no right one, nor
    has a question of taste; gold and trap trials are of no use to whoever knows of them."""
    hidden = ("identical", "gold", "trap")
    if trial.kind in hidden or feedback == "never" or not trial.correct_response:
        return False
    return feedback == "always" or trial.phase == "practice"


def score(paradigm: ParadigmName, trial: Trial, response: str) -> bool | None:
    """Whether ``response`` is right, of a gold trial one of those that are; None where nothing is
    right or wrong.

    ``paradigm`` is the study's, which a trial may have another one than. Raises RequestInvalid if
    it is no possible response.
    """
    own = paradigm_of(paradigm, trial)
    if not own.takes(response, trial.intervals):
        raise RequestInvalid(f"{response!r} is no possible response.", _possible(own, trial))
    if not trial.correct_response:
        return None
    return response in trial.correct_response.split(SEVERAL_ANSWERS)


def _possible(paradigm: Paradigm, trial: Trial) -> str:
    if paradigm.scale is None:
        return f"Send one of: {', '.join(paradigm.responses)}."
    scale = paradigm.scale
    n_rated = sum(interval.label not in paradigm.unrated for interval in trial.intervals)
    return (
        f"Send {n_rated} numbers from {scale.lowest:g} to {scale.highest:g} in steps of "
        f"{scale.step:g}, joined by ';'."
    )
