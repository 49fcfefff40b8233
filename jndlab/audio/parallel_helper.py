"""A process that does tasks for another: ``python -m jndlab.audio.parallel_helper``.

Standard input holds a function with what it shares among tasks, then the tasks; standard output
answers each with its result or its error. It ends with its input.
"""

from __future__ import annotations

import os
import pickle
import signal
import sys
import traceback
from typing import Any

from jndlab.errors import JndlabError


def main() -> None:
    """Answer until the input ends."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    with os.fdopen(os.dup(1), "wb") as answers:
        os.dup2(2, 1)  # what a library prints must not get among the answers
        function, shared = pickle.load(sys.stdin.buffer)
        while True:
            try:
                task = pickle.load(sys.stdin.buffer)
            except EOFError:
                return
            answers.write(_answer(function, shared, task))
            answers.flush()


def _answer(function: Any, shared: Any, task: Any) -> bytes:
    try:
        return pickle.dumps((True, function(shared, task)))
    except Exception as error:
        if not isinstance(error, JndlabError):
            error.add_note(traceback.format_exc())
        try:
            return pickle.dumps((False, error))
        except Exception:
            return pickle.dumps((False, RuntimeError(traceback.format_exc())))


if __name__ == "__main__":
    try:
        main()
    except BrokenPipeError:  # whoever asked is gone
        os._exit(1)
