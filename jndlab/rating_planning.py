"""What is assumed of preferences and ratings where nobody knows better, for planning."""

from __future__ import annotations

from dataclasses import dataclass

from jndlab.errors import DataError
from jndlab.study.definition import StudyDefinition
from jndlab.study.paradigms import PARADIGMS

SHARE_SPREAD = 0.1
RATING_SD = 1 / 5
DIFFERENCE_SD = 1 / 10
"""Of ratings: as shares of the scale."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AssumedMeans:
    """A mean to be found, and how it differs between listeners and between trials of one."""

    difference: float
    between_sd: float
    within_sd: float
    found: str
    """What is to be found, as the end of a sentence."""
    spreads: str
    """What is assumed, in words."""


def assumed_shares(share: float | None, spread: float | None = None) -> AssumedMeans:
    """Each listener's share of preferences for one side, as a mean of zeros and ones.

    DataError: no share but one half, or listeners that cannot differ that much.
    """
    if share is None or not 0.0 < share < 1.0 or share == 0.5:
        raise DataError(
            "Which share of preferences is to be told from one half is not said.",
            "Give it, such as --share 0.6: six of ten answers for one of the two.",
        )
    spread = SHARE_SPREAD if spread is None else spread
    within = share * (1.0 - share) - spread**2
    if spread < 0.0 or within < 0.0:
        raise DataError(
            f"Listeners cannot differ by {spread:g} around a share of {share:g}.",
            "Give a smaller --proportion-spread.",
        )
    return AssumedMeans(
        difference=share - 0.5,
        between_sd=spread,
        within_sd=within**0.5,
        found=f"a share of {share:.0%} is told from one half",
        spreads=f"SD of shares between listeners {spread:g}",
    )


def assumed_ratings(
    study: StudyDefinition,
    difference: float | None,
    *,
    rating_sd: float | None = None,
    difference_sd: float | None = None,
) -> AssumedMeans:
    """A listener's difference of two mean ratings; in CCR one rating is a difference already.

    DataError: no difference is named.
    """
    if difference is None:
        raise DataError(
            "How large a difference of ratings is to be found is not said.",
            "Give the smallest mean difference that would matter, on the scale of the page, such "
            "as --difference 5 for MUSHRA or 0.3 for five categories.",
        )
    length = _length_of_scale(study)
    rating_sd = RATING_SD * length if rating_sd is None else rating_sd
    difference_sd = DIFFERENCE_SD * length if difference_sd is None else difference_sd
    return AssumedMeans(
        difference=difference,
        between_sd=difference_sd,
        within_sd=rating_sd if study.paradigm == "ccr" else rating_sd * 2**0.5,
        found=f"a mean difference of {difference:g} is found on a scale {length:g} long",
        spreads=f"SD of one rating {rating_sd:g}, SD of true differences between listeners "
        f"{difference_sd:g}",
    )


def _length_of_scale(study: StudyDefinition) -> float:
    paradigm = PARADIGMS[study.paradigm]
    if paradigm.scale is not None:
        return paradigm.scale.highest - paradigm.scale.lowest
    numbers = [float(response) for response in paradigm.responses]
    return max(numbers) - min(numbers)
