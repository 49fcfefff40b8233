"""From an exported table to thresholds and figures, in one short script.

    jndlab export my-study
    python examples/analyse_export.py my-study-trials.csv

Prints each just-noticeable difference with its interval, and writes curve-CONDITION.svg beside
the table. Change the rules of exclusion here, before you look at the data.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from jndlab.analysis import (
    AnalysisOptions,
    analyse_study,
    figure_to_svg,
    load_trials,
    plot_psychometric,
)

MIN_GROSS_CORRECT = 0.75
EQUIVALENCE_BOUND = 0.6
"""Right in at most this share of trials counts as no difference."""
SEED = 1


def main() -> None:
    parser = argparse.ArgumentParser(description="Analyse a tidy table of jndlab.")
    parser.add_argument("table", type=Path, help="SLUG-trials.csv")
    parser.add_argument("--kind", choices=["participant", "simulated"], default="participant")
    arguments = parser.parse_args()

    result = analyse_study(
        load_trials(arguments.table),
        options=AnalysisOptions(
            session_kind=arguments.kind,
            min_gross_correct=MIN_GROSS_CORRECT,
            equivalence_bound=EQUIVALENCE_BOUND,
        ),
        seed=SEED,
    )
    for exclusion in result.exclusions:
        print(f"left out: {exclusion.reason}, {exclusion.n_trials} trials")
    for condition in result.conditions:
        for jnd in condition.jnds:
            low, high = jnd.threshold.interval.low, jnd.threshold.interval.high
            print(
                f"{condition.condition}, {jnd.label}: {jnd.threshold.value:.2f} "
                f"{condition.level_unit} ({low:.2f} to {high:.2f}, over {jnd.unit_of_inference})"
            )
        for row in condition.levels:
            if row.equivalence is not None:
                print(f"level {row.level:g}: {row.equivalence.verdict}")
        for warning in condition.warnings:
            print(f"note: {warning}")
        path = arguments.table.with_name(f"curve-{condition.condition}.svg")
        path.write_text(figure_to_svg(plot_psychometric(condition)), encoding="utf-8")
        print(f"wrote {path.name}")


if __name__ == "__main__":
    main()
