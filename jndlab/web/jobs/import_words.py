"""What an import says, in the words of the page: its fields instead of options of a command."""

from __future__ import annotations

import re
from typing import Any

_WORDS = (
    (r"--take-ratings takes", "“Take the sounds of rating tests” takes"),
    (r"with --take-ratings", "with “Take the sounds of rating tests”"),
    (r"--baseline NAME says", "The field Baseline says"),
    (r"--paradigm (\S+) takes such pages", r"\1 under Trials takes such pages"),
    (r"--baseline LABEL", "its label in the field Baseline"),
    (r"--baseline followed by one of", "write one of these into Baseline:"),
    (r"import again with --baseline", "write it into Baseline and look again"),
    (r"import again with one of them as --baseline", "write one of them into Baseline"),
    (r"import again with --level '([^']+)'", r"write \1 into Levels and look again"),
    (r"--level '([^']+)'", r"\1, under Levels"),
    (r"import again with --paradigm ([^.,]+)", r"choose \1 under Trials"),
    (r"--unit says it", "the field for it is below"),
    (r"--compression rises, or --compression falls", "the field for it is below"),
    (r"with --baseline", "in the field Baseline"),
    (r",? or name the folder that the paths begin at with --sounds", " in the archive"),
    (r"[^.]*--(?:sounds|format)[^.]*\.", "Put everything into one archive."),
)


def in_words_of_the_page(told: Any) -> Any:
    """The same, every text in it with the page's words.

    >>> in_words_of_the_page({"remedy": "Say it: --level 'C1=METHOD:LEVEL'."})
    {'remedy': 'Say it: C1=METHOD:LEVEL, under Levels.'}
    """
    if isinstance(told, dict):
        return {key: in_words_of_the_page(value) for key, value in told.items()}
    if isinstance(told, list | tuple):
        return [in_words_of_the_page(value) for value in told]
    if not isinstance(told, str) or "--" not in told:
        return told
    for pattern, words in _WORDS:
        told = re.sub(pattern, words, told)
    return told
