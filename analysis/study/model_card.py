"""The model card: what is known of every tested version, and what the JND comes to in its terms."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from jndlab import __version__
from jndlab.analysis.fits.fit import Threshold
from jndlab.analysis.records import to_dict
from jndlab.analysis.study.model_facts import SEED_TWIN, ModelFacts
from jndlab.analysis.study.objective import jnd_in_units
from jndlab.analysis.study.objective_results import JndInUnits
from jndlab.errors import DataError
from jndlab.study.trials import Direction


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelVersion:
    """One version of the model: a level, or the baseline."""

    level: float | None
    """None for the baseline."""
    n_items: int
    sizes: Mapping[str, float]
    times_smaller: float | None
    """By bytes, else by parameters; None where baseline or version lack them."""
    scores: Mapping[str, float]
    """Means over the items that were heard."""
    checkpoint_digests: tuple[str, ...]
    origin: str = ""
    """"post-training", "separately-trained", "seed-twin" and so on; "" where nobody says."""
    seed: str = ""
    """Of its training."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CountingRule:
    """What a size counts, and at which levels it is counted so."""

    size: str
    rule: str
    levels: tuple[float | None, ...]
    """None is the baseline; in the order of the card."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelCard:
    """The versions of one condition, least compressed first, and the JND in their terms."""

    condition: str
    sizes: tuple[str, ...]
    scores: tuple[str, ...]
    """Those that differ between levels."""
    versions: tuple[ModelVersion, ...]
    """The baseline first, where the manifest has it."""
    jnd: JndInUnits | None
    """None: there is no JND within the tested levels."""
    warnings: tuple[str, ...]
    source: str
    version: str
    origin: str = ""
    """Of the versions, a seed twin aside."""
    method: str = ""
    """What was done to the model."""
    model: str = ""
    rules: tuple[CountingRule, ...] = ()
    """By size; none where the manifest does not say what was counted."""

    def to_dict(self) -> Any:
        """The fields, ready for JSON."""
        return to_dict(self)


def model_card(
    facts: ModelFacts,
    *,
    condition: str,
    direction: Direction,
    levels: Sequence[float],
    unit: str = "",
    items: Sequence[str] | None = None,
    jnd: Threshold | None = None,
) -> ModelCard:
    """What a manifest says of the tested ``levels`` of a condition, and of its JND.

    ``items``: those whose scores count, by default all. A fact that cannot be had at the JND is
    left out with a warning. DataError: no such condition, or a tested level is missing.

    >>> from jndlab.analysis import load_model_facts
    >>> rows = [{"item": "a", "condition": "baseline", "level": "", "bytes": 6400}]
    >>> rows += [{"item": "a", "condition": "bits", "level": n, "bytes": 100 * 2**n}
    ...          for n in (1, 2, 4)]
    >>> card = model_card(load_model_facts(rows), condition="bits", direction="falls",
    ...                   levels=[1, 2, 4])
    >>> [(one.level, one.times_smaller) for one in card.versions]
    [(None, None), (4.0, 4.0), (2.0, 16.0), (1.0, 32.0)]
    """
    facts.require_levels(condition, levels)
    heard = None if items is None else set(items)
    ordered = sorted({float(one) for one in levels}, reverse=direction == "falls")
    places: list[float | None] = [None] if any(o.level is None for o in facts.stimuli) else []
    warnings: tuple[str, ...] = ()
    sizes, scores = (_varying(facts, names, condition) for names in (facts.sizes, facts.scores))
    in_units: JndInUnits | None = None
    if jnd is not None and jnd.inside_tested_range:
        try:
            complete, gaps = _complete(_without_twins(facts), scores, condition, items)
            in_units = jnd_in_units(
                jnd,
                replace(_without_twins(facts), sizes=sizes, scores=complete),
                condition=condition,
                direction=direction,
                unit=unit,
                items=items,
            )
            warnings = (*gaps, *in_units.warnings)
        except DataError as error:
            warnings = (f"The JND has no size and no score. {error}",)
    versions = tuple(_version(facts, condition, at, heard) for at in [*places, *ordered])
    return ModelCard(
        condition=condition,
        sizes=facts.sizes,
        scores=scores,
        versions=versions,
        jnd=in_units,
        warnings=warnings,
        source=facts.source,
        version=__version__,
        origin=_said(one.origin for one in versions if one.origin != SEED_TWIN),
        method=_said(_texts(facts, "method", condition, ordered)),
        model=_said(_texts(facts, "model", condition, ordered)),
        rules=tuple(
            rule for size in facts.sizes for rule in _rules(facts, size, condition, versions)
        ),
    )


def _without_twins(facts: ModelFacts) -> ModelFacts:
    """Seed twins without their scores: how far another seed is says nothing of a level."""
    return replace(
        facts,
        stimuli=tuple(
            replace(one, scores={}) if one.texts.get("origin") == SEED_TWIN else one
            for one in facts.stimuli
        ),
    )


def _said(texts: Iterable[str]) -> str:
    """What is said, once; "" where nothing is."""
    return ", ".join(dict.fromkeys(text for text in texts if text))


def _texts(facts: ModelFacts, name: str, condition: str, levels: Sequence[float]) -> Iterator[str]:
    return (facts.text(name, condition=condition, level=level) for level in levels)


def _rules(
    facts: ModelFacts, size: str, condition: str, versions: Sequence[ModelVersion]
) -> list[CountingRule]:
    """What was counted, each rule with its levels."""
    levels: dict[str, list[float | None]] = {}
    for one in versions:
        rule = facts.text(f"{size}_rule", condition=condition, level=one.level)
        if rule:
            levels.setdefault(rule, []).append(one.level)
    return [
        CountingRule(size=size, rule=rule, levels=tuple(where)) for rule, where in levels.items()
    ]


def _complete(
    facts: ModelFacts, scores: Sequence[str], condition: str, items: Sequence[str] | None
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The scores that every item has at every level, and what is said of the others."""
    complete, gaps = [], []
    for name in scores:
        try:
            facts.score_by_level(name, condition=condition, items=items)
            complete.append(name)
        except DataError as error:
            gaps.append(f"{name} is left out at the JND. {error.message}")
    return tuple(complete), tuple(gaps)


