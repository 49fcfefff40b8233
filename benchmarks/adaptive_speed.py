"""CPU time of the next level of QUEST+ beside the questplus package's, in one run on one machine.

    python benchmarks/adaptive_speed.py [--quick] [--json FILE]

Needs ``pip install questplus==2023.1`` for the comparison; without it jndlab's own times are
printed. First both walk through the package's own example (Watson 2017, example 2: threshold,
slope and lapse rate of a Weibull function in decibels) and through a larger one, on the same
answers, and every level they choose is compared. Then the choice of one level is timed, on 61
levels with 61 thresholds, 10 widths and 3 lapse rates, as medians of CPU time, alternating;
jndlab replays the whole history at each choice. Takes half a minute, --quick ten seconds. Seed 1.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from statistics import median
from typing import Any

import numpy as np
from printing import arguments, finish, show

from jndlab.sigmoids import GUMBEL, NORM, proportion_correct, sigmoid
from jndlab.study.procedures.curve_grid import CurveGrid
from jndlab.study.procedures.questplus import QuestPlus
from jndlab.study.procedures.stopping import AfterTrials
from jndlab.study.procedures.track import Outcome

SEED = 1
DECIBELS = tuple(float(level) for level in range(-40, 1))
SLOPES = (2.0, 3.0, 4.0, 5.0)
LAPSES = (0.0, 0.01, 0.02, 0.03, 0.04)
LEVELS = tuple(float(level) for level in range(61))
SPREADS = tuple(np.geomspace(1.0, 20.0, 10).tolist())
FEW_LAPSES = (0.0, 0.02, 0.05)
NEVER = AfterTrials(100_000)


def example() -> QuestPlus:
    """Watson's second example: exponent slope (level − threshold)/20, threshold at 1 − 1/e."""
    grid = CurveGrid(
        levels=DECIBELS,
        guess_rate=0.5,
        thresholds=DECIBELS,
        widths=tuple(20.0 * GUMBEL.span / (slope * math.log(10.0)) for slope in SLOPES),
        lapse_rates=LAPSES,
        sigmoid="gumbel",
        threshold_at=1.0 - math.exp(-1.0),
    )
    return QuestPlus(grid=grid, stop=NEVER)


def large() -> QuestPlus:
    """61 levels, 61 thresholds, 10 widths, 3 lapse rates of a cumulative normal function."""
    grid = CurveGrid(
        levels=LEVELS,
        guess_rate=0.5,
        thresholds=LEVELS,
        widths=tuple(spread * NORM.span for spread in SPREADS),
        lapse_rates=FEW_LAPSES,
    )
    return QuestPlus(grid=grid, stop=NEVER)


def peers() -> tuple[Callable[[], Any], Callable[[], Any]] | None:
    """The same two in the questplus package; None where it is not installed."""
    try:
        from questplus import QuestPlus as Peer
    except ImportError:
        return None

    def theirs(levels: tuple[float, ...], names: dict[str, Any], **options: Any) -> Any:
        return Peer(
            stim_domain={"intensity": np.array(levels)},
            param_domain={**names, "lower_asymptote": 0.5},
            outcome_domain={"response": ["Correct", "Incorrect"]},
            stim_selection_method="min_entropy",
            **options,
        )

    first = {"threshold": np.array(DECIBELS), "slope": np.array(SLOPES), "lapse_rate": LAPSES}
    second = {"mean": np.array(LEVELS), "sd": np.array(SPREADS), "lapse_rate": FEW_LAPSES}
    return (
        lambda: theirs(DECIBELS, first, func="weibull", stim_scale="dB"),
        lambda: theirs(LEVELS, second, func="norm_cdf", stim_scale="linear"),
    )


def answers(track: QuestPlus, n_trials: int, truth: tuple[float, float]) -> list[Outcome]:
    """A run of a listener of known threshold and width."""
    rng = np.random.default_rng(SEED)
    outcomes: list[Outcome] = []
    for _ in range(n_trials):
        level = track.next_level(outcomes)
        assert level is not None
        heard = sigmoid(track.grid.sigmoid, level, *truth)
        right = rng.random() < float(proportion_correct(heard, 0.5, 0.02))
        outcomes.append(Outcome(level, bool(right)))
    return outcomes


def tell(peer: Any, outcome: Outcome) -> None:
    response = "Correct" if outcome.correct else "Incorrect"
    peer.update(stim={"intensity": outcome.level}, outcome={"response": response})


def same_choices(outcomes: list[Outcome], make: Callable[[], Any]) -> str:
    peer = make()
    same = 0
    for outcome in outcomes:
        same += peer.next_stim["intensity"] == outcome.level
        tell(peer, outcome)
    return f"{same} of {len(outcomes)} levels the same"


def cpu_ms(work: Callable[[], Any], repeats: int = 1) -> float:
    start = time.process_time()
    for _ in range(repeats):
        work()
    return 1e3 * (time.process_time() - start) / repeats


def main() -> None:
    options = arguments(__doc__)
    n_trials = 30 if options.quick else 128
    rounds = 7 if options.quick else 25
    makers = peers()
    track = large()
    small = answers(example(), n_trials, (-20.0, 12.0))
    history = answers(track, 1000, (27.0, 15.0))
    if makers:
        print("Watson's example:", same_choices(small, makers[0]))
        print("Large grid:", same_choices(history[:n_trials], makers[1]))
    else:
        print("questplus is not installed: jndlab alone.")
    peer = makers[1]() if makers else None
    for outcome in history[:50]:
        if peer is not None:
            tell(peer, outcome)
    ours, theirs, replays, late, early = [], [], [], [], []
    for _ in range(rounds):
        ours.append(cpu_ms(lambda: track.next_level(history[:50]), 50))
        if peer is not None:
            theirs.append(cpu_ms(lambda: peer.next_stim))
        replays.append(cpu_ms(lambda: track.posterior(history[:200]), 50))
        early.append(cpu_ms(lambda: track.next_level(history[:10]), 50))
        late.append(cpu_ms(lambda: track.next_level(history), 50))
    rows = [
        {
            "what": "next level after 50 trials, replay included",
            "jndlab": f"{median(ours):.3f} ms",
            "questplus 2023.1": f"{median(theirs):.1f} ms" if theirs else "not installed",
            "ratio": f"{median(theirs) / median(ours):.0f}" if theirs else "",
        },
        {
            "what": "replay of 200 trials",
            "jndlab": f"{median(replays):.3f} ms",
            "questplus 2023.1": "",
            "ratio": "",
        },
        {
            "what": "next level at trial 1,000 against trial 10",
            "jndlab": f"{median(late):.3f} against {median(early):.3f} ms",
            "questplus 2023.1": "",
            "ratio": f"{median(late) / median(early):.1f}",
        },
    ]
    show(rows)
    finish(options, rows)


if __name__ == "__main__":
    main()
