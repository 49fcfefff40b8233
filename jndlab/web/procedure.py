"""What was done, in the sentences of a methods section, made from the study itself."""

from __future__ import annotations

from jndlab.study.definition import Design, StudyDefinition
from jndlab.study.paradigms import PARADIGMS


def describe_procedure(study: StudyDefinition) -> list[str]:
    """Paragraphs about stimuli, trials and playback, for the report."""
    return [_stimuli(study), _trials(study), _playback(study)]


def _stimuli(study: StudyDefinition) -> str:
    items = study.stimuli.items
    named = ", ".join(items[:12]) + (f" and {len(items) - 12} more" if len(items) > 12 else "")
    conditions = "; ".join(
        f"{condition.name} at "
        f"{', '.join(f'{level:g}' for level in condition.by_compression())} {condition.unit}"
        for condition in study.stimuli.conditions
    )
    count = "1 item" if len(items) == 1 else f"{len(items)} items"
    return (
        f"Stimuli: {count} ({named}), each as the baseline and compressed by {conditions} "
        "(least to most compressed)."
    )


def _trials(study: StudyDefinition) -> str:
    paradigm, design = PARADIGMS[study.paradigm], study.design
    n_orders = len(paradigm.orders)
    name = "ABX" if study.paradigm == "abx" else study.paradigm
    return (
        f"Trials: {name} trials by the method of constant stimuli, "
        f"{design.trials_per_level} at each level of each condition in each session, in random "
        f"order, with no more than three equal right answers in a row. The {n_orders} orders of "
        "presentation and the items were used as evenly as the numbers allow and counterbalanced "
        f"over participants. Catch trials in each session: {design.identical_trials} identical "
        f"pairs and {design.gross_trials} at the most compressed level. {_practice(design)} A "
        f"break{_least(design)} was offered every {design.trials_per_block} trials. The question "
        f"was: “{paradigm.question}”"
    )


def _practice(design: Design) -> str:
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


def _playback(study: StudyDefinition) -> str:
    presentation = study.presentation
    if PARADIGMS[study.paradigm].playback == "switched":
        how = (
            "Participants switched between the intervals at will, at the same position and as "
            f"often as they liked, with crossfades of {presentation.ramp_ms:g} ms; answers opened "
            "when each interval had been heard for half a second."
        )
    else:
        how = (
            f"The intervals were played one after the other, {presentation.gap_ms} ms apart, with "
            f"ramps of {presentation.ramp_ms:g} ms, and could be repeated; answers opened after "
            "the last one."
        )
    return (
        f"Playback: in the participants’ own browsers and on their own devices, from 24-bit PCM "
        f"at {presentation.sample_rate_hz / 1000:g} kHz; the level was not calibrated. {how}"
    )
