"""ABX: X is A or B, and the participant switches between the three at will."""

from __future__ import annotations

from jndlab.languages.marks import N_
from jndlab.study.paradigms.paradigm import Order, Paradigm

PARADIGM = Paradigm(
    name="abx",
    called="ABX",
    summary="X is A or B, and listeners say which, switching between the three at will.",
    title=N_("Which one is X?"),
    labels=("A", "B", "X"),
    playback="switched",
    orders=(
        Order(code="AB-A", sources=("baseline", "compressed", "baseline"), correct_response="A"),
        Order(code="AB-B", sources=("baseline", "compressed", "compressed"), correct_response="B"),
        Order(code="BA-A", sources=("compressed", "baseline", "baseline"), correct_response="B"),
        Order(code="BA-B", sources=("compressed", "baseline", "compressed"), correct_response="A"),
    ),
    responses=("A", "B"),
    response_labels=(N_("X is A"), N_("X is B")),
    question=N_("Is X the same as A or the same as B?"),
    gate=N_("Listen to A, B and X first."),
    instructions=(
        N_("You hear the same sentence in two versions, A and B. X is one of the two."),
        N_(
            "Listen to A, B and X as often as you like and change between them at any moment. "
            "Then say which of the two X is."
        ),
        N_("The difference is often very small. If you cannot tell, guess."),
    ),
)
