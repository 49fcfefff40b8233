"""In which order the parts of a session came, and which further trials there were, as sentences."""

from __future__ import annotations

from jndlab.study.definition import StudyDefinition
from jndlab.study.phrases import plural
from jndlab.study.session_parts import latin_square


def describe_order(study: StudyDefinition) -> str:
    """Who took which parts of a study that has several, in which order."""
    names = [part.name for part in study.parts]
    listed = ", ".join(names)
    if study.design.assignment == "between-participants":
        return (
            f"each participant took one of the {len(names)} parts ({listed}), in turn over the "
            "places of completed sessions."
        )
    if study.design.part_order == "listed" or len(names) == 1:
        return f"every participant took all parts, in this order: {listed}."
    return (
        f"every participant took all parts ({listed}), in the order of one of the "
        f"{len(latin_square(len(names)))} rows of a Latin square that is balanced for what comes "
        "after what (Williams 1949), in turn."
    )


def describe_rest(study: StudyDefinition) -> str:
    """Subsets of the items, comparisons of conditions, and catch trials by rule; empty: none."""
    design = study.design
    told = []
    if design.items_per_session is not None:
        told.append(
            f"Each participant heard {design.items_per_session} of the "
            f"{len(study.stimuli.items)} items, drawn at random and, over whole rounds of "
            "participants, equally often."
        )
    if design.pairs == "every-pair":
        told.append("All levels of all conditions were compared with each other as well.")
    if design.repeated_trials:
        told.append(
            f"{plural(design.repeated_trials, 'trial')} of the first half came once more in the "
            "second."
        )
    if design.gold:
        told.append(f"{plural(len(design.gold), 'trial')} had an answer known beforehand (gold).")
    if design.traps:
        told.append(
            f"{plural(len(design.traps), 'trial')} played a voice that asked for an answer (trap)."
        )
    if design.catch_placement == "spread":
        told.append("Catch trials were spread evenly over the session.")
    return " ".join(told)
