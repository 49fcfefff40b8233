"""The default levels on the bundled enhancer: every sentence in order, and both ends of the curve.

They were chosen for its weights (benchmarks/seofp_levels.py): new weights want another look.
"""

from importlib.resources import files
from pathlib import Path

import numpy as np
import pytest

from jndlab.compression.axis import WeightAxis
from jndlab.compression.enhancer.bundled import bundled_model
from jndlab.compression.rendering import render_axis
from jndlab.compression.seofp.axis import LEVELS, Seofp
from jndlab.compression.sources import ModelSource


@pytest.fixture(scope="module")
def rendered(tmp_path_factory):
    noisy = Path(str(files("jndlab.demo") / "material" / "noisy"))
    axis = WeightAxis.of(bundled_model(), Seofp(), None)
    assert set(axis.levels) == set(LEVELS)
    return render_axis(ModelSource(axis, noisy), tmp_path_factory.mktemp("axis"), scores=False)


def test_every_sentence_is_in_order(rendered):
    assert rendered.disordered == ()


def test_from_below_the_mask_to_above_it(rendered):
    def share(level):
        found = [e.distances["frames_above_mask"] for e in rendered.entries if e.level == level]
        assert len(found) == 4
        return np.mean(found)

    assert share(LEVELS[0]) < 0.01
    assert 0.1 < share(0.0) < 0.5  # a level between the ends
    assert share(LEVELS[-1]) > 0.9
