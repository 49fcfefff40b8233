"""Same-different (AX), balanced over AA, BB, AB and BA."""

from __future__ import annotations

from jndlab.languages.marks import N_
from jndlab.study.paradigms.paradigm import Order, Paradigm

PARADIGM = Paradigm(
    name="same-different",
    called="same-different (AX)",
    summary="Two one after the other: the same, or different?",
    title=N_("The same or different?"),
    labels=("1", "2"),
    playback="sequence",
    orders=(
        Order(code="BB", sources=("baseline", "baseline"), correct_response="same"),
        Order(code="CC", sources=("compressed", "compressed"), correct_response="same"),
        Order(code="BC", sources=("baseline", "compressed"), correct_response="different"),
        Order(code="CB", sources=("compressed", "baseline"), correct_response="different"),
    ),
    responses=("same", "different"),
    response_labels=(N_("The same"), N_("Different")),
    question=N_("Are the two the same or different?"),
    gate=N_("Listen to both first."),
    instructions=(
        N_(
            "You hear the same sentence twice. In half of the trials both are the same version, "
            "in the other half they are two versions."
        ),
        N_("Say whether they are the same or different."),
        N_("The difference is often very small. If you cannot tell, guess."),
    ),
    symmetric=True,
)
