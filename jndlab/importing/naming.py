"""Names for items and versions, from what other tools call them and from paths of sounds."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from pathlib import Path

from jndlab.study.definition import MAX_NAME

_TOKENS = re.compile(r"([_\-. ]+)")
_GENERIC = re.compile(
    r"(?:[a-z]|c|cond|condition|stim|stimulus|stimuli|sys|system|sample|signal|test|item|file"
    r"|method|algo|algorithm|label|track|model|version|v)?[ _.-]*\d*"
)


def clean_name(text: str) -> str:
    """The text as an item or a condition can be called; '' if nothing is left of it.

    >>> clean_name(" Größe (3 dB)/x ")
    'Grosse-3 dB-x'
    """
    plain = unicodedata.normalize("NFKD", text.replace("ß", "ss")).encode("ascii", "ignore")
    name = re.sub(r"[^A-Za-z0-9._ -]+", "-", plain.decode())
    name = re.sub(r"[ -]*-[ -]*", "-", name)
    return re.sub(r"^[^A-Za-z0-9]+", "", name)[:MAX_NAME].rstrip(" -.")


def is_generic(label: str) -> bool:
    """Whether a label says nothing of what is behind it: C1, A, 2, stimulus_3.

    >>> [is_generic(label) for label in ("C1", "b", "12", "opus", "bits_3")]
    [True, True, True, False, False]
    """
    return _GENERIC.fullmatch(label.strip().lower()) is not None


def split_paths(baseline: Path, version: Path) -> tuple[str, str] | None:
    """(what both paths share, what is the version's own), where they differ in one place only.

    >>> split_paths(Path("a/castanets_ref.wav"), Path("a/castanets_64.wav"))
    ('castanets', '64')
    >>> split_paths(Path("clean/p1.wav"), Path("opus/p1.wav"))
    ('p1', 'opus')
    """
    ours, theirs = baseline.with_suffix("").parts, version.with_suffix("").parts
    if len(ours) != len(theirs):
        return None
    places = [at for at, (a, b) in enumerate(zip(ours, theirs, strict=True)) if a != b]
    if len(places) != 1:
        return None
    place = places[0]
    shared, own = _split_words(ours[place], theirs[place])
    if not own:
        return None
    if place < len(ours) - 1:  # a folder differs: the file's name is the item
        return ours[-1], own
    return shared or ours[place - 1], own


def _split_words(a: str, b: str) -> tuple[str, str]:
    """(words that both names share, the words of ``b`` that ``a`` does not have)."""
    ours, theirs = _TOKENS.split(a), _TOKENS.split(b)
    short = min(len(ours), len(theirs))
    start = next((at for at in range(short) if ours[at] != theirs[at]), short)
    end = next(
        (at for at in range(short - start) if ours[-1 - at] != theirs[-1 - at]), short - start
    )
    own = "".join(theirs[start : len(theirs) - end])
    shared = "".join(theirs[:start]) + "".join(theirs[len(theirs) - end :])
    return _trimmed(re.sub(r"([_\-. ])[_\-. ]+", r"\1", shared)), _trimmed(own)


def _trimmed(text: str) -> str:
    return text.strip("_-. ")


def first_distinct(schemes: Sequence[Sequence[str]], *, fallback: str) -> list[str]:
    """The first scheme of names in which every name is usable and no two are the same.

    >>> first_distinct([["a", "A"], ["x 1", "x/2"]], fallback="item")
    ['x 1', 'x-2']
    """
    for scheme in schemes:
        names = [clean_name(name) for name in scheme]
        if all(names) and len({name.lower() for name in names}) == len(names):
            return names
    count = len(schemes[0]) if schemes else 0
    return [f"{fallback}-{number:03d}" for number in range(1, count + 1)]
