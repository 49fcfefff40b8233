"""Methods and headlines of detection tasks: what was computed from hits and false alarms."""

from __future__ import annotations

from jndlab.analysis.paradigms import get_paradigm
from jndlab.analysis.report.citations import Citations
from jndlab.analysis.report.detection_plots import said
from jndlab.analysis.report.formats import (
    format_interval,
    format_level,
    format_like,
    format_share,
)
from jndlab.analysis.report.wording import SIGNIFICANCE, listed, not_at_the_others, quantity
from jndlab.analysis.study.detection_jnd import models_of
from jndlab.analysis.study.detection_results import DetectionAnalysis, DetectionCondition


def detection_headline(condition: DetectionCondition) -> str:
    """The result of a condition in one or two plain sentences."""
    unit = condition.level_unit or "level"
    if not condition.jnds:
        return (
            "No curve could be fitted, so there is no just-noticeable difference to report. "
            f"{condition.fit_problem or ''}"
        ).strip()
    threshold = condition.jnds[0].threshold
    hit, false_alarm = threshold.target_probability, condition.false_alarms.share
    if threshold.inside_tested_range:
        value = quantity(format_like(threshold.value, threshold.interval), unit)
        return (
            f"The just-noticeable difference is {value} "
            f"({format_share(threshold.interval.coverage)} interval "
            f"{format_interval(threshold.interval)}): there sensitivity d′ is 1. Attentive "
            f"listeners say {said(condition.paradigm)} in {format_share(hit)} of the trials with a "
            f"difference of that size, and in {format_share(false_alarm)} of those without one."
        )
    most, least = condition.levels[-1].level, condition.levels[0].level
    if (threshold.value - most) * (most - least) > 0:
        return (
            "Sensitivity does not reach d′ = 1 within the tested levels, up to the most compressed "
            f"one ({quantity(format_level(most), unit)}). The just-noticeable difference lies "
            "beyond the tested levels and cannot be given. This does not show that the difference "
            "is inaudible."
        )
    return (
        "Sensitivity is estimated to be above d′ = 1 already at the least compressed level "
        f"({quantity(format_level(least), unit)}). The just-noticeable difference lies before the "
        "tested levels and cannot be given."
    )


def detected(condition: DetectionCondition) -> str:
    """At which levels there is sensitivity, and what the rest does not show."""
    unit = condition.level_unit or "level"
    heard = [
        format_level(row.level)
        for row in condition.levels
        if row.p_value_holm < SIGNIFICANCE and row.d_primes[0].estimate > 0
    ]
    word = said(condition.paradigm)
    if not heard:
        return (
            f"At no level was {word} said more often than without a difference by more than luck "
            "explains. That is no proof that nobody hears one: it may be too few trials."
        )
    return (
        f"Listeners said {word} more often than without a difference, by more than luck explains, "
        f"at {quantity(listed(heard), unit)}{not_at_the_others(len(heard), len(condition.levels))}"
    )


def criterion_words(condition: DetectionCondition) -> str:
    """What the column of criteria holds."""
    task = get_paradigm(condition.paradigm)
    if task.name == "yes_no":
        return "Criterion: c = −½ (z(H) + z(F)), above 0 where “no” is preferred."
    return (
        "Criterion: that of the first model; under independent observations −½ (z(H) + z(F)), "
        "above 0 where “same” is preferred, under differencing the distance τ beyond which two "
        "sounds are called different."
    )


def detection_paragraphs(
    analysis: DetectionAnalysis, citations: Citations
) -> list[tuple[str, str]]:
    """Sensitivity, curve and JND, ROC: each with its keyword."""
    conditions = analysis.conditions
    paragraphs = [("Sensitivity", _sensitivity(analysis, citations))]
    if any(one.fit is not None for one in conditions):
        paragraphs.append(("Just-noticeable difference", _jnd(analysis, citations)))
    if any(row.roc is not None for one in conditions for row in one.levels):
        text = (
            "Answers with their confidence give a rating of each trial, from surely no difference "
            "to surely one. Areas under the empirical ROC have intervals by the method of DeLong"
        )
        if get_paradigm(analysis.paradigm).name == "yes_no":
            text += "; the binormal model with equal spreads was fitted by maximum likelihood"
        work = citations.cite("macmillan")
        paragraphs.append(("Ratings", f"{text} {work}."))
    return paragraphs


def _sensitivity(analysis: DetectionAnalysis, citations: Citations) -> str:
    word = said(analysis.paradigm)
    macmillan = citations.cite("macmillan")
    if get_paradigm(analysis.paradigm).name == "yes_no":
        how = f"d′ = z(H) − z(F) {macmillan}"
    else:
        models = models_of(analysis.paradigm, analysis.options.decision_model)
        first, second = (str(model).replace("_", "-") for model in models)
        how = (
            f"d′ under the {first} model and, beside it, the {second} model, by maximum "
            f"likelihood {macmillan}"
        )
    return (
        f"A hit is {word} said of a trial with a difference (rate H), a false alarm {word} said of "
        "one without (rate F). Trials without a difference of a condition were taken together "
        f"over its levels. Sensitivity is {how}, with profile-likelihood intervals of pooled "
        "counts; beside it stands the mean of the listeners’ own d′, from rates with the "
        f"log-linear correction {citations.cite('hautus_correction')}, with a t interval over "
        "listeners. Likelihood ratio tests of d′ = 0 were adjusted over levels by Holm’s method "
        f"{citations.cite('holm')}."
    )


def _jnd(analysis: DetectionAnalysis, citations: Citations) -> str:
    a, b = analysis.options.lapse_prior
    text = (
        f"The share of {said(analysis.paradigm)} over levels was fitted by ψ = γ + (1 − γ − λ) F "
        f"with free lapse rate λ (prior Beta({a:g}, {b:g})) and the rate of false alarms as γ, "
        "estimated together with the trials without a difference, by integrating the posterior "
        f"{citations.cite('schuett')}. The JND was defined as the level at which the curve without "
        "lapses reaches the hit rate that d′ = 1 means at that rate of false alarms."
    )
    if any(one.unit_of_inference == "listeners" for c in analysis.conditions for one in c.jnds):
        text += (
            f" Its interval is the {format_share(analysis.options.coverage)} percentile interval "
            "of resamples in which whole listeners were drawn with replacement, each with the "
            f"false alarms {citations.cite('davison')}."
        )
    return text
