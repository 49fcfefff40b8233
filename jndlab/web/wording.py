"""The language of the page that is being answered, and its texts in the templates.

In templates, `{% trans %}` and `_()` are for texts that stand there; the filter `translated` is
for texts that come from elsewhere (a paradigm, the study file), which are never taken as HTML.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import cast

from flask import Flask, g, request
from markupsafe import escape

from jndlab.languages.catalogue import Catalogue, catalogue_of
from jndlab.languages.tags import LANGUAGES, SOURCE, Language, language_for
from jndlab.study.definition import StudyDefinition
from jndlab.study.texts import Texts

PARAMETER = "lang"
"""In a link: `?lang=de`."""

_LONE_PERCENT = re.compile(r"%(?!\(\w+\)s)")
"""A study's own text may say "100 %"; only placeholders are filled in."""


def install(app: Flask) -> None:
    """Give templates `{% trans %}`, `_()`, the filter `translated` and `language`."""
    environment = app.jinja_env
    environment.add_extension("jinja2.ext.i18n")
    environment.policies["ext.i18n.trimmed"] = True
    environment.install_gettext_callables(  # type: ignore[attr-defined]
        _gettext, _ngettext, newstyle=True
    )
    environment.filters["translated"] = _translated
    app.context_processor(lambda: {"language": wording().language})


def wording() -> Catalogue:
    """The texts of the page that is being answered; English where none was chosen."""
    return cast(Catalogue, g.get("wording") or catalogue_of(SOURCE))


def choose_wording(study: StudyDefinition | None = None) -> Catalogue:
    """Take the language that the study fixes, else the link's, else the browser's."""
    fixed = study.language if study else None
    language = LANGUAGES[fixed] if fixed else _wished()
    g.wording = catalogue_of(language, _overrides(study, language))
    return wording()


def study_wording(study: StudyDefinition) -> tuple[str, Texts]:
    """Title and texts of a study as the page's language words them."""
    tag = wording().language.tag
    own = study.texts.overrides.get(tag)
    return (own and own.title) or study.title, study.texts.in_language(tag)


def _wished() -> Language:
    browser = [tag for tag, _ in request.accept_languages]
    return language_for([request.args.get(PARAMETER, ""), *browser])


def _overrides(study: StudyDefinition | None, language: Language) -> Mapping[str, str]:
    return study.texts.interface_in(language.tag) if study else {}


def _translated(text: str) -> str:
    """A text from elsewhere; where its lines break in a study file makes no difference."""
    flat = " ".join(text.split())
    return wording().gettext(flat)


def _gettext(message: str) -> str:
    return _safe(message, wording().gettext(message))


def _ngettext(one: str, many: str, number: int) -> str:
    return _safe(one if number == 1 else many, wording().ngettext(one, many, number))


def _safe(message: str, text: str) -> str:
    """Templates take catalogues at their word as HTML; what a study says instead is text."""
    if message not in wording().overrides:
        return text
    return str(escape(_LONE_PERCENT.sub("%%", text)))
