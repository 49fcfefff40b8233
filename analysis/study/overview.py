"""What the analysis of every task says of the sessions: who, how many, catch trials, warnings."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from jndlab import __version__
from jndlab.analysis.inference.binomial import binomial_test
from jndlab.analysis.intervals import clopper_pearson
from jndlab.analysis.study.conduct import Conduct
from jndlab.analysis.study.data import TrialTable
from jndlab.analysis.study.data_checks import check_data
from jndlab.analysis.study.exclusion_rules import ExclusionRules
from jndlab.analysis.study.exclusions import Exclusion
from jndlab.analysis.study.options import AnalysisOptions, deviations
from jndlab.analysis.study.record import StudyRecord
from jndlab.analysis.study.repeated import repeated_agreement
from jndlab.analysis.study.results import CatchSummary
from jndlab.analysis.study.versions import software_versions
from jndlab.errors import DataError
from jndlab.study.trials import TASKS, ParadigmName

LEAK_P_VALUE = 0.01


def overview(
    table: TrialTable,
    kept: TrialTable,
    scored: TrialTable,
    *,
    exclusions: tuple[Exclusion, ...],
    options: AnalysisOptions,
    planned: AnalysisOptions | None,
    record: StudyRecord | None,
    conduct: Conduct | None,
    seed: int,
) -> dict[str, Any]:
    """Fields that :class:`~jndlab.analysis.study.results.StudyAnalysis` shares with the results of
    tasks of other measures, by name; ``warnings`` are those about the study as a whole.

    ``kept`` is what the rules leave of ``table``, ``scored`` its test trials.
    """
    paradigm = the_paradigm(kept)
    digests = tuple(str(digest) for digest in np.unique(scored["study_digest"]))
    main = kept.select(kept["phase"] == "main")
    chance = TASKS[paradigm].guess_rate
    catch = {
        kind: _catch(main, kind, coverage=options.coverage, chance=None)
        for kind in ("gross", "gold", "trap")
    }
    identical = _catch(main, "identical", coverage=options.coverage, chance=chance)
    return {
        "study": kept.only("study", what="study"),
        "study_digests": digests,
        "paradigm": paradigm,
        "part": kept.only("part", what="part"),
        "procedure": the_procedure(kept),
        "session_kind": options.session_kind,
        "n_sessions": len(np.unique(scored["session"])),
        "n_finished": len(
            np.unique(scored["session"][scored["session_state"] == "finished"]),
        ),
        "n_listeners": len(np.unique(scored["participant"])),
        "n_items": len(np.unique(scored["item"])),
        "n_trials": len(scored),
        "first_trial_at": min(scored["presented_at"].tolist()),
        "last_trial_at": max(scored["presented_at"].tolist()),
        "checks": check_data(
            table,
            ExclusionRules.from_options(options),
            conduct=conduct,
            coverage=options.coverage,
        ),
        "gross": catch["gross"],
        "gold": catch["gold"],
        "trap": catch["trap"],
        "identical": identical,
        "repeated": repeated_agreement(main, coverage=options.coverage),
        "exclusions": exclusions,
        "warnings": _warnings(scored, digests, catch["gross"], identical, chance),
        "options": options,
        "deviations": () if planned is None else deviations(options, planned),
        "planned": planned is not None,
        "record": record,
        "seed": seed,
        "data_digest": table.digest,
        "version": __version__,
        "versions": software_versions(),
    }


def the_paradigm(table: TrialTable) -> ParadigmName:
    """The one paradigm of a table. DataError: there are several, or none."""
    return table.only("paradigm", what="paradigm")


def the_procedure(table: TrialTable) -> str:
    """How levels were chosen; tables from before there were several procedures do not say it.
    DataError: there are several."""
    names = set(table["procedure"].tolist()) - {""} or {"constant-stimuli"}
    if len(names) > 1:
        raise DataError(
            f"The trials come from {len(names)} procedures: {', '.join(sorted(names))}.",
            "Analyse one procedure at a time: select its rows first.",
        )
    return str(names.pop())


def require_scored(scored: TrialTable, options: AnalysisOptions) -> None:
    """Raise DataError if no test trials are left to analyse."""
    if len(scored) == 0:
        raise DataError(
            f"There are no answered test trials of {options.session_kind} sessions to analyse.",
            "Collect data, loosen the exclusions, or choose the other kind of session.",
        )


def wanted_conditions(
    names: Sequence[str], condition: str | None
) -> tuple[list[str], tuple[str, ...]]:
    """The conditions to analyse, and what a reader of fewer than all of them has to know.

    >>> wanted_conditions(["prune", "seofp"], "seofp")[1]
    ('Only seofp is reported here. The study also tested: prune.',)
    """
    if condition is None:
        return list(names), ()
    if condition not in names:
        raise DataError(
            f"There are no analysed answers to a condition {condition!r}.",
            f"Choose one of: {', '.join(names)}.",
        )
    others = [name for name in names if name != condition]
    told = f"Only {condition} is reported here. The study also tested: {', '.join(others)}."
    return [condition], (told,) if others else ()


def _catch(
    table: TrialTable, kind: str, *, coverage: float, chance: float | None
) -> CatchSummary | None:
    rows: NDArray[np.bool_] = (table["trial_kind"] == kind) & table.answered
    rows &= table["correct_response"] != ""
    n_trials = int(rows.sum())
    if n_trials == 0:
        return None
    n_correct = int(table["correct"][rows].sum())
    test = None
    if chance is not None:
        test = binomial_test(n_correct, n_trials, chance=chance, alternative="two-sided")
    return CatchSummary(
        n_trials=n_trials,
        n_correct=n_correct,
        interval=clopper_pearson(n_correct, n_trials, coverage=coverage),
        p_value=test.p_value if test else None,
    )


def _warnings(
    scored: TrialTable,
    digests: tuple[str, ...],
    gross: CatchSummary | None,
    identical: CatchSummary | None,
    chance: float | None,
) -> tuple[str, ...]:
    warnings: list[str] = []
    if len(digests) > 1:
        warnings.append(
            f"The sessions ran under {len(digests)} different versions of the study: check "
            "that they may be analysed together."
        )
    if gross is not None and gross.n_correct < 0.8 * gross.n_trials:
        warnings.append(
            f"Only {gross.n_correct} of {gross.n_trials} gross catch trials were answered "
            "correctly: the sound, the task or the attention of some listeners may have failed."
        )
    if identical is not None and identical.p_value is not None:
        if identical.p_value < LEAK_P_VALUE:
            warnings.append(
                "Answers to identical pairs differ from chance: something other than the "
                "sound may give the answer away. Find it before you believe the thresholds."
            )
    elif chance is not None:
        warnings.append(
            "No identical pairs were presented, so nothing here shows that only the sound "
            "could be heard."
        )
    n_items = len(np.unique(scored["item"]))
    if n_items < 4:
        warnings.append(
            f"Items: {n_items}. The result holds for these recordings and need not hold for others."
        )
    return tuple(warnings)
