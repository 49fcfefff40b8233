"""How far each procedure's estimates lie from the truth, against the trials used.

    python benchmarks/procedure_choice.py [--quick] [--json FILE]

Two tables over 2,000 simulated listeners per procedure, and the figure docs/img/procedures.svg:
bias and standard deviation of the estimated threshold after 20 to 160 trials, among 21 levels
(which the figure shows) and among 7 over the same range. Two alternatives, curves 40 % of the range
wide, thresholds anywhere in its middle third, 2 % lapses. The procedures are those that a study
file gives by default; each is held against the level that it looks for, and fits further than a
quarter of the range outside are put there. Some two minutes, --quick ten seconds. Seed 1; equal
runs give equal files.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from adaptive_targets import begin
from numpy.typing import NDArray
from printing import arguments, finish, show

from jndlab.analysis import fit_many
from jndlab.analysis.report.figure_style import style
from jndlab.sigmoids import inverse_sigmoid, proportion_correct, sigmoid
from jndlab.study.adaptive import Adaptive
from jndlab.study.procedures.interleave import Interleaved
from jndlab.study.procedures.questplus import QuestPlus, best_level
from jndlab.study.procedures.settings import TrackLevels, make_tracks
from jndlab.study.procedures.staircase import Staircase
from jndlab.study.procedures.track import Outcome, Procedure
from jndlab.study.trials import ProcedureName

Floats = NDArray[np.float64]
SEED = 1
RANGE = 20.0
FINE, COARSE = 21, 7
"""Numbers of levels over the range."""
GUESS_RATE = 0.5
WIDTH, LAPSE_RATE = 8.0, 0.02
SHOWN = (20, 40, 60, 80, 120, 160)
TARGET = Path(__file__).parent.parent / "docs" / "img" / "procedures.svg"
COLOURS = ("#D55E00", "#E69F00", "#CC79A7", "#0072B2", "#56B4E9", "#222222")


def levels_of(n_levels: int) -> tuple[float, ...]:
    return tuple(np.linspace(0.0, RANGE, n_levels).tolist())


def as_a_study_has_it(name: ProcedureName, n_levels: int, **written: Any) -> Procedure:
    """The procedure of one track, with everything but what is ``written`` left to the defaults."""
    levels = TrackLevels(name="", levels=levels_of(n_levels), guess_rate=GUESS_RATE)
    settings = Adaptive.model_validate({**written, "stop": {"trials": 500}})
    made = make_tracks(name, settings, [levels], seed=(SEED,))
    assert isinstance(made, Interleaved)
    return made.tracks[0].procedure


def listeners(n_listeners: int, n_levels: int) -> tuple[Floats, Floats]:
    """Thresholds, and the proportion correct of each listener at each level."""
    truth = np.random.default_rng([SEED, 0]).uniform(RANGE / 3, 2 * RANGE / 3, n_listeners)
    heard = sigmoid("norm", np.array(levels_of(n_levels)), truth[:, np.newaxis], WIDTH)
    return truth, proportion_correct(heard, GUESS_RATE, LAPSE_RATE)


def errors_of_staircase(settings: Staircase, truth: Floats, right: Floats) -> Floats:
    """Estimate less the level of the target, one row per number of trials."""
    unscaled = (settings.target_probability - GUESS_RATE) / (1 - GUESS_RATE - LAPSE_RATE)
    aim = inverse_sigmoid("norm", unscaled, truth, WIDTH)
    rng = np.random.default_rng([SEED, settings.n_down, settings.step_sizes[-1].easier])
    found = np.empty((len(SHOWN), len(truth)))
    for index, chances in enumerate(right):
        walk = begin(settings)
        for n_trials, draw in enumerate(rng.random(SHOWN[-1]), start=1):
            walk.answer(bool(draw < chances[walk.position]))
            if n_trials in SHOWN:
                turns = settings.averaged(walk.reversals)
                # Before the first peak and valley there is no estimate: where it stands will do.
                places = [turn.position for turn in turns] or [walk.position]
                found[SHOWN.index(n_trials), index] = np.mean(np.take(settings.levels, places))
    return found - aim


def errors_of_posterior(track: QuestPlus, truth: Floats, right: Floats) -> Floats:
    """Posterior mean less the threshold; all tracks at once, from the same table."""
    table = track.grid.table()
    n_tracks = len(right)
    weights = np.tile(np.exp(table.log_prior), (n_tracks, 1))
    likelihoods = np.exp(np.stack([table.log_wrong, table.log_right]))
    thresholds = np.repeat(track.grid.thresholds, np.prod(track.grid.shape[1:]))
    rng = np.random.default_rng([SEED, len(track.grid.lapse_rates)])
    found, first = [], []
    for n_trials in range(1, SHOWN[-1] + 1):
        information = _information(track, weights)
        chosen = np.array([best_level(column) for column in information.T])
        answers = rng.random(n_tracks) < right[np.arange(n_tracks), chosen]
        weights *= likelihoods[answers.astype(int), chosen]
        weights /= weights.sum(axis=1, keepdims=True)
        first.append(Outcome(track.grid.levels[chosen[0]], bool(answers[0])))
        if n_trials in SHOWN:
            found.append(weights @ thresholds - truth)
    # The tracks at once are the procedure itself, not something like it.
    assert all(track.next_level(first[:n]) == first[n].level for n in range(30))
    return np.array(found)


def _information(track: QuestPlus, weights: Floats) -> Floats:
    table = track.grid.table()
    means = table.right_and_entropy @ weights.T
    p, known = means[: table.n_levels], means[table.n_levels :]
    return -p * np.log(p) - (1 - p) * np.log1p(-p) - known


def errors_of_constant_stimuli(truth: Floats, right: Floats) -> Floats:
    """Fitted threshold less the threshold; every level equally often, of 21 every second one."""
    n_levels = right.shape[1]
    measured = np.arange(0, n_levels, 2 if n_levels == FINE else 1)
    levels = np.array(levels_of(n_levels))[measured]
    rng = np.random.default_rng([SEED, 99])
    found = []
    for n_trials in SHOWN:
        each = np.full(len(measured), n_trials // len(measured))
        each[: n_trials % len(measured)] += 1
        trials = np.array([rng.permutation(each) for _ in truth])
        counts = rng.binomial(trials, right[:, measured])
        fits = fit_many(
            levels, counts, trials, paradigm="abx", method="map",
            overdispersion=False,
        )  # fmt: skip
        found.append(np.clip(fits.estimate("threshold"), -RANGE / 4, RANGE * 5 / 4) - truth)
    return np.array(found)


def all_errors(n_listeners: int, n_levels: int) -> dict[str, Floats]:
    truth, right = listeners(n_listeners, n_levels)
    found = {}
    procedures: tuple[tuple[str, ProcedureName, dict[str, Any]], ...] = (
        ("2 down, 1 up (70.7 %)", "staircase", {"n_down": 2}),
        ("3 down, 1 up (79.4 %)", "staircase", {"n_down": 3}),
        ("weighted, 3 to 1 (75 %)", "staircase", {"target_probability": 0.75}),
        ("QUEST+", "questplus", {}),
        ("Psi, lapse rate known", "psi", {"lapse_rates": (LAPSE_RATE,)}),
    )
    for title, name, written in procedures:
        procedure = as_a_study_has_it(name, n_levels, **written)
        if isinstance(procedure, Staircase):
            found[title] = errors_of_staircase(procedure, truth, right)
        else:
            assert isinstance(procedure, QuestPlus)
            found[title] = errors_of_posterior(procedure, truth, right)
    found["constant stimuli"] = errors_of_constant_stimuli(truth, right)
    return found


def draw(errors: dict[str, Floats], target: Path) -> None:
    with style():
        from matplotlib.figure import Figure

        figure = Figure(figsize=(8.4, 3.9), layout="constrained")
        bias, spread = figure.subplots(1, 2)
        for (name, found), colour in zip(errors.items(), COLOURS, strict=True):
            percent = 100.0 * found / WIDTH
            dashes = "--" if name == "constant stimuli" else "-"
            line = {"color": colour, "marker": "o", "markersize": 3.5, "linestyle": dashes}
            bias.plot(SHOWN, percent.mean(axis=1), **line)
            spread.plot(SHOWN, percent.std(axis=1), label=name, **line)
        bias.axhline(0.0, color="black", linewidth=0.8)
        bias.set(title="Bias", xlabel="Trials", ylabel="% of the width of the curve")
        spread.set(title="Standard deviation", xlabel="Trials")
        spread.set_ylim(bottom=0.0)
        for axes in (bias, spread):
            axes.set_xticks(SHOWN)
            axes.title.set_fontweight("bold")
        spread.legend(fontsize=8.5)
        target.parent.mkdir(parents=True, exist_ok=True)
        figure.savefig(target, metadata={"Date": None})
    print(f"Wrote {target} ({target.stat().st_size / 1024:.0f} KiB)")


def _row(name: str, n_levels: int, found: Floats) -> dict[str, Any]:
    row: dict[str, Any] = {"procedure": name, "levels": n_levels}
    for n_trials, error in zip(SHOWN, 100 * found / WIDTH, strict=True):
        row[f"{n_trials} trials"] = f"{round(error.mean()):+d} ± {error.std():.0f}"
    return row


def main() -> None:
    options = arguments(__doc__)
    rows = []
    for n_levels in (FINE, COARSE):
        errors = all_errors(100 if options.quick else 2000, n_levels)
        print(f"{n_levels} levels: bias ± standard deviation, in per cent of the curve's width\n")
        part = [_row(name, n_levels, found) for name, found in errors.items()]
        show(part)
        print()
        rows += part
        if n_levels == FINE and not options.quick:
            draw(errors, TARGET)
    finish(options, rows)


if __name__ == "__main__":
    main()
