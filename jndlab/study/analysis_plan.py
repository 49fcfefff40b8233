"""The section ``analysis`` of a study file: how the answers will be analysed, fixed beforehand."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from jndlab.study.section import Section


class Analysis(Section):
    """How the answers will be analysed, fixed before there are any. All of it is optional."""

    target_probability: float = Field(default=0.75, gt=0.0, lt=1.0)
    """Proportion correct at which a difference counts as just noticeable."""
    equivalence_bound: float | None = Field(default=None, gt=0.0, lt=10.0)
    """Up to this a difference counts as none. Without it the report makes no statement that two
    versions sound the same."""
    bound_on: Literal["proportion_correct", "d_prime", "discriminators"] = "proportion_correct"
    """The scale of the bound: proportion correct, d′, or the share of listeners who hear it."""
    quality_bound: float | None = Field(default=None, gt=0.0, le=100.0)
    """The same of ratings, in points of their scale: 0.25 of CMOS, 5 of MUSHRA. Of a preference:
    how far the share may be from one half, such as 0.1 for 40 to 60 %."""
    bound_reason: str = Field(default="", max_length=1000)
    """Why this bound: a reviewer will ask."""
    alpha: float = Field(default=0.05, gt=0.0, lt=0.5)
    """Error rate of tests and bounds."""
    sigmoid: Literal[
        "norm",
        "logistic",
        "gumbel",
        "reversed-gumbel",
        "weibull",
        "lognormal",
        "hyperbolic-secant",
        "student-t",
    ] = "norm"
    """Form of the psychometric function."""
    decision_model: Literal["independent_observation", "differencing"] | None = None
    """Model behind d′ where a paradigm has several. Empty: independent observations, and
    differencing in same-different, whose levels and items change from trial to trial."""
    min_gross_correct: float | None = Field(default=None, ge=0.0, le=1.0)
    """Sessions with a smaller share of right answers to gross catch trials are left out."""
    include_unfinished: bool = True
    """Sessions that were not finished are analysed too."""
    min_practice_correct: float | None = Field(default=None, ge=0.0, le=1.0)
    """Sessions with a smaller share of right answers in practice are left out."""
    max_same_response: float | None = Field(default=None, ge=0.0, le=1.0)
    """Sessions in which one response has a larger share of the answers are left out."""
    max_same_response_run: int | None = Field(default=None, ge=1, le=10_000)
    """Sessions with a longer run of one response are left out."""
    max_reloaded_trials: int | None = Field(default=None, ge=0, le=10_000)
    """Sessions with more trials that were loaded again are left out."""
    max_gap_minutes: float | None = Field(default=None, ge=0.0, le=1e6)
    """Sessions with a longer interruption, between or within trials, are left out."""
    max_median_response_time_ms: float | None = Field(default=None, ge=0.0, le=1e9)
    """Sessions with a larger median of the response times are left out."""
    max_failed_checks: int | None = Field(default=None, ge=0, le=100)
    """Sessions that failed more checks before the trials, and went on, are left out."""
    max_resumes: int | None = Field(default=None, ge=0, le=10_000)
    """Sessions that were gone on with more often, after a reload or later, are left out."""
    max_hidden: int | None = Field(default=None, ge=0, le=100_000)
    """Sessions in which the page was hidden more often while a sound played are left out."""
    min_trials: int = Field(default=1, ge=1, le=10_000)
    """Sessions with fewer usable answers to test trials are left out."""
    min_response_time_ms: float | None = Field(default=None, ge=0.0, le=1e9)
    """Trials that were answered faster are left out."""
    max_response_time_ms: float | None = Field(default=None, ge=0.0, le=1e9)
    """Trials that were answered slower are left out."""
    max_loads: int | None = Field(default=None, ge=1, le=10_000)
    """Trials that were handed out more often are left out."""
    sample_size: int | None = Field(default=None, ge=1, le=100_000)
    """How many sessions are to be finished. The report says whether they were."""
    stopping_rule: str = Field(default="", max_length=1000)
    """When and why data collection ends: at a number, on a day, or by a sequential plan."""
