"""What an analysis of a study says: the records that plots and report read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from jndlab.analysis.detection.estimate import DPrimeEstimate
from jndlab.analysis.fits.bootstrap import ListenerBootstrap
from jndlab.analysis.fits.fit import PsychometricFit, Threshold
from jndlab.analysis.fits.goodness import GoodnessOfFit
from jndlab.analysis.fits.influential import InfluentialData
from jndlab.analysis.fits.residuals import ResidualTrends
from jndlab.analysis.groups.comparison import ConditionComparison
from jndlab.analysis.groups.result import GroupFit, PopulationThreshold
from jndlab.analysis.inference.equivalence_result import EquivalenceTest
from jndlab.analysis.intervals import ConfidenceInterval
from jndlab.analysis.study.adaptive import AdaptiveResult
from jndlab.analysis.study.data_checks import DataChecks
from jndlab.analysis.study.exclusions import Exclusion
from jndlab.analysis.study.headroom import Headroom
from jndlab.analysis.study.model_card import ModelCard
from jndlab.analysis.study.options import AnalysisOptions
from jndlab.analysis.study.record import StudyRecord
from jndlab.analysis.study.repeated import RepeatedAgreement
from jndlab.analysis.study.score_agreement import ScoreAgreement
from jndlab.analysis.study.seed_twin import SeedTwin
from jndlab.study.trials import Direction, ParadigmName, SessionKind


@dataclass(frozen=True, slots=True, kw_only=True)
class LevelResult:
    """One level of one condition: counts pooled over listeners, d′, and a test of chance."""

    level: float
    n_listeners: int
    n_trials: int
    n_correct: int
    proportion_correct: float
    interval: ConfidenceInterval
    """Exact (Clopper–Pearson); takes the trials as independent."""
    d_prime: DPrimeEstimate
    p_value: float
    """Exact binomial test against chance, one-sided: does anybody hear anything?"""
    p_value_holm: float
    """Adjusted over the levels of this condition (Holm)."""
    equivalence: EquivalenceTest | None
    """With listeners as the unit, or about the only one; None without a bound, or where only one of
    several listeners heard the level."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Jnd:
    """A just-noticeable difference: a threshold together with its definition."""

    definition: str
    """In words, with the task."""
    label: str
    """Short: '75% correct' or 'd′ = 1'."""
    threshold: Threshold
    unit_of_inference: str
    """'listeners' (bootstrap) or 'trials' (posterior of the pooled curve)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ListenerResult:
    """One listener's answers to one condition, and the threshold where one could be fitted."""

    participant: int | str
    n_trials: int
    n_correct: int
    interval: ConfidenceInterval
    """Exact interval of the proportion correct over all levels."""
    threshold: float | None
    """Where the listener's own curve reaches the target of the JND; None: ``problem`` says why."""
    threshold_interval: ConfidenceInterval | None
    inside_tested_range: bool
    problem: str | None
    fit: PsychometricFit | None = field(repr=False)
    """Binomial: one listener's few answers cannot show overdispersion."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SensitivityRow:
    """The threshold of the pooled curve at the target, under one changed choice."""

    label: str
    threshold: Threshold


@dataclass(frozen=True, slots=True, kw_only=True)
class ConditionAnalysis:
    """One compression method: levels in the order of rising compression, fits, JNDs."""

    condition: str
    paradigm: str
    guess_rate: float
    level_unit: str
    direction: Direction
    compression: bool
    """Levels are of a compression, as a study's; False: of anything, as in counts from anywhere."""
    levels: tuple[LevelResult, ...]
    fit: PsychometricFit | None
    """The pooled curve; None where none could be fitted: ``fit_problem`` says why."""
    fit_problem: str | None
    goodness: GoodnessOfFit | None
    group: ListenerBootstrap | None
    """None with too few listeners."""
    mixed: GroupFit | None
    """The mixed model; None with too few listeners, if not asked for, or where it failed."""
    typical: PopulationThreshold | None
    """The typical listener's threshold at the target; None without mixed model, or where its
    interval has no end that could be found."""
    jnds: tuple[Jnd, ...]
    """The first is the headline: 75 % correct. Empty without a fit."""
    sensitivity: tuple[SensitivityRow, ...]
    """Of the pooled curve; the first row is the analysis as it is. Empty without a fit."""
    listeners: tuple[ListenerResult, ...]
    trends: ResidualTrends | None
    """Residuals of the pooled curve; None without a fit."""
    influence: InfluentialData | None
    """What the pooled curve owes to each level; None without a fit."""
    card: ModelCard | None
    """None: no manifest was given."""
    warnings: tuple[str, ...]
    headroom: Headroom | None = None
    """None: levels are no gains of a difference, or there is no JND."""
    twin: SeedTwin | None = None
    """None: no manifest was given, or it has no seed twin."""
    adaptive: AdaptiveResult | None = None
    """None: levels did not depend on answers."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CatchSummary:
    """Answers to catch trials of one kind, pooled. ``interval`` is exact."""

    n_trials: int
    n_correct: int
    interval: ConfidenceInterval
    p_value: float | None
    """Identical pairs: exact two-sided test of agreement with the nominal key against chance."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Overview:
    """What every analysis says of a study, or of one part of it, and how it was made."""

    study: str
    study_digests: tuple[str, ...]
    paradigm: ParadigmName
    part: str
    """Part of the session; empty where it was all one."""
    procedure: str
    """How levels were chosen."""
    session_kind: SessionKind
    n_sessions: int
    n_finished: int
    n_listeners: int
    n_items: int
    n_trials: int
    """Test trials in the fits."""
    first_trial_at: str
    last_trial_at: str
    checks: DataChecks
    """Flow of participants, and whether the data can be trusted."""
    gross: CatchSummary | None
    """Catch trials with the most compressed level: did people attend?"""
    gold: CatchSummary | None
    """Catch trials whose answer the experimenter knows."""
    trap: CatchSummary | None
    """Catch trials with a sound that asks for an answer."""
    identical: CatchSummary | None
    """The baseline twice: agreement above chance means that something gives the answer away."""
    repeated: RepeatedAgreement | None
    """Trials given twice; None: there were none."""
    exclusions: tuple[Exclusion, ...]
    warnings: tuple[str, ...]
    options: AnalysisOptions
    deviations: tuple[str, ...]
    """Where the analysis departs from the one planned in the study file."""
    planned: bool
    """The study file says how the data are to be analysed."""
    record: StudyRecord | None
    """What else is known of the study; None where nobody said."""
    seed: int
    data_digest: str
    version: str
    versions: Mapping[str, str]
    """Of jndlab, Python, NumPy and SciPy."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StudyAnalysis(Overview):
    """The analysis of one study whose answers are right or wrong by a chance level."""

    guess_rate: float
    conditions: tuple[ConditionAnalysis, ...]
    comparisons: tuple[ConditionComparison, ...]
    """Of the thresholds of every two conditions on one axis, with enough listeners."""
    agreements: tuple[ScoreAgreement, ...]
    """One per objective score of the manifest."""
