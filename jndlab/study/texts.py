"""What participants read of a study, in its own words and in other languages.

Texts that a study leaves as they are come translated from the catalogues of
:mod:`jndlab.languages`; so does everything else on the page, unless ``overrides`` words it
differently.
"""

from __future__ import annotations

import difflib
from collections.abc import Collection, Iterator
from typing import Annotated

from pydantic import BaseModel, BeforeValidator, Field

from jndlab.languages.catalogue import messages, placeholders
from jndlab.languages.marks import N_
from jndlab.languages.tags import Tag
from jndlab.study.section import Section


def _as_tag(value: object) -> object:
    """Gettext writes zh_Hans where the web writes zh-Hans: both are understood."""
    return value.replace("_", "-") if isinstance(value, str) else value


LanguageTag = Annotated[Tag, BeforeValidator(_as_tag)]
MAX_OVERRIDES = 500
OWN_SECTIONS = ("questionnaires", "examples")
"""Sections of a study file that hold texts for participants besides ``texts``."""


class Wording(Section):
    """How one language words the study; what is left out stays as it is."""

    title: str = Field(default="", max_length=200)
    """The study's title."""
    consent: str = Field(default="", max_length=20000)
    """Information and consent."""
    contact: str = Field(default="", max_length=400)
    """Whom to ask."""
    thanks: str = Field(default="", max_length=4000)
    """Shown at the end."""
    debrief: str = Field(default="", max_length=20000)
    """What the study was about, shown at the end."""
    interface: dict[str, str] = Field(default_factory=dict, max_length=MAX_OVERRIDES)
    """Any other text of the page: as it reads in English, and as it shall read instead."""


class Texts(Section):
    """What participants read. Blank lines separate paragraphs."""

    consent: str = Field(
        default="\n\n".join(
            (
                N_(
                    "You will hear short recordings of speech and answer simple questions about "
                    "them. There are no known risks."
                ),
                N_(
                    "Taking part is voluntary. You may stop at any time by closing the page. "
                    "Your answers are stored without your name and are used for research only."
                ),
            )
        ),
        min_length=1,
        max_length=20000,
    )
    """Information and consent, shown before anything else."""
    contact: str = Field(default="", max_length=400)
    """Whom to ask: name and e-mail address, shown on the first and on the last page."""
    thanks: str = Field(default=N_("Thank you for listening!"), max_length=4000)
    """Shown at the end, above the completion code."""
    debrief: str = Field(default="", max_length=20000)
    """What the study was about and what it tested, shown after the last answer."""
    overrides: dict[LanguageTag, Wording] = Field(default_factory=dict)
    """Other words for any text, by language (de, zh-Hans): consent, thanks and what `interface`
    names. Languages of the pages: en, de, fr, es, ja, zh-Hans, zh-Hant."""

    def in_language(self, tag: Tag) -> Texts:
        """The texts as one language words them."""
        own = self.overrides.get(tag, Wording())
        changed = {
            name: getattr(own, name)
            for name in Wording.model_fields
            if name in Texts.model_fields and getattr(own, name)
        }
        return self.model_copy(update=changed)

    def interface_in(self, tag: Tag) -> dict[str, str]:
        """English text -> the study's own, for one language."""
        own = self.overrides.get(tag)
        return dict(own.interface) if own else {}


def own_texts(study: BaseModel) -> set[str]:
    """What else a study says in its own words, paragraph by paragraph: in questionnaires, say."""
    return {
        " ".join(paragraph.split())
        for section in OWN_SECTIONS
        for text in _strings(getattr(study, section, None))
        for paragraph in text.split("\n\n")
    }


def _strings(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, BaseModel):
        yield from _strings([part for _, part in value])
    elif isinstance(value, tuple | list):
        for part in value:
            yield from _strings(part)


def wording_problems(
    texts: Texts, own: Collection[str]
) -> Iterator[tuple[tuple[str | int, ...], str, str]]:
    """Overrides of texts that do not exist, and placeholders that nobody fills in."""
    for tag, wording in texts.overrides.items():
        for text, instead in wording.interface.items():
            path = ("texts", "overrides", tag, "interface", text)
            known = messages().get(text, frozenset() if text in own else None)
            if known is None:
                yield path, f"no page says {text!r}", _closest(text)
            elif not instead.strip():
                yield path, f"{text!r} would be empty", "Write a text, or leave the key out."
            elif not placeholders(instead) <= known:
                names = ", ".join(f"%({name})s" for name in sorted(known)) or "none"
                unknown = ", ".join(sorted(placeholders(instead) - known))
                message = f"the text for {text!r} has an unknown placeholder: {unknown}"
                yield path, message, f"Placeholders of this text: {names}."


def _closest(text: str) -> str:
    close = difflib.get_close_matches(text, messages(), n=1, cutoff=0.4)
    hint = f"Did you mean {close[0]!r}? " if close else ""
    return f"{hint}A key is a text of the English page, with %(name)s for what changes in it."
