"""Degradation category rating (DCR), ITU-T P.800: reference, then the version to rate."""

from __future__ import annotations

from jndlab.languages.marks import N_
from jndlab.study.paradigms.paradigm import Order, Paradigm

PARADIGM = Paradigm(
    name="dcr",
    title=N_("How annoying is the difference?"),
    labels=("R", "1"),
    playback="sequence",
    orders=(Order(code="BC", sources=("baseline", "compressed")),),
    responses=("5", "4", "3", "2", "1"),
    response_labels=(
        N_("5 Inaudible"),
        N_("4 Audible but not annoying"),
        N_("3 Slightly annoying"),
        N_("2 Annoying"),
        N_("1 Very annoying"),
    ),
    question=N_("How annoying is the degradation of the second one, compared with the reference?"),
    gate=N_("Listen to both first."),
    instructions=(
        N_(
            "You hear the same sentence twice: first the reference R, then a version that may be "
            "degraded."
        ),
        N_(
            "Rate how annoying the degradation of the second one is. There is no right or wrong "
            "answer."
        ),
    ),
)
