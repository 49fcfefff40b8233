"""ABXY: X and Y are A and B in one order or the other (ABX with both answers to be heard)."""

from __future__ import annotations

from jndlab.languages.marks import N_
from jndlab.study.paradigms.paradigm import Order, Paradigm

PARADIGM = Paradigm(
    name="abxy",
    called="ABXY",
    summary="X and Y are A and B in one order or the other; listeners say which.",
    title=N_("Which one is X, which one is Y?"),
    labels=("A", "B", "X", "Y"),
    playback="switched",
    orders=(
        Order(
            code="BC-BC",
            sources=("baseline", "compressed", "baseline", "compressed"),
            correct_response="AX",
        ),
        Order(
            code="BC-CB",
            sources=("baseline", "compressed", "compressed", "baseline"),
            correct_response="AY",
        ),
        Order(
            code="CB-CB",
            sources=("compressed", "baseline", "compressed", "baseline"),
            correct_response="AX",
        ),
        Order(
            code="CB-BC",
            sources=("compressed", "baseline", "baseline", "compressed"),
            correct_response="AY",
        ),
    ),
    responses=("AX", "AY"),
    response_labels=(N_("X is A, Y is B"), N_("X is B, Y is A")),
    question=N_("Is X the same as A and Y the same as B, or the other way round?"),
    gate=N_("Listen to A, B, X and Y first."),
    instructions=(
        N_(
            "You hear the same sentence in two versions, A and B. X and Y are the same two "
            "versions in one order or the other."
        ),
        N_(
            "Listen to all four as often as you like and change between them at any moment. Then "
            "say which of the two X is; Y is the other one."
        ),
        N_("The difference is often very small. If you cannot tell, guess."),
    ),
)
