"""What happens in a participant's session: open, sound check, trials, answers, finish.

Each function is one use case in one transaction. The truth about a trial stays in this
room: what goes out are the records of :mod:`jndlab.sessions.views`, which hold none.
"""

from jndlab.sessions.lifecycle import finish, open_session, position, store_event
from jndlab.sessions.sound_check import answer_sound_check, new_sound_check, sound_check_wav
from jndlab.sessions.trials import find_clip, release_ahead, release_trial, store_answer
from jndlab.sessions.views import Position, Receipt, ReleasedClip, TrialView

__all__ = [
    "Position",
    "Receipt",
    "ReleasedClip",
    "TrialView",
    "answer_sound_check",
    "find_clip",
    "finish",
    "new_sound_check",
    "open_session",
    "position",
    "release_ahead",
    "release_trial",
    "sound_check_wav",
    "store_answer",
    "store_event",
]
