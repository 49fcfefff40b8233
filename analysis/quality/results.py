"""What an analysis of preference or ratings says: the records that plots and report read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from jndlab.analysis.quality.differences import Contrast
from jndlab.analysis.quality.listener_means import ListenerMean
from jndlab.analysis.quality.ordinal import OrdinalFit
from jndlab.analysis.quality.preference import Preference
from jndlab.analysis.quality.reliability import Reliability
from jndlab.analysis.quality.scale_values import ScaleValues
from jndlab.analysis.quality.screening import ExpertScreening, MushraScreening
from jndlab.analysis.quality.votes import Stimulus
from jndlab.analysis.records import to_dict
from jndlab.analysis.study.data_findings import Finding
from jndlab.analysis.study.exclusions import Exclusion
from jndlab.analysis.study.flow import ParticipantFlow
from jndlab.analysis.study.options import AnalysisOptions
from jndlab.analysis.study.record import StudyRecord
from jndlab.study.trials import Direction, Measure, ParadigmName, SessionKind


@dataclass(frozen=True, slots=True, kw_only=True)
class StimulusResult:
    """Votes on one stimulus: a condition at a level, the baseline, or an anchor."""

    stimulus: Stimulus
    other: Stimulus | None
    """What it was compared with; None where it was rated by itself or against a reference."""
    rating: ListenerMean
    """Over listeners. BS.1116: of diffgrades; preference: of shares."""
    median: float
    lower_quartile: float
    upper_quartile: float
    """These three are of all votes, as BS.1534-3 shows them: they describe, and test nothing."""
    counts: tuple[tuple[float, int], ...]
    """Votes per category, from the highest down; empty for scales without categories."""
    contrast: Contrast | None
    """Against the baseline; of comparisons with it the vote itself. None where the baseline was not
    rated, and for the baseline."""


@dataclass(frozen=True, slots=True, kw_only=True)
class QualityCondition:
    """One compression method: its levels in the order of rising compression."""

    condition: str
    direction: Direction | None
    """None where the table does not say it: levels are in ascending order then."""
    level_unit: str
    results: tuple[StimulusResult, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class FirstPosition:
    """Whether the first of two is favoured, whatever it is."""

    favour: ListenerMean
    """Preference: share of trials in which the first was chosen; CCR: rating of the first against
    the second. Mean of both orders of every listener, so that preference for a side cancels."""
    p_value: float | None
    """Two-sided t test over listeners against no favour."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemMean:
    """Votes on all levels of all conditions, for one item."""

    item: str
    rating: ListenerMean


@dataclass(frozen=True, slots=True, kw_only=True)
class OtherSelection:
    """The same means with another choice of listeners."""

    label: str
    n_listeners: int
    ratings: tuple[tuple[Stimulus, ListenerMean, ListenerMean | None], ...]
    """Stimulus, its rating, and its difference from the baseline where there is one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class QualityAnalysis:
    """The analysis of one part of a study and how it was made."""

    study: str
    study_digests: tuple[str, ...]
    part: str
    """Empty where the study is all one."""
    paradigm: ParadigmName
    measure: Measure
    scale: tuple[float, float]
    """Lowest and highest vote."""
    session_kind: SessionKind
    n_sessions: int
    n_finished: int
    n_listeners: int
    """With votes in the means."""
    n_items: int
    n_trials: int
    """Test trials in the means."""
    first_trial_at: str
    last_trial_at: str
    reference: StimulusResult | None
    """The baseline rated as one more version: ACR, MUSHRA's hidden reference, identical pairs of
    DCR. None: it was not."""
    conditions: tuple[QualityCondition, ...]
    """Each against the baseline."""
    anchors: tuple[StimulusResult, ...]
    pairs: tuple[StimulusResult, ...]
    """Of comparisons between two conditions, or two levels of one."""
    preferences: tuple[Preference, ...]
    """Every compared pair of a preference test."""
    scales: tuple[ScaleValues, ...]
    """Thurstone, then Bradley–Terry; empty where they could not be had."""
    first_position: FirstPosition | None
    identical: FirstPosition | None
    """The same from pairs of the baseline with itself, where nothing but the place can be
    preferred."""
    ordinal: OrdinalFit | None
    ordinal_reference: str
    """Against which stimulus the effects of the ordinal model are; empty without a model."""
    mushra: MushraScreening | None
    experts: ExpertScreening | None
    other_selection: OtherSelection | None
    """MUSHRA: without post-screening; BS.1116: experts only. None where it would be the same."""
    items: tuple[ItemMean, ...]
    reliability: Reliability
    flow: ParticipantFlow
    findings: tuple[Finding, ...]
    """Of the checks of the data that need no right answer: times, interruptions, flow."""
    exclusions: tuple[Exclusion, ...]
    bound: float | None
    """Up to here a mean difference counts as none, in points of the scale; of a preference the
    distance of the share from one half."""
    warnings: tuple[str, ...]
    options: AnalysisOptions
    deviations: tuple[str, ...]
    planned: bool
    record: StudyRecord | None
    seed: int
    data_digest: str
    version: str
    versions: Mapping[str, str]

    def to_dict(self) -> Any:
        """The fields, ready for JSON."""
        return to_dict(self)

    @property
    def versions_rated(self) -> tuple[StimulusResult, ...]:
        """The baseline where it was rated, every level of every condition, anchors."""
        reference = () if self.reference is None else (self.reference,)
        tested = (one for condition in self.conditions for one in condition.results)
        return (*reference, *tested, *self.anchors)
