"""Designs that cannot be carried out: one clear error each, at its line, before any launch."""

from __future__ import annotations

from typing import Any

import pytest
from builders import make_definition, make_study_text

from jndlab.errors import Problem, StudyError
from jndlab.study.procedures.track import level_problems
from jndlab.study.study_file import parse_study


def problems_of(text: str) -> tuple[Problem, ...]:
    with pytest.raises(StudyError) as caught:
        parse_study(text, source="my.yaml")
    return caught.value.problems


SIX = {"levels": [1, 2, 3, 4, 5, 6]}
PARTS = [{"name": "first"}, {"name": "second"}]
GOLD = {"item": "one", "condition": "bits", "level": 1}
FAST = {"procedure": "staircase"}


def staircase(**adaptive: Any) -> dict[str, Any]:
    return {"condition": SIX, "design": FAST, "adaptive": adaptive}


def questplus(**adaptive: Any) -> dict[str, Any]:
    return {"condition": SIX, "design": {"procedure": "questplus"}, "adaptive": adaptive}


def parts(*entries: dict[str, Any], **overrides: Any) -> dict[str, Any]:
    return {"parts": list(entries), **overrides}


def gold(**changes: Any) -> dict[str, Any]:
    return {"gold": [{**GOLD, **changes}]}


def traps(*entries: dict[str, Any]) -> dict[str, Any]:
    return {"traps": list(entries)}


