"""Four-interval AX (4IAX, dual pair): two pairs, one of which differs."""

from __future__ import annotations

from jndlab.languages.marks import N_
from jndlab.study.paradigms.paradigm import Order, Paradigm

PARADIGM = Paradigm(
    name="4iax",
    called="four-interval AX (4IAX, dual pair)",
    summary="Two pairs: in which of them do the two differ?",
    title=N_("In which pair is there a difference?"),
    labels=("1", "2", "3", "4"),
    playback="sequence",
    orders=(
        Order(
            code="BC-BB",
            sources=("baseline", "compressed", "baseline", "baseline"),
            correct_response="1",
        ),
        Order(
            code="BB-BC",
            sources=("baseline", "baseline", "baseline", "compressed"),
            correct_response="2",
        ),
        Order(
            code="CB-BB",
            sources=("compressed", "baseline", "baseline", "baseline"),
            correct_response="1",
        ),
        Order(
            code="BB-CB",
            sources=("baseline", "baseline", "compressed", "baseline"),
            correct_response="2",
        ),
        Order(
            code="BC-CC",
            sources=("baseline", "compressed", "compressed", "compressed"),
            correct_response="1",
        ),
        Order(
            code="CC-BC",
            sources=("compressed", "compressed", "baseline", "compressed"),
            correct_response="2",
        ),
        Order(
            code="CB-CC",
            sources=("compressed", "baseline", "compressed", "compressed"),
            correct_response="1",
        ),
        Order(
            code="CC-CB",
            sources=("compressed", "compressed", "compressed", "baseline"),
            correct_response="2",
        ),
    ),
    responses=("1", "2"),
    response_labels=(N_("In the first pair"), N_("In the second pair")),
    question=N_("In which pair do the two differ?"),
    gate=N_("Listen to both pairs first."),
    instructions=(
        N_(
            "You hear the same sentence four times, in two pairs. In one pair both are the same "
            "version; in the other pair they are two versions."
        ),
        N_("Say in which pair the two are different."),
        N_("The difference is often very small. If you cannot tell, guess."),
    ),
    groups=(2, 2),
)
