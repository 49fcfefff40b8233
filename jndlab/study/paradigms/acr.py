"""Absolute category rating (ACR), ITU-T P.800: five categories, one sound."""

from __future__ import annotations

from jndlab.languages.marks import N_
from jndlab.study.paradigms.paradigm import Order, Paradigm

PARADIGM = Paradigm(
    name="acr",
    title=N_("How good is the quality?"),
    labels=("1",),
    playback="sequence",
    orders=(Order(code="C", sources=("compressed",)),),
    responses=("5", "4", "3", "2", "1"),
    response_labels=(N_("5 Excellent"), N_("4 Good"), N_("3 Fair"), N_("2 Poor"), N_("1 Bad")),
    question=N_("How would you rate the quality of the speech?"),
    gate=N_("Listen to it first."),
    instructions=(
        N_("You hear one sentence at a time."),
        N_(
            "Rate the overall quality of the speech, from excellent to bad. There is no right or "
            "wrong answer."
        ),
    ),
    rates_baseline=True,
)
