"""Comparison category rating (CCR, CMOS), ITU-T P.800 and P.808: the second against the first."""

from __future__ import annotations

from jndlab.languages.marks import N_
from jndlab.study.paradigms.paradigm import Order, Paradigm

PARADIGM = Paradigm(
    name="ccr",
    called="comparison category rating (CCR, CMOS)",
    summary="Two one after the other: how much better or worse is the second (ITU-T P.800)?",
    title=N_("Better or worse?"),
    labels=("1", "2"),
    playback="sequence",
    orders=(
        Order(code="BC", sources=("baseline", "compressed")),
        Order(code="CB", sources=("compressed", "baseline")),
    ),
    responses=("3", "2", "1", "0", "-1", "-2", "-3"),
    response_labels=(
        N_("Much better"),
        N_("Better"),
        N_("Slightly better"),
        N_("About the same"),
        N_("Slightly worse"),
        N_("Worse"),
        N_("Much worse"),
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
