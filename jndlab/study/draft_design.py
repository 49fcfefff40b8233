"""The numbers of a new study that suit its trial type and procedure, with a comment for each."""

from __future__ import annotations

from collections.abc import Mapping

from ruamel.yaml.comments import CommentedMap

from jndlab.study.definition import Design, Stimuli
from jndlab.study.form_relevance import Task, applies
from jndlab.study.paradigms import PARADIGMS
from jndlab.study.trials import ParadigmName, ProcedureName

COMMENT_COLUMN = 34
USUAL_ANCHORS_HZ = (3500.0, 7000.0)
_USUAL_TRIALS = 8
_ALWAYS_SHOWN = {
    *("procedure", "trials_per_level", "practice_trials", "identical_trials", "gross_trials"),
    *("trials_per_block", "feedback", "break_seconds"),
}
"""Keys that a draft has wherever they mean something; others are written when used."""


def usual_design(
    paradigm: ParadigmName, *, n_items: int, procedure: ProcedureName = "constant-stimuli"
) -> Design:
    """The design that a new study begins with: as many trials as use every order equally often.

    Ratings need no repeats of the same sound, so that there are no more than items.
    """
    n_orders = len(PARADIGMS[paradigm].orders) or 1
    wanted = _USUAL_TRIALS
    if PARADIGMS[paradigm].measure == "rating":
        wanted = min(n_items, _USUAL_TRIALS)
    return Design(procedure=procedure, trials_per_level=-(-wanted // n_orders) * n_orders)


def usual_anchors(stimuli: Stimuli) -> tuple[float, ...]:
    """The anchors that a new study of ratings has, if nobody has said which."""
    told = "anchors_hz" in stimuli.model_fields_set
    return stimuli.anchors_hz if told else USUAL_ANCHORS_HZ


def design_section(design: Design, paradigm: ParadigmName) -> CommentedMap:
    """The section `design`, without what means nothing for the trial type and the procedure."""
    task = Task(paradigm, design.procedure)
    content = {
        key: value
        for key, value in design.model_dump(exclude_none=True).items()
        if applies(f"design.{key}", [task])
        and (key in _ALWAYS_SHOWN or getattr(design, key) != Design.model_fields[key].default)
    }
    return with_comments(CommentedMap(content), _comments(paradigm))


def _comments(paradigm: ParadigmName) -> dict[str, str]:
    scored = PARADIGMS[paradigm].measure in ("correct", "detection")
    return {
        "procedure": "constant-stimuli | staircase | questplus | psi",
        "trials_per_level": trials_comment(paradigm),
        "practice_trials": ("with feedback, " if scored else "")
        + "at the two most compressed levels",
        "identical_trials": "catch trials: the baseline throughout",
        "gross_trials": "catch trials: the most compressed level",
        "trials_per_block": "then a break",
        "feedback": "practice | always | never",
        "break_seconds": "a break lasts at least so long",
    }


def trials_comment(paradigm: ParadigmName) -> str:
    """What to mind when the number of trials per level is chosen."""
    described = PARADIGMS[paradigm]
    if described.several:
        return "trials a session: each holds all levels"
    n_orders = len(described.orders)
    if n_orders == 1:
        return "of each level in a session"
    return f"a multiple of {n_orders} balances the orders"


def adaptive_section(procedure: ProcedureName) -> CommentedMap | None:
    """The section `adaptive` with the defaults of its main keys; None where there is none."""
    if procedure == "constant-stimuli":
        return None
    content = CommentedMap()
    stop = CommentedMap()
    if procedure == "staircase":
        content["n_down"] = 2
        content["n_up"] = 1
        stop["reversals"] = 10
        stop["trials"] = 80
    else:
        content["sigmoid"] = "norm"
        stop["trials"] = 50
    content["stop"] = stop
    content["max_run"] = 3
    comments = {
        "n_down": "1, 2, 3, 4 settle at 50, 71, 79, 84 % correct",
        "n_up": "wrong answers until it gets easier",
        "sigmoid": "shape of the curves considered",
        "stop": "of each track, whichever comes first",
        "max_run": "trials in a row of one track",
    }
    return with_comments(content, comments)


def with_comments(section: CommentedMap, comments: Mapping[str, str]) -> CommentedMap:
    """The section with a comment behind each of the keys that it has."""
    for key, comment in comments.items():
        if key in section:
            section.yaml_add_eol_comment(comment, key, column=COMMENT_COLUMN)
    return section
