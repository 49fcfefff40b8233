"""The verdict of an equivalence test, and a sentence that claims no more than it allows.

Two questions have their own test each: is there a difference (against chance), and is it smaller
than the bound? Two answers to each give four verdicts. A test against chance that found nothing
answers the first question only: by itself it never makes two sounds the same.
"""

from __future__ import annotations

from typing import Literal

Verdict = Literal["equivalent", "different", "both", "undecided"]


def decide(*, smaller_than_bound: bool, above_chance: bool) -> Verdict:
    """The verdict that follows from both tests.

    >>> decide(smaller_than_bound=False, above_chance=False)
    'undecided'
    """
    if smaller_than_bound:
        return "both" if above_chance else "equivalent"
    return "different" if above_chance else "undecided"


def equivalence_wording(
    verdict: Verdict,
    *,
    subject: str,
    chance: float,
    bound: str,
    limits: str,
    confidence: float,
    p_value: float,
    p_value_difference: float,
) -> str:
    """What may be said, for a report. ``subject`` is what is claimed about, ``limits`` its range.

    >>> wording = equivalence_wording(
    ...     "undecided", subject="Their mean", chance=0.5, bound="0.6", limits="at most 0.64",
    ...     confidence=0.95, p_value=0.2, p_value_difference=0.3)
    >>> print(wording.split(":")[0])
    Undecided. Their mean was not shown to exceed chance, 0.5, p = 0.3, but a difference as large \
as the bound of 0.6, p = 0.2, is not ruled out either
    """
    sure = f"{limits} with {100 * confidence:.4g}% confidence"
    against_bound = f"the bound of {bound}, {p_text(p_value)}"
    against_chance = f"chance, {chance:.3g}, {p_text(p_value_difference)}"
    if verdict == "equivalent":
        return (
            f"Equivalent within the bound. {subject} is {sure}: within {against_bound}. It was not "
            f"shown to exceed {against_chance}. Differences smaller than the bound may still be "
            "heard."
        )
    if verdict == "both":
        return (
            f"Audible, but less than the bound. {subject} exceeds {against_chance}, and is {sure}: "
            f"within {against_bound}."
        )
    if verdict == "different":
        return (
            f"Different. {subject} exceeds {against_chance}: the difference is heard. It was not "
            f"shown to be within {against_bound}; it is {sure}."
        )
    return (
        f"Undecided. {subject} was not shown to exceed {against_chance}, but a difference as large "
        f"as {against_bound}, is not ruled out either: it is {sure}. This is no evidence that the "
        "difference cannot be heard; it takes more data to tell."
    )


def p_text(p_value: float) -> str:
    """'p = 0.031', or 'p < 0.001'.

    >>> p_text(0.03123), p_text(0.00001)
    ('p = 0.031', 'p < 0.001')
    """
    return "p < 0.001" if p_value < 0.001 else f"p = {p_value:.2g}"
