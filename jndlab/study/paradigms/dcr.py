"""Degradation category rating (DCR), ITU-T P.800: reference, then the version to rate."""

from __future__ import annotations

from jndlab.languages.marks import N_
from jndlab.study.paradigms.paradigm import Order, Paradigm

PARADIGM = Paradigm(
    name="dcr",
    called="degradation category rating (DCR)",
    summary="The reference, then a version: how much worse is it (ITU-T P.800)?",
    title=N_("How annoying is the difference?"),
    labels=("R", "A"),
    playback="sequence",
    orders=(Order(code="BC", sources=("baseline", "compressed")),),
    responses=("5", "4", "3", "2", "1"),
    response_labels=(
        N_("Inaudible"),
        N_("Audible but not annoying"),
        N_("Slightly annoying"),
        N_("Annoying"),
        N_("Very annoying"),
    ),
    question=N_("How annoying is the difference between A and the reference R?"),
    gate=N_("Listen to both first."),
    instructions=(
        N_(
            "You hear the same sentence twice: first the reference R, then another version, A, "
            "that may sound worse."
        ),
        N_("Rate how annoying the difference is. There is no right or wrong answer."),
    ),
)
