"""Where staircases settle, beside the targets of the textbooks.

    python benchmarks/adaptive_targets.py [--quick] [--json FILE]

One table over 2,000 simulated tracks of 700 trials each: the proportion correct at the mean
estimate, and that of the last 500 trials, beside the textbook's target (Levitt 1971, Kaernbach
1991), yes/no without lapses, at two step sizes. How far single estimates are off is in
procedure_choice.py. A minute, --quick four seconds. Seed 1; equal runs give equal tables.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from printing import arguments, finish, show

from jndlab.sigmoids import sigmoid
from jndlab.study.procedures.staircase import Staircase, weighted_step
from jndlab.study.procedures.staircase_walk import StepSize, Walk
from jndlab.study.procedures.stopping import AfterTrials

SEED = 1
COARSE = StepSize(harder=4, easier=4, reversals=2)


def staircase(
    n_levels: int, n_down: int, fine: StepSize, *, guess: float, **more: Any
) -> Staircase:
    coarse = more.pop("coarse", COARSE)
    return Staircase(
        levels=tuple(float(level) for level in range(n_levels)),
        guess_rate=guess,
        n_down=n_down,
        step_sizes=(coarse, fine),
        stop=AfterTrials(100_000),
        **more,
    )


def begin(settings: Staircase) -> Walk:
    n_levels = len(settings.levels)
    return Walk(
        n_levels=n_levels,
        n_down=settings.n_down,
        n_up=settings.n_up,
        step_sizes=settings.step_sizes,
        position=n_levels - 1,
    )


def targets(n_tracks: int) -> list[dict[str, Any]]:
    """Proportion correct at the mean of the estimates, yes/no."""
    rows = []
    for name, n_down, fine in (
        ("1 down, 1 up", 1, StepSize(harder=1, easier=1)),
        ("2 down, 1 up", 2, StepSize(harder=1, easier=1)),
        ("3 down, 1 up", 3, StepSize(harder=1, easier=1)),
        ("4 down, 1 up", 4, StepSize(harder=1, easier=1)),
        ("weighted, 3 to 1", 1, weighted_step(0.75)),
    ):
        row: dict[str, Any] = {"staircase": name}
        for width in (20, 160):
            n_levels = width * 5 // 4 + 1
            settings = staircase(
                n_levels, n_down, fine, guess=0.0, n_averaged=60,
                coarse=StepSize(harder=width // 10, easier=width // 10, reversals=4),
            )  # fmt: skip
            middle = (n_levels - 1) / 2
            right = sigmoid("logistic", settings.levels, middle, float(width))
            rng = np.random.default_rng([SEED, n_down, fine.easier, width])
            found, shares = [], []
            for _ in range(n_tracks):
                walk = begin(settings)
                n_right = 0
                for number, draw in enumerate(rng.random(700)):
                    answer = bool(draw < right[walk.position])
                    n_right += answer and number >= 200
                    walk.answer(answer)
                shares.append(n_right / 500)
                found.append(np.mean([turn.position for turn in settings.averaged(walk.reversals)]))
            row["target"] = f"{settings.target_probability:.4f}"
            reached = float(sigmoid("logistic", np.mean(found), middle, float(width)))
            row[f"at the estimate, steps 1/{width} of the width"] = f"{reached:.3f}"
            row[f"in the track, steps 1/{width}"] = f"{np.mean(shares):.3f}"
        rows.append(row)
    return rows


def main() -> None:
    options = arguments(__doc__)
    rows = targets(100 if options.quick else 2000)
    show(rows)
    finish(options, rows)


if __name__ == "__main__":
    main()
