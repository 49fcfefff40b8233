"""The figure of common mistakes in docs/explanation/which-analysis.md, from simulated data.

    python benchmarks/pitfalls_figure.py [FILE.png]

Draws docs/img/pitfalls.png, in some ten seconds. Seeds 1 to 4; equal runs give equal files.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import numpy as np
from scipy.stats import binom

from jndlab.analysis import bootstrap_listeners, fit_many, fit_psychometric
from jndlab.analysis.report.figure_style import DATA, FAINT, MARK, QUIET, style
from jndlab.sigmoids import proportion_correct, sigmoid

LEVELS = np.arange(1.0, 9.0)
SHOWN = np.linspace(0.5, 8.5, 161)
TARGET = Path(__file__).parent.parent / "docs" / "img" / "pitfalls.png"


def lapses(axes: Any) -> None:
    """Estimates of a threshold of 4.5 from listeners with 6 % lapses."""
    right = proportion_correct(sigmoid("norm", LEVELS, 4.5, 4.0), 0.5, 0.06)
    counts = np.random.default_rng(1).binomial(60, right, (1000, 8))
    bins = np.linspace(2.5, 7.5, 41)
    for rate, colour, name in ((0.0, MARK, "lapse rate fixed at 0"), (None, DATA, "estimated")):
        fits = fit_many(
            LEVELS, counts, [60] * 8, paradigm="abx", method="map", overdispersion=False,
            lapse_rate=rate,
        )  # fmt: skip
        axes.hist(fits.estimate("threshold"), bins, color=colour, alpha=0.55, label=name)
    axes.axvline(4.5, color="black", linewidth=1.0)
    axes.set(title="Lapses left out of the model", xlabel="Threshold (true: 4.5)", yticks=[])
    axes.legend(fontsize=7.5, loc="upper left")


def pooled(axes: Any) -> None:
    """Thirty studies of 16 listeners: intervals that ignore that listeners differ, and not."""
    rng = np.random.default_rng(2)
    trials = np.full((16, 8), 20)
    for place in range(30):
        thresholds = rng.normal(4.5, 1.5, (16, 1))
        right = proportion_correct(sigmoid("norm", LEVELS, thresholds, 2.0), 0.5, 0.02)
        counts = rng.binomial(trials, right)
        fit = fit_psychometric(
            LEVELS, counts.sum(axis=0), trials.sum(axis=0), paradigm="abx", overdispersion=False
        )
        group = bootstrap_listeners(
            LEVELS, counts, trials, paradigm="abx", seed=place, n_resamples=200
        )
        for shift, ends in ((0.0, fit.interval("threshold")), (34.0, group.threshold_interval)):
            missed = not ends.low <= 4.5 <= ends.high
            colour, width = (MARK, 1.8) if missed else (DATA, 1.0)
            axes.hlines(place + shift, ends.low, ends.high, color=colour, linewidth=width)
    axes.axvline(4.5, color="black", linewidth=1.0)
    axes.set_yticks([14.5, 48.5], ["Trials\npooled", "Listeners\nresampled"], fontsize=8)
    axes.tick_params(axis="y", length=0)
    axes.set(title="30 studies, interval of the group", xlabel="Threshold (true: 4.5)")


def not_significant(axes: Any) -> None:
    """How often a version that everybody hears (60 % correct) is "not significant"."""
    trials = np.arange(10, 401, 2)
    needed = binom.ppf(0.95, trials, 0.5) + 1  # the least number right with p < .05
    axes.plot(trials, binom.cdf(needed - 1, trials, 0.6), color=MARK, linewidth=1.2)
    axes.set(
        title='"Not significant" is not "the same"',
        xlabel="ABX trials of a version heard by all",
        ylabel="Called inaudible",
        ylim=(0.0, 1.0),
    )


def averaged(axes: Any) -> None:
    """Steep curves of twelve listeners, and their gentle average."""
    thresholds = np.random.default_rng(4).normal(4.5, 1.3, (12, 1))
    curves = proportion_correct(sigmoid("norm", SHOWN, thresholds, 1.5), 0.5, 0.02)
    axes.plot(SHOWN, curves.T, color=FAINT, linewidth=1.0)
    axes.plot(SHOWN, curves.mean(axis=0), color=MARK, linewidth=2.0, label="average of all")
    typical = proportion_correct(sigmoid("norm", SHOWN, 4.5, 1.5), 0.5, 0.02)
    axes.plot(SHOWN, typical, color=DATA, linewidth=2.0, label="typical listener")
    axes.axhline(0.5, color=QUIET, linewidth=0.7, linestyle=(0, (2, 2)))
    axes.set(title="Nobody has the average curve", xlabel="Level", ylabel="Proportion correct")
    axes.legend(fontsize=7.5, loc="lower right")


def main() -> None:
    with style():
        from matplotlib.figure import Figure

        figure = Figure(figsize=(8.4, 6.2), layout="constrained")
        panels = figure.subplots(2, 2)
        for axes, draw in zip(
            panels.ravel(), (lapses, pooled, not_significant, averaged), strict=True
        ):
            draw(axes)
            axes.title.set_fontweight("bold")
        target = Path(sys.argv[1]) if len(sys.argv) > 1 else TARGET
        figure.savefig(target, dpi=90, metadata={"Software": None})
    print(f"Wrote {target} ({target.stat().st_size / 1024:.0f} KiB)")


if __name__ == "__main__":
    main()
