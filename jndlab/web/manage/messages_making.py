"""What travels over the experimenter's API about making a study: sounds, copies, plan."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import Field

from jndlab.study.trials import TASKS
from jndlab.web.manage.messages import ApiMessage, Line

Path = Annotated[str, Field(max_length=400)]
Level = Annotated[float, Field(allow_inf_nan=False)]


class ConditionSounds(ApiMessage):
    """A condition of the folder of sounds."""

    name: str
    levels: list[float]
    """Those of which there are sounds, ascending."""


class SoundsView(ApiMessage):
    """Which sounds a study has: item × condition × level."""

    items: list[str]
    """Those of the baseline; before there is one, all."""
    conditions: list[ConditionSounds]
    missing: list[str]
    """Places without a file, although the baseline has the item."""
    extra: list[str]
    """Files whose item the baseline does not have: they are left out of the study."""
    has_baseline: bool
    is_complete: bool


class SettleSounds(ApiMessage):
    """Bring the study file up to date with the sounds that were sent."""

    paths: Annotated[list[Path], Field(max_length=20_000)] | None = None
    """The files that are new; what else is there and not in the file was left out on purpose.
    null: all that are there."""


class Settled(ApiMessage):
    """What the sounds have done to the study file."""

    draft: int
    """Number of the newest draft; 0 as long as the sounds make no study."""
    notes: list[str]
    """What was found out and should be looked at."""


class DeleteSounds(ApiMessage):
    """Sounds to be deleted, until somebody undoes it."""

    target: Path
    """baseline, CONDITION, CONDITION/LEVEL, or the path of a file."""


class DeletedSounds(ApiMessage):
    """What was deleted."""

    undo: str
    """Send it to sounds/restore to have the files back."""
    n_files: int


class RestoreSounds(ApiMessage):
    """A deletion to be undone."""

    undo: Line


class DescribeCondition(ApiMessage):
    """Name, unit and direction of a condition; null: as it is."""

    condition: Line
    """Its name now."""
    name: Line | None = None
    unit: Line | None = None
    compression: Literal["rises", "falls"] | None = None
    """Whether a higher level is more compressed, or less."""


class Estimate(ApiMessage):
    """What a study comes to with so many listeners."""

    n_listeners: Annotated[int, Field(ge=2, le=500)] = 24


class EstimateView(ApiMessage):
    """What the saved design comes to."""

    n_trials: int
    minutes: float
    """Of one session."""
    clip_seconds: float
    """Mean length of the baseline's sounds."""
    certainty: dict[str, Any] | None
    """What is to be expected of the result; null: a job works it out."""
    job: str | None
    """Id of that job."""


class CopyStudy(ApiMessage):
    """A copy of a study, a draft of one's own with a new seed."""

    slug: Line
    title: Line


class ToldLevel(ApiMessage):
    """What a version in another tool's study is a grade of."""

    version: Line
    condition: Annotated[str, Field(max_length=100)]
    level: Level


class ImportStudy(ApiMessage):
    """Another tool's study in an archive that was sent, with what its files do not say."""

    look_only: bool = False
    """Tell what would be carried over and what not; change nothing."""
    baseline: Line = ""
    unit: Line = ""
    levels: Annotated[tuple[ToldLevel, ...], Field(max_length=100)] = ()
    paradigm: Annotated[
        str, Field(pattern=f"^({'|'.join(TASKS)})?$", json_schema_extra={"enum": ["", *TASKS]})
    ] = ""
    compression: Literal["", "rises", "falls"] = ""
    take_ratings: bool = False
    """Make a comparison of what was a rating."""


class RegisterVersion(ApiMessage):
    """A version to be registered. It cannot be undone."""

    version: Annotated[int, Field(ge=1, le=999_999_999)] | None = None
    """null: the one that participants take, else the newest."""


class RegistrationView(ApiMessage):
    """A registered version. The document itself is at registration/VERSION/md and json."""

    version: int
    registered_at: datetime
    digest: str
    """SHA-256 of the document's content."""
