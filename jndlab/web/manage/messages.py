"""What travels over the experimenter's API, as pydantic models. OpenAPI is made from these."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from jndlab.store.rights import Right
from jndlab.store.study_states import StudyState

Line = Annotated[str, Field(max_length=200)]
ExportedKind = Literal["participant", "simulated", "pilot"]
Note = Annotated[str, Field(max_length=1000)]
StudyText = Annotated[str, Field(max_length=200_000)]


class ApiMessage(BaseModel):
    """Whatever travels here."""

    model_config = ConfigDict(extra="forbid", frozen=True, use_attribute_docstrings=True)


class Me(ApiMessage):
    """For whom the token acts."""

    name: str
    is_admin: bool
    scope: Right
    """The most that the token allows; in a study, the role may allow less."""


class NewStudy(ApiMessage):
    """A study to be made, empty at first."""

    slug: Line
    """Short name: lower-case letters, digits and hyphens."""
    title: Annotated[str, Field(min_length=1, max_length=200)]


class Counts(ApiMessage):
    """Sessions and answers of one kind."""

    n_open: int
    n_finished: int
    n_screened_out: int
    n_withdrawn: int
    n_answers: int


class StudyView(ApiMessage):
    """A study as its token may see it."""

    slug: str
    title: str
    state: StudyState
    right: Right
    """The most that the token may do with it."""
    link: str
    """Address to hand out to participants."""
    version: int | None
    """The version that participants take; null before the first launch."""
    has_unlaunched_changes: bool
    quota: int | None
    participants: Counts
    pilot: Counts
    simulated: Counts
    created_at: datetime


class StudyList(ApiMessage):
    """The studies that the token may see, the newest first."""

    studies: list[StudyView]


class DeleteStudy(ApiMessage):
    """Delete a study with everything that belongs to it. There is no undo."""

    confirmed: Line
    """The short name of the study, so that no mistyped address deletes another one."""


class Done(ApiMessage):
    """It is done."""

    done: Literal[True] = True


class StudyFile(ApiMessage):
    """The text of a study file (YAML)."""

    text: StudyText
    number: int
    """Which draft it is; 0 where there is none yet."""


class SaveStudyFile(ApiMessage):
    """A text to be saved as the study's next draft."""

    text: StudyText
    based_on: Annotated[int, Field(ge=0)]
    """Number of the draft that it was made from; refused if another one was saved meanwhile."""


class VersionView(ApiMessage):
    """A frozen version of a study."""

    number: int
    digest: str
    """Over definition and sounds; data carry it as study_digest."""
    note: str
    frozen_at: datetime
    live_since: datetime | None
    registered_at: datetime | None


class VersionList(ApiMessage):
    """The versions of a study, the first one first."""

    versions: list[VersionView]


class Launch(ApiMessage):
    """Check, render and freeze what is saved."""

    target: Literal["preview", "piloting", "running"]
    note: Note = ""
    """Why a study is changed that participants have taken; the report quotes it."""


class ChangeState(ApiMessage):
    """Put a study into another state."""

    state: StudyState
    note: Note = ""


class JobView(ApiMessage):
    """How far long work is."""

    id: str
    kind: str
    state: Literal["queued", "running", "done", "failed"]
    n_done: int
    n_steps: int
    """0: not known yet."""
    message: str
    """What went wrong, where it has failed."""
    remedy: str
    result: dict[str, Any]
    files: list[str]
    """Addresses of the files that it has made."""


class BeginUpload(ApiMessage):
    """A file that is going to be sent."""

    path: Annotated[str, Field(max_length=400)]
    """baseline/ITEM.wav, CONDITION/LEVEL/ITEM.wav, or archive.zip."""
    n_bytes: Annotated[int, Field(ge=0)]
    replace: bool = False
    """Send it although a file of this path and size is there; else that one comes back."""


class UploadView(ApiMessage):
    """How far a file has come. The next part begins at offset."""

    name: str
    """Address part for the file's parts; empty for a file that is there already."""
    path: str
    n_bytes: int
    offset: int
    digest: str
    """Of what is here, piece by piece, to tell whether it is the same file; may be empty."""
    is_complete: bool


class Unpack(ApiMessage):
    """Unpack an archive that has arrived."""

    baseline: Annotated[str, Field(max_length=1000)] | None = None
    """Its folder with the baseline, where the names do not tell."""


class FindingView(ApiMessage):
    """Something that the pair gate found."""

    key: str
    code: str
    severity: Literal["error", "warning"]
    item: str
    condition: str
    level: float | None
    message: str
    remedy: str
    reason: str | None
    """Why it is no reason against the study, in writing."""


class GateView(ApiMessage):
    """What the pair gate found when it last looked; nothing of it where it has not yet."""

    checked_at: datetime | None
    is_current: bool
    """Whether the sounds and the study file are still those that were looked at."""
    findings: list[FindingView]


class Explain(ApiMessage):
    """A written reason for a finding of the pair gate."""

    key: Annotated[str, Field(max_length=400)]
    reason: Annotated[str, Field(min_length=1, max_length=2000)]


class SessionView(ApiMessage):
    """A session and how far it is. Its answers are in the tables."""

    session: str
    kind: Literal["participant", "simulated", "pilot"]
    participant: int
    version: int
    state: Literal["open", "finished", "screened-out", "withdrawn"]
    n_answered: int
    opened_at: datetime
    last_seen_at: datetime
    finished_at: datetime | None


class SessionList(ApiMessage):
    """The sessions of a study."""

    sessions: list[SessionView]


class MakeReport(ApiMessage):
    """A report to be made. What is left out is as the study planned it."""

    kind: Literal["participant", "simulated", "pilot"] = "participant"
    version: Annotated[int, Field(ge=1)] | Literal["all"] | None = None
    """null: the newest one with answers."""
    condition: Line | None = None
    include_pilot: bool = False
    """The pilot's answers are analysed together with the participants'."""
    changes: Annotated[dict[str, Any], Field(max_length=40)] = {}
    """Keys of the section analysis with other values than planned; the report marks each."""


class Look(ApiMessage):
    """A look at a report while answers come in."""

    reason: Annotated[str, Field(min_length=3, max_length=1000)]
    """The report will quote it."""


class MakePackage(ApiMessage):
    """One file with everything: a data package, from which the report can be made elsewhere, or
    all tables in another format."""

    format: Literal["package", "csv", "jsonl", "parquet", "sav", "psych-ds"] = "package"
    kinds: list[Literal["participant", "simulated", "pilot"]] = [
        "participant",
        "simulated",
        "pilot",
    ]
    version: Annotated[int, Field(ge=1)] | None = None
    """null: all of them."""
    with_seed: bool = False
    """Also while the study runs; whoever has the seed can work out the right answers."""
    anonymised: bool = False
    """Nobody is to be found again in it; not for the data package."""
    licence: Annotated[str, Field(max_length=100)] = ""
    """SPDX name, such as CC-BY-4.0."""
