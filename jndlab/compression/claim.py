"""A published figure, what it comes to when it is computed again, and by which rule."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Status = Literal["exact", "within rounding", "within 0.5 %", "differs", "uncheckable", "not found"]
"""exact: equal to the last digit given; differs: recomputed, and another number; uncheckable:
published, but a matter of the authors' machine or data; not found: in nothing that we could
read."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """One figure of one paper."""

    paper: str
    """"SEOFP-NET (Lin et al. 2022)"."""
    quantity: str
    """"parameters of the BLSTM"."""
    claimed: str
    """As it is printed, with its unit."""
    recomputed: str
    """The same by :attr:`rule`; empty where nothing can be computed."""
    rule: str
    """How it is computed, in a line that a reviewer can follow."""
    status: Status
