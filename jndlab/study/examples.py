"""Sounds to hear before the first trial, so that instructions need no words for them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated

from pydantic import Field

from jndlab.study.section import Section

MAX_EXAMPLES = 12

Path = tuple[str | int, ...]


class Example(Section):
    """One sound on the page of instructions."""

    item: str = Field(min_length=1)
    """The utterance, one of the study's items. Better one that the trials rarely play: whoever
    compares waveforms could tell by it what a trial plays."""
    condition: str = Field(default="baseline", min_length=1)
    """The compression method, or baseline."""
    level: Annotated[float, Field(allow_inf_nan=False)] | None = None
    """Its level; left out for the baseline."""
    caption: str = Field(min_length=1, max_length=200)
    """What participants read beside it. Nothing else tells them what it is."""


def example_problems(
    examples: tuple[Example, ...],
    *,
    items: tuple[str, ...],
    levels: dict[str, tuple[float, ...]],
    baseline: str,
) -> Iterator[tuple[Path, str, str]]:
    """Sounds that the study does not have; ``levels`` are those of each condition."""
    for number, example in enumerate(examples):
        path: Path = ("examples", number)
        if example.item not in items:
            message = f"the study has no item {example.item!r}"
            yield (*path, "item"), message, f"Items: {', '.join(items[:10])}."
        if example.condition == baseline:
            if example.level is not None:
                yield (*path, "level"), "the baseline has no level", "Leave the level out."
        elif example.condition not in levels:
            known = ", ".join([baseline, *levels])
            message = f"the study has no condition {example.condition!r}"
            yield (*path, "condition"), message, f"Conditions: {known}."
        elif example.level not in levels[example.condition]:
            known = ", ".join(f"{level:g}" for level in levels[example.condition])
            where = (*path, "level") if example.level is not None else path
            message = f"{example.condition} has no such level"
            yield where, message, f"Levels: {known}."
