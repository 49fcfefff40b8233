"""Two-interval forced choice after a leading standard (reminder task): the baseline comes first."""

from __future__ import annotations

from jndlab.languages.marks import N_
from jndlab.study.paradigms.paradigm import Order, Paradigm

PARADIGM = Paradigm(
    name="two-interval-standard",
    called="two-interval forced choice after a standard",
    summary="The baseline first, then two: which of these was processed?",
    title=N_("The first or the second?"),
    labels=("S", "1", "2"),
    playback="sequence",
    orders=(
        Order(code="B-BC", sources=("baseline", "baseline", "compressed"), correct_response="2"),
        Order(code="B-CB", sources=("baseline", "compressed", "baseline"), correct_response="1"),
    ),
    responses=("1", "2"),
    response_labels=(N_("The first"), N_("The second")),
    question=N_("Which one was the processed one?"),
    gate=N_("Listen to all three first."),
    instructions=(
        N_(
            "You hear the original first, marked S, to compare with. Then the same sentence "
            "follows twice: one of the two is the original again, the other one was processed and "
            "may sound a little worse."
        ),
        N_("Say which of these two was the processed one: the first or the second."),
        N_("The difference is often very small. If you cannot tell, guess."),
    ),
    groups=(1, 2),
)
