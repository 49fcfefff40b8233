"""The text that a participant agrees to, in one language, and the version that names it."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from jndlab.languages.catalogue import catalogue_of
from jndlab.languages.tags import LANGUAGES, Tag
from jndlab.study.definition import StudyDefinition


@dataclass(frozen=True, slots=True, kw_only=True)
class Consent:
    """Information and consent as the page shows it."""

    language: Tag
    title: str
    paragraphs: tuple[str, ...]
    contact: str

    def text(self) -> str:
        """All of it, as it is kept for the record."""
        parts = (self.title, *self.paragraphs, self.contact)
        return "\n\n".join(part for part in parts if part)

    def version(self) -> str:
        """SHA-256 (hex) of the text: another word in it, another version."""
        return hashlib.sha256(self.text().encode()).hexdigest()


def consent_in(study: StudyDefinition, tag: Tag) -> Consent:
    """What a study's page says in that language before somebody agrees."""
    catalogue = catalogue_of(LANGUAGES[tag], study.texts.interface_in(tag))
    texts = study.texts.in_language(tag)
    own = study.texts.overrides.get(tag)
    blocks = [" ".join(block.split()) for block in texts.consent.split("\n\n")]
    return Consent(
        language=tag,
        title=(own and own.title) or study.title,
        paragraphs=tuple(catalogue.gettext(block) for block in blocks if block),
        contact=texts.contact,
    )


def consent_of_version(study: StudyDefinition, version: str) -> Consent | None:
    """The consent of that version in whatever language, if the study has it today."""
    every = (consent_in(study, tag) for tag in LANGUAGES)
    return next((consent for consent in every if consent.version() == version), None)
