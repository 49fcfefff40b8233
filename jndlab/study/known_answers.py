"""Catch trials whose answers the experimenter knows: which parts they are in, what is right."""

from __future__ import annotations

from jndlab.study.design import Gold, Trap
from jndlab.study.paradigms import Order, Paradigm
from jndlab.study.session_parts import SessionPart
from jndlab.study.trials import BASELINE, SEVERAL_ANSWERS

PREFERRED = (BASELINE, "condition")
"""What can be known of a preference: which of the two sides is the better one."""


def gives_gold(part: SessionPart, gold: Gold) -> bool:
    """Whether the part has this gold trial."""
    if gold.part is not None:
        return gold.part == part.name
    return part.paradigm.scale is None and has_condition(part, gold.condition)


def gives_trap(part: SessionPart, trap: Trap) -> bool:
    """Whether the part has this trap trial."""
    if trap.part is not None:
        return trap.part == part.name
    return trap.answer in part.paradigm.responses


def has_condition(part: SessionPart, condition: str) -> bool:
    """Whether a trial of the part can be about that condition alone."""
    if condition == BASELINE:
        return part.paradigm.rates_baseline
    return any(one.name == condition for one in part.conditions)


def possible_answers(paradigm: Paradigm) -> tuple[str, ...]:
    """What can be written as the answer to a gold trial; empty where the paradigm has a right
    answer of its own."""
    if paradigm.measure == "preference":
        return PREFERRED
    return paradigm.responses if paradigm.measure == "rating" else ()


def right_response(paradigm: Paradigm, order: Order, gold: Gold) -> str:
    """The response to a gold trial in that order, or several, as a trial keeps them.

    >>> from jndlab.study.paradigms import PARADIGMS
    >>> ccr, gold = PARADIGMS["ccr"], Gold(item="one", condition="prune", answers=("-1", "-2"))
    >>> right_response(ccr, ccr.order("CB"), gold)  # the condition comes first
    '1|2'
    """
    if order.correct_response:
        return order.correct_response
    answers = gold.answers
    if paradigm.measure == "preference":
        side = {"condition": "compressed", BASELINE: "baseline"}
        answers = tuple(paradigm.labels[order.sources.index(side[one])] for one in answers)
    elif paradigm.symmetric and order.sources[-1] == "baseline":
        answers = tuple(f"{-int(one)}" for one in answers)
    return SEVERAL_ANSWERS.join(answers)
