"""The published figures of multi-view attention transfer and MANNER, each computed again."""

from __future__ import annotations

from jndlab.compression.attention.counting import (
    FVCORE,
    PARAMETERS_RULE,
    RATE_HZ,
    THOP_NEW,
    THOP_OLD,
    Rule,
    count_operations,
    count_parameters,
)
from jndlab.compression.attention.design import (
    MANNER_BASE,
    MANNER_LARGE,
    MANNER_SMALL,
    STUDENT,
    Design,
)
from jndlab.compression.claim import Claim, Status

TRANSFER = "MV-AT (Shin et al. 2022)"
MANNER = "MANNER (Park et al. 2022)"
SECONDS = 4
"""Length of MANNER's training segments, and of the clips that the operations are counted for."""

_NOT_FOUND = (
    "attention maps of the three views",
    "weight β of the transfer",
    "blocks of teacher and student that are paired",
    "students other than the one of 8.1 GF",
    "PESQ and STOI of students with and without transfer",
    "teacher: MANNER-S, base or large",
    "listening test",
)
_SCORES = (
    ("MANNER-S", "PESQ-WB 3.12, STOI 95 %, CSIG 4.45, CBAK 3.61, COVL 3.82"),
    ("MANNER base", "PESQ-WB 3.21, STOI 95 %, CSIG 4.53, CBAK 3.65, COVL 3.91"),
    ("MANNER large", "PESQ-WB 3.24, STOI 95 %, CSIG 4.55, CBAK 3.66, COVL 3.94"),
)


def claims() -> tuple[Claim, ...]:
    """Sizes, operations, scores, and what could not be found, in that order."""
    return (*_sizes(), *_operations(), *_scores(), *_not_found())


def _sizes() -> tuple[Claim, ...]:
    baseline, student = (count_parameters(each).count for each in (MANNER_SMALL, STUDENT))
    return (
        _size(MANNER, "MANNER-S", "21.25 M", MANNER_SMALL),
        _size(MANNER, "MANNER base", "24.07 M", MANNER_BASE),
        _size(MANNER, "MANNER large", "95.5 M", MANNER_LARGE),
        _size(TRANSFER, "the student (our reconstruction)", "1.381 M", STUDENT),
        _claim(
            "student's parameters against MANNER-S",
            "15.4x fewer",
            f"{baseline / student:.2f}x: {baseline:,} / {student:,}",
            "of all MANNER-S up to depth 6 only depth 3 with width 30 gives 15.4",
            "exact",
        ),
    )


def _operations() -> tuple[Claim, ...]:
    return (
        _claim(
            "student's floating-point operations",
            "8.1 GF",
            f"{_giga(STUDENT, THOP_OLD):.2f} G; {_giga(STUDENT, THOP_NEW):.2f} G as thop 0.1.1",
            f"{SECONDS} s at 16 kHz; {THOP_OLD.text}; tool and length are not stated",
            "exact",
        ),
        _claim(
            "student's floating-point operations against MANNER-S",
            "4.71x fewer",
            f"{_ratio(THOP_OLD):.2f}x: {_giga(MANNER_SMALL, THOP_OLD):.2f} G /"
            f" {_giga(STUDENT, THOP_OLD):.2f} G; {_ratio(THOP_NEW):.2f}x as thop 0.1.1",
            f"{SECONDS} s at 16 kHz; {THOP_OLD.text}; tool and length are not stated",
            "exact",
        ),
        _claim(
            "the same by another tool's rule",
            "4.71x fewer",
            f"{_ratio(FVCORE):.2f}x",
            f"{SECONDS} s at 16 kHz; {FVCORE.text}",
            "differs",
        ),
    )


def _scores() -> tuple[Claim, ...]:
    rule = "trained by the authors on Valentini's 28 talkers, 350 epochs; not trained again by us"
    return tuple(
        Claim(
            paper=MANNER,
            quantity=f"scores of {network}",
            claimed=scores,
            recomputed="",
            rule=rule,
            status="uncheckable",
        )
        for network, scores in _SCORES
    )


def _not_found() -> tuple[Claim, ...]:
    rule = "the full text and code of the paper were not within our reach"
    return tuple(_claim(quantity, "", "", rule, "not found") for quantity in _NOT_FOUND)


def _size(paper: str, network: str, claimed: str, design: Design) -> Claim:
    return Claim(
        paper=paper,
        quantity=f"parameters of {network}",
        claimed=claimed,
        recomputed=f"{count_parameters(design).count:,}",
        rule=f"width {design.hidden}, depth {design.depth}; {PARAMETERS_RULE}",
        status="exact",
    )


def _claim(quantity: str, claimed: str, recomputed: str, rule: str, status: Status) -> Claim:
    return Claim(
        paper=TRANSFER,
        quantity=quantity,
        claimed=claimed,
        recomputed=recomputed,
        rule=rule,
        status=status,
    )


def _ratio(rule: Rule) -> float:
    return _giga(MANNER_SMALL, rule) / _giga(STUDENT, rule)


def _giga(design: Design, rule: Rule) -> float:
    return count_operations(design, SECONDS * RATE_HZ, rule) / 1e9
