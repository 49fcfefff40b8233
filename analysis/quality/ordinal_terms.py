"""The ordinal model of a part: which effects it has, and of which votes."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from jndlab.analysis.quality.ordinal import OrdinalFit, fit_ordinal
from jndlab.analysis.quality.stimulus_results import CATEGORIES
from jndlab.analysis.quality.votes import REFERENCE, Votes
from jndlab.errors import JndlabError

Floats = NDArray[np.float64]
ORDER = "heard first"
"""Name of the effect of being heard first, in comparisons."""
_MOST_ITEMS = 12
"""More items than these are left out of the model: each is one more effect."""


def ordinal_of(votes: Votes, *, coverage: float) -> tuple[OrdinalFit | None, str, tuple[str, ...]]:
    """The fit, against which stimulus its effects are, and what a reader has to know of it.

    ACR, DCR: an effect per stimulus against the baseline, else against the stimulus with the best
    mean; items as fixed effects that sum to 0. CCR: a scale value per stimulus with the baseline at
    0, symmetric thresholds, and the effect of being heard first.
    """
    if votes.paradigm not in CATEGORIES or len(votes) == 0:
        return None, "", ()
    if votes.paradigm == "ccr":
        return _fit(votes, *_comparison(votes), symmetric=True, coverage=coverage)
    votes, told = _bounded(votes)
    design, names, reference = _absolute(votes)
    fit, against, problem = _fit(
        votes, design, names, reference, symmetric=False, coverage=coverage
    )
    return fit, against, told + problem


def _fit(
    votes: Votes,
    design: Floats,
    names: tuple[str, ...],
    reference: str,
    *,
    symmetric: bool,
    coverage: float,
) -> tuple[OrdinalFit | None, str, tuple[str, ...]]:
    try:
        fit = fit_ordinal(
            votes.value,
            design,
            votes.listener,
            names=names,
            symmetric=symmetric,
            coverage=coverage,
        )
    except JndlabError as error:
        return None, "", (f"No ordinal model. {error}",)
    return fit, reference, fit.warnings


def _bounded(votes: Votes) -> tuple[Votes, tuple[str, ...]]:
    """Without stimuli that all votes put in one end category: their effect is infinite."""
    ends = (votes.value.min(), votes.value.max())
    lost = [
        at
        for at in np.unique(votes.stimulus).tolist()
        if (mine := votes.value[votes.stimulus == at]).min() == mine.max() and mine[0] in ends
    ]
    if not lost:
        return votes, ()
    names = ", ".join(votes.stimuli[at].name for at in lost)
    told = (
        f"The ordinal model leaves out {names}: every vote was the same end of the scale, so that "
        "the effect has no finite estimate."
    )
    return votes.select(~np.isin(votes.stimulus, lost)), (told,)


def _absolute(votes: Votes) -> tuple[Floats, tuple[str, ...], str]:
    present = np.unique(votes.stimulus).tolist()
    baseline = votes.index(REFERENCE)
    if baseline not in present and present:
        means = [votes.value[votes.stimulus == at].mean() for at in present]
        baseline = present[int(np.argmax(means))]
    others = [at for at in present if at != baseline]
    columns = [(votes.stimulus == at).astype(float) for at in others]
    names = [votes.stimuli[at].name for at in others]
    items = np.unique(votes.item).tolist()
    if 2 <= len(items) <= _MOST_ITEMS:
        last = votes.item == items[-1]
        columns += [(votes.item == at).astype(float) - last for at in items[:-1]]
        names += [f"item {votes.items[at]}" for at in items[:-1]]
    reference = votes.stimuli[baseline].name if present else ""
    design = np.column_stack(columns) if columns else np.zeros((len(votes), 0))
    return design, tuple(names), reference


def _comparison(votes: Votes) -> tuple[Floats, tuple[str, ...], str]:
    present = sorted({*votes.stimulus.tolist(), *votes.other.tolist()})
    zero = votes.index(REFERENCE)
    zero = zero if zero in present else present[0]
    others = [at for at in present if at != zero]
    columns = [(votes.stimulus == at) * 1.0 - (votes.other == at) for at in others]
    names = [votes.stimuli[at].name for at in others]
    if len(np.unique(votes.sign)) > 1:
        columns.append(votes.sign.astype(float))
        names.append(ORDER)
    return np.column_stack(columns), tuple(names), votes.stimuli[zero].name