def _varying(facts: ModelFacts, names: Sequence[str], condition: str) -> tuple[str, ...]:
    """Those that are not the same at all levels: only they say anything of a level."""
    values: dict[str, set[float]] = {name: set() for name in names}
    for one in facts.stimuli:
        if one.condition == condition:
            for name in names:
                known = {**one.sizes, **one.scores}
                if name in known:
                    values[name].add(known[name])
    return tuple(name for name in names if len(values[name]) > 1)


def _version(
    facts: ModelFacts, condition: str, level: float | None, heard: set[str] | None
) -> ModelVersion:
    rows = [
        one
        for one in facts.stimuli
        if one.level == level
        and (level is None or one.condition == condition)
        and (heard is None or one.item in heard)
    ]
    sizes = {name: size for row in rows for name, size in row.sizes.items()}
    scores = {}
    for name in facts.scores:
        known = [row.scores[name] for row in rows if name in row.scores]
        if known and len(known) == len(rows):  # means over different items do not compare
            scores[name] = sum(known) / len(known)
    smaller = None
    for name in ("bytes", "parameters"):
        whole = facts.baseline(name) if name in facts.sizes else None
        if level is not None and whole is not None and sizes.get(name):
            smaller = whole / sizes[name]
            break
    digests = sorted({row.checkpoint_digest for row in rows if row.checkpoint_digest})
    return ModelVersion(
        level=level,
        n_items=len(rows),
        sizes=sizes,
        times_smaller=smaller,
        scores=scores,
        checkpoint_digests=tuple(digests),
        origin=facts.text("origin", condition=condition, level=level),
        seed=facts.text("seed", condition=condition, level=level),
    )
