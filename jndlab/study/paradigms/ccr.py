"""Comparison category rating (CCR, CMOS), ITU-T P.800 and P.808: the second against the first."""

from __future__ import annotations

from jndlab.languages.marks import N_
from jndlab.study.paradigms.paradigm import Order, Paradigm

PARADIGM = Paradigm(
    name="ccr",
    title=N_("Better or worse?"),
    labels=("1", "2"),
    playback="sequence",
    orders=(
        Order(code="BC", sources=("baseline", "compressed")),
        Order(code="CB", sources=("compressed", "baseline")),
    ),
    responses=("3", "2", "1", "0", "-1", "-2", "-3"),
    response_labels=(
        N_("3 Much better"),
        N_("2 Better"),
        N_("1 Slightly better"),
        N_("0 About the same"),
        N_("-1 Slightly worse"),
        N_("-2 Worse"),
        N_("-3 Much worse"),
    ),
    question=N_("How is the quality of the second one, compared with the first?"),
    gate=N_("Listen to both first."),
    instructions=(
        N_("You hear the same sentence twice, in two versions."),
        N_(
            "Rate the quality of the second one compared with the first, from much better to much"
            " worse. There is no right or wrong answer."
        ),
    ),
    symmetric=True,
)
