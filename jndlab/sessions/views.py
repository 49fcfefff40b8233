"""What goes out of a session: small frozen records, none of which holds the truth."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from jndlab.study.checks import CheckKind
from jndlab.study.questionnaire_answers import Problem

CheckOutcome = Literal["next", "passed", "again", "failed"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Position:
    """Where a session stands: what comes next, and how much of it is done."""

    step: str
    """check, questionnaire, trial, finished, screened-out or withdrawn."""
    link: str
    """Of its study: a page of another study must not go on with it."""
    version: int
    """Number of the study's version that it runs under, whatever others take by now."""
    participant: int
    n_answered: int
    n_trials: int
    completion_code: str | None
    """Given once every trial is answered and stored, or, another one, to who was screened out."""
    completion_url: str | None = None
    """Where to go with the code, for who came from a recruiter that takes people back."""
    slot: int | None = None
    """Place in the counterbalancing, told to simulated listeners only: they make their own plan."""
    gain_db: float | None = None
    """The volume that was chosen in the level check, for every sound from there on."""
    questionnaire: str | None = None
    """Name of the questionnaire that comes next, if one does."""
    block: int | None = None
    """The block that this questionnaire comes after; 0 before the first one."""
    seconds_per_trial: float | None = None
    """The participant's own pace, once there are answers enough."""


@dataclass(frozen=True, slots=True, kw_only=True)
class QuestionnaireReceipt:
    """What comes of the answers to a questionnaire: they are stored, or something is wrong."""

    stored: bool
    repeated: bool
    """True if the same answers were stored before."""
    problems: tuple[Problem, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class TrialView:
    """A trial as its participant may see it: no item, no condition, no level, no key."""

    session: str
    """Tells its session from others under the same token, and says nothing else."""
    number: int
    n_trials: int
    phase: str
    place: int
    """Position within its phase of its part, from 1."""
    n_in_phase: int
    at_most: bool
    """Whether the phase may end earlier, since levels follow from answers."""
    paradigm: str
    part: int
    """Part of the session, from 1."""
    starts_block: bool
    """Whether a break lies before it."""
    labels: tuple[str, ...]
    clips: tuple[str, ...]
    """Opaque clip names, in the order of the labels."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """What a participant learns about a stored answer."""

    number: int
    repeated: bool
    """True if the same answer was stored before."""
    correct: bool | None
    """Feedback, where the study gives it."""
    correct_response: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ReleasedClip:
    """Which stored clip to send, and the seed of the noise in its last bit."""

    clip: str
    noise_seed: int | None
    """None: the study sends clips as they are."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckView:
    """A trial of a check as its participant may see it: without the right answer."""

    kind: CheckKind
    name: str
    """Opaque name of its sound."""
    number: int
    """Within the attempt, from 1."""
    n_trials: int
    attempt: int
    answers: tuple[str, ...]
    """What can be answered; empty for a level."""
    intervals: tuple[tuple[float, float], ...]
    """Start and end in seconds of the parts of the sound, the same for every trial of a kind."""
    gain_range_db: tuple[float, float, float] | None
    """Lowest, highest and first value of the slider of a level check."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckReceipt:
    """What a participant learns about an answer to a check."""

    outcome: CheckOutcome
    """next: another trial of this check; again: failed, with another try; passed or failed."""
    gain_db: float | None
