"""What the design page says of trial types and parts: groups, explanations, chance levels."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from jndlab.study.definition import StudyDefinition
from jndlab.study.paradigms import PARADIGMS, Paradigm
from jndlab.study.phrases import plural
from jndlab.study.plan import count_trials
from jndlab.study.procedure_words import procedure_name
from jndlab.study.session_parts import all_parts
from jndlab.study.trials import Measure

GROUPS: dict[Measure, str] = {
    "correct": "Discrimination: is a difference heard?",
    "detection": "Detection: is a difference said to be there?",
    "preference": "Preference: which one is liked better?",
    "rating": "Rating: how good is it?",
}
"""What listeners do, by what their answers say."""


def paradigm_groups() -> list[dict[str, Any]]:
    """Every paradigm in its group: name, what it is called, what listeners do, chance level and
    number of orders."""
    return [
        {
            "title": title,
            "paradigms": [
                {
                    "name": one.name,
                    "called": capitalised(one.called),
                    "summary": one.summary,
                    "chance": f"{chance_of(one)}{_orders_of(one)}",
                }
                for one in PARADIGMS.values()
                if one.measure == measure
            ],
        }
        for measure, title in GROUPS.items()
    ]


def chance_of(paradigm: Paradigm) -> str:
    """What guessing comes to, as a sentence."""
    if paradigm.measure == "correct":
        share = Fraction(paradigm.guess_rate).limit_denominator(20)
        return f"Chance level {share}."
    if paradigm.measure == "detection":
        return "No chance level: how often either is said depends on the listener\u2019s bias."
    return "Nothing is right or wrong."


def _orders_of(paradigm: Paradigm) -> str:
    """The orders of presentation, of which the trials of a level should be a multiple."""
    return f" Orders: {len(paradigm.orders)}." if len(paradigm.orders) > 1 else ""


def shown_parts(study: StudyDefinition) -> list[dict[str, Any]]:
    """The parts of a session for a table; none where the session is all one.

    ``own`` is what the part itself says of paradigm and procedure, empty where the study does.
    """
    return [
        {
            "name": part.name,
            "called": capitalised(part.paradigm.called),
            "conditions": [condition.name for condition in part.conditions],
            "procedure": part.procedure,
            "own": [written.paradigm or "", written.procedure or ""],
        }
        for part, written in zip(all_parts(study), study.parts, strict=False)
    ]


def task_words(study: StudyDefinition) -> str:
    """What listeners do and how levels are chosen, for a line: ABX; oddity, 2-down 1-up staircase.

    Parts are told by their number and their trial types.
    """
    parts = all_parts(study)
    names = list(dict.fromkeys(part.paradigm.called for part in parts))
    if len(parts) > 1:
        return f"{len(parts)} parts: {', '.join(names)}"
    followed = f", {procedure_name(study, parts[0])}" if parts[0].adaptive else ""
    return capitalised(names[0]) + followed


def trial_words(study: StudyDefinition) -> str:
    """Trials of a session; at most, where answers decide how many there are."""
    count = plural(count_trials(study), "trial")
    follows = any(part.adaptive for part in all_parts(study))
    return f"at most {count}" if follows or study.design.practice_criterion else count


def capitalised(words: str) -> str:
    """The words as a line begins with them."""
    return words[:1].upper() + words[1:]
