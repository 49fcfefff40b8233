"""3-alternative forced choice (3AFC): the compressed version once among 2 times the baseline."""

from __future__ import annotations

from jndlab.languages.marks import N_
from jndlab.study.paradigms.paradigm import Order, Paradigm

PARADIGM = Paradigm(
    name="3afc",
    called="three-alternative forced choice (3AFC)",
    summary="Three one after the other: which one was processed?",
    title=N_("Which one is the processed one?"),
    labels=("1", "2", "3"),
    playback="sequence",
    orders=(
        Order(code="CBB", sources=("compressed", "baseline", "baseline"), correct_response="1"),
        Order(code="BCB", sources=("baseline", "compressed", "baseline"), correct_response="2"),
        Order(code="BBC", sources=("baseline", "baseline", "compressed"), correct_response="3"),
    ),
    responses=("1", "2", "3"),
    response_labels=(N_("The first"), N_("The second"), N_("The third")),
    question=N_("Which one of them was processed?"),
    gate=N_("Listen to all three first."),
    instructions=(
        N_(
            "You hear the same sentence three times. One of the three was processed and may sound"
            " a little worse; the others are the original."
        ),
        N_("Say which one was the processed one."),
        N_("The difference is often very small. If you cannot tell, guess."),
    ),
)
