"""Which column of somebody's table of trials is which: roles, and the names they go by."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches

from jndlab.analysis.study.counts_columns import normal_name
from jndlab.errors import DataError


@dataclass(frozen=True, slots=True, kw_only=True)
class Role:
    """Something that a column of a table of trials can hold."""

    name: str
    meaning: str
    synonyms: tuple[str, ...]
    """Headers that mean it, whatever their case, spaces and punctuation."""


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


ROLES: tuple[Role, ...] = (
    Role(
        name="level",
        meaning="level of the compression, a number",
        synonyms=_words(
            "level levels bits fraction_bits bitrate bit_rate kbps sparsity rank clusters "
            "stimulus_level intensity strength x"
        ),
    ),
    Role(
        name="correct",
        meaning="whether the answer was right: 1 or 0, yes or no; empty where none was given",
        synonyms=_words(
            "correct is_correct response_correct answer_correct right hit accuracy acc "
            "success outcome score"
        ),
    ),
    Role(
        name="response",
        meaning="the answer, in words of the test",
        synonyms=_words("response answer choice chosen selected pressed"),
    ),
    Role(
        name="correct_response",
        meaning="the right answer, in the same words",
        synonyms=_words(
            "correct_response correct_answer right_answer expected truth target key solution x_is"
        ),
    ),
    Role(
        name="listener",
        meaning="who answered",
        synonyms=_words(
            "listener participant participant_id subject subject_id subj observer person "
            "worker worker_id user user_id pid vp pp"
        ),
    ),
    Role(
        name="session",
        meaning="the session, where a listener had several",
        synonyms=_words("session session_id run run_id"),
    ),
    Role(
        name="condition",
        meaning="the compression method",
        synonyms=_words("condition cond method system codec algorithm compression"),
    ),
    Role(
        name="item",
        meaning="the recording",
        synonyms=_words(
            "item item_id utterance utt utt_id sentence clip sample recording stimulus file "
            "filename wav trial_id stem"
        ),
    ),
    Role(
        name="trial",
        meaning="position of the trial in its session, a number",
        synonyms=_words(
            "trial trial_number trial_no trial_index trial_num position order_index n_trial "
            "sequence index"
        ),
    ),
    Role(
        name="kind",
        meaning="test, identical (the baseline twice) or gross (plainly audible)",
        synonyms=_words("kind trial_kind trial_type catch"),
    ),
    Role(
        name="phase",
        meaning="practice or main",
        synonyms=_words("phase part stage is_practice practice"),
    ),
    Role(
        name="response_time_ms",
        meaning="response time in milliseconds",
        synonyms=_words("response_time_ms rt_ms reaction_time_ms time_ms latency_ms"),
    ),
    Role(
        name="response_time_s",
        meaning="response time in seconds",
        synonyms=_words("response_time_s rt_s rt_sec reaction_time_s time_s seconds"),
    ),
)
"""What a table can tell. ``level`` is needed, and ``correct`` or both kinds of responses."""

NAMES = tuple(role.name for role in ROLES)
_TIMES = ("rt", "response_time", "reaction_time", "time", "latency")


def guess_columns(
    headers: Sequence[str], *, given: Mapping[str, str] | None = None, source: str = "the table"
) -> tuple[dict[str, str], tuple[str, ...]]:
    """Role -> header, those ``given`` first; and sentences on what was not clear.

    A given header of '' says that the table has no such column. DataError: a given role or header
    that there is not, or one header for two roles.

    >>> guess_columns(["Subject", "utt", "bits", "hit", "rt"])[0]
    {'level': 'bits', 'correct': 'hit', 'listener': 'Subject', 'item': 'utt'}
    """
    told = dict(given or {})
    _check_given(told, headers, source)
    found: dict[str, str] = {}
    notes: list[str] = []
    taken = {header for header in told.values() if header}
    for role in ROLES:
        if role.name in told:
            if told[role.name]:
                found[role.name] = told[role.name]
            continue
        ranked = [
            header
            for name in role.synonyms
            for header in headers
            if normal_name(header) == name and header not in taken
        ]
        if ranked:
            found[role.name] = ranked[0]
            taken.add(ranked[0])
        if len(ranked) > 1:
            others = ", ".join(repr(header) for header in ranked[1:])
            notes.append(f"{ranked[0]!r} was taken for the {role.name}, not {others}.")
    unclear = [h for h in headers if normal_name(h) in _TIMES and h not in taken]
    if unclear and not {"response_time_ms", "response_time_s"} & set(found):
        notes.append(
            f"{unclear[0]!r} may be the response time, but not in which unit: it was not read. "
            "Say whether it is response_time_ms or response_time_s."
        )
    return found, tuple(notes)


def _check_given(given: Mapping[str, str], headers: Sequence[str], source: str) -> None:
    for name, header in given.items():
        if name not in NAMES:
            near = get_close_matches(name, NAMES, n=1)
            hint = f"Did you mean {near[0]!r}? " if near else ""
            raise DataError(
                f"There is no role {name!r} for a column.", f"{hint}Roles are: {', '.join(NAMES)}."
            )
        if header and header not in headers:
            near = get_close_matches(header, headers, n=1)
            shown = ", ".join(repr(one) for one in headers)
            raise DataError(
                f"{source} has no column {header!r}; it has {shown}.",
                f"Did you mean {near[0]!r}?" if near else f"Name one of these for the {name}.",
            )
    headers_given = [header for header in given.values() if header]
    twice = sorted({header for header in headers_given if headers_given.count(header) > 1})
    if twice:
        raise DataError(
            f"The column {twice[0]!r} is given for two roles.", "Give each role its own column."
        )
