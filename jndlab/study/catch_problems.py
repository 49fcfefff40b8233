"""What is wrong with the gold and trap trials of a study."""

from __future__ import annotations

from collections.abc import Iterator

from jndlab.study.definition import StudyDefinition, is_name
from jndlab.study.design import Gold
from jndlab.study.known_answers import gives_gold, gives_trap, has_condition, possible_answers
from jndlab.study.session_parts import SessionPart, all_parts
from jndlab.study.trials import BASELINE
from jndlab.study.yaml_source import KeyPath

Found = Iterator[tuple[KeyPath, str, str]]
SOUND_ENDINGS = (".wav", ".flac")


def gold_problems(study: StudyDefinition) -> Found:
    """Sounds and parts that the study does not have, answers that nobody could give."""
    parts = all_parts(study)
    for number, gold in enumerate(study.design.gold):
        path: KeyPath = ("design", "gold", number)
        found = [
            *_part_problems(study, gold.part, (*path, "part")),
            *_sound_problems(study, gold, path),
        ]
        yield from found
        if found:
            continue
        given = [part for part in parts if gives_gold(part, gold)]
        if not given:
            message = f"no part has single trials of {gold.condition}"
            remedy = "Ratings with sliders have no gold trials; the baseline has some in acr only."
            yield (*path, "condition"), message, remedy
        for part in given:
            yield from _answer_problems(part, gold, path)


def trap_problems(study: StudyDefinition) -> Found:
    """Sounds without a name, parts that the study does not have, answers that no button gives."""
    parts, traps = all_parts(study), study.design.traps
    for number, trap in enumerate(traps):
        path: KeyPath = ("design", "traps", number)
        if not (is_name(trap.name) and trap.sound.lower().endswith(SOUND_ENDINGS)):
            message = f"{trap.sound!r} cannot be the sound of a trap trial"
            remedy = "Name a WAV or FLAC file: letters, digits, '.', '_', '-' and spaces."
            yield (*path, "sound"), message, remedy
        elif any(one.name == trap.name and one.sound != trap.sound for one in traps[:number]):
            message = f"two sounds of trap trials are called {trap.name!r}"
            yield (*path, "sound"), message, "Give each file its own name."
        unknown = list(_part_problems(study, trap.part, (*path, "part")))
        yield from unknown
        given = [part for part in parts if gives_trap(part, trap)]
        for part in given:
            if trap.answer not in part.paradigm.responses:
                yield (*path, "answer"), *_no_such_answer(part, trap.answer)
        if not given and not unknown:
            yield (*path, "answer"), *_no_such_answer(parts[0], trap.answer)


def _part_problems(study: StudyDefinition, part: str | None, path: KeyPath) -> Found:
    names = [one.name for one in study.parts]
    if part is not None and part not in names:
        known = f"Parts: {', '.join(names)}." if names else "Leave it out: there are no parts."
        yield path, f"the study has no part {part!r}", known


def _sound_problems(study: StudyDefinition, gold: Gold, path: KeyPath) -> Found:
    levels = {condition.name: condition.levels for condition in study.stimuli.conditions}
    if gold.item not in study.stimuli.items:
        known = f"Items: {', '.join(study.stimuli.items[:10])}."
        yield (*path, "item"), f"the study has no item {gold.item!r}", known
    if gold.condition == BASELINE:
        if gold.level is not None:
            yield (*path, "level"), "the baseline has no level", "Leave the level out."
    elif gold.condition not in levels:
        known = f"Conditions: {', '.join([BASELINE, *levels])}."
        yield (*path, "condition"), f"the study has no condition {gold.condition!r}", known
    elif gold.level not in levels[gold.condition]:
        known = f"Levels: {', '.join(f'{level:g}' for level in levels[gold.condition])}."
        yield (*path, "level"), f"{gold.condition} has no such level", known


def _answer_problems(part: SessionPart, gold: Gold, path: KeyPath) -> Found:
    name, possible = part.paradigm.name, possible_answers(part.paradigm)
    if part.paradigm.scale is not None or not has_condition(part, gold.condition):
        message = f"{name} has no single trials of {gold.condition} in this part"
        yield (*path, "part"), message, "Name another part, or another condition."
    elif not possible:
        if gold.answers:
            message = f"{name} has a right answer in every trial"
            yield (*path, "answers"), message, "Leave the answers out."
    elif not gold.answers:
        remedy = f"Say which are right: {', '.join(possible)}."
        yield path, f"nothing is right or wrong in {name}, so a gold trial needs answers", remedy
    elif len(set(gold.answers)) >= len(possible):
        message = "every answer would be right"
        yield (*path, "answers"), message, "Leave out those that show who does not attend."
    else:
        for index, answer in enumerate(gold.answers):
            if answer not in possible:
                message = f"{name} cannot be answered with {answer!r}"
                yield (*path, "answers", index), message, f"Answers: {', '.join(possible)}."


def _no_such_answer(part: SessionPart, answer: str) -> tuple[str, str]:
    name, responses = part.paradigm.name, part.paradigm.responses
    message = f"{name} cannot be answered with {answer!r}"
    if not responses:
        return message, "Ratings with sliders have no trap trials."
    return message, f"Answers: {', '.join(responses)}."
