"""Unspecified tetrad: two of each version, to be sorted into two pairs."""

from __future__ import annotations

from jndlab.languages.marks import N_
from jndlab.study.paradigms.paradigm import Order, Paradigm

PARADIGM = Paradigm(
    name="tetrad",
    called="tetrad",
    summary="Two of each version, to be sorted into two pairs.",
    title=N_("Which two belong together?"),
    labels=("1", "2", "3", "4"),
    playback="sequence",
    orders=(
        Order(
            code="BBCC",
            sources=("baseline", "baseline", "compressed", "compressed"),
            correct_response="12",
        ),
        Order(
            code="CCBB",
            sources=("compressed", "compressed", "baseline", "baseline"),
            correct_response="12",
        ),
        Order(
            code="BCBC",
            sources=("baseline", "compressed", "baseline", "compressed"),
            correct_response="13",
        ),
        Order(
            code="CBCB",
            sources=("compressed", "baseline", "compressed", "baseline"),
            correct_response="13",
        ),
        Order(
            code="BCCB",
            sources=("baseline", "compressed", "compressed", "baseline"),
            correct_response="14",
        ),
        Order(
            code="CBBC",
            sources=("compressed", "baseline", "baseline", "compressed"),
            correct_response="14",
        ),
    ),
    responses=("12", "13", "14"),
    response_labels=(
        N_("1 with 2, and 3 with 4"),
        N_("1 with 3, and 2 with 4"),
        N_("1 with 4, and 2 with 3"),
    ),
    question=N_("Which ones are the same?"),
    gate=N_("Listen to all four first."),
    instructions=(
        N_(
            "You hear the same sentence four times: two of them are one version, the other two "
            "are another version."
        ),
        N_("Say which ones are the same version."),
        N_("The difference is often very small. If you cannot tell, guess."),
    ),
)
