"""The analysis of trials from anywhere: that of a study, less what such a table cannot tell."""

from __future__ import annotations

from dataclasses import replace

from jndlab.analysis.report.wording import listed, plural
from jndlab.analysis.study.analyse import analyse_study
from jndlab.analysis.study.data_checks import DataChecks
from jndlab.analysis.study.foreign_trials import ForeignTrials
from jndlab.analysis.study.model_facts import ModelFacts
from jndlab.analysis.study.options import AnalysisOptions
from jndlab.analysis.study.record import StudyRecord
from jndlab.analysis.study.results import StudyAnalysis

_DEFAULTS = AnalysisOptions()
NEEDS = {
    "patterns": frozenset({"response", "correct_response", "trial"}),
    "times": frozenset({"response_time_ms"}),
    "interruptions": frozenset({"an observer"}),
    "bias": frozenset({"response", "correct_response"}),
    "learning": frozenset({"trial"}),
    "items": frozenset({"item"}),
}
"""What each check of the data rests on. Interruptions are seen by who runs the test only."""
_SAID = {
    "patterns": "runs of equal answers",
    "times": "response times",
    "interruptions": "interruptions",
    "bias": "bias towards one answer",
    "learning": "learning and fatigue",
    "items": "items",
}
_NOT_RUN = "This test was not run by jndlab"
_NO_PAIRS = ("No identical pairs were presented", "The table tells of no identical pairs")


def analyse_foreign_trials(
    trials: ForeignTrials,
    *,
    seed: int | None = None,
    options: AnalysisOptions = _DEFAULTS,
    facts: ModelFacts | None = None,
) -> StudyAnalysis:
    """The analysis of :func:`~jndlab.analysis.study.analyse.analyse_study`, and no more than the
    table bears: checks that would rest on what it does not tell are left out, and the result says
    that somebody else ran the test. ``seed`` follows from the file, unless it is given.

    >>> import tempfile
    >>> from pathlib import Path
    >>> from jndlab.analysis.study.foreign_trials import load_foreign_trials
    >>> rows = [f"{who},{level},{int(n < 3 + level)}" for who in "abcde" for level in (1, 2, 3)
    ...         for n in range(6)]
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     file = Path(folder, "mine.csv")
    ...     _ = file.write_text("\\n".join(["subject,level,correct", *rows]), encoding="utf-8")
    ...     trials = load_foreign_trials(file, paradigm="abx", compression="rises")
    >>> few = AnalysisOptions(n_resamples=100, group_model=False)
    >>> analysis = analyse_foreign_trials(trials, options=few)
    >>> analysis.n_listeners, analysis.checks.times, analysis.record.origin[:28]
    (5, None, 'This test was not run by jnd')
    """
    made = analyse_study(
        trials.table,
        seed=int(trials.file_digest[:8], 16) if seed is None else seed,
        options=options,
        facts=facts,
        record=StudyRecord(origin=origin_of(trials)),
    )
    knows_items = "item" in trials.known
    return replace(
        made,
        checks=_only_known(made.checks, trials.known),
        warnings=(
            f"{_NOT_RUN}, which cannot say whether listeners were blind to what they heard, how "
            "the sounds were played, whether the pairs differed in nothing but the compression, "
            "or whether all answers are in the table.",
            *(note for note in trials.notes if note.startswith("The table has no column of list")),
            *(
                one.replace(*_NO_PAIRS)
                for one in made.warnings
                if knows_items or not one.startswith("Items: ")
            ),
        ),
        n_items=made.n_items if knows_items else 0,
        first_trial_at="",
        last_trial_at="",
    )


def origin_of(trials: ForeignTrials) -> str:
    """Where the answers come from, in a sentence.

    >>> from jndlab.analysis.study.example import example_trials
    >>> origin_of(ForeignTrials(table=example_trials(), source="mine.csv", paradigm="abx",
    ...     columns={}, known=frozenset(), n_rows=608, notes=(), listeners=(), file_digest=""))
    'This test was not run by jndlab. The answers were read from mine.csv (608 rows).'
    """
    return (
        f"{_NOT_RUN}. The answers were read from {trials.source} ({plural(trials.n_rows, 'row')})."
    )


def foreign_procedure(trials: ForeignTrials) -> list[str]:
    """Paragraphs for the methods, each of the form "Keyword: text"."""
    columns = listed([f"{role} from column {name}" for role, name in trials.columns.items()])
    lacking = [_SAID[name] for name, needed in NEEDS.items() if not needed <= trials.known]
    data = f"{origin_of(trials)} It took {columns}. {' '.join(trials.notes)}"
    if lacking:
        data += f" The table does not tell enough to check {listed(lacking)}."
    if trials.listeners:
        data += " Listeners are numbered in the order of their first rows, and each counts as a "
        data += "finished session."
    stimuli = (
        "The stimuli, and how they were presented, are as whoever ran the test describes them; the "
        "table names their levels only."
    )
    return [f"Data: {data}", f"Stimuli: {stimuli}"]


def _only_known(checks: DataChecks, known: frozenset[str]) -> DataChecks:
    """The checks, those that rest on placeholders left out."""
    out = {name for name, needed in NEEDS.items() if not needed <= known}
    return replace(
        checks,
        patterns=None if "patterns" in out else checks.patterns,
        times=None if "times" in out else checks.times,
        interruptions=None if "interruptions" in out else checks.interruptions,
        # Which version came first, and what X was, no table of this kind tells.
        bias=None if "bias" in out or not checks.bias else replace(checks.bias, others=()),
        learning=None if "learning" in out else checks.learning,
        items=None if "items" in out else checks.items,
        findings=tuple(one for one in checks.findings if one.check not in out),
    )
