"""The stimuli section of a study file brought up to date with the sounds that are there. Pure."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from jndlab.study.definition import Condition
from jndlab.study.draft import condition_entry, level_list
from jndlab.study.edit import append_item, remove_value, set_value, value_at

CONDITIONS = ("stimuli", "conditions")
ITEMS = ("stimuli", "items")


def with_items(text: str, *, there: Collection[str], fresh: Collection[str]) -> str:
    """The text with the items that are gone taken out and the ``fresh`` ones put in.

    An item that was left out on purpose stays out. The last item stays, gone or not: a study
    without any is none.
    """
    listed: list[str] = [str(item) for item in value_at(text, ITEMS) or ()]
    kept = [item for item in listed if item in there]
    added = sorted(set(fresh) & set(there) - set(kept))
    items = sorted(kept + added) if kept == sorted(kept) else kept + added
    return set_value(text, ITEMS, items) if items and items != listed else text


def with_conditions(
    text: str,
    *,
    folders: Mapping[str, Sequence[float]],
    fresh: Mapping[str, Collection[float]],
    made: Mapping[str, Condition],
) -> str:
    """The text with conditions and levels that are gone taken out and ``fresh`` ones put in.

    ``folders`` are the levels that are there, by the condition's folder; ``made`` are whole
    conditions for folders that the text does not know. The last condition stays, gone or not.
    """
    for folder in [entry["folder"] for entry in conditions_in(text)]:
        if folder in folders:
            text = _with_levels(text, folder, folders[folder], fresh.get(folder, ()))
        elif len(conditions_in(text)) > 1 or made:
            text = remove_value(text, (*CONDITIONS, _place(text, folder)))
    known = [entry["folder"] for entry in conditions_in(text)]
    for folder in sorted(set(made) - set(known)):
        text = append_item(text, CONDITIONS, condition_entry(made[folder]))
    return text


def set_in_condition(text: str, folder: str, key: str, value: object) -> str:
    """The text with one key of the condition in ``folder`` changed. KeyError: no such condition."""
    return set_value(text, (*CONDITIONS, _place(text, folder), key), value)


def conditions_in(text: str) -> list[dict[str, Any]]:
    """The conditions as the text lists them."""
    return list(value_at(text, CONDITIONS) or ())


def _with_levels(text: str, folder: str, there: Sequence[float], fresh: Collection[float]) -> str:
    entry = conditions_in(text)[_place(text, folder)]
    listed = [float(level) for level in entry["levels"]]
    wanted = {level for level in listed if level in there} | set(fresh) & set(there)
    if not wanted or wanted == set(listed):
        return text
    levels = sorted(wanted, reverse=entry["compression"] == "falls")
    return set_in_condition(text, folder, "levels", level_list(levels))


def _place(text: str, folder: str) -> int:
    for number, entry in enumerate(conditions_in(text)):
        if entry["folder"] == folder:
            return number
    raise KeyError(folder)
