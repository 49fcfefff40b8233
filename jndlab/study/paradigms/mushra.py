"""MUSHRA (ITU-R BS.1534-3): every version at once, hidden reference and anchors among them."""

from __future__ import annotations

from jndlab.languages.marks import N_
from jndlab.study.paradigms.paradigm import Paradigm, Scale

PARADIGM = Paradigm(
    name="mushra",
    called="MUSHRA",
    summary="All versions at once, each on a slider, hidden reference and anchors among them "
    "(ITU-R BS.1534-3).",
    title=N_("Rate the quality of each version"),
    labels=("R",),
    playback="switched",
    orders=(),
    question=N_("How would you rate the quality of each version?"),
    gate=N_("Listen to every version first."),
    instructions=(
        N_(
            "You hear the same sentence in several versions, and the original as reference R. One "
            "of the versions is the reference itself."
        ),
        N_(
            "Rate the quality of each version compared with the reference, from 0 (bad) to 100 "
            "(excellent). Listen as often as you like and change between them at any moment."
        ),
        N_("At least one version should be rated 100, because it is the reference."),
    ),
    part="sliders",
    scale=Scale(
        lowest=0.0,
        highest=100.0,
        step=1.0,
        labels=(
            (90.0, N_("Excellent")),
            (70.0, N_("Good")),
            (50.0, N_("Fair")),
            (30.0, N_("Poor")),
            (10.0, N_("Bad")),
        ),
    ),
    unrated=("R",),
    several=True,
)
