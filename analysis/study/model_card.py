"""The model card: what is known of every tested version, and what the JND comes to in its terms."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from jndlab import __version__
from jndlab.analysis.fits.fit import Threshold
from jndlab.analysis.records import to_dict
from jndlab.analysis.study.model_facts import ModelFacts
from jndlab.analysis.study.objective import JndInUnits, jnd_in_units
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
            in_units = jnd_in_units(
                jnd, facts, condition=condition, direction=direction, unit=unit, items=items
            )
            in_units = replace(
                in_units, facts=tuple(o for o in in_units.facts if o.name in (*sizes, *scores))
            )
            warnings = in_units.warnings
        except DataError as error:
            warnings = (f"The JND has no size and no score. {error}",)
    return ModelCard(
        condition=condition,
        sizes=facts.sizes,
        scores=scores,
        versions=tuple(_version(facts, condition, at, heard) for at in [*places, *ordered]),
        jnd=in_units,
        warnings=warnings,
        source=facts.source,
        version=__version__,
    )


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
    )
