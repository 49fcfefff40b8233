"""What the arguments of the command line mean: a study by its folder or slug, a link."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

from jndlab.errors import StudyConflict

if TYPE_CHECKING:
    from jndlab.settings import Settings
    from jndlab.store.engine import Store
    from jndlab.study.definition import StudyDefinition


def open_data(settings: Settings, *, create: bool = False) -> Store:
    """The database of the data folder; without ``create`` it has to be there."""
    from jndlab.store.engine import open_store

    return open_store(settings, create=create)


def slug_of(study: str) -> str:
    """The slug that STUDY means: that of a study folder, or the word itself."""
    from jndlab.study.study_file import load_study, study_path

    return load_study(Path(study)).slug if study_path(Path(study)).is_file() else study


def definition_of_study(study: str, settings: Settings) -> StudyDefinition:
    """The definition that STUDY means: of a study folder, or of a launched study."""
    from jndlab.store.studies import definition_of, require_study
    from jndlab.study.study_file import load_study, study_path

    if study_path(Path(study)).is_file():
        return load_study(Path(study))
    with open_data(settings).read() as db:
        return definition_of(require_study(db, study))


def link_of(slug: str, settings: Settings) -> str:
    """The opaque part of the participants' link of a launched study."""
    from jndlab.store.studies import require_study

    with open_data(settings).read() as db:
        return require_study(db, slug).link


def split_link(link: str) -> tuple[str, str]:
    """A participants' link as server address and opaque part. Raises StudyConflict."""
    url, found, opaque = link.partition("/s/")
    if not found or not re.fullmatch(r"https?://(\[[0-9a-fA-F:]+\]|[\w.-]+)(:[0-9]{1,5})?", url):
        raise StudyConflict(
            f"{link!r} is no participants' link.", "It looks like http://127.0.0.1:8000/s/NAME."
        )
    return url, opaque
