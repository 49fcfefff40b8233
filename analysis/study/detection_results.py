"""What the analysis of same-different and yes/no trials says: records that the report reads."""

from __future__ import annotations

from dataclasses import dataclass, field

from jndlab.analysis.detection.rating import RatingFit
from jndlab.analysis.detection.roc import RocArea, RocPoints
from jndlab.analysis.fits.fit import PsychometricFit
from jndlab.analysis.intervals import ConfidenceInterval
from jndlab.analysis.study.results import Jnd, Overview
from jndlab.analysis.study.within_listeners import MeanEffect
from jndlab.study.trials import Direction


@dataclass(frozen=True, slots=True, kw_only=True)
class Rate:
    """How often listeners said that there is a difference. ``interval`` is exact."""

    n_said: int
    n_trials: int
    interval: ConfidenceInterval

    @property
    def share(self) -> float:
        """n_said / n_trials."""
        return self.n_said / self.n_trials


@dataclass(frozen=True, slots=True, kw_only=True)
class DetectedDPrime:
    """d′ of one level from pooled hits and false alarms, under one decision model."""

    model: str | None
    estimate: float
    interval: ConfidenceInterval
    """By profile likelihood; takes the trials as independent."""
    criterion: float
    p_value: float
    """Of d′ = 0, likelihood ratio."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DetectionRoc:
    """The ROC of one level, from answers with their confidence."""

    noise_counts: tuple[int, ...]
    """Per category, from surely no difference to surely one; likewise of signal."""
    signal_counts: tuple[int, ...]
    points: RocPoints
    area: RocArea
    fit: RatingFit | None
    """The binormal model; None for same-different, or where it could not be fitted."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DetectionLevel:
    """One level: hits beside the false alarms of the whole condition."""

    level: float
    n_listeners: int
    hits: Rate
    d_primes: tuple[DetectedDPrime, ...]
    """One per decision model, the chosen one first."""
    over_listeners: MeanEffect
    """Each listener's d′ from their own rates, log-linear correction, averaged."""
    p_value_holm: float
    """Of the first d′, adjusted over the levels."""
    roc: DetectionRoc | None
    """None: confidence was not asked."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DetectionListener:
    """One listener's rates over all levels, and the false alarms."""

    participant: int
    hits: Rate
    false_alarms: Rate
    criterion: float
    """c = −½(z(H) + z(F)), log-linear correction; above 0: says "no" or "same" rather."""
    threshold: float | None
    """Where the listener's own curve reaches d′ = 1; None: none could be fitted."""
    threshold_interval: ConfidenceInterval | None


@dataclass(frozen=True, slots=True, kw_only=True)
class DetectionCondition:
    """One compression method: levels in the order of rising compression, curve, JND."""

    condition: str
    paradigm: str
    level_unit: str
    direction: Direction
    false_alarms: Rate
    """From the trials without a difference, over all levels."""
    false_alarms_by_order: tuple[tuple[str, Rate], ...]
    levels: tuple[DetectionLevel, ...]
    fit: PsychometricFit | None = field(repr=False)
    """The curve of "different" or "yes"; its guess rate is the rate of false alarms."""
    fit_problem: str | None
    jnds: tuple[Jnd, ...]
    """At d′ = 1, one per decision model, the chosen one first."""
    listeners: tuple[DetectionListener, ...]
    warnings: tuple[str, ...]

    @property
    def compression(self) -> bool:
        """Levels are of a compression: detection is only for studies."""
        return True


@dataclass(frozen=True, slots=True, kw_only=True)
class DetectionAnalysis(Overview):
    """The analysis of one study, or part of one, by hits and false alarms."""

    conditions: tuple[DetectionCondition, ...]
    guess_rate: None = None
    """There is no chance level: the listener's bias decides how often either is said."""
