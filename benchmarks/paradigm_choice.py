"""What the paradigms with right answers cost, for the table in docs/how-to/choose-a-paradigm.md.

    python benchmarks/paradigm_choice.py [--quick] [--json FILE]

For each paradigm and each model of d': chance level, proportion correct of an unbiased listener
with d' = 1, the trials that an exact one-sided binomial test against chance needs for a power of
80 % at an error rate of 5 %, the rough length of a trial with clips of 3 s, and from both the
minutes. Exact: no simulation, no seed. Same-different and yes/no are held against an unbiased
listener; with the criterion estimated they need more. A second; --quick changes nothing.
"""

from __future__ import annotations

from typing import Any

from printing import arguments, finish, show

from jndlab.analysis import d_prime, proportion_correct, sample_size
from jndlab.analysis.paradigms import get_paradigm
from jndlab.study.paradigms import PARADIGMS

CLIP_SECONDS, GAP_SECONDS = 3.0, 0.5
POWER, ALPHA = 0.8, 0.05
MODELS = {"independent_observation": "independent", "differencing": "differencing"}


def row(name: str, model: str | None) -> dict[str, Any]:
    paradigm = PARADIGMS[name]
    chance = float(proportion_correct(0.0, paradigm=name, model=model))
    right = float(proportion_correct(1.0, paradigm=name, model=model))
    assert abs(float(d_prime(right, paradigm=name, model=model)) - 1.0) < 1e-8
    size = sample_size(
        "difference", proportion_correct=right, chance=chance, power=POWER, alpha=ALPHA
    )
    seconds = paradigm.seconds_per_trial(CLIP_SECONDS, GAP_SECONDS)
    return {
        "paradigm": name,
        "model": MODELS[model] if model else "",
        "sounds": len(paradigm.labels),
        "chance": f"{chance:.3f}",
        "right at d' = 1": f"{right:.3f}",
        "trials": size.n_trials,
        "seconds each": f"{seconds:.0f}",
        "minutes": f"{size.n_trials * seconds / 60:.0f}",
    }


def main() -> None:
    options = arguments(__doc__)
    rows = [
        row(name, model)
        for name, paradigm in PARADIGMS.items()
        if paradigm.measure in ("correct", "detection")
        for model in get_paradigm(name).models or (None,)
    ]
    show(rows)
    finish(options, rows)


if __name__ == "__main__":
    main()
