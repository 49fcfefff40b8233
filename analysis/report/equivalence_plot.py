"""The equivalence figure: every level's mean with its one-sided limit, against bound and chance."""

from __future__ import annotations

from typing import TYPE_CHECKING

from jndlab.analysis.inference.equivalence_result import EquivalenceTest
from jndlab.analysis.report.figure_style import DASHES, DATA, INK, MARK, QUIET, rows_height, style
from jndlab.analysis.report.formats import format_axis, format_level
from jndlab.analysis.report.wording import listed
from jndlab.analysis.study.results import ConditionAnalysis

if TYPE_CHECKING:
    from matplotlib.figure import Figure

MARKERS = {"equivalent": "o", "both": "s", "different": "D", "undecided": "X"}
"""Told apart in grey as well."""
VERDICTS = {
    "equivalent": "equivalent",
    "both": "audible, within the bound",
    "different": "different",
    "undecided": "undecided",
}


def plot_equivalence(condition: ConditionAnalysis) -> Figure | None:
    """Mean proportion correct per level with the upper limit that the claim needs.

    A level is equivalent where the whole line lies left of the bound. None without a bound.
    """
    tests = _tests(condition)
    if not tests:
        return None
    with style():
        from matplotlib.figure import Figure

        figure = Figure(figsize=(5.8, rows_height(len(tests), around=1.5)), layout="constrained")
        axes = figure.add_subplot()
        first = tests[0][1]
        axes.axvspan(first.chance, first.bound_proportion, color=DATA, alpha=0.09, linewidth=0)
        axes.axvline(first.chance, color=QUIET, linewidth=0.9, linestyle=DASHES)
        axes.axvline(first.bound_proportion, color=INK, linewidth=1.2, label="Bound")
        seen: set[str] = set()
        for y, (_, test) in enumerate(reversed(tests)):
            colour = DATA if test.verdict in ("equivalent", "both") else MARK
            axes.hlines(y, test.estimate, test.interval.high, color=colour, linewidth=2.0)
            axes.plot([test.interval.high], [y], marker="|", markersize=9, color=colour)
            axes.plot(
                [test.estimate],
                [y],
                marker=MARKERS[test.verdict],
                markersize=6.5,
                linestyle="",
                color=colour,
                markeredgecolor="white",
                label=None if test.verdict in seen else VERDICTS[test.verdict].capitalize(),
            )
            seen.add(test.verdict)
        axes.set_yticks(range(len(tests)), [format_level(level) for level, _ in reversed(tests)])
        axes.set_ylim(-0.7, len(tests) - 0.3)
        unit = condition.level_unit or "level"
        axes.set_ylabel(format_axis(unit))
        mean, whose = ("Mean p", " (listeners)") if first.unit == "listeners" else ("P", "")
        axes.set_xlabel(
            f"{mean}roportion correct, with its upper {1 - first.alpha:.0%} limit{whose}"
        )
        figure.legend(loc="outside upper left", ncols=3, handlelength=1.4)
        return figure


def describe_equivalence(condition: ConditionAnalysis) -> str:
    """The figure in words, for those who do not see it."""
    parts = [
        f"{format_level(level)}: {test.estimate:.0%} correct, at most {test.interval.high:.0%}, "
        f"{VERDICTS[test.verdict]}"
        for level, test in _tests(condition)
    ]
    return f"Statements of equivalence per level. {'; '.join(parts)}."


def equivalence_sentence(condition: ConditionAnalysis) -> str:
    """The verdicts of all levels in one or two sentences; empty without a bound."""
    tests = _tests(condition)
    if not tests:
        return ""
    first = tests[0][1]
    bound = {
        "proportion_correct": f"{100 * first.bound:g}% correct",
        "d_prime": f"a d′ of {first.bound:g}",
        "discriminators": f"{100 * first.bound:g}% of listeners who hear it",
    }[first.bound_on]
    unit = condition.level_unit or "level"
    groups = {
        verdict: [format_level(level) for level, test in tests if test.verdict == verdict]
        for verdict in MARKERS
    }
    said = {
        "equivalent": "equivalent within that bound",
        "both": "audible, but within that bound",
        "different": "audible, and not shown to be within that bound",
        "undecided": "undecided: it takes more data",
    }
    clauses = [
        f"{listed(levels)} {'is' if len(levels) == 1 else 'are'} {said[verdict]}"
        for verdict, levels in groups.items()
        if levels
    ]
    unit_of_inference = (
        "The unit is the listener"
        if first.unit == "listeners"
        else "All answers are taken as one listener's, so this is about nobody else"
    )
    return (
        f"Taking up to {bound} as no difference that matters ({unit}): {'; '.join(clauses)}. "
        f"{unit_of_inference}; each level is tested by itself, not adjusted for their number."
    )


def _tests(condition: ConditionAnalysis) -> list[tuple[float, EquivalenceTest]]:
    return [(row.level, row.equivalence) for row in condition.levels if row.equivalence is not None]
