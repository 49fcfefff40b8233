"""The two sounds of a pair, of a study that is being made or of a frozen version."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from sqlalchemy import select
from sqlalchemy.orm import Session

from jndlab.audio.folders import level_folder
from jndlab.audio.level_match import level_matched
from jndlab.audio.limits import PairLimits
from jndlab.audio.pcm import FULL_SCALE, decode_wav
from jndlab.audio.reading import Clip, find_clip, read_clip
from jndlab.audio.sources import pair_digest
from jndlab.clips import load_clip, open_clips
from jndlab.errors import AudioError, StudyUnknown
from jndlab.settings import Settings
from jndlab.store.models import StimulusRow, VersionRow
from jndlab.store.studies import definition_of, live_version, newest_version
from jndlab.study.definition import StudyDefinition
from jndlab.study.study_file import FILE_NAME, load_study
from jndlab.study.trials import BASELINE


@dataclass(frozen=True, slots=True, kw_only=True)
class PairSounds:
    """Both sounds, as they are now."""

    baseline: Clip
    compressed: Clip
    origin: Literal["files", "clips"]
    """The source files of a draft, or the rendered clips of a version."""
    limits: PairLimits
    """Those of the study."""

    @property
    def digest(self) -> str:
        """Another one as soon as either sound changes."""
        return pair_digest(self.baseline.source_digest, self.compressed.source_digest)

    @property
    def comparable(self) -> bool:
        """Whether one can be subtracted from the other."""
        one, other = self.baseline, self.compressed
        return one.rate_hz == other.rate_hz and one.samples.shape == other.samples.shape


def has_sources(settings: Settings, study_id: int) -> bool:
    """Whether the study is made in the browser, and so has its own sound files here."""
    return (settings.study_folder(study_id) / FILE_NAME).is_file()


def load_pair(
    db: Session, settings: Settings, study_id: int, *, condition: str, level: float, item: str
) -> PairSounds:
    """The sounds of a pair. Raises StudyUnknown for one that there is not, AudioError, StudyError,
    StoreError."""
    if has_sources(settings, study_id):
        folder = settings.study_folder(study_id)
        try:
            return _from_files(folder, condition, level, item)
        except AudioError as error:  # the server's own folders are no business of a browser's
            message, remedy = (
                text.replace(f"{folder}/", "") for text in (error.message, error.remedy)
            )
            raise AudioError(message, remedy) from None
    version = live_version(db, study_id) or newest_version(db, study_id)
    if version is None:
        raise _unknown()
    definition = definition_of(version)
    _require_pair(definition, condition, level, item)
    return PairSounds(
        baseline=_clip(db, settings, version, item, BASELINE, None),
        compressed=_clip(db, settings, version, item, condition, level),
        origin="clips",
        limits=definition.pair_limits(),
    )


def _from_files(folder: Path, condition: str, level: float, item: str) -> PairSounds:
    study = load_study(folder)
    _require_pair(study, condition, level, item)
    parent = next(one.folder for one in study.stimuli.conditions if one.name == condition)
    baseline = read_clip(find_clip(folder / study.stimuli.baseline, item))
    compressed = read_clip(find_clip(level_folder(folder / parent, level), item))
    _, compressed = level_matched(study.presentation.level_match, [baseline, compressed])
    return PairSounds(
        baseline=baseline,
        compressed=compressed,
        origin="files",
        limits=study.pair_limits(),
    )


def _require_pair(study: StudyDefinition, condition: str, level: float, item: str) -> None:
    levels = {one.name: one.levels for one in study.stimuli.conditions}
    if level not in levels.get(condition, ()) or item not in study.stimuli.items:
        raise _unknown()


def _unknown() -> StudyUnknown:
    return StudyUnknown("There is no such pair in this study.", "Choose one from the table.")


def _clip(
    db: Session,
    settings: Settings,
    version: VersionRow,
    item: str,
    condition: str,
    level: float | None,
) -> Clip:
    query = select(StimulusRow).where(
        StimulusRow.version_id == version.id,
        StimulusRow.item == item,
        StimulusRow.condition == condition,
        StimulusRow.level.is_(None) if level is None else StimulusRow.level == level,
    )
    row = db.scalars(query).one()
    wav = load_clip(open_clips(settings), row.clip)
    return Clip(
        samples=decode_wav(wav) / FULL_SCALE,
        rate_hz=row.rate_hz,
        source_digest=row.source_digest,
    )
