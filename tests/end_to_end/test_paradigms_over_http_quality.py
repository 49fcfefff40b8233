"""Preference and ratings over HTTP: shares, Thurstone's scale and mean ratings are found again.

Six listeners who differ in what they add to every rating. From the exported rows by
:mod:`jndlab.analysis.quality`; the intervals of each part are simultaneous.
"""

from __future__ import annotations

import math
from dataclasses import replace

import pytest
from scipy.special import ndtr

from jndlab.analysis import AnalysisOptions, TrialTable
from jndlab.analysis.quality.analyse import analyse_quality
from jndlab.analysis.quality.results import QualityAnalysis
from jndlab.listeners.ears import Ears
from jndlab.listeners.rating import expected_rating
from jndlab.listeners.truth import Truth
from jndlab.study.paradigms import PARADIGMS
from jndlab.study.trials import ANCHOR
from tests.paradigm_studies import RATINGS, TRUTH, Running, of_part

N_LISTENERS, SEED = 6, 2
UNSURE = replace(TRUTH, quality_noise=0.4)
"""Of preferences: with less noise the shares of the most compressed levels are all 1."""
CLEAR = 0.9
"""A quality below which nothing is taken for the reference."""


def analysis_of(paradigms: Running, study: str, part: str, truth: Truth) -> QualityAnalysis:
    rows = paradigms.take(study, truth=truth, n_listeners=N_LISTENERS, seed=SEED)
    table = TrialTable.from_rows(of_part(rows, part))
    n_levels = len(paradigms.studies[study].condition("bits").levels)
    options = AnalysisOptions(
        session_kind="simulated", coverage=1 - 0.05 / (n_levels + 1), n_resamples=999
    )
    return analyse_quality(table, seed=1, options=options, directions={"bits": "falls"})


def ears_in(paradigms: Running, study: str, truth: Truth) -> Ears:
    return Ears(study=paradigms.studies[study], truth=truth)


def test_preference(paradigms: Running) -> None:
    found = analysis_of(paradigms, "preference", "", UNSURE)
    ears, unit = ears_in(paradigms, "preference", UNSURE), math.sqrt(2.0) * UNSURE.quality_noise
    levels = paradigms.studies["preference"].condition("bits").levels
    assert sorted(one.stimulus.level or 0.0 for one in found.preferences) == list(levels)
    for one in found.preferences:
        behind = (ears.quality("bits", one.stimulus.level) - 1.0) / unit
        assert one.interval.low < float(ndtr(behind)) < one.interval.high
        assert one.interval.high - one.interval.low < 0.5


def test_thurstones_scale(paradigms: Running) -> None:
    found = analysis_of(paradigms, "preference", "", UNSURE)
    ears, unit = ears_in(paradigms, "preference", UNSURE), math.sqrt(2.0) * UNSURE.quality_noise
    scale = found.scales[0]
    assert scale.model == "thurstone"
    truths = {
        f"bits@{level:g}": (ears.quality("bits", level) - 1.0) / unit
        for level in paradigms.studies["preference"].condition("bits").levels
    }
    assert set(scale.stimuli) == {"baseline", *truths}
    for name, interval in zip(scale.stimuli, scale.intervals, strict=True):
        if name == "baseline":
            continue
        assert interval is not None
        assert interval.low < truths[name] < interval.high, name
        assert interval.high - interval.low < 2.0


@pytest.mark.parametrize("paradigm", RATINGS)
def test_ratings(paradigms: Running, paradigm: str) -> None:
    found = analysis_of(paradigms, "ratings", paradigm, TRUTH)
    # Levels that nobody hears may be taken for the reference: post-screening is about that.
    excluded = found.mushra.excluded if found.mushra else ()
    assert found.n_listeners == N_LISTENERS - len(excluded) >= N_LISTENERS - 1
    ears = ears_in(paradigms, "ratings", TRUTH)
    (condition,) = found.conditions
    means = []
    for one in condition.results:
        quality = ears.quality("bits", one.stimulus.level)
        expected = expected_rating(PARADIGMS[paradigm], TRUTH, quality)
        if paradigm == "bs1116":
            expected -= PARADIGMS[paradigm].scale.highest  # type: ignore[union-attr]
        interval = one.rating.interval
        print(f"{paradigm} {one.stimulus}: {one.rating.mean:.2f} {interval}, truth {expected:.2f}")
        means.append(one.rating.mean)
        if PARADIGMS[paradigm].scale is None or quality < CLEAR:
            assert interval is not None
            assert interval.low < expected < interval.high
    # From the least to the most compressed; the ends of the curve are flat.
    assert means[0] > means[2] > means[3]
    assert means[1] > means[2] > means[4]
    for anchor in found.anchors:
        quality = ears.quality(ANCHOR, anchor.stimulus.level)
        expected, interval = (
            expected_rating(PARADIGMS[paradigm], TRUTH, quality),
            anchor.rating.interval,
        )
        assert interval is not None
        assert interval.low < expected < interval.high
    assert len(found.anchors) == (2 if paradigm == "mushra" else 0)
    if found.reference is not None:
        top = found.scale[1]
        assert found.reference.rating.mean > top - 0.07 * (top - found.scale[0])
