"""Rules of exclusion, stated before there are data: one frozen record with its own words."""

from __future__ import annotations

import dataclasses
import hashlib
import json
import math
from collections.abc import Mapping
from dataclasses import dataclass

from jndlab.analysis.records import Option, option_text, to_dict
from jndlab.analysis.study.options import AnalysisOptions
from jndlab.errors import DataError
from jndlab.study.trials import SessionKind


@dataclass(frozen=True, slots=True, kw_only=True)
class ExclusionRules:
    """Which sessions and trials are left out. Fix it before you see the data.

    Sessions are judged in the order of the fields and counted at the first rule that hits. None
    means that there is no such rule. DataError: a limit that cannot be.

    >>> rules = ExclusionRules(min_gross_correct=0.75)
    >>> rules.describe()[-1]
    'Sessions with less than 75% right answers to gross catch trials are left out.'
    """

    session_kind: SessionKind = "participant"
    include_unfinished: bool = True
    """Sessions that were not finished are analysed too."""
    min_practice_correct: float | None = None
    """Screening: least share of right answers to practice trials."""
    min_gross_correct: float | None = None
    """Least share of right answers to gross catch trials; without any a session stays."""
    max_same_response: float | None = None
    """Straight-lining: largest share of one response among the answers to the main trials."""
    max_same_response_run: int | None = None
    """Straight-lining: longest run of one response."""
    max_reloaded_trials: int | None = None
    """Most main trials of a session that were handed out more than once."""
    max_gap_minutes: float | None = None
    """Longest time between an answer and the next trial, and between a trial and its answer."""
    max_median_response_time_ms: float | None = None
    """Largest median of the response times to the main trials."""
    max_failed_checks: int | None = None
    """Most checks before the trials that a session failed for good and went on."""
    max_resumes: int | None = None
    """Most times that a session was gone on with after its page was closed or loaded anew."""
    max_hidden: int | None = None
    """Most times that the page was hidden while a sound played."""
    min_trials: int = 1
    """Fewest usable test trials: answered, and kept by the rules for trials below."""
    min_response_time_ms: float | None = None
    """Trials answered faster are left out."""
    max_response_time_ms: float | None = None
    """Trials answered slower are left out."""
    max_loads: int | None = None
    """Trials that were handed out more often are left out."""

    def __post_init__(self) -> None:
        if self.session_kind not in _WHOSE:
            raise DataError(
                f"There is no session kind {self.session_kind!r}.",
                f"Use one of: {', '.join(_WHOSE)}.",
            )
        for name in ("min_practice_correct", "min_gross_correct", "max_same_response"):
            _require(name, getattr(self, name), 0.0, 1.0, "a share between 0 and 1, such as 0.8")
        for name in ("max_gap_minutes", *_TIMES):
            _require(name, getattr(self, name), 0.0, math.inf, "a number of 0 or more")
        for name in ("max_same_response_run", "min_trials", "max_loads"):
            _require(name, getattr(self, name), 1, math.inf, "a whole number from 1", whole=True)
        for name in ("max_reloaded_trials", *CONDUCT_RULES):
            _require(name, getattr(self, name), 0, math.inf, "0 or more", True)
        fast, slow = self.min_response_time_ms, self.max_response_time_ms
        if fast is not None and slow is not None and fast >= slow:
            raise DataError(
                f"No answer takes at least {fast:g} and at most {slow:g} ms.",
                "Give a max_response_time_ms above min_response_time_ms.",
            )

    @classmethod
    def from_options(cls, options: AnalysisOptions) -> ExclusionRules:
        """The rules that the options of an analysis have."""
        return cls(**{one.name: getattr(options, one.name) for one in dataclasses.fields(cls)})

    @property
    def digest(self) -> str:
        """SHA-256 of the rules: equal rules, equal digest. For a preregistration."""
        canonical = json.dumps(self.to_dict(), sort_keys=True, separators=(",", ":"))
        return hashlib.sha256(canonical.encode()).hexdigest()

    def describe(self) -> tuple[str, ...]:
        """One sentence per rule, in the order in which they are applied."""
        whose = _WHOSE[self.session_kind]
        unfinished = "analysed too" if self.include_unfinished else "left out"
        return (
            f"Sessions of {whose} are analysed.",
            "Sessions without an answer to a test trial are left out.",
            f"Sessions that were not finished are {unfinished}.",
            *(
                f"{'Trials' if name in TRIAL_RULES else 'Sessions'} {self.reason(name)} are "
                "left out."
                for name in (*SESSION_RULES, *TRIAL_RULES)
                if name != "include_unfinished" and self.states(name)
            ),
        )

    def states(self, name: str) -> bool:
        """Whether rule ``name`` can leave anything out."""
        if name == "include_unfinished":
            return not self.include_unfinished
        if name == "min_trials":  # rules for trials can take the last one of a session
            return self.min_trials > 1 or any(self.states(other) for other in TRIAL_RULES)
        return getattr(self, name) is not None

    def reason(self, name: str) -> str:
        """What a session or trial that breaks rule ``name`` is like: 'with less than …'."""
        limit = getattr(self, name)
        share = f"{100 * limit:.4g}%" if isinstance(limit, int | float) else "none"
        return {
            "include_unfinished": "not finished",
            "min_practice_correct": f"with less than {share} right answers in practice",
            "min_gross_correct": f"with less than {share} right answers to gross catch trials",
            "max_same_response": f"with one response in more than {share} of the answers",
            "max_same_response_run": f"with more than {limit} equal responses in a row",
            "max_reloaded_trials": f"with more than {limit} reloaded trials",
            "max_gap_minutes": f"interrupted for more than {_number(limit)} min",
            "max_median_response_time_ms": f"with a median response time above {_number(limit)} ms",
            "max_failed_checks": f"with more than {limit} failed checks",
            "max_resumes": f"resumed more than {_times(limit)}",
            "max_hidden": f"with the page hidden more than {_times(limit)} during a sound",
            "min_trials": f"with fewer than {limit} usable test trials"
            if limit != 1
            else "without a usable test trial",
            "min_response_time_ms": f"answered in less than {_number(limit)} ms",
            "max_response_time_ms": f"answered after more than {_number(limit)} ms",
            "max_loads": f"handed out more than {_times(limit)}",
        }[name]

    def departures(self, planned: ExclusionRules) -> tuple[str, ...]:
        """Sentences on where these rules depart from the ones planned. Empty: nowhere.

        >>> ExclusionRules(min_trials=20).departures(ExclusionRules())
        ('Exclusion rule min_trials: planned 1, done 20.',)
        """
        return tuple(
            f"Exclusion rule {field.name}: planned {option_text(getattr(planned, field.name))}, "
            f"done {option_text(getattr(self, field.name))}."
            for field in dataclasses.fields(self)
            if getattr(self, field.name) != getattr(planned, field.name)
        )

    def to_dict(self) -> Mapping[str, Option]:
        """The rules by name, ready for JSON."""
        plain: Mapping[str, Option] = to_dict(self)
        return plain