# what the study says -> the line it is found in, and words of message and remedy
PROCEDURES = [
    (
        {"paradigm": "yes-no", "design": FAST},
        "procedure:",
        "cannot serve yes-no: how often",
        "3afc",
    ),
    ({"paradigm": "preference", "design": FAST}, "procedure:", "neither right nor wrong", "3afc"),
    ({"paradigm": "mushra", "design": FAST}, "procedure:", "cannot serve mushra", "constant"),
    (
        parts({"name": "a", "paradigm": "acr", "procedure": "psi"}, {"name": "b"}),
        'procedure: "psi"',
        "psi cannot serve acr",
        "constant-stimuli",
    ),
    ({"condition": {"levels": [1, 2]}, "design": FAST}, "levels:", "cannot serve 2 levels", "3"),
    (staircase(starts=[7]), "starts:", "bits has no level 7 to start at", "Levels: 1, 2, 3"),
    (staircase(starts=[2, 2]), "starts:", "listed twice", "Remove one"),
    (staircase(sigmoid="norm"), "sigmoid:", "staircase has no use for sigmoid", "questplus, psi"),
    (questplus(n_down=3), "n_down:", "questplus has no use for n_down", "staircase"),
    (
        staircase(target_probability=0.75, n_down=2),
        "target_probability:",
        "set them as well",
        "one or the other",
    ),
    (staircase(target_probability=0.123), "target_probability:", "0.123", "0.75"),
    (staircase(n_down=1), "n_down:", "guessing gives", "n_down"),
    (staircase(stop={"reversals": 8}), "stop:", "no limit", "number of trials"),
    (staircase(stop={"reversals": 30, "trials": 20}), "stop:", "can never be met", "more trials"),
    (staircase(stop={"interval": 0.5, "trials": 20}), "stop:", "no posterior", "reversals"),
    (questplus(stop={"reversals": 8, "trials": 20}), "stop:", "no reversals", "trials"),
    (questplus(stop={"interval": 0.001, "trials": 20}), "stop:", "can never be met", "wider"),
    (staircase(stop={"need": "all"}), "stop:", "empty", "number of trials"),
    (
        staircase(stop={"sequential": {"level": 9}, "trials": 50}),
        "stop:",
        "waits for level 9",
        "levels",
    ),
    (
        staircase(stop={"sequential": {"level": 6, "alternative": 0.4}, "trials": 50}),
        "stop:",
        "cannot tell",
        "",
    ),
    (
        questplus(sigmoid="weibull") | {"condition": {"levels": [-1, 0, 1, 2]}},
        "sigmoid:",
        "",
        "",
    ),
    ({"adaptive": {"n_down": 2}}, "adaptive:", "no procedure of the study follows", "staircase"),
]
PARTS_OF_A_SESSION = [
    (parts({"name": "a"}, {"name": "a"}), 'name: "a"', "two parts are called 'a'", "own name"),
    (
        parts({"name": "a", "conditions": ["bits", "nix"]}),
        "conditions: [",
        "no condition 'nix'",
        "Conditions: bits.",
    ),
    (parts({"name": "a", "conditions": ["bits", "bits"]}), "conditions: [", "twice", "Remove"),
    (
        {"conditions": [{}, {"name": "m"}]} | parts({"name": "a", "conditions": ["bits"]}),
        'name: "m"',
        "no part tests the condition 'm'",
        "Name it in a part",
    ),
    ({"design": {"part_order": "latin-square"}}, "part_order:", "no parts", "`parts`"),
    ({"design": {"assignment": "between-participants"}}, "assignment:", "no parts", "`parts`"),
    (
        parts(*PARTS, design={"assignment": "between-participants", "participants": 21}),
        "participants: 21",
        "evenly over the 2 groups",
        "Use 22 or 20.",
    ),
    (
        parts(*PARTS, {"name": "c"}, design={"part_order": "latin-square", "participants": 5}),
        "participants: 5",
        "6 rows of the Latin square",
        "Use 6.",
    ),
]
NUMBERS = [
    ({"design": {"items_per_session": 4}}, "items_per_session:", "more than the 3", "3 at most"),
    ({"design": {"pairs": "every-pair"}}, "pairs:", "abx compares with the baseline", "ccr"),
    (
        {
            "paradigm": "preference",
            "condition": {"levels": list(range(40))},
            "design": {"pairs": "every-pair"},
        },
        "pairs:",
        "3282 trials; the limit is 2000",
        "There are 820 pairs",
    ),
    (
        staircase(stop={"trials": 500}) | {"conditions": [{"name": n} for n in "abcde"]},
        "stop:",
        "2504 trials; the limit is 2000",
        "Stop tracks earlier",
    ),
    (
        parts(*PARTS, {"name": "third"}, design={"trials_per_level": 180}, condition=SIX),
        "trials_per_level:",
        "3252 trials",
        "fewer",
    ),
    ({"design": {"repeated_trials": 7}}, "repeated_trials:", "first half", "Use 6 at most"),
    ({"design": {**FAST, "repeated_trials": 1}}, "repeated_trials:", "cannot be repeated", "const"),
    (
        {"paradigm": "mushra", "condition": {"levels": list(range(15))}},
        "conditions:",
        "16 versions to rate; the limit is 15",
        "12 at most",
    ),
    ({"stimuli": {"anchors_hz": [3500]}}, "anchors_hz:", "means nothing for abx", "Leave"),
    (
        {"paradigm": "mushra", "stimuli": {"anchors_hz": [3500, 3500]}},
        "anchors_hz:",
        "listed twice",
        "Remove",
    ),
    ({"condition": {"name": "Anchor"}}, "name:", "cannot be called 'anchor'", "Low-pass"),
    ({"condition": {"name": "trap"}}, "name:", "cannot be called 'trap'", "trap trials"),
]
MEANINGLESS = [
    ({"paradigm": "mushra", "design": {"identical_trials": 2}}, "identical_trials:", "mushra", ""),
    ({"paradigm": "acr", "design": {"gross_trials": 2}}, "gross_trials:", "nothing for acr", ""),
    ({"paradigm": "acr", "design": {"feedback": "practice"}}, "feedback:", "nothing for acr", ""),
    (
        {"paradigm": "ccr", "design": {"practice_criterion": {"share": 1, "last": 2}}},
        "practice_criterion:",
        "nothing for ccr",
        "",
    ),
    (
        {"paradigm": "mushra", "design": {"confidence_steps": 4}},
        "confidence_steps:",
        "mushra, whose answers are ratings",
        "",
    ),
    ({"paradigm": "acr", "presentation": {"loop_region": True}}, "loop_region:", "acr", ""),
    ({"paradigm": "dcr", "presentation": {"switching": "restart"}}, "switching:", "dcr", ""),
    ({"paradigm": "acr", "analysis": {"sigmoid": "weibull"}}, "sigmoid:", "nothing for acr", ""),
    ({"paradigm": "yes-no", "analysis": {"target_probability": 0.8}}, "target_", "yes-no", ""),
    ({"paradigm": "mushra", "analysis": {"max_same_response": 0.9}}, "max_same_", "mushra", ""),
    ({"paradigm": "acr", "analysis": {"min_gross_correct": 0.7}}, "min_gross_", "acr", ""),
]
CATCH = [
    (gold(item="four"), "gold:", "no item 'four'", "Items: one, two, three"),
    (gold(condition="nix"), "gold:", "no condition 'nix'", "Conditions: baseline, bits"),
    (gold(level=3), "gold:", "no such level", "Levels: 1, 2, 4"),
    (gold(condition="baseline"), "gold:", "baseline has no level", "Leave"),
    (gold(part="a"), "gold:", "no part 'a'", "there are no parts"),
    (gold(answers=["A"]), "gold:", "abx has a right answer in every trial", "Leave"),
    (
        {"gold": [{"item": "one"}]},
        "gold:",
        "no part has single trials of baseline",
        "acr only",
    ),
    (traps({"sound": "x.mp3", "answer": "A"}), "traps:", "'x.mp3' cannot be", "WAV"),
    (
        traps({"sound": "a/x.wav", "answer": "A"}, {"sound": "b/x.wav", "answer": "B"}),
        "traps:",
        "two sounds of trap trials are called 'x'",
        "own name",
    ),
    (traps({"sound": "x.wav", "answer": "1"}), "traps:", "abx cannot be answered with '1'", "A, B"),
    (traps({"sound": "x.wav", "answer": "A", "part": "p"}), "traps:", "no part 'p'", "no parts"),
]
RATED = [
    ("acr", gold(), "so a gold trial needs answers", "5, 4, 3, 2, 1"),
    ("acr", gold(answers=["6"]), "acr cannot be answered with '6'", "Answers: 5"),
    ("acr", gold(answers=["1", "2", "3", "4", "5"]), "every answer would be right", "Leave out"),
    ("preference", gold(answers=["A"]), "preference cannot be answered with 'A'", "condition"),
    ("mushra", gold(), "no part has single trials of bits", "sliders"),
    ("mushra", traps({"sound": "x.wav", "answer": "50"}), "mushra cannot be", "sliders"),
]


