"""The options of an analysis in one frozen record, and how it departs from the one planned."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from jndlab.analysis.checks import one_number
from jndlab.analysis.intervals import check_coverage
from jndlab.analysis.records import Option, option_text, to_dict
from jndlab.errors import DataError
from jndlab.sigmoids import sigmoid_name
from jndlab.study.trials import SessionKind

BoundOn = Literal["proportion_correct", "d_prime", "discriminators"]


@dataclass(frozen=True, slots=True, kw_only=True)
class AnalysisOptions:
    """What an analysis does. Fix it before there are data: the study file has a section for it.

    >>> AnalysisOptions(equivalence_bound=0.6).bound_on
    'proportion_correct'
    """

    session_kind: SessionKind = "participant"
    include_unfinished: bool = True
    """Sessions that were not finished are analysed too."""
    min_gross_correct: float | None = None
    """Sessions below this share of right answers to gross catch trials are left out."""
    min_practice_correct: float | None = None
    """This and the next ones: rules of exclusion, as :class:`~jndlab.analysis.ExclusionRules` has
    them."""
    max_same_response: float | None = None
    max_same_response_run: int | None = None
    max_reloaded_trials: int | None = None
    max_gap_minutes: float | None = None
    max_median_response_time_ms: float | None = None
    max_failed_checks: int | None = None
    max_resumes: int | None = None
    max_hidden: int | None = None
    min_trials: int = 1
    min_response_time_ms: float | None = None
    max_response_time_ms: float | None = None
    max_loads: int | None = None
    sigmoid: str = "norm"
    lapse_prior: tuple[float, float] = (1.0, 10.0)
    decision_model: str | None = None
    """Of d′ where the paradigm has several; None: independent observations, and differencing in
    same-different."""
    target_probability: float = 0.75
    """Proportion correct at which a difference counts as just noticeable: the headline."""
    equivalence_bound: float | None = None
    """Up to here a difference counts as none. None: no statement of equivalence is made."""
    bound_on: BoundOn = "proportion_correct"
    quality_bound: float | None = None
    """Up to here a mean difference of ratings counts as none, in points of their scale; of a
    preference the distance of the share from one half."""
    alpha: float = 0.05
    coverage: float = 0.95
    n_resamples: int = 1000
    group_model: bool = True
    """Fit the mixed model too, with random thresholds of the listeners."""
    condition: str | None = None
    """The only condition to analyse; None: every one. Exclusions, catch trials and data checks are
    about whole sessions all the same."""

    def __post_init__(self) -> None:
        check_coverage(self.coverage)
        sigmoid_name(self.sigmoid)
        if not 0.0 < one_number(self.target_probability, "target_probability") < 1.0:
            raise DataError(
                f"target_probability cannot be {self.target_probability}.",
                "Give a proportion correct, such as 0.75.",
            )
        if not 0.0 < one_number(self.alpha, "alpha") < 0.5:
            raise DataError(f"alpha cannot be {self.alpha}.", "Give an error rate such as 0.05.")
        if self.min_gross_correct is not None and not 0.0 <= self.min_gross_correct <= 1.0:
            raise DataError(
                f"min_gross_correct cannot be {self.min_gross_correct}.",
                "Give a proportion, such as 0.8.",
            )

    def to_dict(self) -> Mapping[str, Option]:
        """The options by name, ready for JSON."""
        plain: Mapping[str, Option] = to_dict(self)
        return plain


_WORDS = {
    "include_unfinished": "Unfinished sessions included",
    "min_gross_correct": "Least share of right answers to gross catch trials",
    "min_practice_correct": "Least share of right answers in practice",
    "max_same_response": "Largest share of one response",
    "max_same_response_run": "Longest run of one response",
    "max_reloaded_trials": "Most reloaded trials of a session",
    "max_gap_minutes": "Longest interruption in minutes",
    "max_median_response_time_ms": "Largest median response time in ms",
    "max_failed_checks": "Most failed checks of a session",
    "max_resumes": "Most times that a session was resumed",
    "max_hidden": "Most times that the page was hidden during a sound",
    "min_trials": "Fewest usable test trials of a session",
    "min_response_time_ms": "Shortest response time in ms",
    "max_response_time_ms": "Longest response time in ms",
    "max_loads": "Most times that a trial was handed out",
    "sigmoid": "Form of the curve",
    "lapse_prior": "Prior of the lapse rate",
    "decision_model": "Decision model of d′",
    "target_probability": "Proportion correct at the JND",
    "equivalence_bound": "Equivalence bound",
    "bound_on": "Scale of the bound",
    "quality_bound": "Bound of ratings and preference",
    "alpha": "Error rate",
    "coverage": "Coverage of intervals",
}
"""Options that a reader must know were changed; the others do not alter what is claimed."""


def deviations(options: AnalysisOptions, planned: AnalysisOptions) -> tuple[str, ...]:
    """Sentences on where an analysis departs from the one planned. Empty: nowhere.

    >>> deviations(AnalysisOptions(alpha=0.1), AnalysisOptions())
    ('Error rate: planned 0.05, done 0.1.',)
    """
    return tuple(
        f"{_WORDS[field.name]}: planned {option_text(getattr(planned, field.name))}, "
        f"done {option_text(getattr(options, field.name))}."
        for field in dataclasses.fields(options)
        if field.name in _WORDS and getattr(options, field.name) != getattr(planned, field.name)
    )
