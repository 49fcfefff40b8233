"""What was done, in the sentences of a methods section, made from the study itself."""

from __future__ import annotations

from jndlab.study.definition import Design, StudyDefinition
from jndlab.study.paradigms import Paradigm
from jndlab.study.phrases import plural
from jndlab.study.procedure_words import describe_levels
from jndlab.study.session_parts import SessionPart, all_parts
from jndlab.web.procedure_parts import describe_order, describe_rest


def describe_procedure(study: StudyDefinition) -> list[str]:
    """Paragraphs about stimuli, trials and playback, for the report."""
    parts = all_parts(study)
    order = [f"Session: {describe_order(study)}"] if study.parts else []
    rest = describe_rest(study)
    return [
        _stimuli(study),
        *order,
        *(_trials(study, part) for part in parts),
        *([f"Further trials: {rest}"] if rest else []),
        _playback(study, parts),
    ]


def _stimuli(study: StudyDefinition) -> str:
    items = study.stimuli.items
    named = ", ".join(items[:12]) + (f" and {len(items) - 12} more" if len(items) > 12 else "")
    conditions = "; ".join(
        f"{condition.name} at "
        f"{', '.join(f'{level:g}' for level in condition.by_compression())} {condition.unit}"
        for condition in study.stimuli.conditions
    )
    return (
        f"Stimuli: {plural(len(items), 'item')} ({named}), each as the baseline and compressed by "
        f"{conditions} (least to most compressed)."
    )


def _trials(study: StudyDefinition, part: SessionPart) -> str:
    paradigm, design = part.paradigm, study.design
    head = f"Part {part.name}" if part.name else "Trials"
    conditions = ""
    if len(part.conditions) < len(study.stimuli.conditions):
        conditions = f" of {', '.join(condition.name for condition in part.conditions)}"
    orders = _orders(paradigm)
    return (
        f"{head}: {paradigm.called} trials{conditions}{_chance(paradigm)}. {_levels(study, part)} "
        f"{orders}{_catch(design, paradigm)} {_practice(design, paradigm)} "
        f"A break{_least(design)} was offered every {design.trials_per_block} trials. The question "
        f"was: “{paradigm.question}”{_scale(paradigm)}{_confidence(design, paradigm)}"
    )


def _chance(paradigm: Paradigm) -> str:
    if paradigm.measure != "correct":
        return ""
    return f" (chance level {paradigm.guess_rate:.3g})"


def _levels(study: StudyDefinition, part: SessionPart) -> str:
    if part.adaptive:
        return describe_levels(study, part)
    design, paradigm = study.design, part.paradigm
    if paradigm.several:
        return (
            f"There were {design.trials_per_level} in each session, each with every level of every "
            f"condition, the baseline as hidden reference{_anchors(study)} and the open reference "
            "beside them, in random order."
        )
    rated = " and of the baseline" if paradigm.rates_baseline else ""
    scored = paradigm.measure in ("correct", "detection")
    runs = ", with no more than three equal right answers in a row" if scored else ""
    method = "By the method of constant stimuli there" if scored else "There"
    return (
        f"{method} were {design.trials_per_level} at each level of "
        f"each condition{rated} in each session, in random order{runs}."
    )


def _anchors(study: StudyDefinition) -> str:
    cut_offs = [f"{anchor:g}" for anchor in study.stimuli.anchors_hz]
    if not cut_offs:
        return ""
    return f", the baseline low-passed at {' and '.join(cut_offs)} Hz as anchors,"


def _orders(paradigm: Paradigm) -> str:
    if len(paradigm.orders) < 2:
        return (
            "The items were used as evenly as the numbers allow and counterbalanced over "
            "participants. "
        )
    return (
        f"The {len(paradigm.orders)} orders of presentation and the items were used as evenly as "
        "the numbers allow and counterbalanced over participants. "
    )


def _catch(design: Design, paradigm: Paradigm) -> str:
    kinds = []
    if paradigm.has_identical:
        kinds.append(f"{design.identical_trials} identical pairs")
    if paradigm.has_gross:
        kinds.append(f"{design.gross_trials} at the most compressed level")
    return f"Catch trials in each session: {' and '.join(kinds)}." if kinds else "No catch trials."


def _practice(design: Design, paradigm: Paradigm) -> str:
    if paradigm.measure not in ("correct", "detection"):
        return f"Before the test came {design.practice_trials} practice trials."
    criterion = design.practice_criterion
    number = f"{'at most ' if criterion else ''}{design.practice_trials} practice trials"
    until = (
        f", until {criterion.share:.0%} of the newest {criterion.last} answers were right"
        if criterion
        else ""
    )
    told = {
        "practice": f"{number} with feedback{until}; the test had none.",
        "always": f"{number}{until}. There was feedback in practice and test, except after "
        "identical pairs.",
        "never": f"{number}{until}. There was no feedback.",
    }
    return f"Before the test came {told[design.feedback]}"


def _least(design: Design) -> str:
    return f" of at least {design.break_seconds} s" if design.break_seconds else ""


def _scale(paradigm: Paradigm) -> str:
    """What could be answered, where nothing is right or wrong."""
    if paradigm.scale is not None:
        scale = paradigm.scale
        words = ", ".join(f"{value:g} {word}" for value, word in scale.labels)
        return (
            f" It was answered with sliders from {scale.lowest:g} to {scale.highest:g} in steps of "
            f"{scale.step:g} ({words})."
        )
    if paradigm.measure == "rating":
        return f" The answers were: {'; '.join(paradigm.response_labels)}."
    return ""


def _confidence(design: Design, paradigm: Paradigm) -> str:
    if design.confidence_steps is None or paradigm.measure not in ("correct", "detection"):
        return ""
    return f" After each answer came how sure it was, on {design.confidence_steps} steps."


def _playback(study: StudyDefinition, parts: tuple[SessionPart, ...]) -> str:
    presentation = study.presentation
    ways = {part.paradigm.playback: part.paradigm for part in parts}
    told = []
    if "switched" in ways:
        place = (
            "at the same position"
            if presentation.switching == "keep-position"
            else "each time from the beginning"
        )
        told.append(
            f"Participants switched between the intervals at will, {place} and "
            f"{_often(presentation.max_plays)}, with crossfades of {presentation.ramp_ms:g} ms; "
            "answers opened when each interval had been heard for half a second."
        )
    if "sequence" in ways:
        single = len(ways["sequence"].labels) == 1
        gap = "" if single else f" one after the other, {presentation.gap_ms} ms apart,"
        told.append(
            f"The intervals were played{gap} with ramps of {presentation.ramp_ms:g} ms, and could "
            f"be repeated{_at_most(presentation.max_plays)}; answers opened after the last one."
        )
    both = len(ways) == 2
    how = " ".join(
        f"In {_named(parts, way)}: {said[0].lower()}{said[1:]}" if both else said
        for way, said in zip(("switched", "sequence") if both else ways, told, strict=True)
    )
    return (
        f"Playback: in the participants’ own browsers and on their own devices, from 24-bit PCM "
        f"at {presentation.sample_rate_hz / 1000:g} kHz; the level was not calibrated. {how}"
    )


def _often(max_plays: int | None) -> str:
    return "as often as they liked" if max_plays is None else f"at most {max_plays} times each"


def _at_most(max_plays: int | None) -> str:
    return "" if max_plays is None else f", at most {max_plays} times in all"


def _named(parts: tuple[SessionPart, ...], way: str) -> str:
    return ", ".join(part.name for part in parts if part.paradigm.playback == way)
