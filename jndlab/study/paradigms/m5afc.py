"""5-alternative forced choice (5AFC): the compressed version once among 4 times the baseline."""

from __future__ import annotations

from jndlab.languages.marks import N_
from jndlab.study.paradigms.paradigm import Order, Paradigm

PARADIGM = Paradigm(
    name="5afc",
    called="five-alternative forced choice (5AFC)",
    summary="Five one after the other: which one was processed?",
    title=N_("Which one is the processed one?"),
    labels=("1", "2", "3", "4", "5"),
    playback="sequence",
    orders=(
        Order(
            code="CBBBB",
            sources=("compressed", "baseline", "baseline", "baseline", "baseline"),
            correct_response="1",
        ),
        Order(
            code="BCBBB",
            sources=("baseline", "compressed", "baseline", "baseline", "baseline"),
            correct_response="2",
        ),
        Order(
            code="BBCBB",
            sources=("baseline", "baseline", "compressed", "baseline", "baseline"),
            correct_response="3",
        ),
        Order(
            code="BBBCB",
            sources=("baseline", "baseline", "baseline", "compressed", "baseline"),
            correct_response="4",
        ),
        Order(
            code="BBBBC",
            sources=("baseline", "baseline", "baseline", "baseline", "compressed"),
            correct_response="5",
        ),
    ),
    responses=("1", "2", "3", "4", "5"),
    response_labels=(
        N_("The first"),
        N_("The second"),
        N_("The third"),
        N_("The fourth"),
        N_("The fifth"),
    ),
    question=N_("Which one of them was processed?"),
    gate=N_("Listen to all five first."),
    instructions=(
        N_(
            "You hear the same sentence five times. One of the five was processed and may sound a"
            " little worse; the others are the original."
        ),
        N_("Say which one was the processed one."),
        N_("The difference is often very small. If you cannot tell, guess."),
    ),
)
