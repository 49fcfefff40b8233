"""What a reader has to know before using the numbers of a quality test."""

from __future__ import annotations

from collections.abc import Sequence

from jndlab.analysis.quality.preference import Preference
from jndlab.analysis.quality.reliability import KnownAnswers, Reliability
from jndlab.analysis.quality.results import FirstPosition, QualityCondition
from jndlab.analysis.quality.screening import ExpertScreening

BIAS_P_VALUE = 0.01
_FEW_LISTENERS, _FEW_ITEMS = 10, 4
_FEW_RIGHT = 0.8


def quality_warnings(
    *,
    digests: tuple[str, ...],
    n_listeners: int,
    n_items: int,
    conditions: Sequence[QualityCondition],
    preferences: Sequence[Preference],
    first: FirstPosition | None,
    identical: FirstPosition | None,
    experts: ExpertScreening | None,
    reliability: Reliability,
    middle: float,
) -> tuple[str, ...]:
    """Sentences, the weightiest first. ``middle``: a vote for neither side."""
    found: list[str] = []
    if len(digests) > 1:
        found.append(
            f"The sessions ran under {len(digests)} different versions of the study: check that "
            "they may be analysed together."
        )
    if n_listeners == 1:
        found.append("One listener: nothing here speaks of other listeners.")
    elif n_listeners < _FEW_LISTENERS:
        found.append(
            f"{n_listeners} listeners: intervals over listeners rest on means that are nearly "
            "normal, which so few cannot show."
        )
    for known in (reliability.trap, reliability.gold):
        found += _known(known)
    found += _bias(first, identical, middle)
    found += _experts(experts)
    if n_items < _FEW_ITEMS:
        found.append(
            f"Items: {n_items}. The result holds for these recordings and need not hold for others."
        )
    if any(len(_heard(one)) > 1 for one in conditions):
        found.append("Listeners differ between levels: not everybody voted on every version.")
    return (*found, *dict.fromkeys(told for one in preferences for told in one.warnings))


def _heard(condition: QualityCondition) -> set[int]:
    return {one.rating.n_listeners for one in condition.results}


def _known(known: KnownAnswers | None) -> list[str]:
    if known is None or known.n_right >= _FEW_RIGHT * known.n_trials:
        return []
    return [
        f"Only {known.n_right} of {known.n_trials} {known.kind} trials were answered as they ask "
        "for: some listeners did not attend."
    ]


def _bias(first: FirstPosition | None, identical: FirstPosition | None, middle: float) -> list[str]:
    found = []
    for one, where in ((first, "over both orders"), (identical, "to the baseline beside itself")):
        if one is not None and one.p_value is not None and one.p_value < BIAS_P_VALUE:
            which = "first" if one.favour.mean > middle else "second"
            found.append(
                f"Answers {where} favour the {which} of two sounds. Balanced orders keep this out "
                "of the means, but it hides small differences."
            )
    return found


def _experts(experts: ExpertScreening | None) -> list[str]:
    if experts is None or not experts.excluded:
        return []
    n, out = len(experts.listeners), len(experts.excluded)
    return [
        f"{out} of {n} listeners did not grade the versions below the hidden reference by more "
        "than luck explains. That may be listeners without expertise, or versions without audible "
        "impairment: these data cannot tell the two apart."
    ]
