"""Paired comparison (AB preference): which of two versions is preferred."""

from __future__ import annotations

from jndlab.languages.marks import N_
from jndlab.study.paradigms.paradigm import Order, Paradigm

PARADIGM = Paradigm(
    name="preference",
    called="paired comparison (AB preference)",
    summary="Two to switch between: which one is preferred?",
    title=N_("Which one do you prefer?"),
    labels=("A", "B"),
    playback="switched",
    orders=(
        Order(code="BC", sources=("baseline", "compressed")),
        Order(code="CB", sources=("compressed", "baseline")),
    ),
    responses=("A", "B"),
    response_labels=(N_("I prefer A"), N_("I prefer B")),
    question=N_("Which one do you prefer?"),
    gate=N_("Listen to A and B first."),
    instructions=(
        N_("You hear the same sentence in two versions, A and B."),
        N_(
            "Listen to both as often as you like and change between them at any moment. Then say "
            "which one you prefer: there is no right or wrong answer."
        ),
        N_("If you have no preference, choose either."),
    ),
    symmetric=True,
)
