"""What the report says was done, from the study itself."""

from __future__ import annotations

from typing import Any

import pytest

from jndlab.web.procedure import describe_procedure
from tests.builders import make_definition

LEVELS = {"levels": [8, 7, 6, 5, 4, 3, 2, 1]}


def test_a_staircase_is_described_with_steps_stop_and_tracks() -> None:
    adaptive = {
        "n_down": 3,
        "step_sizes": [
            {"harder": 4, "easier": 4, "reversals": 2},
            {"harder": 1, "easier": 1},
        ],
        "starts": [1, 5],
        "stop": {"reversals": 8, "trials": 60},
        "max_run": 2,
    }
    design = {"procedure": "staircase"}
    study = make_definition(paradigm="3afc", condition=LEVELS, design=design, adaptive=adaptive)
    said = " ".join(describe_procedure(study))
    assert "three-alternative forced choice (3AFC) trials (chance level 0.333)" in said
    assert "3-down 1-up staircase, which settles at 79.4% correct, with 2 tracks in each" in said
    assert "begun at 1 and 5. Steps were 4 levels until 2 reversals, then 1 level." in said
    assert "A track stopped after 8 reversals, or after 60 trials." in said
    assert (
        "The 2 tracks of a session were interleaved at random, with no more than 2 trials" in said
    )
    assert "constant stimuli" not in said


@pytest.mark.parametrize(
    ("procedure", "adaptive", "said"),
    [
        ("questplus", {}, "QUEST+ (Watson 2017): each trial was at the level from which"),
        ("questplus", {}, "61 thresholds"),
        ("questplus", {}, "lapse rates 0, 0.02 and 0.05 of the norm function"),
        ("questplus", {"nuisance": ["lapse_rate"]}, "for the sake of the lapse rate (Prins 2013)"),
        ("psi", {}, "Psi method (Kontsevich and Tyler 1999)"),
        ("psi", {}, "the lapse rate 0.02"),
        (
            "psi",
            {"stop": {"interval": 1.5, "trials": 40}},
            "when the 95% interval of the threshold was narrower than 1.5, or after 40 trials",
        ),
        ("staircase", {"target_probability": 0.75}, "weighted 1-down 1-up staircase"),
        ("staircase", {"target_probability": 0.75}, "1 level harder and 3 easier"),
        (
            "staircase",
            {"stop": {"evidence": 0.01, "trials": 90}},
            "when guessing was ruled out at an error rate of 0.01, or after 90 trials",
        ),
    ],
)
def test_adaptive_procedures_are_described(
    procedure: str, adaptive: dict[str, Any], said: str
) -> None:
    study = make_definition(condition=LEVELS, design={"procedure": procedure}, adaptive=adaptive)
    assert said in " ".join(describe_procedure(study))


def test_mushra_is_described_with_its_anchors_and_without_what_it_has_not() -> None:
    stimuli = make_definition().stimuli.model_dump(mode="json") | {"anchors_hz": [3500, 7000]}
    design = {"identical_trials": 0, "gross_trials": 0}
    study = make_definition(paradigm="mushra", stimuli=stimuli, design=design)
    said = " ".join(describe_procedure(study))
    assert "low-passed at 3500 and 7000 Hz as anchors" in said
    assert "sliders from 0 to 100 in steps of 1 (90 Excellent" in said
    for absent in ("chance level", "feedback", "equal right answers", "orders of presentation"):
        assert absent not in said


def test_parts_are_described_one_by_one_and_in_their_order() -> None:
    parts = [
        {"name": "one", "paradigm": "abx"},
        {"name": "two", "paradigm": "4iax", "procedure": "staircase"},
    ]
    study = make_definition(condition=LEVELS, parts=parts, design={"part_order": "latin-square"})
    paragraphs = describe_procedure(study)
    assert [paragraph.partition(":")[0] for paragraph in paragraphs] == [
        *("Stimuli", "Session", "Part one", "Part two", "Playback"),
    ]
    assert "2 rows of a Latin square" in paragraphs[1]
    assert "In one: participants switched" in paragraphs[-1]
    assert "In two: the intervals were played one after the other" in paragraphs[-1]


def test_subsets_and_repeats_are_told() -> None:
    design = {"items_per_session": 2, "repeated_trials": 3, "catch_placement": "spread"}
    said = " ".join(describe_procedure(make_definition(design=design)))
    assert "2 of the 3 items" in said
    assert "3 trials of the first half came once more" in said
    assert "spread evenly" in said


@pytest.mark.parametrize(
    ("design", "said"),
    [
        ({}, "Before the test came 2 practice trials with feedback; the test had none."),
        ({"feedback": "never"}, "2 practice trials. There was no feedback."),
        ({"feedback": "always"}, "There was feedback in practice and test, except after identical"),
        (
            {"practice_trials": 9, "practice_criterion": {"share": 0.8, "last": 5}},
            "at most 9 practice trials with feedback, until 80% of the newest 5 answers were right",
        ),
        ({}, "A break was offered every 10 trials."),
        ({"break_seconds": 60}, "A break of at least 60 s was offered every 10 trials."),
    ],
)
def test_practice_feedback_and_breaks_are_described(design: dict[str, Any], said: str) -> None:
    assert said in " ".join(describe_procedure(make_definition(design=design)))
