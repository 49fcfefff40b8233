"""The checks before the first trial: what the study file says, and who has passed.

The rules are pure: from the checks of a study and the responses so far they say what comes
next. The sounds are made in :mod:`jndlab.audio.check_sounds`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import count
from typing import Literal

from pydantic import Field

from jndlab.study.section import Section

CheckKind = Literal[
    "sound",
    "left-right",
    "level",
    "headphones-antiphase",
    "headphones-huggins",
    "noise",
    "bandwidth",
]
OnFail = Literal["repeat", "flag", "retry", "screen-out"]
Outcome = Literal["open", "passed", "failed"]

MAX_CHECKS = 10
GAIN_RANGE_DB = (-40.0, 0.0)
"""What the volume slider of the page offers, relative to the files as they are."""
START_GAIN_DB = -15.0


class Check(Section):
    """One check before the first trial."""

    kind: CheckKind
    """What is checked. sound: beeps are counted; left-right: in which ear; level: a comfortable
    volume is chosen on the study's own speech and then fixed; headphones-antiphase and
    headphones-huggins: headphones or loudspeakers; noise: a soft tone; bandwidth: a tone of one
    frequency."""
    n_trials: int | None = Field(default=None, ge=1, le=30)
    """Sounds to answer. Left out: the number that the kind was published or designed with."""
    pass_at: int | None = Field(default=None, ge=1, le=30)
    """So many right answers pass. Left out: the published or designed number."""
    on_fail: OnFail | None = None
    """What follows a failed check. repeat: it is given again until it is passed; flag: the session
    goes on and its data are marked; retry: once more, then what after_retry says; screen-out: the
    session ends with a code of its own. Left out: repeat for sound, else flag."""
    after_retry: Literal["flag", "screen-out"] = "flag"
    """What follows when the second try fails as well."""
    frequency_hz: float | None = Field(default=None, ge=30.0, le=20000.0)
    """Of the tone, in a bandwidth check."""
    tone_db: float | None = Field(default=None, ge=-80.0, le=0.0)
    """Level of the tone against the study's speech, in a noise or bandwidth check."""

    def rule(self) -> CheckRule:
        """The check with every number filled in."""
        preset = PRESETS[self.kind]
        n_trials = self.n_trials or preset.n_trials
        return CheckRule(
            kind=self.kind,
            n_trials=n_trials,
            # A rule for fewer or more trials than published keeps the published share.
            pass_at=self.pass_at or -(-preset.pass_at * n_trials // preset.n_trials),
            on_fail=self.on_fail or preset.on_fail,
            after_retry=self.after_retry,
            frequency_hz=self.frequency_hz or preset.frequency_hz,
            tone_db=preset.tone_db if self.tone_db is None else self.tone_db,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckRule:
    """How a check runs and when it is passed."""

    kind: CheckKind
    n_trials: int
    pass_at: int
    on_fail: OnFail = "flag"
    after_retry: Literal["flag", "screen-out"] = "flag"
    frequency_hz: float = 1000.0
    tone_db: float = 0.0

    @property
    def seconds(self) -> float:
        """Rough time that one try takes, its instructions included."""
        return READING_SECONDS + self.n_trials * TRIAL_SECONDS[self.kind]

    def allows_another(self, attempt: int) -> bool:
        """Whether a failed ``attempt`` (from 1) may be followed by another."""
        return self.on_fail == "repeat" or (self.on_fail == "retry" and attempt == 1)

    @property
    def ends_session(self) -> bool:
        """Whether failing for good screens out."""
        return "screen-out" in (
            self.on_fail,
            self.after_retry if self.on_fail == "retry" else "",
        )


PRESETS: dict[CheckKind, CheckRule] = {
    "sound": CheckRule(kind="sound", n_trials=1, pass_at=1, on_fail="repeat"),
    "left-right": CheckRule(kind="left-right", n_trials=4, pass_at=4),
    "level": CheckRule(kind="level", n_trials=1, pass_at=1),
    # Woods et al. 2017: 6 trials, pass at 5.
    "headphones-antiphase": CheckRule(kind="headphones-antiphase", n_trials=6, pass_at=5),
    # Milne et al. 2020: 6 trials, pass at 6.
    "headphones-huggins": CheckRule(kind="headphones-huggins", n_trials=6, pass_at=6),
    "noise": CheckRule(kind="noise", n_trials=3, pass_at=3, tone_db=-40.0),
    "bandwidth": CheckRule(
        kind="bandwidth", n_trials=3, pass_at=3, tone_db=-10.0, frequency_hz=8000.0
    ),
}
"""The published rule of each kind, or ours where none is published (docs/how-to/checks.md)."""

KEYS_OF_KINDS: dict[str, tuple[CheckKind, ...]] = {
    "n_trials": tuple(kind for kind in PRESETS if kind not in ("sound", "level")),
    "pass_at": tuple(kind for kind in PRESETS if kind not in ("sound", "level")),
    "on_fail": tuple(kind for kind in PRESETS if kind != "level"),
    "after_retry": tuple(kind for kind in PRESETS if kind != "level"),
    "frequency_hz": ("bandwidth",),
    "tone_db": ("noise", "bandwidth"),
}
"""Keys that have a meaning for some kinds only. A count of beeps that is wrong once is wrong, and
a level that was chosen is right."""

READING_SECONDS = 10.0
TRIAL_SECONDS: dict[CheckKind, float] = {
    "sound": 6.0,
    "left-right": 4.0,
    "level": 20.0,
    "headphones-antiphase": 8.0,
    "headphones-huggins": 8.0,
    "noise": 8.0,
    "bandwidth": 8.0,
}
"""Rough time to hear a sound and to answer, for the estimate on the consent page."""

DEFAULT_RULES = (PRESETS["sound"],)

ANSWERS: dict[CheckKind, tuple[str, ...]] = {
    "sound": ("1", "2", "3", "4", "5", "6"),
    "left-right": ("left", "right"),
    "level": (),
    "headphones-antiphase": ("1", "2", "3"),
    "headphones-huggins": ("1", "2", "3"),
    "noise": ("1", "2", "3"),
    "bandwidth": ("1", "2", "3"),
}
"""What the page offers as answers; a level is a number instead."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckResponse:
    """One answered trial of a check."""

    place: int
    """Index of the check in the study's list."""
    attempt: int
    correct: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class NextCheckTrial:
    """The trial of a check that comes next."""

    place: int
    attempt: int
    number: int
    """Within the attempt, from 1."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ChecksState:
    """How far a session has come with its checks."""

    outcomes: tuple[Outcome, ...]
    """Of each check, in the study's order. A flagged one is failed."""
    next_trial: NextCheckTrial | None
    """None: the checks are over."""
    screened_out: bool


def attempt_outcome(
    rule: CheckRule, responses: Sequence[CheckResponse], place: int, attempt: int
) -> Outcome:
    """What one attempt at one check has come to."""
    given = [r.correct for r in responses if (r.place, r.attempt) == (place, attempt)]
    if len(given) < rule.n_trials:
        return "open"
    return "passed" if sum(given) >= rule.pass_at else "failed"


def checks_state(rules: Sequence[CheckRule], responses: Sequence[CheckResponse]) -> ChecksState:
    """Where a session stands that has given ``responses``, in the order of the checks."""
    outcomes: list[Outcome] = []
    for place, rule in enumerate(rules):
        for attempt in count(1):
            outcome = attempt_outcome(rule, responses, place, attempt)
            if outcome == "open":
                given = sum((r.place, r.attempt) == (place, attempt) for r in responses)
                trial = NextCheckTrial(place=place, attempt=attempt, number=given + 1)
                return _state(outcomes, rules, trial)
            if outcome == "passed" or not rule.allows_another(attempt):
                break
        outcomes.append(outcome)
        if outcome == "failed" and rule.ends_session:
            return _state(outcomes, rules, None, screened_out=True)
    return _state(outcomes, rules, None)


def _state(
    outcomes: Sequence[Outcome],
    rules: Sequence[CheckRule],
    trial: NextCheckTrial | None,
    *,
    screened_out: bool = False,
) -> ChecksState:
    still_open: list[Outcome] = ["open"] * (len(rules) - len(outcomes))
    return ChecksState(
        outcomes=(*outcomes, *still_open), next_trial=trial, screened_out=screened_out
    )
