"""d′ and proportion correct under every paradigm: published values, input, shapes."""

from __future__ import annotations

import numpy as np
import pytest

from jndlab.analysis.detection.convert import (
    d_prime,
    decision_curve,
    proportion_correct,
    proportion_correct_at,
    resolve,
)
from jndlab.errors import DataError
from tests.analysis.reference import entries, entry, needs_reference

IO, DIFF = "independent_observation", "differencing"
# Formulas of Macmillan & Creelman 2005 solved to 1e-13; psyphy 0.3 agrees to 3e-5.
PUBLISHED = [
    ("2afc", None, 0.75, 0.95387255),
    ("abx", IO, 0.55, 0.68619449),
    ("abx", IO, 0.95, 3.4327046),
    ("abx", DIFF, 0.75, 2.0200392),
    ("abx", DIFF, 0.95, 4.072402),
    ("oddity", None, 0.4, 0.87911221),
    ("oddity", None, 0.8, 3.128585),
    ("3afc", None, 0.5, 0.55651992),
    ("4afc", None, 0.5, 0.83677456),
]
AT_ONE = {
    ("yes_no", None): 0.69146246,
    ("2afc", None): 0.76024994,
    ("3afc", None): 0.63370205,
    ("abx", IO): 0.59965619,
    ("abx", DIFF): 0.58247544,
    ("oddity", None): 0.41804667,
    ("same_different", IO): 0.57331575,
}
UNSIGNED = ["oddity", "duo_trio", "tetrad"]


@pytest.mark.parametrize(("paradigm", "model", "p", "expected"), PUBLISHED)
def test_published_values(paradigm, model, p, expected) -> None:
    assert float(d_prime(p, paradigm=paradigm, model=model)) == pytest.approx(expected, abs=1e-6)


def test_proportion_correct_at_d_prime_one_depends_on_the_task() -> None:
    rows = proportion_correct_at(1.0)
    found = {(row.paradigm, row.model): row.proportion_correct for row in rows}
    assert len(found) == len(rows) == 18
    for key, expected in AT_ONE.items():
        assert found[key] == pytest.approx(expected, abs=1e-8)
    at_chance = proportion_correct_at(0.0)
    assert all(row.proportion_correct == pytest.approx(row.guess_rate) for row in at_chance)
    assert rows[0].to_dict()["paradigm"] == "yes_no"


@needs_reference
def test_every_reference_value_of_one_proportion() -> None:
    compared = 0
    for item in entries("dprime"):
        data, result, tolerance = item["data"], item["result"], item["tolerance"].get("dprime")
        if item["id"].startswith("dprime_2afc"):
            cases = [("2afc", None, data["pc"], result["dprime"])]
        elif item["id"].startswith("dprime_abx"):
            cases = [
                ("abx", IO, data["pc_unbiased"], result["dprime_independent_observation"]),
                ("abx", DIFF, data["pc_unbiased"], result["dprime_differencing"]),
            ]
        elif item["id"].startswith("dprime_triangle"):
            cases = [("triangle", None, data["pc"], result["dprime"])]
        elif "m" in data:
            cases = [(f"{data['m']}AFC", None, data["pc"], result["dprime"])]
        else:
            continue
        for paradigm, model, p, expected in cases:
            found = float(d_prime(p, paradigm=paradigm, model=model))
            assert found == pytest.approx(expected, abs=tolerance), item["id"]
            compared += 1
    assert compared >= 20


@needs_reference
def test_reference_proportions_at_d_prime_one() -> None:
    item = entry("pc_at_dprime_1")
    names = {
        "2AFC": ("2afc", None),
        "ABX_diff": ("abx", DIFF),
        "ABX_IO": ("abx", IO),
        "3AFC": ("3afc", None),
        "triangle": ("oddity", None),
        "yes_no": ("yes_no", None),
        "same_different_IO_max": ("same_different", IO),
    }
    assert set(item["result"]) == set(names)
    for name, (paradigm, model) in names.items():
        found = float(proportion_correct(item["data"]["dprime"], paradigm=paradigm, model=model))
        assert found == pytest.approx(item["result"][name], abs=item["tolerance"]["pc"]), name


@pytest.mark.parametrize("paradigm", ["yes_no", "2afc", "3afc", "5afc", "abx", "same_different"])
def test_below_chance_d_prime_is_negative(paradigm) -> None:
    values = np.linspace(-4, 4, 33)
    p = proportion_correct(values, paradigm=paradigm)
    assert np.all(np.diff(p) > 0)
    np.testing.assert_allclose(d_prime(p, paradigm=paradigm), values, atol=1e-7)
    if paradigm not in ("3afc", "5afc"):
        np.testing.assert_allclose(p, 1 - p[::-1], atol=1e-15)


@pytest.mark.parametrize("paradigm", UNSIGNED)
def test_or_zero_where_the_paradigm_has_no_negative_d_prime(paradigm) -> None:
    assert d_prime([0.0, 0.2, 1 / 3 - 0.01], paradigm=paradigm).tolist() == [0.0, 0.0, 0.0]
    with pytest.raises(DataError, match="no meaning"):
        proportion_correct(-0.5, paradigm=paradigm)


@pytest.mark.parametrize(
    ("paradigm", "chance"),
    [("2afc", 1 / 2), ("3afc", 1 / 3), ("abx", 1 / 2), ("oddity", 1 / 3), ("tetrad", 1 / 3)],
)
def test_chance_is_exactly_zero(paradigm, chance) -> None:
    assert d_prime(chance, paradigm=paradigm) == 0.0
    assert decision_curve(paradigm, None).guess_rate == chance


def test_shapes_and_kinds() -> None:
    assert isinstance(d_prime(0.75, paradigm="abx"), float)
    assert d_prime([[0.6, 0.7, 0.8]], paradigm="tetrad").shape == (1, 3)
    assert proportion_correct([], paradigm="4afc").shape == (0,)
    assert proportion_correct([np.inf, -np.inf], paradigm="abx").tolist() == [1.0, 0.0]


def test_names_and_aliases() -> None:
    assert d_prime(0.6, paradigm="triangle") == d_prime(0.6, paradigm="oddity")
    assert d_prime(0.6, paradigm="two-interval") == d_prime(0.6, paradigm="2AFC")
    assert d_prime(0.6, paradigm="2-AFC") == d_prime(0.6, paradigm="2afc")
    assert resolve("12-AFC", None)[0].guess_rate == 1 / 12
    assert decision_curve("8afc", None) is decision_curve("8AFC", None)


def test_wrong_input_is_refused() -> None:
    with pytest.raises(DataError, match="proportion"):
        d_prime(75.0, paradigm="abx")
    with pytest.raises(DataError, match="proportion"):
        d_prime([0.7, np.nan], paradigm="abx")
    with pytest.raises(DataError, match="missing"):
        proportion_correct([0.7, np.nan], paradigm="abx")
    with pytest.raises(DataError, match="no paradigm"):
        d_prime(0.75, paradigm="1afc")
    with pytest.raises(DataError, match="no decision model"):
        d_prime(0.75, paradigm="abx", model="other")
    with pytest.raises(DataError, match="one model only"):
        d_prime(0.75, paradigm="2afc", model=DIFF)
    with pytest.raises(DataError, match="cannot be compared"):
        proportion_correct_at(-1.0)
    with pytest.raises(TypeError):
        d_prime(0.75)  # type: ignore[call-arg]  # the paradigm has no default
