"""Three-interval oddity (triangle test): one is different, either version may be the odd one."""

from __future__ import annotations

from jndlab.languages.marks import N_
from jndlab.study.paradigms.paradigm import Order, Paradigm

PARADIGM = Paradigm(
    name="oddity",
    called="three-interval oddity (triangle)",
    summary="Three one after the other: which one is different?",
    title=N_("Which one is different?"),
    labels=("1", "2", "3"),
    playback="sequence",
    orders=(
        Order(code="CBB", sources=("compressed", "baseline", "baseline"), correct_response="1"),
        Order(code="BCB", sources=("baseline", "compressed", "baseline"), correct_response="2"),
        Order(code="BBC", sources=("baseline", "baseline", "compressed"), correct_response="3"),
        Order(code="BCC", sources=("baseline", "compressed", "compressed"), correct_response="1"),
        Order(code="CBC", sources=("compressed", "baseline", "compressed"), correct_response="2"),
        Order(code="CCB", sources=("compressed", "compressed", "baseline"), correct_response="3"),
    ),
    responses=("1", "2", "3"),
    response_labels=(N_("The first"), N_("The second"), N_("The third")),
    question=N_("Which one is different from the other two?"),
    gate=N_("Listen to all three first."),
    instructions=(
        N_(
            "You hear the same sentence three times. Two of the three are the same version; one "
            "is another version."
        ),
        N_("Say which one is different from the other two."),
        N_("The difference is often very small. If you cannot tell, guess."),
    ),
)
