"""What happens in a participant's session: open, checks, trials, answers, finish.

Each function is one use case in one transaction. The truth about a trial stays in this
room: what goes out are the records of :mod:`jndlab.sessions.views`, which hold none.
"""

from jndlab.sessions.checks import answer_check, check_wav, release_check
from jndlab.sessions.lifecycle import finish, open_session, position, store_event
from jndlab.sessions.trials import find_clip, release_ahead, release_trial, store_answer
from jndlab.sessions.views import (
    CheckReceipt,
    CheckView,
    Position,
    Receipt,
    ReleasedClip,
    TrialView,
)

__all__ = [
    "CheckReceipt",
    "CheckView",
    "Position",
    "Receipt",
    "ReleasedClip",
    "TrialView",
    "answer_check",
    "check_wav",
    "find_clip",
    "finish",
    "open_session",
    "position",
    "release_ahead",
    "release_check",
    "release_trial",
    "store_answer",
    "store_event",
]
