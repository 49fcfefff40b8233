"""4-alternative forced choice (4AFC): the compressed version once among 3 times the baseline."""

from __future__ import annotations

from jndlab.languages.marks import N_
from jndlab.study.paradigms.paradigm import Order, Paradigm

PARADIGM = Paradigm(
    name="4afc",
    called="four-alternative forced choice (4AFC)",
    summary="Four one after the other: which one was processed?",
    title=N_("Which one is the processed one?"),
    labels=("1", "2", "3", "4"),
    playback="sequence",
    orders=(
        Order(
            code="CBBB",
            sources=("compressed", "baseline", "baseline", "baseline"),
            correct_response="1",
        ),
        Order(
            code="BCBB",
            sources=("baseline", "compressed", "baseline", "baseline"),
            correct_response="2",
        ),
        Order(
            code="BBCB",
            sources=("baseline", "baseline", "compressed", "baseline"),
            correct_response="3",
        ),
        Order(
            code="BBBC",
            sources=("baseline", "baseline", "baseline", "compressed"),
            correct_response="4",
        ),
    ),
    responses=("1", "2", "3", "4"),
    response_labels=(N_("The first"), N_("The second"), N_("The third"), N_("The fourth")),
    question=N_("Which one of them was processed?"),
    gate=N_("Listen to all four first."),
    instructions=(
        N_(
            "You hear the same sentence four times. One of the four was processed and may sound a"
            " little worse; the others are the original."
        ),
        N_("Say which one was the processed one."),
        N_("The difference is often very small. If you cannot tell, guess."),
    ),
)
