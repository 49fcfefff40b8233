"""Duo-trio with balanced reference: a reference, then two of which one is the same."""

from __future__ import annotations

from jndlab.languages.marks import N_
from jndlab.study.paradigms.paradigm import Order, Paradigm

PARADIGM = Paradigm(
    name="duo-trio",
    called="duo-trio",
    summary="A reference, then two: which of these is the same as it?",
    title=N_("Which one is like the first?"),
    labels=("R", "1", "2"),
    playback="sequence",
    orders=(
        Order(code="B-BC", sources=("baseline", "baseline", "compressed"), correct_response="1"),
        Order(code="B-CB", sources=("baseline", "compressed", "baseline"), correct_response="2"),
        Order(code="C-CB", sources=("compressed", "compressed", "baseline"), correct_response="1"),
        Order(code="C-BC", sources=("compressed", "baseline", "compressed"), correct_response="2"),
    ),
    responses=("1", "2"),
    response_labels=(N_("The first of the two"), N_("The second of the two")),
    question=N_("Which of the two is the same as the reference?"),
    gate=N_("Listen to all three first."),
    instructions=(
        N_(
            "You hear the same sentence three times. First comes the reference R, then two "
            "versions: one of them is the same as the reference, the other one is not."
        ),
        N_("Say which of the two is the same as the reference."),
        N_("The difference is often very small. If you cannot tell, guess."),
    ),
    groups=(1, 2),
)
