"""Can the data be trusted? All checks of a table of trials in one result."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

import numpy as np

from jndlab import __version__
from jndlab.analysis.intervals import check_coverage
from jndlab.analysis.records import Option, to_dict
from jndlab.analysis.study import effect_findings as effects
from jndlab.analysis.study import session_findings as sessions
from jndlab.analysis.study.catch_trials import CatchResults, check_catch_trials
from jndlab.analysis.study.conduct import Conduct
from jndlab.analysis.study.data import TrialTable
from jndlab.analysis.study.data_findings import FINDING_P_VALUE, Finding
from jndlab.analysis.study.exclusion_rules import ExclusionRules
from jndlab.analysis.study.flow import ParticipantFlow, apply_rules, participant_flow
from jndlab.analysis.study.interruptions import (
    LONG_GAP_MINUTES,
    Interruptions,
    check_interruptions,
)
from jndlab.analysis.study.interval_bias import IntervalBias, check_interval_bias
from jndlab.analysis.study.item_effects import ItemEffects, check_items
from jndlab.analysis.study.learning import Learning, check_learning
from jndlab.analysis.study.response_patterns import ResponsePatterns, check_response_patterns
from jndlab.analysis.study.response_times import (
    CUTOFF,
    TOO_FAST_MS,
    ResponseTimes,
    check_response_times,
)
from jndlab.study.trials import TASKS

Result = TypeVar("Result")
_DEFAULTS = ExclusionRules()


@dataclass(frozen=True, slots=True, kw_only=True)
class DataChecks:
    """Every check of a table. None: there are no answers that the check could look at."""

    flow: ParticipantFlow
    catch: CatchResults
    """This and the next three: all sessions of the kind, the excluded ones too."""
    patterns: ResponsePatterns | None
    times: ResponseTimes | None
    interruptions: Interruptions | None
    bias: IntervalBias | None
    """This and the next two: the trials that the rules keep."""
    learning: Learning | None
    items: ItemEffects | None
    findings: tuple[Finding, ...]
    """Warnings first, then notes; each in the order of the checks."""
    options: Mapping[str, Option]
    method: str
    data_digest: str
    version: str

    @property
    def warnings(self) -> tuple[str, ...]:
        """The findings that are warnings, each a sentence with its remedy."""
        return tuple(str(one) for one in self.findings if one.severity == "warning")

    def to_dict(self) -> Any:
        """The fields, ready for JSON."""
        return to_dict(self)


def check_data(
    table: TrialTable,
    rules: ExclusionRules = _DEFAULTS,
    *,
    n_opened: int | None = None,
    conduct: Conduct | None = None,
    too_fast_ms: float = TOO_FAST_MS,
    cutoff: float = CUTOFF,
    long_gap_minutes: float = LONG_GAP_MINUTES,
    coverage: float = 0.95,
) -> DataChecks:
    """Flow, catch trials, patterns, times, interruptions, bias, learning, items; and findings.

    ``rules`` are those stated before the data; ``conduct`` is how the sessions went, for rules that
    ask for it. The checks leave nothing out beyond them: what they
    find is for people to weigh, and to report. Tests are mentioned below p = 0.01.
    Each part is the result of the function of its name, with these options.

    DataError: no sessions of that kind, several studies, a limit that cannot be.

    >>> from jndlab.analysis.study.example import example_trials
    >>> checks = check_data(example_trials(bias=0.2), ExclusionRules(min_gross_correct=0.75))
    >>> for finding in checks.findings:
    ...     print(finding.severity, finding.check)
    note times
    note bias
    """
    check_coverage(coverage)
    flow = participant_flow(table, rules, n_opened=n_opened, conduct=conduct)
    mine = table.select(table["session_kind"] == rules.session_kind)
    answered = mine.select((mine["phase"] == "main") & mine.answered)
    kept = apply_rules(table, rules, conduct=conduct)
    test = kept.select(kept["trial_kind"] == "test")
    catch = check_catch_trials(mine, min_gross_correct=rules.min_gross_correct, coverage=coverage)
    measure = TASKS[str(mine["paradigm"][0])].measure
    # Where nothing is right or wrong, equal answers in a row are no sign of anything.
    votes = measure in ("preference", "rating")
    patterns = None if votes else _where(answered, check_response_patterns)
    times = _where(
        answered, lambda t: check_response_times(t, too_fast_ms=too_fast_ms, cutoff=cutoff)
    )
    calm = _where(answered, lambda t: check_interruptions(t, long_gap_minutes=long_gap_minutes))
    bias = None
    # In detection the bias is a result of the analysis, and told there.
    detects = measure == "detection"
    n_responses = len(np.unique([*test["correct_response"], *test["response"]]))
    if n_responses > 1 and not detects and not votes:
        bias = check_interval_bias(test, coverage=coverage)
    scored = test.select(np.full(len(test), not votes))
    learning = _where(scored, lambda t: check_learning(t, coverage=coverage))
    items = _where(scored, lambda t: check_items(t, coverage=coverage))
    found = [
        *sessions.flow_findings(flow),
        *(() if votes else sessions.catch_findings(catch)),
        *(sessions.pattern_findings(patterns, shares=not detects) if patterns else ()),
        *(sessions.time_findings(times) if times else ()),
        *(sessions.interruption_findings(calm) if calm else ()),
        *(effects.bias_findings(bias) if bias else ()),
        *(effects.learning_findings(learning) if learning else ()),
        *(effects.item_findings(items) if items else ()),
    ]
    return DataChecks(
        flow=flow,
        catch=catch,
        patterns=patterns,
        times=times,
        interruptions=calm,
        bias=bias,
        learning=learning,
        items=items,
        findings=tuple(sorted(found, key=lambda one: one.severity == "note")),
        options={
            "too_fast_ms": too_fast_ms,
            "cutoff": cutoff,
            "long_gap_minutes": long_gap_minutes,
            "coverage": coverage,
            "finding_p_value": FINDING_P_VALUE,
        },
        method="sessions as they came for catch trials, patterns, times and interruptions; the "
        "trials that the rules keep for bias, learning and items; the listener is the unit",
        data_digest=table.digest,
        version=__version__,
    )


def _where(trials: TrialTable, check: Callable[[TrialTable], Result]) -> Result | None:
    """The result of a check, or None where there is nothing to look at."""
    return check(trials) if len(trials) else None
