"""Figures of sequential studies show what the results say."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from jndlab.analysis.inference.sequential_confidence import (
    confidence_sequence,
    confidence_sequence_listeners,
)
from jndlab.analysis.inference.sequential_decision import decide_group_sequential
from jndlab.analysis.inference.sequential_equivalence import sequential_equivalence
from jndlab.analysis.inference.sequential_evalues import e_value_binomial
from jndlab.analysis.inference.sequential_group import (
    plan_group_sequential,
    plan_group_sequential_equivalence,
)
from jndlab.analysis.inference.sequential_plots import (
    plot_confidence_sequence,
    plot_e_values,
    plot_group_sequential,
)
from jndlab.errors import DataError


def labels(figure: Any) -> set[str]:
    return {text.get_text() for text in figure.legends[0].get_texts()}


def line(figure: Any, label: str) -> np.ndarray:
    (found,) = [one for one in figure.axes[0].lines if one.get_label() == label]
    return np.asarray(found.get_xydata())


def notes(figure: Any) -> set[str]:
    return {text.get_text() for text in figure.axes[0].texts}


def test_a_confidence_sequence() -> None:
    sequence = confidence_sequence([6, 13, 22], [10, 20, 30])
    figure = plot_confidence_sequence(sequence, chance=0.5, bound=0.7)
    assert line(figure, "Proportion correct so far")[:, 1] == pytest.approx([0.6, 0.65, 22 / 30])
    assert notes(figure) == {"chance", "bound"}
    assert "95 % confidence sequence" in labels(figure)
    listeners = confidence_sequence_listeners([6, 7, 8], 10, coverage=0.9)
    figure = plot_confidence_sequence(listeners)
    assert figure.axes[0].get_xlabel() == "Listeners"
    assert notes(figure) == set()


def test_claims_are_marked_where_they_were_made() -> None:
    test = e_value_binomial([1] * 12, chance=0.5)
    figure = plot_confidence_sequence(test)
    assert line(figure, "A difference from here")[0, 0] == test.decided_at
    result = sequential_equivalence(
        [50, 101, 150], [100, 200, 300], paradigm="abx", bound=0.65, n_listeners=1
    )
    figure = plot_confidence_sequence(result)
    assert line(figure, "Equivalent from here")[0, 0] == result.equivalent_at
    assert "A difference from here" not in labels(figure)
    assert notes(figure) == {"chance", "bound"}


def test_e_values_and_what_a_claim_takes() -> None:
    result = sequential_equivalence(
        [50, 101, 150], [100, 200, 300], paradigm="abx", bound=0.65, n_listeners=1
    )
    figure = plot_e_values(result)
    assert line(figure, "Against the bound")[-1, 1] == pytest.approx(result.e_value)
    assert line(figure, "Claim from 20 on")[0, 1] == pytest.approx(20)
    assert "Against the bound" not in labels(plot_e_values(e_value_binomial([1, 0], chance=0.5)))
    with pytest.raises(DataError, match="no e-values"):
        plot_e_values(confidence_sequence(5, 10))  # type: ignore[arg-type]


def test_an_infinite_e_value_is_drawn() -> None:
    figure = plot_e_values(e_value_binomial([1] * 1500, chance=0.5))
    assert np.all(np.isfinite(line(figure, "Against chance")))


def test_boundaries_and_path() -> None:
    plan = plan_group_sequential_equivalence([100, 200, 300], paradigm="abx", bound=0.6)
    figure = plot_group_sequential(plan)
    upper = np.array(plan.boundaries.upper) / plan.boundaries.looks
    assert line(figure, "Stop: a difference")[:, 1] == pytest.approx(upper)
    assert {"Stop: equivalent", "Stop: a difference"} == labels(figure)
    decision = decide_group_sequential(plan, [52, 103])
    figure = plot_group_sequential(decision)
    assert line(figure, "This study")[:, 1] == pytest.approx([0.52, 0.515])
    assert "Estimate, 90 % interval" in labels(figure)
    going_on = plot_group_sequential(decide_group_sequential(plan, [52]))
    assert "Estimate, 90 % interval" not in labels(going_on)


def test_looks_without_a_stop_have_no_mark() -> None:
    plan = plan_group_sequential([2, 30], chance=0.5, futility_proportion=0.8)
    assert plan.boundaries.upper[0] == 3
    figure = plot_group_sequential(plan)
    assert line(figure, "Stop: a difference")[:, 0].tolist() == [30]
    assert "Give up: no verdict" in labels(figure)
