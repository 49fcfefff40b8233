"""What happens in a participant's session: open, checks, trials, answers, finish.

Each function is one use case in one transaction. The truth about a trial stays in this
room: what goes out are the records of :mod:`jndlab.sessions.views`, which hold none.
"""

from jndlab.sessions.checks import answer_check, check_wav, release_check
from jndlab.sessions.lifecycle import finish, position, resume, store_event
from jndlab.sessions.opening import open_session
from jndlab.sessions.questionnaires import store_questionnaire
from jndlab.sessions.trials import (
    find_clip,
    find_example,
    release_ahead,
    release_trial,
    store_answer,
)
from jndlab.sessions.views import (
    CheckReceipt,
    CheckView,
    Position,
    QuestionnaireReceipt,
    Receipt,
    ReleasedClip,
    TrialView,
)
from jndlab.sessions.withdrawal import withdraw

__all__ = [
    "CheckReceipt",
    "CheckView",
    "Position",
    "QuestionnaireReceipt",
    "Receipt",
    "ReleasedClip",
    "TrialView",
    "answer_check",
    "check_wav",
    "find_clip",
    "find_example",
    "finish",
    "open_session",
    "position",
    "release_ahead",
    "release_check",
    "release_trial",
    "resume",
    "store_answer",
    "store_event",
    "store_questionnaire",
    "withdraw",
]
