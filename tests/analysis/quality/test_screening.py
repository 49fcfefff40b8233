"""Post-screening picks those whom the Recommendations pick, and says why."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from jndlab.analysis import TrialTable, read_votes
from jndlab.analysis.quality.screening import mid_anchor, screen_experts, screen_mushra
from jndlab.analysis.quality.votes import Stimulus
from tests.analysis.quality.simulated import simulate

SOUNDS = "baseline;baseline;seofp@3;anchor@3500;anchor@7000"


def mushra(ratings):
    """Votes of listeners; ratings[listener][item] = (hidden reference, mid anchor)."""
    template = simulate("mushra", n_listeners=1, n_items=1)[0]
    rows = []
    for who, items in enumerate(ratings, start=1):
        for number, (reference, anchor) in enumerate(items, start=1):
            response = f"{reference};70;20;{anchor}"
            changes = {"session": f"s{who}", "participant": who, "trial": number}
            changes |= {"item": f"item{number:02}", "response": response, "sounds": SOUNDS}
            rows.append(template | changes)
    return screen_mushra(read_votes(TrialTable.from_rows(rows)))


def test_more_than_15_percent_of_the_items_decide() -> None:
    good, bad = (95, 60), (89, 60)
    found = mushra([[good] * 20, [bad] * 3 + [good] * 17, [bad] * 4 + [good] * 16])
    assert found.excluded == (3,)  # 3 of 20 items are 15 %, and no more
    assert found.listeners[2].reasons == ("rated the hidden reference below 90 for 4 of 20 items",)
    assert found.listeners[1].n_reference_low == 3
    assert mushra([[(90, 60)] * 4]).excluded == ()


def test_the_mid_anchor_must_not_be_rated_above_90() -> None:
    good, high = (95, 60), (95, 91)
    others = [[good] * 10] * 4
    found = mushra([*others, [high] * 2 + [good] * 8])
    assert found.mid_anchor == Stimulus("anchor", 7000.0)
    assert found.excluded == (5,)
    assert found.listeners[4].reasons[0].startswith("rated the mid-range anchor above 90 for 2 of")
    assert mushra([*others, [high] + [good] * 9]).excluded == ()


def test_items_whose_anchor_many_rate_high_judge_nobody() -> None:
    good, high = (95, 60), (95, 91)
    many = [[high] * 2 + [good] * 8] * 2 + [[good] * 10] * 3  # 2 of 5 are more than 25 %
    found = mushra(many)
    assert found.excluded == ()
    assert found.items_spared == ("item01", "item02")
    assert found.listeners[0].n_anchor_items == 8


def test_the_mid_anchor_is_that_of_7_khz_or_the_highest_of_several() -> None:
    anchors = [Stimulus("anchor", cutoff) for cutoff in (2000.0, 3500.0, 7000.0, 9000.0)]
    assert mid_anchor(tuple(anchors)) == anchors[2]
    assert mid_anchor(tuple(anchors[:2])) == anchors[1]
    assert mid_anchor(tuple(anchors[:1])) is None


def experts(grades):
    """Difference grades of listeners, as BS.1116 trials."""
    template = simulate("bs1116", n_listeners=1, n_items=1)[0]
    rows = []
    for who, mine in enumerate(grades, start=1):
        for number, grade in enumerate(mine, start=1):
            test, reference = (5.0 + grade, 5.0) if grade <= 0 else (5.0, 5.0 - grade)
            order = "B-CB" if number % 2 else "B-BC"
            pair = (test, reference) if number % 2 else (reference, test)
            changes = {"session": f"s{who}", "participant": who, "trial": number, "order": order}
            rows.append(template | changes | {"response": f"{pair[0]:.1f};{pair[1]:.1f}"})
    votes = read_votes(TrialTable.from_rows(rows))
    return screen_experts(votes, coverage=0.95, rng=np.random.default_rng(1))


def test_an_expert_grades_below_the_reference_beyond_luck() -> None:
    keen, deaf = [-1.0, -0.5, -1.5, -0.8, -0.4], [0.5, -0.5, 0.3, -0.4, 0.0]
    found = experts([keen, deaf])
    assert found.excluded == (2,)
    expected = stats.ttest_1samp(keen, 0.0, alternative="less").pvalue
    assert found.listeners[0].p_value == pytest.approx(expected)
    assert (found.listeners[1].n_identified, found.listeners[1].n_missed) == (2, 2)
    assert (found.n_trials, found.n_identified, found.n_tied) == (10, 7, 1)
    assert found.identification == pytest.approx((1.0 + 0.5) / 2)


def test_who_always_says_the_same_grade_is_judged_by_its_sign() -> None:
    found = experts([[-1.0] * 4, [0.0] * 4])
    assert [one.expert for one in found.listeners] == [True, False]
    assert found.identification == 0.75
