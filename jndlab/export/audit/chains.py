"""The chain of one session: followed link by link from the opening to its head."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from jndlab.export.audit.session_rows import StoredTrial

Broken = tuple[int | None, str]
"""Number of the trial, and what is wrong with it."""


def broken_links(start: str, head: str, trials: Sequence[StoredTrial]) -> Iterator[Broken]:
    """What is wrong with a chain; nothing: it is whole.

    Trials are handed out ahead of the answers before them, as many as the network made it. So what
    comes next is the next trial or the next answer, whichever fits. Behind a link that does not
    fit, its stored value is taken, so that one change is one finding.
    """
    chain = _Chain(trials, [one for one in trials if one.is_answered], head)
    at = _Place(start)
    while (here := chain.next_rows(at)) != (None, None):
        if (after := chain.fitting(at)) is not None:
            at = after
            continue
        presented, answered = here
        ways = [chain.past_answer(at, answered)] if answered else []
        ways += [chain.past_trial(at, presented)] if presented else []
        # Of the two rows that may be wrong it is the one behind which the chain goes on.
        right = next((way for way in ways if chain.goes_on(way)), ways[0])
        if answered is not None and right.n_answers > at.n_answers:
            yield answered.number, _what(answered.answered_link, "its answer")
        elif presented is not None:
            yield presented.number, _what(presented.presented_link, "it")
        at = right
    if at.link != head:
        yield None, "its chain ends before its head: the newest rows are missing or were replaced."


@dataclass(frozen=True, slots=True)
class _Place:
    """How far a chain is followed."""

    link: str
    n_trials: int = 0
    n_answers: int = 0


@dataclass(frozen=True, slots=True)
class _Chain:
    trials: Sequence[StoredTrial]
    answers: Sequence[StoredTrial]
    head: str

    def next_rows(self, at: _Place) -> tuple[StoredTrial | None, StoredTrial | None]:
        """The next trial and the next answer."""
        return (
            self.trials[at.n_trials] if at.n_trials < len(self.trials) else None,
            self.answers[at.n_answers] if at.n_answers < len(self.answers) else None,
        )

    def fitting(self, at: _Place) -> _Place | None:
        """Behind the row whose link fits here; None if there is none."""
        presented, answered = self.next_rows(at)
        if answered and answered.answered_link == answered.expected_answered_link(at.link):
            return self.past_answer(at, answered)
        if presented and presented.presented_link == presented.expected_presented_link(at.link):
            return self.past_trial(at, presented)
        return None

    def goes_on(self, at: _Place) -> bool:
        """Whether a row fits here, or the head where there is none."""
        if self.next_rows(at) == (None, None):
            return at.link == self.head
        return self.fitting(at) is not None

    def past_answer(self, at: _Place, answered: StoredTrial) -> _Place:
        """Behind an answer."""
        return _Place(answered.answered_link or at.link, at.n_trials, at.n_answers + 1)

    def past_trial(self, at: _Place, presented: StoredTrial) -> _Place:
        """Behind a trial."""
        return _Place(presented.presented_link or at.link, at.n_trials + 1, at.n_answers)


def _what(link: str | None, what: str) -> str:
    if link is None:
        return f"{what} has no link: it was added past the server."
    return f"{what} was changed after it was stored, or a row before it is missing."
