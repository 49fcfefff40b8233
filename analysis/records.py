"""What all results share: plain options, and one way into JSON."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any

import numpy as np

Option = str | float | int | bool | None | tuple[float, ...]
"""What an option of an analysis can be, so that a result can say how it was made."""


def to_dict(result: Any) -> Any:
    """Plain dictionaries, lists, text and numbers of a result, ready for JSON.

    Leaves out fields that are not shown in the result's own text (``field(repr=False)``): grids
    and resamples. Infinite numbers become the text "inf" or "-inf", a missing one "nan".
    """
    if dataclasses.is_dataclass(result) and not isinstance(result, type):
        return {
            entry.name: to_dict(getattr(result, entry.name))
            for entry in dataclasses.fields(result)
            if entry.repr
        }
    if isinstance(result, Mapping):
        return {str(key): to_dict(value) for key, value in result.items()}
    if isinstance(result, tuple | list):
        return [to_dict(value) for value in result]
    if isinstance(result, np.ndarray | np.generic):
        return to_dict(result.tolist())
    if isinstance(result, float) and not np.isfinite(result):
        return str(result)
    return result


def option_text(value: object) -> str:
    """How a sentence says what an option is.

    >>> option_text(None), option_text(True), option_text(0.05)
    ('none', 'yes', '0.05')
    """
    if value is None:
        return "none"
    if isinstance(value, bool):
        return "yes" if value else "no"
    return f"{value:g}" if isinstance(value, float) else str(value)
