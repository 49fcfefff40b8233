"""Absolute category rating (ACR), ITU-T P.800: five categories, one sound."""

from __future__ import annotations

from jndlab.languages.marks import N_
from jndlab.study.paradigms.paradigm import Order, Paradigm

PARADIGM = Paradigm(
    name="acr",
    called="absolute category rating (ACR, MOS)",
    summary="One sound, rated from bad to excellent (ITU-T P.800).",
    title=N_("How good is the quality?"),
    labels=("1",),
    playback="sequence",
    orders=(Order(code="C", sources=("compressed",)),),
    responses=("5", "4", "3", "2", "1"),
    response_labels=(N_("Excellent"), N_("Good"), N_("Fair"), N_("Poor"), N_("Bad")),
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
