"""Two-interval forced choice (2IFC, 2AFC): baseline and compressed version in random order."""

from __future__ import annotations

from jndlab.languages.marks import N_
from jndlab.study.paradigms.paradigm import Order, Paradigm

PARADIGM = Paradigm(
    name="two-interval",
    called="two-interval forced choice (2IFC)",
    summary="Two one after the other: which one was processed?",
    title=N_("The first or the second?"),
    labels=("1", "2"),
    playback="sequence",
    orders=(
        Order(code="BC", sources=("baseline", "compressed"), correct_response="2"),
        Order(code="CB", sources=("compressed", "baseline"), correct_response="1"),
    ),
    responses=("1", "2"),
    response_labels=(N_("The first"), N_("The second")),
    question=N_("Which one was the processed one?"),
    gate=N_("Listen to both first."),
    instructions=(
        N_(
            "You hear the same sentence twice. One of the two is the original, the other one was "
            "processed and may sound a little worse."
        ),
        N_("Say which one was the processed one: the first or the second."),
        N_("The difference is often very small. If you cannot tell, guess."),
    ),
)
