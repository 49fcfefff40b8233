"""Gettext catalogues: read as they are written (.po), so that nothing has to be compiled."""

from __future__ import annotations

import gettext
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from io import BytesIO
from pathlib import Path

from jndlab.languages.tags import SOURCE, Language

FOLDER = Path(__file__).resolve().parent
TEMPLATE = FOLDER / "participant.pot"
"""Every message, in English, as extracted from templates and modules."""

_NUMBERS = (1, *range(200), 1_000_000)
"""Numbers that together show every plural form of a language; 1 goes first."""


@dataclass(frozen=True, slots=True)
class Catalogue:
    """The texts of one language, with those that a study words in its own way."""

    language: Language
    translations: gettext.NullTranslations
    overrides: Mapping[str, str] = field(default_factory=dict)
    """English text -> what to show instead."""

    def gettext(self, message: str) -> str:
        """The message in this language; an unknown one comes back as it is."""
        return self.overrides.get(message) or self.translations.gettext(message)

    def ngettext(self, one: str, many: str, number: int) -> str:
        """The form of the message that fits ``number``."""
        own = self.overrides.get(one if number == 1 else many)
        return own or self.translations.ngettext(one, many, number)

    def plural_forms(self, one: str, many: str) -> dict[str, str]:
        """The forms by the names that ``Intl.PluralRules`` gives them in a browser."""
        samples = _plural_samples(self.language)
        return {category: self.ngettext(one, many, n) for category, n in samples.items()}


def catalogue_of(language: Language, overrides: Mapping[str, str] | None = None) -> Catalogue:
    """The catalogue of a language, with a study's own wording of some texts."""
    return Catalogue(language, _translations(language), overrides or {})


@cache
def messages() -> dict[str, frozenset[str]]:
    """Every text that can be worded otherwise, with the names of its placeholders."""
    from babel.messages.pofile import read_po

    with TEMPLATE.open("rb") as file:
        template = read_po(file)
    return {
        text: placeholders(text)
        for message in template
        if message.id
        for text in (message.id if isinstance(message.id, tuple | list) else [message.id])
    }


def placeholders(text: str) -> frozenset[str]:
    """The names in ``%(name)s``.

    >>> sorted(placeholders("%(done)s of %(total)s"))
    ['done', 'total']
    """
    return frozenset(part.partition(")s")[0] for part in text.split("%(")[1:])


def po_path(language: Language) -> Path:
    """Where the catalogue of a language lies."""
    return FOLDER / language.folder / "LC_MESSAGES" / "participant.po"


@cache
def _plural_samples(language: Language) -> dict[str, int]:
    """A number for each form of the plural, by the name of the form."""
    from babel import Locale

    category = Locale.parse(language.folder).plural_form
    samples: dict[str, int] = {}
    for number in _NUMBERS:
        samples.setdefault(str(category(number)), number)
    return samples


@cache
def _translations(language: Language) -> gettext.NullTranslations:
    if language == SOURCE:
        return gettext.NullTranslations()
    from babel.messages.mofile import write_mo
    from babel.messages.pofile import read_po

    with po_path(language).open("rb") as file:
        content = read_po(file, locale=language.folder)
    compiled = BytesIO()
    write_mo(compiled, content)
    compiled.seek(0)
    return gettext.GNUTranslations(compiled)
