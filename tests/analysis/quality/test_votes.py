"""Votes: what each answer says, of which version, in whichever order it was heard."""

from __future__ import annotations

import numpy as np
import pytest

from jndlab.analysis import TrialTable, read_votes
from jndlab.analysis.quality.votes import Stimulus
from jndlab.errors import DataError
from tests.analysis.quality.simulated import simulate, simulated_table


def one(paradigm, response, *, order="BC", **changes):
    row = simulate(paradigm, n_listeners=1, n_items=1)[0]
    row |= {"condition": "seofp", "level": 3.0, "response": response, "order": order, **changes}
    votes = read_votes(TrialTable.from_rows([row]))
    return votes, [
        (votes.stimuli[s].name, votes.stimuli[o].name if o >= 0 else None, v)
        for s, o, v in zip(votes.stimulus, votes.other, votes.value, strict=True)
    ]


@pytest.mark.parametrize(
    ("order", "response", "value"), [("BC", "2", 2.0), ("CB", "2", -2.0), ("CB", "-3", 3.0)]
)
def test_ccr_is_turned_to_speak_for_the_version_under_test(order, response, value) -> None:
    _, votes = one("ccr", response, order=order)
    assert votes == [("seofp@3", "baseline", value)]


@pytest.mark.parametrize(
    ("order", "response", "value"), [("BC", "A", 0.0), ("BC", "B", 1.0), ("CB", "A", 1.0)]
)
def test_a_preference_counts_for_the_version_under_test(order, response, value) -> None:
    assert one("preference", response, order=order)[1] == [("seofp@3", "baseline", value)]


@pytest.mark.parametrize(
    ("order", "response", "value"), [("B-BC", "5.0;3.2", -1.8), ("B-CB", "5.0;3.2", 1.8)]
)
def test_a_difference_grade_is_test_minus_hidden_reference(order, response, value) -> None:
    (vote,) = one("bs1116", response, order=order)[1]
    assert vote[:2] == ("seofp@3", "baseline")
    assert vote[2] == pytest.approx(value)


def test_acr_and_dcr_are_what_was_said() -> None:
    assert one("acr", "4", order="C")[1] == [("seofp@3", None, 4.0)]
    assert one("dcr", "2")[1] == [("seofp@3", None, 2.0)]


def test_mushra_gives_a_vote_per_rated_interval() -> None:
    sounds = "baseline;seofp@3;anchor@3500;baseline"
    _, votes = one("mushra", "80;20;100", condition=None, level=None, sounds=sounds)
    assert votes == [
        ("seofp@3", None, 80.0),
        ("anchor@3500", None, 20.0),
        ("baseline", None, 100.0),
    ]


def test_an_identical_pair_is_of_the_baseline() -> None:
    _, votes = one("dcr", "5", trial_kind="identical")
    assert votes == [("baseline", None, 5.0)]


def test_a_pair_counts_alike_whichever_side_was_planned_first() -> None:
    side = {"condition": "seofp", "level": 1.0, "compared_with": "seofp", "compared_level": 4.0}
    assert one("preference", "B", **side)[1] == [("seofp@4", "seofp@1", 0.0)]
    turned = {"condition": "seofp", "level": 4.0, "compared_with": "seofp", "compared_level": 1.0}
    assert one("preference", "A", **turned)[1] == [("seofp@4", "seofp@1", 0.0)]
    votes, found = one("ccr", "-2", **side)
    assert found == [("seofp@4", "seofp@1", 2.0)]
    assert votes.sign.tolist() == [1]  # seofp@4 was heard first


@pytest.mark.parametrize(
    ("paradigm", "response"),
    [("preference", "C"), ("acr", "6"), ("acr", "good"), ("bs1116", "5.0"), ("ccr", "nan")],
)
def test_a_response_that_is_none_is_named(paradigm, response) -> None:
    with pytest.raises(DataError, match=r"Session s001, trial 1: the response"):
        one(paradigm, response)


def test_a_sound_that_names_nothing_is_refused() -> None:
    with pytest.raises(DataError, match="Column sounds"):
        one("mushra", "5", condition=None, level=None, sounds="baseline;seofp@loud")


def test_right_and_wrong_are_no_votes(study_rows) -> None:
    with pytest.raises(DataError, match="no preferences and no ratings"):
        read_votes(TrialTable.from_rows(study_rows()))


def test_stimuli_stand_in_order_with_anchors_last() -> None:
    votes = read_votes(simulated_table("mushra", n_listeners=2))
    names = [stimulus.name for stimulus in votes.stimuli]
    assert names[0] == "baseline"
    assert names[-2:] == ["anchor@3500", "anchor@7000"]
    assert names[1:-2] == ["prune@0.5", "prune@0.9", "seofp@0", "seofp@2", "seofp@4"]
    assert votes.index(Stimulus("nowhere")) == -1
    assert np.bincount(votes.stimulus).tolist() == [8] * 8
