"""Sentences about compressed models: headroom, seed twins, origins, what sizes count."""

from __future__ import annotations

from jndlab.analysis.report.formats import (
    format_interval,
    format_level,
    format_like,
    format_number,
    format_share,
)
from jndlab.analysis.report.wording import listed
from jndlab.analysis.study.headroom import Headroom
from jndlab.analysis.study.model_card import ModelCard
from jndlab.analysis.study.objective_results import plain_number
from jndlab.analysis.study.results import ConditionAnalysis
from jndlab.analysis.study.score_titles import score_title
from jndlab.analysis.study.seed_twin import SeedTwin

_ORIGINS = {
    "post-training": "compressed after training, not trained again",
    "fine-tuned": "compressed and trained further",
    "separately-trained": "trained separately, each from random weights",
    "signal": "made from the two signals, not by a model",
    "rendered-elsewhere": "rendered elsewhere",
}
_SEPARATE = "separately-trained"


def headroom_sentence(found: Headroom) -> str:
    """How much louder the difference could be before it is heard, in plain words."""
    target = format_share(found.target_probability)
    if not found.inside_tested_range:
        if found.gain_db > found.highest_db:
            return (
                f"Headroom: not reached. Up to the highest gain tested, "
                f"{format_level(found.highest_db)} dB, the curve stays below {target} correct, so "
                "that no headroom can be given: test higher gains."
            )
        return (
            f"Headroom: negative. Already at the lowest gain tested, "
            f"{format_level(found.lowest_db)} dB, listeners are estimated to be above {target} "
            "correct: the real difference, at 0 dB, is audible as it is."
        )
    gain = f"{_signed(found)} dB ({format_share(found.interval.coverage)} interval "
    text = f"Headroom: {gain}{format_interval(found.interval)} dB)."
    factor = format_number(max(found.factor, 1 / found.factor), 1)
    if found.gain_db >= 0:
        text += (
            f" The difference between compressed and baseline output could be {factor} times as "
            f"large before listeners are right in {target} of the trials"
        )
    else:
        text += (
            f" The difference between compressed and baseline output would have to be {factor} "
            f"times smaller for listeners to be right in only {target} of the trials"
        )
    return (
        text
        + {
            "below": ": as it is, it stays below the just-noticeable difference.",
            "above": ": it is audible as it is.",
            "open": ". The interval includes 0 dB: whether the real difference lies below the "
            "just-noticeable difference or above it is not settled.",
        }[found.verdict]
    )


def _signed(found: Headroom) -> str:
    text = format_like(found.gain_db, found.interval)
    return text if found.gain_db < 0 else f"+{text}"


def separate_sentences(condition: ConditionAnalysis) -> tuple[str, ...]:
    """On models that were trained one by one: the seed twin, and preference in place of detection.

    Empty for all others.
    """
    card = condition.card
    if card is None or (card.origin != _SEPARATE and condition.twin is None):
        return ()
    return (_twin(condition, condition.twin), _preference())


def _twin(condition: ConditionAnalysis, twin: SeedTwin | None) -> str:
    if twin is None:
        return (
            "These versions were trained separately, and the manifest has no seed twin: a network "
            "of the baseline's size, trained alike from another seed. Without it nobody can say "
            "how much of what listeners hear is the seed and not the compression."
        )
    which = f" (seed {twin.seed})" if twin.seed else ""
    return (
        f"The seed twin{which} is as large as the baseline and was trained alike, from another "
        f"seed. {_observed(condition, twin)} {_placed(condition, twin)} Up to what the twin "
        "scores, what listeners hear may be the seed and not the compression."
    )


def _observed(condition: ConditionAnalysis, twin: SeedTwin) -> str:
    row = next((one for one in condition.levels if one.level == twin.level), None)
    if row is None:
        return "It was not tested."
    return (
        f"Answers to it were right in {row.proportion_correct:.0%} of the trials "
        f"(exact {format_share(row.interval.coverage)} interval {row.interval.low:.0%} to "
        f"{row.interval.high:.0%}), where guessing gives {format_share(condition.guess_rate)}."
    )


