"""Which column of somebody's table is which: roles, and the names they go by."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from difflib import get_close_matches

from jndlab.errors import DataError

SYNONYMS: dict[str, tuple[str, ...]] = {
    "level": (
        "level",
        "levels",
        "x",
        "intensity",
        "stimulus",
        "stimulus_level",
        "stimulus_intensity",
        "stim",
        "stim_level",
        "signal_level",
        "strength",
        "magnitude",
        "contrast",
        "dose",
    ),
    "n_correct": (
        "n_correct",
        "ncorrect",
        "num_correct",
        "number_correct",
        "correct_count",
        "correct_responses",
        "k",
        "hits",
        "n_hits",
        "successes",
        "n_successes",
        "n_yes",
        "n_right",
    ),
    "n_trials": (
        "n_trials",
        "ntrials",
        "num_trials",
        "number_of_trials",
        "trials",
        "n",
        "n_total",
        "total",
        "out_of",
    ),
    "n_incorrect": (
        "n_incorrect",
        "incorrect",
        "n_wrong",
        "wrong",
        "errors",
        "n_errors",
        "failures",
        "n_failures",
    ),
    "correct": (
        "correct",
        "is_correct",
        "response_correct",
        "right",
        "accuracy",
        "acc",
        "hit",
        "success",
        "outcome",
        "yes",
    ),
    "listener": (
        "listener",
        "participant",
        "participant_id",
        "subject",
        "subject_id",
        "subj",
        "observer",
        "person",
        "pp",
        "vp",
    ),
    "condition": ("condition", "cond", "method", "system", "algorithm", "treatment"),
}
"""Role -> the names of columns that have it, whatever their case, spaces and punctuation.

"correct" is one trial per row with 0 or 1; beside a column of trials it is a count.
"""
_PROPORTIONS = ("proportion_correct", "p_correct", "percent_correct", "pc", "proportion", "percent")


def normal_name(header: str) -> str:
    """A header in lower case, words joined by underscores.

    >>> normal_name(" N.Correct "), normal_name("nTrials"), normal_name("Stimulus level (dB)")
    ('n_correct', 'n_trials', 'stimulus_level')
    """
    text = re.sub(r"[(\[].*?[)\]]", " ", header)
    text = re.sub(r"(?<=[a-z])(?=[A-Z])", "_", text.strip())
    return re.sub(r"[^0-9a-z]+", "_", text.lower()).strip("_")


def find_columns(
    headers: Sequence[str], *, columns: Mapping[str, str] | None, source: str
) -> dict[str, str]:
    """Role -> header: those given in ``columns`` first, the others by :data:`SYNONYMS`.

    DataError: a given role or header that does not exist, two columns for one role, a role missing.

    >>> find_columns(["Subject", "x", "k", "n"], columns=None, source="data.csv")
    {'level': 'x', 'n_correct': 'k', 'n_trials': 'n', 'listener': 'Subject'}
    """
    given = dict(columns or {})
    _check_given(given, headers, source)
    taken = set(given.values())
    found = {}
    for role, names in SYNONYMS.items():
        if role in given:
            found[role] = given[role]
            continue
        fits = [head for head in headers if head not in taken and normal_name(head) in names]
        best = [head for head in fits if normal_name(head) == role] or fits
        if len(best) > 1:
            raise DataError(
                f"{source}: the columns {_quoted(best)} could all be the {role}.",
                f'Say which one it is: columns={{"{role}": "{best[0]}"}}.',
            )
        if best:
            found[role] = best[0]
            taken.add(best[0])
    return _settled(found, given, headers, source)


def _check_given(given: Mapping[str, str], headers: Sequence[str], source: str) -> None:
    for role, header in given.items():
        if role not in SYNONYMS:
            raise DataError(
                f"There is no role {role!r} for a column.", f"Roles are: {', '.join(SYNONYMS)}."
            )
        if header not in headers:
            near = get_close_matches(header, headers, n=1)
            raise DataError(
                f"{source} has no column {header!r}; it has {_quoted(headers)}.",
                f"Did you mean {near[0]!r}?" if near else "Give one of these for the " + role + ".",
            )


def _settled(
    found: dict[str, str], given: Mapping[str, str], headers: Sequence[str], source: str
) -> dict[str, str]:
    """Counts or single trials, not both; DataError where neither is complete."""
    totals = "n_trials" in found or "n_incorrect" in found
    if "correct" in found and totals and "n_correct" not in found and "correct" not in given:
        found["n_correct"] = found.pop("correct")
    counts = "n_correct" in found and totals and "correct" not in given
    for role in ("correct",) if counts else ("n_correct", "n_trials", "n_incorrect"):
        if "correct" in found:
            found.pop(role, None)
    missing = [role for role in ("level",) if role not in found]
    if not counts and "correct" not in found:
        missing += [role for role in ("n_correct", "n_trials") if role not in found]
    if missing:
        raise DataError(
            f"{source} has no column for {' and '.join(missing)}; it has {_quoted(headers)}.",
            _suggestion(missing, found, headers),
        )
    return {role: found[role] for role in SYNONYMS if role in found}


def _suggestion(missing: Sequence[str], found: Mapping[str, str], headers: Sequence[str]) -> str:
    normal = {normal_name(header): header for header in headers}
    share = [header for name, header in normal.items() if name in _PROPORTIONS]
    if share and "n_correct" in missing:
        return (
            f"{share[0]!r} looks like a proportion, which does not say of how many: give the "
            "numbers of correct answers and of trials."
        )
    role = missing[0]
    free = [name for name, header in normal.items() if header not in found.values()]
    near = get_close_matches(role, free, n=1, cutoff=0.5)
    guess = normal[near[0]] if near else next((normal[name] for name in free), "NAME")
    return (
        f"Rename a column ({', '.join(SYNONYMS[role][:6])}, …), or say which one it is, such as "
        f'columns={{"{role}": "{guess}"}}.'
    )


def _quoted(headers: Sequence[str]) -> str:
    return ", ".join(f"{header!r}" for header in headers) or "no columns"
