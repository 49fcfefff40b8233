"""The mark of a text that is translated later, where it is shown."""

from __future__ import annotations


def N_(message: str) -> str:
    """The text itself. Catalogues are made from the texts that stand in such a call."""
    return message


def NN_(one: str, many: str) -> tuple[str, str]:
    """A text with a number in it: for one, and for many."""
    return one, many
