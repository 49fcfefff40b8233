"""The languages that a participant's page speaks, and which one fits a wish."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

Direction = Literal["ltr", "rtl"]
Tag = Literal["en", "de", "fr", "es", "ja", "zh-Hans", "zh-Hant"]


@dataclass(frozen=True, slots=True)
class Language:
    """A language with a complete catalogue."""

    tag: Tag
    """As HTML, links and study files name it (BCP 47)."""
    name: str
    """Its own name for itself."""
    direction: Direction = "ltr"

    @property
    def folder(self) -> str:
        """Folder of its catalogue, named as gettext names languages."""
        return self.tag.replace("-", "_")


LANGUAGES: dict[Tag, Language] = {
    language.tag: language
    for language in (
        Language("en", "English"),
        Language("de", "Deutsch"),
        Language("fr", "Français"),
        Language("es", "Español"),
        Language("ja", "日本語"),
        Language("zh-Hans", "简体中文"),
        Language("zh-Hant", "繁體中文"),
    )
}
SOURCE = LANGUAGES["en"]
"""The language in which the texts are written."""

_TRADITIONAL = {"zh-tw", "zh-hk", "zh-mo"}
"""Regions that write Chinese in traditional characters; browsers name the region only."""


def language_for(wishes: Iterable[str]) -> Language:
    """The language for the first wish that can be met; English if none can.

    >>> language_for(["pt-BR", "de-AT", "en"]).tag
    'de'
    >>> language_for(["zh-TW"]).tag
    'zh-Hant'
    """
    for wish in wishes:
        language = _match(wish.replace("_", "-").lower())
        if language is not None:
            return language
    return SOURCE


def _match(wish: str) -> Language | None:
    if wish.split("-")[0] == "zh":
        traditional = wish.startswith("zh-hant") or wish in _TRADITIONAL
        return LANGUAGES["zh-Hant" if traditional else "zh-Hans"]
    for language in LANGUAGES.values():
        if wish.split("-")[0] == language.tag:
            return language
    return None