@pytest.mark.parametrize(
    ("study", "place", "message", "remedy"), PROCEDURES + PARTS_OF_A_SESSION + NUMBERS + MEANINGLESS
)
def test_a_design_that_cannot_be_is_told_at_its_line(
    study: dict[str, Any], place: str, message: str, remedy: str
) -> None:
    require_one_problem(make_study_text(**study), place, message, remedy)


@pytest.mark.parametrize(("design", "place", "message", "remedy"), CATCH)
def test_a_gold_or_trap_trial_that_cannot_be_is_told_at_its_line(
    design: dict[str, Any], place: str, message: str, remedy: str
) -> None:
    require_one_problem(make_study_text(design=design), place, message, remedy)


@pytest.mark.parametrize(("paradigm", "design", "message", "remedy"), RATED)
def test_what_is_known_of_a_rating_has_to_be_a_possible_answer(
    paradigm: str, design: dict[str, Any], message: str, remedy: str
) -> None:
    text = make_study_text(paradigm=paradigm, design=design)
    require_one_problem(text, f"{next(iter(design))}:", message, remedy)


def require_one_problem(text: str, place: str, message: str, remedy: str) -> None:
    (problem,) = problems_of(text)
    assert message in problem.message
    assert remedy in problem.remedy
    assert problem.remedy
    assert problem.location is not None
    lines = text.split("\n")
    first = min(number for number, line in enumerate(lines, start=1) if place in line)
    # Inside a list of mappings the wrong key of the entry is pointed at.
    assert first <= problem.location.line <= first + 5
    assert problem.location.excerpt


def test_levels_out_of_order_are_found_and_a_study_orders_its_own() -> None:
    (problem,) = level_problems((1.0, 4.0, 2.0))
    assert "not in order" in problem.message
    make_definition(condition={"levels": [4, 1, 2]}, design=FAST)


def test_what_asks_for_nothing_does_no_harm() -> None:
    nothing = {"identical_trials": 0, "gross_trials": 0, "feedback": "never"}
    make_definition(paradigm="mushra", design=nothing)
    make_definition(paradigm="acr", analysis={"sigmoid": "norm", "alpha": 0.01})


def test_parts_of_several_kinds_may_use_keys_of_either() -> None:
    mixed = [
        {"name": "a", "paradigm": "3afc", "procedure": "staircase"},
        {"name": "b", "paradigm": "3afc", "procedure": "questplus"},
        {"name": "c", "paradigm": "mushra"},
    ]
    make_definition(
        condition=SIX,
        parts=mixed,
        stimuli={"anchors_hz": [3500, 7000]},
        adaptive={"n_down": 3, "sigmoid": "logistic", "stop": {"trials": 40}},
        design={"part_order": "latin-square", "participants": 12, "feedback": "always"},
    )
