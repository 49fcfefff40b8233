"""Is there none? The claim that an effect is smaller than a bound fixed beforehand.

A listening test that "found nothing" shows equivalence only if an effect that matters can be ruled
out (Schuirmann 1987, *J. Pharmacokinet. Biopharm.* 15, 657–680; Lakens 2017, *Soc. Psychol.
Personal. Sci.* 8, 355–362; on short ABX tests Leventhal 1986, *J. Audio Eng. Soc.* 34, 437–453).
So a bound is required, and the claim is tested against it.

The unit of inference is the listener wherever there are several. Trials of different listeners are
not independent: pooled, up to 26 % of claims at the bound are false at a nominal 5 %, and a t-test
over listeners still errs in 10 to 24 % where few listeners hear much and none of them happens to
take part. Here the p-value is the largest over all populations of listeners with mean at the bound
and a spread (standard deviation) of at most ``largest_spread``, so that the rate of false claims
is at most alpha whatever their shape: see ``equivalence_scores`` and ``equivalence_worst_case``,
and benchmarks/error_rates_equivalence.py for the rates.
"""

from __future__ import annotations

from dataclasses import replace

from numpy.typing import ArrayLike

from jndlab.analysis.checks import one_number
from jndlab.analysis.inference.equivalence_bounds import (
    Bound,
    BoundOn,
    BoundScale,
    bound_scale,
    require_bound,
)
from jndlab.analysis.inference.equivalence_counts import ListenerTotals, Unit, listener_totals
from jndlab.analysis.inference.equivalence_evidence import (
    Evidence,
    ListenerEvidence,
    TrialEvidence,
    evidence_of,
)
from jndlab.analysis.inference.equivalence_result import EquivalenceTest
from jndlab.analysis.inference.equivalence_wording import decide, equivalence_wording
from jndlab.analysis.intervals import ConfidenceInterval
from jndlab.errors import DataError

__all__ = ["LARGEST_SPREAD", "EquivalenceTest", "equivalence_test"]

LARGEST_SPREAD = 0.15
"""Standard deviation between listeners, in proportion correct, up to which claims are safe."""
_FAR_BELOW = 0.01
"""p-value from which on answers below chance are pointed out."""


def equivalence_test(
    n_correct: ArrayLike,
    n_trials: ArrayLike,
    *,
    paradigm: str,
    bound: float | None = None,
    bound_on: BoundOn = "proportion_correct",
    alpha: float = 0.05,
    listener: ArrayLike | None = None,
    unit: Unit | None = None,
    n_listeners: int | None = None,
    model: str | None = None,
    two_sided: bool = False,
    largest_spread: float = LARGEST_SPREAD,
) -> EquivalenceTest:
    """Verdict, p-values and limits of the claim that the proportion correct is below ``bound``.

    Numbers as counts are one listener: exact tails of the binomial distribution and the one-sided
    limit of Clopper & Pearson 1934 (*Biometrika* 26, 404–413). Sequences of shape
    (listeners,), or with ``listener`` (entries,) with that label each: the claim is about the
    mean of the population that the listeners are a sample of.

    ``bound`` must be given, as a proportion correct (0.6), as d′ (through the paradigm's curve
    and, for ABX, the decision ``model``), or as the share of discriminators d, p = chance +
    (1 − chance) d. Over listeners, d′ and d stand for the mean proportion correct. The claim is
    that the effect is smaller (non-inferiority: ``p_value`` ≤ alpha), or with ``two_sided`` that
    it lies between the bound and its mirror image below chance (TOST). ``unit="trials"`` pools
    listeners and warns, as do numbers with ``n_listeners`` above 1. ``largest_spread`` is the
    standard deviation between listeners that the claim must withstand; smaller values make the
    test stronger and need a reason.

    DataError: no bound, or one that is not between chance and 1; impossible counts or options.

    >>> result = equivalence_test(210, 400, paradigm="abx", bound=0.6)
    >>> result.verdict, round(result.p_value, 5), round(result.interval.high, 4)
    ('equivalent', 0.0014, 0.5671)
    >>> counts = [19, 22, 21, 18, 20, 23, 20, 19, 21, 20, 18, 22, 20, 21, 19, 20]
    >>> result = equivalence_test(counts, 40, paradigm="abx", bound=0.2, bound_on="discriminators")
    >>> result.verdict, result.unit, result.interval.high < 0.6
    ('equivalent', 'listeners', True)
    """
    scale = bound_scale(paradigm, bound_on=bound_on, model=model)
    limit = require_bound(bound, scale)
    check_options(alpha, largest_spread)
    totals = listener_totals(
        n_correct, n_trials, listener=listener, unit=unit, n_listeners=n_listeners
    )
    correct, trials = int(totals.n_correct.sum()), int(totals.n_trials.sum())
    evidence = evidence_of(totals, chance=scale.chance, largest_spread=largest_spread)
    p_value = evidence.p_below(limit.proportion)
    p_value_tost = max(p_value, evidence.p_above(limit.mirrored))
    p_value_difference = TrialEvidence(n_correct=correct, n_trials=trials).p_above(scale.chance)
    interval = limits_of(evidence, limit, alpha=alpha, two_sided=two_sided)
    p_claim = p_value_tost if two_sided else p_value
    verdict = decide(smaller_than_bound=p_claim <= alpha, above_chance=p_value_difference <= alpha)
    listeners = evidence if isinstance(evidence, ListenerEvidence) else None
    return EquivalenceTest(
        verdict=verdict,
        wording=equivalence_wording(
            verdict,
            subject=_subject(totals, scale),
            chance=scale.chance,
            bound=scale.text(limit.proportion),
            limits=_limits(interval, scale, two_sided=two_sided),
            confidence=interval.coverage,
            p_value=p_claim,
            p_value_difference=p_value_difference,
        ),
        p_value=p_value,
        p_value_tost=p_value_tost,
        p_value_difference=p_value_difference,
        estimate=evidence.estimate,
        interval=interval,
        interval_d_prime=_transformed(interval, replace(scale, bound_on="d_prime")),
        interval_discriminators=_transformed(interval, replace(scale, bound_on="discriminators")),
        smallest_rejected_bound=smallest_rejected(interval, scale, two_sided=two_sided),
        bound=limit.value,
        bound_on=scale.bound_on,
        bound_proportion=limit.proportion,
        lower_bound_proportion=limit.mirrored,
        alpha=float(alpha),
        two_sided=bool(two_sided),
        unit=totals.unit,
        n_listeners=totals.n_listeners,
        n_correct=correct,
        n_trials=trials,
        paradigm=scale.paradigm.name,
        model=scale.model,
        chance=scale.chance,
        largest_spread=listeners.largest_spread if listeners else None,
        observed_spread=listeners.observed_spread if listeners else None,
        method=method_text(evidence),
        warnings=totals.warnings
        + _advice(evidence, correct, trials, chance=scale.chance)
        + (_too_small(evidence, limit, scale.chance, alpha) if verdict == "undecided" else ()),
    )


