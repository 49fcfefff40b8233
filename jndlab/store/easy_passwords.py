"""Passwords that are long enough and still the first that anybody tries."""

from __future__ import annotations

import re

WORDS = (
    "jndlab", "jnd", "listening", "listen", "study", "test", "experiment", "experimenter",
    "participant", "admin", "administrator", "root", "user", "guest", "login", "password",
    "passwort", "passwd", "secret", "welcome", "letmein", "changeme", "default", "hello",
    "iloveyou", "monkey", "dragon", "football", "baseball", "princess", "sunshine", "master",
    "superman", "michael", "computer", "internet", "google", "leavemealone", "trustno", "server",
)  # fmt: skip
"""What the place suggests, and what lists of broken passwords begin with."""
RUNS = (
    "abcdefghijklmnopqrstuvwxyz", "01234567890", "qwertyuiop", "qwertzuiop", "azertyuiop",
    "asdfghjkl", "zxcvbnm", "yxcvbnm", "qazwsxedcrfvtgbyhnujmikolp", "1qaz2wsx3edc4rfv5tgb6yhn7ujm",
    "q1w2e3r4t5y6u7i8o9p0", "1q2w3e4r5t6y7u8i9o0p", "147258369", "1qazxsw23edcvfr4",
)  # fmt: skip
"""The alphabet, digits, and ways over a keyboard."""
MIN_RUN = 3
MIN_LEFT = 5
"""So many characters have to be left without all that."""


def is_easy(password: str) -> bool:
    """Whether there is little in a password but common words and runs of keys."""
    left = re.sub(r"[\W_]", "", password.casefold())
    if not left and len(set(password)) >= MIN_LEFT:
        return False  # signs only
    for word in sorted(WORDS, key=len, reverse=True):
        left = left.replace(word, "")
    for run in _RUNS:
        left = left.replace(run, "")
    return len(set(left)) < MIN_LEFT


def _pieces(run: str) -> set[str]:
    both = (run, run[::-1])
    lengths = range(MIN_RUN, len(run) + 1)
    return {way[at : at + n] for way in both for n in lengths for at in range(len(way) - n + 1)}


_RUNS = sorted(set().union(*map(_pieces, RUNS)), key=len, reverse=True)
