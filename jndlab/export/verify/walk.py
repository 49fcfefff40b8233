"""The presented trials of one session against its plan, one after the other."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

from jndlab.errors import DataError, RequestInvalid
from jndlab.export.verify.findings import Code
from jndlab.study.definition import StudyDefinition
from jndlab.study.progress import next_trial, score
from jndlab.study.rows import Cell, Row, SessionFacts, tidy_rows
from jndlab.study.session_plan import OpenTrial, SessionPlan
from jndlab.study.trials import Response, Trial, TrialRecord

ANSWER_COLUMNS = frozenset(
    {
        "response",
        "correct",
        "response_time_ms",
        "confidence",
        "plays",
        "n_loads",
        "context_rate_hz",
        "output_latency_ms",
        "presented_at",
        "answered_at",
    }
)
"""What the participant and the browser decide; all others follow from study and plan."""
_MOST_CELLS = 4
_NO_TIME = datetime(2000, 1, 1, tzinfo=UTC)
Said = tuple[Code, int | None, str]
"""Code, number of the trial, message."""


@dataclass(slots=True)
class Walk:
    """A way through the rows of one session. Findings are gathered; ``n_right`` counts the rows
    that are as planned."""

    study: StudyDefinition
    facts: SessionFacts
    plan: SessionPlan
    n_right: int = 0
    said: list[Said] = field(default_factory=list)
    _history: list[TrialRecord] = field(default_factory=list)
    _lost: set[str] = field(default_factory=set)
    """Adaptive parts whose levels can be followed no longer."""
    _wrong_before: dict[tuple[str, str], int] = field(default_factory=dict)
    """The last trial of each track, where it was not the planned one."""

    def check(self, rows: Sequence[Row]) -> None:
        """Check every row, in the order of the trials, and the end."""
        ordered = sorted(rows, key=lambda row: int(row["trial"] or 0))
        try:
            for place, row in enumerate(ordered):
                self._row(row, then=ordered[place + 1 :])
            if self.facts.state == "finished":
                self._end()
        except DataError as error:  # levels that no track of the plan offers
            self.said.append(("trial", None, f"{error.message} {error.remedy}"))
        self.said += _time_problems(ordered)

    def _row(self, row: Row, *, then: Sequence[Row]) -> None:
        number = int(row["trial"] or 0)
        if any(record.trial.number == number for record in self._history):
            self._say("trial", number, "it was presented twice.")
            return
        if not 1 <= number <= len(self.plan.trials):
            self._say("trial", number, "the plan has no trial of that number.")
            return
        self._pass_gap(number, [row, *then])
        planned = self.plan.trials[number - 1]
        if isinstance(planned, OpenTrial) and planned.part in self._lost:
            self._note(_place(planned), correct=False)
            return
        expected = next_trial(self.plan, self._history)
        if expected is None or expected.number != number:
            self._say("trial", number, self._why_not_due(number))
            return
        self._compare(row, expected)
        self._answer(row, expected, is_last=not then)

    def _pass_gap(self, number: int, rows: Sequence[Row]) -> None:
        """Name what should have come before, and assume answers that lead on."""
        while (due := next_trial(self.plan, self._history)) is not None and due.number < number:
            if due.part in self._lost and isinstance(self.plan.trials[due.number - 1], OpenTrial):
                self._note(replace(due, track=""), correct=False)
                continue
            self._say("trial", due.number, f"it is missing: trial {number} came after it.")
            self._assume(due, rows)

    def _assume(self, due: Trial, rows: Sequence[Row]) -> None:
        """Go on behind a trial whose answer is not known, as most of the rows after it did."""
        agreeing = []
        for correct in (True, False):
            self._note(due, correct=correct)
            agreeing.append(self._n_agreeing(rows))
            self._history.pop()
        if max(agreeing) > 0 or not due.track:
            self._note(due, correct=agreeing[0] >= agreeing[1])
            return
        self._note(replace(due, track=""), correct=False)
        self._lose(due)

    def _n_agreeing(self, rows: Sequence[Row]) -> int:
        """How many rows follow on the history as it is, up to the first that does not."""
        n_before = len(self._history)
        for row in rows:
            due = next_trial(self.plan, self._history)
            if due is None or row["response"] is None or any(self._differences(row, due)):
                break
            self._note(due, correct=bool(row["correct"]))
        n_agreeing = len(self._history) - n_before
        del self._history[n_before:]
        return n_agreeing

    def _compare(self, row: Row, expected: Trial) -> None:
        differences = list(self._differences(row, expected))
        if not differences:
            self.n_right += 1
            self._wrong_before.pop((expected.part, expected.track), None)
            return
        if expected.track and (expected.part, expected.track) in self._wrong_before:
            self._lose(expected)
            return
        if expected.track:
            self._wrong_before[expected.part, expected.track] = expected.number
        more = len(differences) - _MOST_CELLS
        shown = "; ".join(differences[:_MOST_CELLS]) + (f"; and {more} more" if more > 0 else "")
        self._say("trial", expected.number, f"{shown}.")

    def _differences(self, row: Row, expected: Trial) -> Iterator[str]:
        record = TrialRecord(trial=expected, presented_at=_NO_TIME)
        (planned,) = tidy_rows(self.study, self.facts, [record])
        for name, cell in planned.items():
            if name not in ANSWER_COLUMNS and row[name] != cell:
                yield f"{name} is {_word(row[name])}, and {_word(cell)} was planned"

    def _answer(self, row: Row, expected: Trial, *, is_last: bool) -> None:
        response = row["response"]
        if response is None:
            if not is_last or self.facts.state == "finished":
                what = "it has no answer, and the session went on."
                self._say("answer", expected.number, what)
            self._note(expected, correct=False, answered=not is_last)
            return
        self._note(expected, correct=bool(row["correct"]), response=str(response))
        try:
            scored = score(self.study.paradigm, expected, str(response))
        except RequestInvalid as error:
            self._say("answer", expected.number, error.message)
            return
        noted = None if row["correct"] is None else bool(row["correct"])
        if noted != scored:
            what = f"correct is {_word(row['correct'])}, and the answer {response!r} makes it "
            self._say("answer", expected.number, f"{what}{_word(scored)}.")
        n_plays = str(row["plays"] or "").count(";") + 1
        if n_plays != len(expected.intervals):
            what = f"plays has {n_plays} counts for {len(expected.intervals)} sounds."
            self._say("answer", expected.number, what)

    def _end(self) -> None:
        due = next_trial(self.plan, self._history)
        if due is not None and due.part not in self._lost:
            what = "it was not presented, and the session counts as finished."
            self._say("trial", due.number, what)

    def _lose(self, trial: Trial) -> None:
        self._lost.add(trial.part)
        first = self._wrong_before.get((trial.part, trial.track), trial.number)
        self._say(
            "trial",
            trial.number,
            "from here on the levels are not those that the answers before lead to: an answer "
            f"up to trial {first} was changed, or the stop rule or settings were others.",
        )

    def _why_not_due(self, number: int) -> str:
        planned = self.plan.trials[number - 1]
        if planned.phase == "practice":
            return "the practice was over by its criterion."
        if isinstance(planned, OpenTrial):
            return "every track of its part had stopped by its rule."
        return "its turn had not come."

    def _note(
        self, trial: Trial, *, correct: bool, response: str = "", answered: bool = True
    ) -> None:
        given = Response(value=response, response_time_ms=0.0, plays=()) if answered else None
        self._history.append(
            TrialRecord(trial=trial, presented_at=_NO_TIME, response=given, correct=correct)
        )

    def _say(self, code: Code, number: int, message: str) -> None:
        self.said.append((code, number, message))


def _place(planned: OpenTrial) -> Trial:
    """A trial of which only the place is known."""
    return Trial(
        number=planned.number,
        block=planned.block,
        phase=planned.phase,
        kind=planned.kind,
        item="",
        condition="",
        level=None,
        order="",
        intervals=(),
        correct_response="",
        part=planned.part,
    )


def _time_problems(rows: Sequence[Row]) -> Iterator[Said]:
    """Every trial comes after the answer to the one before, and its answer after it."""
    before: str | None = None
    for row in rows:
        number, presented, answered = (
            int(row["trial"] or 0),
            row["presented_at"],
            row["answered_at"],
        )
        if before is not None and _moment(presented) < _moment(before):
            yield "time", number, "it was presented before the trial before it was answered."
        if answered is not None and _moment(answered) < _moment(presented):
            yield "time", number, "it was answered before it was presented."
        if (answered is None) != (row["response"] is None):
            yield "time", number, "an answer without its time, or a time without an answer."
        before = str(answered or presented)


def _moment(cell: Cell) -> datetime:
    moment = datetime.fromisoformat(str(cell))
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)  # of a row that was edited


def _word(cell: object) -> str:
    if cell is None:
        return "empty"
    return f"{cell:g}" if isinstance(cell, int | float) else repr(cell)
