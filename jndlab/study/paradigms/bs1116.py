"""ITU-R BS.1116-3: double-blind triple-stimulus with hidden reference, for small impairments."""

from __future__ import annotations

from jndlab.languages.marks import N_
from jndlab.study.paradigms.paradigm import Order, Paradigm, Scale

PARADIGM = Paradigm(
    name="bs1116",
    called="BS.1116",
    summary="A reference and two: which one is impaired, and how much (ITU-R BS.1116-3)?",
    title=N_("Find the hidden reference"),
    labels=("R", "A", "B"),
    playback="switched",
    orders=(
        Order(code="B-BC", sources=("baseline", "baseline", "compressed")),
        Order(code="B-CB", sources=("baseline", "compressed", "baseline")),
    ),
    question=N_("How much do A and B differ from the reference R?"),
    gate=N_("Listen to R, A and B first."),
    instructions=(
        N_(
            "You hear the same sentence as reference R and as A and B. One of A and B is the "
            "reference itself, the other one may sound a little worse."
        ),
        N_(
            "Find out which of the two is the reference and rate it 5.0. Rate how annoying the "
            "difference of the other one is. Listen as often as you like and change between them "
            "at any moment."
        ),
    ),
    part="sliders",
    scale=Scale(
        lowest=1.0,
        highest=5.0,
        step=0.1,
        labels=(
            (5.0, N_("Imperceptible")),
            (4.0, N_("Perceptible, but not annoying")),
            (3.0, N_("Slightly annoying")),
            (2.0, N_("Annoying")),
            (1.0, N_("Very annoying")),
        ),
        needs_highest=True,
    ),
    unrated=("R",),
)