SESSION_RULES = (
    "include_unfinished",
    "min_practice_correct",
    "min_gross_correct",
    "max_same_response",
    "max_same_response_run",
    "max_reloaded_trials",
    "max_gap_minutes",
    "max_median_response_time_ms",
    "max_failed_checks",
    "max_resumes",
    "max_hidden",
    "min_trials",
)
"""Rules for whole sessions, in the order in which they are applied."""
TRIAL_RULES = ("min_response_time_ms", "max_response_time_ms", "max_loads")
"""Rules for single trials, likewise."""
CONDUCT_RULES = ("max_failed_checks", "max_resumes", "max_hidden")
"""Rules for sessions about which their trials say nothing."""
_TIMES = ("min_response_time_ms", "max_response_time_ms", "max_median_response_time_ms")


_WHOSE: Mapping[SessionKind, str] = {
    "participant": "people",
    "simulated": "simulated listeners",
    "pilot": "people in the pilot",
}


def _require(
    name: str, value: float | None, low: float, high: float, wanted: str, whole: bool = False
) -> None:
    if value is None:
        return
    number = isinstance(value, int | float) and not isinstance(value, bool)
    if not number or not low <= value <= high or (whole and value % 1 != 0):
        raise DataError(f"{name} cannot be {value!r}.", f"Give {wanted}.")


def _number(limit: float | None) -> str:
    return "none" if limit is None else f"{limit:g}"


def _times(limit: float | None) -> str:
    return "once" if limit == 1 else f"{limit} times"
