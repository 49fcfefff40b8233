"""A study that is made in the browser, without a browser."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import soundfile as sf

from jndlab.settings import Settings
from jndlab.store.engine import Store
from jndlab.store.users import add_user
from jndlab.studies.drafts import create_study, current_draft
from jndlab.studies.settling import Settled, settle_sounds
from jndlab.studies.sound_files import sounds_folder
from jndlab.studies.uploads import Upload, begin_upload, receive_part
from jndlab.study.definition import StudyDefinition
from jndlab.study.study_file import parse_study
from tests.builders import RATE_HZ, make_noise, write_stimuli


def wav_bytes(*, seed: int = 1, seconds: float = 0.1) -> bytes:
    """A small sound file."""
    out = io.BytesIO()
    sf.write(out, make_noise(seed=seed, seconds=seconds), RATE_HZ, format="WAV", subtype="PCM_16")
    return out.getvalue()


@dataclass(frozen=True, slots=True, kw_only=True)
class Making:
    """A new study in an open data folder."""

    store: Store
    settings: Settings
    study_id: int
    user_id: int

    @property
    def folder(self) -> Path:
        return self.settings.study_folder(self.study_id)

    @property
    def sounds(self) -> Path:
        return sounds_folder(self.settings, self.study_id)

    def begin(self, path: str, n_bytes: int) -> Upload:
        return begin_upload(
            self.store, self.settings, self.study_id, path, n_bytes, by=self.user_id
        )

    def send(self, name: str, offset: int, content: bytes) -> Upload:
        stream = io.BytesIO(content)
        return receive_part(self.store, self.settings, self.study_id, name, offset, stream)

    def upload(self, path: str, content: bytes) -> Upload:
        """A whole file in one part."""
        return self.send(self.begin(path, len(content)).name, 0, content)

    def put(self, condition: str = "bits", levels: Sequence[float] = (1, 2, 4)) -> None:
        """Sounds straight into the folder, as if they had been sent."""
        write_stimuli(self.sounds, condition=condition, levels=levels)

    def settle(self) -> Settled:
        return settle_sounds(self.store, self.settings, self.study_id, by=self.user_id)

    def text(self) -> str:
        """The newest draft."""
        with self.store.read() as db:
            draft = current_draft(db, self.study_id)
        assert draft is not None
        return draft.text

    def definition(self) -> StudyDefinition:
        return parse_study(self.text())


def make_study(store: Store, settings: Settings, *, slug: str = "heron") -> Making:
    """An empty study of a user of its own."""
    with store.write() as db:
        user_id = add_user(db, f"maker of {slug}").id
    study_id = create_study(store, slug=slug, title="Which is which?", by=user_id)
    return Making(store=store, settings=settings, study_id=study_id, user_id=user_id)