def _placed(condition: ConditionAnalysis, twin: SeedTwin) -> str:
    """Where its distances to the baseline lie among those of the versions."""
    if not twin.distances:
        return "No distance of it can be compared with those of the other versions."
    expected = [
        f"{one.proportion_correct:.0%} by {score_title(one.score)}"
        for one in twin.distances
        if one.proportion_correct is not None
    ]
    text = ""
    if expected:
        text = (
            "Placed on the fitted curve by its distances to the baseline, it would score "
            f"{listed(expected)}."
        )
    for place, words in (("nearer", "nearer than"), ("farther", "farther away than")):
        names = [score_title(one.score) for one in twin.distances if one.place == place]
        if names:
            text += f" By {listed(names)} it is {words} every other version."
    return text.strip()


def _preference() -> str:
    return (
        "Networks that were trained separately differ even where nothing was compressed, so that "
        "hearing a difference says little here. Ask for preference in place of detection: which of "
        "the two sounds better, on the same stimuli, with the seed twin as one of the versions "
        "(paradigm: preference). "
        "“No preference” and “cannot be told apart” are different claims. For a graded answer on "
        "audibility, vary the gain of the difference between two outputs instead."
    )


def varying_sizes(card: ModelCard) -> list[str]:
    """Sizes that differ between versions: a column each. A sentence holds those that do not.

    >>> from jndlab.analysis.study.model_card import ModelVersion
    >>> versions = tuple(
    ...     ModelVersion(level=level, n_items=1, sizes={"macs": 9e6, "bytes": size},
    ...                  times_smaller=None, scores={}, checkpoint_digests=())
    ...     for level, size in [(None, 4000.0), (3.0, 1000.0)]
    ... )
    >>> varying_sizes(ModelCard(condition="seofp", sizes=("bytes", "macs"), scores=(), jnd=None,
    ...                         versions=versions, warnings=(), source="", version=""))
    ['bytes']
    """
    return [
        size
        for size in card.sizes
        if len({one.sizes.get(size) for one in card.versions}) > 1 or len(card.versions) == 1
    ]


def items_heard(card: ModelCard) -> str:
    """How many sounds the scores are means over."""
    numbers = sorted({one.n_items for one in card.versions})
    ends = f"{numbers[0]}" if len(numbers) == 1 else f"{numbers[0]} to {numbers[-1]}"
    return f"{ends} item{'' if numbers == [1] else 's'}"


def origin_sentence(card: ModelCard) -> str:
    """What was done to which model, in a sentence; empty where the manifest does not say it.

    >>> card = ModelCard(condition="seofp", sizes=(), scores=(), versions=(), jnd=None, warnings=(),
    ...                  source="", version="", origin="post-training", method="rounding",
    ...                  model="DTLN")
    >>> origin_sentence(card)
    'Model: DTLN. Method: rounding. Versions: compressed after training, not trained again.'
    """
    parts = [
        ("Model", card.model),
        ("Method", card.method),
        ("Versions", _ORIGINS.get(card.origin, card.origin)),
    ]
    varying = varying_sizes(card)
    for size in card.sizes:
        if size not in varying and size in card.versions[0].sizes:
            number = plain_number(card.versions[0].sizes[size])
            parts.append((f"{score_title(size)} of every version", number))
    return " ".join(f"{title}: {text}." for title, text in parts if text)


def counted(card: ModelCard) -> list[tuple[str, str]]:
    """Every size with its counting rules; a rule that is not that of all levels names its own."""
    found = []
    for size in card.sizes:
        rules = [one for one in card.rules if one.size == size]
        if len(rules) == 1:
            found.append((score_title(size), f"{rules[0].rule}."))
        elif rules:
            texts = [f"{_levels(one.levels)}: {one.rule}" for one in rules]
            found.append((score_title(size), f"{'; '.join(texts)}."))
    return found


def _levels(levels: tuple[float | None, ...]) -> str:
    return listed(["baseline" if one is None else format_level(one) for one in levels])
