"""All tables, from one place."""

from __future__ import annotations

from jndlab.store.models_people import (
    ApiTokenRow,
    DeedRow,
    FailedSignInRow,
    InvitationRow,
    JobRow,
    MemberRow,
    PeriodicRow,
    RateRow,
    RecruitRow,
    SignInRow,
    UserRow,
)
from jndlab.store.models_sessions import (
    AnswerRow,
    CheckTrialRow,
    ConsentTextRow,
    EventRow,
    PresentedRow,
    QuestionnaireAnswerRow,
    ReleasedClipRow,
    ResumeRow,
    SessionRow,
)
from jndlab.store.models_studies import (
    DraftRow,
    GateReasonRow,
    LinkRow,
    StimulusRow,
    StudyRow,
    StudyStateRow,
    UploadRow,
    VersionRow,
)

__all__ = [
    "AnswerRow",
    "ApiTokenRow",
    "CheckTrialRow",
    "ConsentTextRow",
    "DeedRow",
    "DraftRow",
    "EventRow",
    "FailedSignInRow",
    "GateReasonRow",
    "InvitationRow",
    "JobRow",
    "LinkRow",
    "MemberRow",
    "PeriodicRow",
    "PresentedRow",
    "QuestionnaireAnswerRow",
    "RateRow",
    "RecruitRow",
    "ReleasedClipRow",
    "ResumeRow",
    "SessionRow",
    "SignInRow",
    "StimulusRow",
    "StudyRow",
    "StudyStateRow",
    "UploadRow",
    "UserRow",
    "VersionRow",
]
