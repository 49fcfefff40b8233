"""The section of the study file that says how many trials of which kind there are."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from jndlab.study.parts import PART_PATTERN
from jndlab.study.section import Section
from jndlab.study.trials import BASELINE, ProcedureName

Answer = Annotated[str, Field(min_length=1, max_length=40)]


class PracticeCriterion(Section):
    """When a practice has gone well enough to end before its last trial."""

    share: float = Field(gt=0.0, le=1.0)
    """Share of right answers among the newest trials that ends the practice."""
    last: int = Field(ge=1, le=50)
    """How many of the newest trials are looked at."""


class Gold(Section):
    """A catch trial whose answer is known to the experimenter."""

    item: str = Field(min_length=1)
    """The utterance, one of the study's items."""
    condition: str = Field(default=BASELINE, min_length=1)
    """The condition that is heard. Left out: the baseline, where that is rated by itself (acr)."""
    level: Annotated[float, Field(allow_inf_nan=False)] | None = None
    """Its level; left out for the baseline."""
    answers: tuple[Answer, ...] = Field(default=(), max_length=12)
    """The answers that are right. acr and dcr: responses such as "4" and "5"; ccr: ratings of the
    condition beside the baseline, such as "-2"; preference: "baseline" or "condition". Left out
    where the paradigm has a right answer of its own."""
    part: str | None = Field(default=None, pattern=PART_PATTERN)
    """Part that it is given in. Left out: every part with answer buttons that has the
    condition."""


class Trap(Section):
    """A catch trial that plays a sound which asks for an answer, whatever the question is."""

    sound: str = Field(min_length=1, pattern=r"^[^\x00]+$")
    """The sound file, WAV or FLAC, relative to the study file: a voice that says which answer to
    give."""
    answer: Answer
    """The answer that it asks for, as the data have it: "A", "1", "same"."""
    part: str | None = Field(default=None, pattern=PART_PATTERN)
    """Part that it is given in. Left out: every part that has this answer."""

    @property
    def name(self) -> str:
        """What stands for its item in the data: the file name less its ending."""
        return self.sound.replace("\\", "/").rsplit("/", 1)[-1].rpartition(".")[0]


class Design(Section):
    """How many trials of which kind a session has."""

    procedure: ProcedureName = "constant-stimuli"
    """How levels are chosen. constant-stimuli: every level equally often, in random order; the
    others follow the answers, as the section `adaptive` says."""
    trials_per_level: int = Field(default=8, ge=1, le=200)
    """Test trials per level and condition in each session, for constant stimuli. A multiple of the
    number of presentation orders (ABX 4, two-interval 2) balances them exactly within each session.
    MUSHRA, whose trials hold all levels: trials in each session."""
    practice_trials: int = Field(default=4, ge=0, le=50)
    """Trials at the two most compressed levels, before the test, with feedback unless `feedback`
    says never."""
    identical_trials: int = Field(default=4, ge=0, le=100)
    """Catch trials that play the baseline twice: answers must be at chance."""
    gross_trials: int = Field(default=4, ge=0, le=100)
    """Catch trials at the most compressed level: an attentive participant gets most right."""
    trials_per_block: int = Field(default=20, ge=1, le=500)
    """A break is offered after this many trials."""
    confidence_steps: int | None = Field(default=None, ge=2, le=7)
    """After each answer, ask how sure it was on so many steps. Left out: not asked."""
    resume_hours: float | None = Field(default=None, gt=0.0, le=8760.0)
    """How long after the last sign of life a session can be gone on with. Left out: as long as the
    study is open."""
    practice_criterion: PracticeCriterion | None = None
    """Practice ends as soon as this share of the newest answers is right; practice_trials is then
    the most that are given. Left out: all of them are."""
    feedback: Literal["practice", "always", "never"] = "practice"
    """When participants are told whether they were right. always: in the test, too, except after
    identical pairs, which have no right answer, and after gold and trap trials."""
    break_seconds: int = Field(default=0, ge=0, le=1800)
    """A break lasts at least so long. 0: it is over when the participant likes."""
    part_order: Literal["listed", "latin-square"] = "listed"
    """Order of the study's parts. latin-square: participants take the rows of a Latin square in
    turn that is balanced for what comes after what (Williams 1949)."""
    assignment: Literal["within-participants", "between-participants"] = "within-participants"
    """Whether every participant takes all parts of the study, or each of them one, in turn over
    the places of completed sessions."""
    participants: int | None = Field(default=None, ge=1, le=100_000)
    """How many participants are planned, a multiple of the groups or of the rows of the Latin
    square. When so many sessions are finished or going on, nobody else can begin. Left out: no
    number is fixed."""
    items_per_session: int | None = Field(default=None, ge=1, le=2000)
    """So many of the items are drawn at random for each participant: over whole rounds of
    participants every item is drawn equally often. Left out: every participant gets all items."""
    pairs: Literal["baseline", "every-pair"] = "baseline"
    """What is compared. baseline: each level with the baseline; every-pair: also all levels of all
    conditions with each other, in preference, ccr and same-different. trials_per_level then counts
    for each pair."""
    gold: tuple[Gold, ...] = Field(default=(), max_length=50)
    """Catch trials whose answers are known to you. Left out: none."""
    traps: tuple[Trap, ...] = Field(default=(), max_length=50)
    """Catch trials that play a sound of yours that asks for an answer. Left out: none."""
    repeated_trials: int = Field(default=0, ge=0, le=200)
    """So many test trials of the first half are given once more in the second half, with constant
    stimuli."""
    catch_placement: Literal["random", "spread"] = "random"
    """Where catch trials come. random: anywhere among the test trials; spread: one in each of as
    many equal stretches, and never first."""
