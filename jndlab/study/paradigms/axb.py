"""AXB: the one in the middle is the first or the last, played one after the other."""

from __future__ import annotations

from jndlab.languages.marks import N_
from jndlab.study.paradigms.paradigm import Order, Paradigm

PARADIGM = Paradigm(
    name="axb",
    called="AXB",
    summary="The one in the middle is the same as the first or as the last.",
    title=N_("Like the first or like the third?"),
    labels=("1", "2", "3"),
    playback="sequence",
    orders=(
        Order(code="B-B-C", sources=("baseline", "baseline", "compressed"), correct_response="1"),
        Order(code="B-C-C", sources=("baseline", "compressed", "compressed"), correct_response="3"),
        Order(code="C-B-B", sources=("compressed", "baseline", "baseline"), correct_response="3"),
        Order(code="C-C-B", sources=("compressed", "compressed", "baseline"), correct_response="1"),
    ),
    responses=("1", "3"),
    response_labels=(N_("Like the first"), N_("Like the third")),
    question=N_("Is the second one the same as the first or the same as the third?"),
    gate=N_("Listen to all three first."),
    instructions=(
        N_(
            "You hear the same sentence three times. The first and the third are two versions of "
            "it; the second is one of the two."
        ),
        N_("Say which one the second is the same as: the first or the third."),
        N_("The difference is often very small. If you cannot tell, guess."),
    ),
)
