"""A seed twin is placed among the versions by its distances to the baseline."""

from __future__ import annotations

import pytest

from jndlab.analysis.fits.psychometric import fit_psychometric
from jndlab.analysis.study.manifest import load_model_facts
from jndlab.analysis.study.seed_twin import seed_twin
from jndlab.errors import DataError

LEVELS = (1.0, 2.0, 4.0, 6.0)
SNR = {1.0: 23.0, 2.0: 19.0, 4.0: 13.0, 6.0: 9.0}


def rows(twin_snr: float = 21.0, items: tuple[str, ...] = ("a", "b"), **changes):
    made = []
    for place, item in enumerate(items):
        common = {"item": item, "condition": "family", "seed": 1, "origin": "separately-trained"}
        made.append({"item": item, "condition": "baseline", "level": "", "si_sdr": 11.9})
        for level, snr in {0.0: twin_snr, **SNR}.items():
            made.append(
                common
                | {"level": level, "snr": snr + place, "si_sdr": 10.0, "worse": 1 - snr / 100}
                | {"up_and_down": snr if level != 4.0 else 30.0}
                | ({"origin": "seed-twin", "seed": 2} if level == 0.0 else {})
                | changes
            )
    return made


def twin_of(made, levels=(0.0, *LEVELS), direction="rises", **options):
    return seed_twin(
        load_model_facts(made), condition="family", direction=direction, levels=levels, **options
    )


def test_the_level_of_equal_distance_lies_between_those_of_the_neighbours() -> None:
    found = twin_of(rows())
    assert found is not None
    assert (found.level, found.seed, found.tested) == (0.0, "2", True)
    by_score = {one.score: one for one in found.distances}
    # Clean speech is the reference of si_sdr; the other one changes in both directions.
    assert set(by_score) == {"snr", "worse"}
    assert by_score["snr"].value == pytest.approx(21.5)
    assert by_score["snr"].level == pytest.approx(1.5)
    assert by_score["worse"].level == pytest.approx(1.5)


def test_the_fitted_curve_predicts_what_the_twin_scores() -> None:
    fit = fit_psychometric(LEVELS, [25, 30, 38, 40], [40] * 4, paradigm="abx", direction="rises")
    found = twin_of(rows(), levels=LEVELS, fit=fit)
    assert found is not None
    assert not found.tested
    share = found.distances[0].proportion_correct
    assert share == pytest.approx(float(fit.predict(1.5)))
    assert 0.6 < share < 0.8


@pytest.mark.parametrize(("snr", "place"), [(40.0, "nearer"), (3.0, "farther")])
def test_a_twin_beyond_all_versions_has_no_level(snr: float, place: str) -> None:
    found = twin_of(rows(twin_snr=snr))
    assert found is not None
    assert {one.place for one in found.distances} == {place}
    assert all(one.level is None and one.proportion_correct is None for one in found.distances)


def test_versions_that_were_not_tested_do_not_count() -> None:
    found = twin_of(rows(), levels=(0.0, 4.0, 6.0))
    assert found is not None
    assert found.distances[0].place == "nearer"


def test_levels_that_fall_with_compression() -> None:
    made = rows()
    for row in made:
        if row["level"] != "":
            row["level"] = -row["level"]
    found = twin_of(made, levels=[-level for level in LEVELS], direction="falls")
    assert found is not None
    assert found.distances[0].level == pytest.approx(-1.5)


def test_no_twin_no_finding_and_gaps_are_no_distances() -> None:
    assert twin_of(rows(origin="separately-trained", seed=1)) is None
    made = rows()
    made[1]["snr"] = ""  # of one item, at one level
    found = twin_of(made)
    assert found is not None
    assert [one.score for one in found.distances] == ["worse"]
    with pytest.raises(DataError, match="no condition 'other'"):
        seed_twin(load_model_facts(rows()), condition="other", direction="rises", levels=())
