"""What the checks of the data come to: sentences for people, each with a remedy."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

from jndlab.analysis.records import to_dict

Severity = Literal["note", "warning"]
CheckName = Literal[
    "flow", "catch", "bias", "learning", "times", "patterns", "interruptions", "items"
]

FINDING_P_VALUE = 0.01
"""Below this a test of a check is mentioned; there are about ten in one study."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing that a check has found."""

    check: CheckName
    severity: Severity
    """note: to be known and reported; warning: to be mended or explained before the results."""
    sentence: str
    remedy: str

    def __str__(self) -> str:
        return f"{self.sentence} {self.remedy}"

    def to_dict(self) -> Any:
        """The fields, ready for JSON."""
        return to_dict(self)


def note(check: CheckName, sentence: str, remedy: str) -> Finding:
    """A finding to be known and reported.

    >>> note("items", "Items differ.", "Report them apart.").severity
    'note'
    """
    return Finding(check=check, severity="note", sentence=sentence, remedy=remedy)


def warning(check: CheckName, sentence: str, remedy: str) -> Finding:
    """A finding to be mended or explained before the results.

    >>> str(warning("catch", "Answers leak.", "Find out how."))
    'Answers leak. Find out how.'
    """
    return Finding(check=check, severity="warning", sentence=sentence, remedy=remedy)


def is_small(p_value: float | None) -> bool:
    """Whether a test is worth a mention.

    >>> is_small(0.02), is_small(None), is_small(0.001)
    (False, False, True)
    """
    return p_value is not None and p_value < FINDING_P_VALUE


def p_text(p_value: float | None) -> str:
    """A p-value after the letter p.

    >>> p_text(0.0004), p_text(0.0312)
    ('< .001', '= 0.031')
    """
    return "unknown" if p_value is None else "< .001" if p_value < 0.001 else f"= {p_value:.3f}"


def people(numbers: Sequence[int]) -> str:
    """Participants by number, with the noun for so many.

    >>> people([4]), people([3, 1])
    ('participant 4', 'participants 1, 3')
    """
    return f"participant{'s' if len(set(numbers)) > 1 else ''} {listed(numbers)}"


def listed(numbers: Sequence[int]) -> str:
    """Participant numbers, the first twelve by name.

    >>> listed([3, 1, 3])
    '1, 3'
    """
    shown = ", ".join(str(number) for number in sorted(set(numbers))[:12])
    more = len(set(numbers)) - 12
    return f"{shown} and {more} more" if more > 0 else shown


def are(number: int) -> str:
    """The verb for so many.

    >>> are(1), are(0)
    ('is', 'are')
    """
    return "is" if number == 1 else "are"


def answers(number: int) -> str:
    """The noun for so many answers.

    >>> answers(1), answers(2)
    ('answer', 'answers')
    """
    return "answer" if number == 1 else "answers"