def check_options(alpha: float, largest_spread: float) -> None:
    """Raise DataError for an alpha or a spread that cannot be."""
    if not 0.0 < one_number(alpha, "alpha") < 0.5:
        raise DataError(f"An alpha of {alpha} cannot be.", "Give a rate such as 0.05.")
    if not 0.0 <= one_number(largest_spread, "largest_spread") <= 0.5:
        raise DataError(
            f"A spread of {largest_spread} between listeners cannot be.",
            "Give a standard deviation in proportion correct from 0 to 0.5, such as 0.15.",
        )


def method_text(evidence: TrialEvidence | ListenerEvidence) -> str:
    """How p-values and limits of this unit of inference are made."""
    if isinstance(evidence, TrialEvidence):
        return "exact binomial tails and Clopper-Pearson limits of independent trials"
    return (
        "sum of listeners' likelihood-ratio scores; p-value the largest over all populations of "
        "listeners with mean at the bound and a standard deviation of at most "
        f"{evidence.largest_spread:g} in proportion correct"
    )


def smallest_rejected(
    interval: ConfidenceInterval, scale: BoundScale, *, two_sided: bool
) -> float | None:
    """The smallest bound, on its scale, outside of the limits; None: there is none below 1."""
    farthest = interval.high
    if two_sided:
        farthest = max(farthest, 2.0 * scale.chance - interval.low)
    return scale.value(max(farthest, scale.chance)) if farthest < 1.0 else None


def limits_of(
    evidence: Evidence, bound: Bound | None, *, alpha: float, two_sided: bool
) -> ConfidenceInterval:
    """The limits of the proportion correct that one-sided tests at ``alpha`` do not reject.

    On the side of ``bound`` that the test of it says.
    """
    exact = isinstance(evidence, TrialEvidence)
    return ConfidenceInterval(
        low=evidence.lower_limit(alpha, near=bound.mirrored if bound else 0.5)
        if two_sided
        else 0.0,
        high=evidence.upper_limit(alpha, near=bound.proportion if bound else 0.5),
        coverage=1.0 - (2.0 if two_sided else 1.0) * alpha,
        method=("Clopper-Pearson" if exact else "listener scores, worst population")
        + (", two one-sided limits" if two_sided else ", one-sided"),
    )


def _transformed(interval: ConfidenceInterval, scale: BoundScale) -> ConfidenceInterval:
    return replace(
        interval,
        low=scale.value(interval.low),
        high=scale.value(interval.high),
        method=f"{interval.method}, transformed",
    )


def _subject(totals: ListenerTotals, scale: BoundScale) -> str:
    trials = f"in {scale.paradigm.title} trials"
    if totals.unit == "listeners":
        return f"The mean proportion correct of the listeners' population {trials}"
    if totals.n_listeners is not None and totals.n_listeners > 1:
        return f"The proportion correct {trials}, pooled over listeners as if they were one,"
    return f"The proportion correct of this one listener {trials}"


def _limits(interval: ConfidenceInterval, scale: BoundScale, *, two_sided: bool) -> str:
    high = scale.text(interval.high)
    return f"between {interval.low:.3g} and {high}" if two_sided else f"at most {high}"


def _too_small(
    evidence: TrialEvidence | ListenerEvidence, bound: Bound, chance: float, alpha: float
) -> tuple[str, ...]:
    if evidence.p_at_chance(chance, bound.proportion) <= alpha:
        return ()
    return (
        "So few listeners and trials could not have supported the claim even if everybody had been "
        "right just as often as by guessing: plan for more, or for a wider bound.",
    )


def _advice(
    evidence: TrialEvidence | ListenerEvidence, correct: int, trials: int, *, chance: float
) -> tuple[str, ...]:
    """What is odd about the data, as sentences."""
    found = []
    if isinstance(evidence, ListenerEvidence) and (
        evidence.observed_spread > evidence.largest_spread
    ):
        found.append(
            f"The listeners spread more (standard deviation {evidence.observed_spread:.2f}) than "
            f"the claim allows for ({evidence.largest_spread:g}): repeat it with "
            "a larger largest_spread."
        )
    if TrialEvidence(n_correct=correct, n_trials=trials).p_below(chance) <= _FAR_BELOW:
        found.append(
            "Fewer responses were correct than guessing explains: check the scoring and whether "
            "the task was understood before equivalence is claimed."
        )
    return tuple(found)
