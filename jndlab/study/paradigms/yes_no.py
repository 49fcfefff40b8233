"""Yes/no: one sound, baseline or compressed; with a rating of confidence after it, a rating
experiment."""

from __future__ import annotations

from jndlab.languages.marks import N_
from jndlab.study.paradigms.paradigm import Order, Paradigm

PARADIGM = Paradigm(
    name="yes-no",
    called="yes/no",
    summary="One sound: was it processed? With a rating of confidence, a rating experiment.",
    title=N_("Was it processed?"),
    labels=("1",),
    playback="sequence",
    orders=(
        Order(code="B", sources=("baseline",), correct_response="no"),
        Order(code="C", sources=("compressed",), correct_response="yes"),
    ),
    responses=("yes", "no"),
    response_labels=(N_("Yes, processed"), N_("No, the original")),
    question=N_("Was this one processed?"),
    gate=N_("Listen to it first."),
    instructions=(
        N_(
            "You hear one sentence. In half of the trials it is the original, in the other half "
            "it was processed and may sound a little worse."
        ),
        N_("Say whether it was processed."),
        N_("The difference is often very small. If you cannot tell, guess."),
    ),
)
