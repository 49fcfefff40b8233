"""The truth of simulated listeners in words: what the analysis of each part has to find."""

from __future__ import annotations

import math

from jndlab.listeners.ears import Ears
from jndlab.listeners.rating import expected_rating
from jndlab.listeners.truth import Truth
from jndlab.study.definition import Condition, StudyDefinition
from jndlab.study.session_parts import SessionPart, all_parts


def describe_truth(truth: Truth, study: StudyDefinition) -> str:
    """One line per part and condition: threshold, d′, Thurstone's scale values or mean ratings."""
    ears = Ears(study=study, truth=truth)
    lines = []
    for part in all_parts(study):
        prefix = f"{part.name}, " if part.name else ""
        lines += [
            f"{prefix}{condition.name}: {_of_condition(truth, ears, part, condition)}"
            for condition in part.conditions
        ]
        if part.paradigm.measure == "rating" and (
            part.paradigm.several or part.paradigm.rates_baseline
        ):
            lines.append(f"{prefix}baseline: {_rating(truth, part, 1.0)}")
    return "\n".join(lines)


def _of_condition(truth: Truth, ears: Ears, part: SessionPart, condition: Condition) -> str:
    name, levels = condition.name, condition.by_compression()
    match part.paradigm.measure:
        case "correct":
            return (
                f"true threshold {truth.threshold_of(condition):g}, "
                f"width {truth.width_of(condition):g} {condition.unit}, "
                f"lapse rate {truth.lapse_rate:g}"
            )
        case "detection":
            what, decimals = "d′", 2
            values = [ears.d_prime(name, level) for level in levels]
        case "preference":
            what, decimals = "scale value (baseline 0)", 2
            unit = math.sqrt(2.0) * truth.quality_noise
            values = [(ears.quality(name, level) - 1.0) / unit for level in levels]
        case _:
            what, decimals = "mean rating", 1 if part.paradigm.several else 2
            values = [
                expected_rating(part.paradigm, truth, ears.quality(name, level)) for level in levels
            ]
    found = ", ".join(
        f"{round(value, decimals) + 0.0:.{decimals}f} at {level:g}"
        for value, level in zip(values, levels, strict=True)
    )
    return f"true {what} {found} {condition.unit}"


def _rating(truth: Truth, part: SessionPart, quality: float) -> str:
    if part.paradigm.several:  # what seems best is taken for the reference
        return "true rating near the top of the scale"
    return f"true mean rating {expected_rating(part.paradigm, truth, quality):.2f}"
