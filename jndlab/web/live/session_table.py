"""The sessions as a table: what each is at, and what is odd about it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from jndlab.web.live.cells import Cell, Column, Row, Table, blank, count, percent, since
from jndlab.web.live.overview_records import SessionNow, StudyOverview, Tasks
from jndlab.web.live.session_records import Tally

MAX_ROWS = 300
"""Sessions in the table: those under way, then the newest ones. All are in the numbers."""
STATES = {"open": "under way", "screened-out": "screened out"}
MARKS = {"passed": "✓", "failed": "✗", "open": "·"}
_BEFORE = (
    Column(label="No.", hint="Number of the participant"),
    Column(label="Where", hint="State of the session, or the step it is at"),
    Column(
        label="Answered",
        hint="Trials answered, of those planned; practice included. At most: a stop rule may end "
        "it before",
    ),
    Column(label="Last sign", hint="Of life: an answer, a check or a report of the browser"),
    Column(label="Checks", hint="Each check in the study's order: ✓ passed, ✗ failed, · open"),
)
_GROSS = Column(label="Gross", hint="Catch trials with a gross difference: right answers")
_IDENTICAL = Column(
    label="Identical", hint="Identical pairs: agreement with the key; chance is expected"
)
_KNOWN = Column(label="Gold, trap", hint="Trials whose answers are known: right ones")
_TIMES = (
    Column(label="Response time", hint="Median of the main trials"),
    Column(label="Plays", hint="Sounds played per trial, over all intervals"),
)
_FIRST = Column(label="First response", hint="Share of it among the answers")
_RATING = Column(label="Mean rating", hint="Over everything that was rated, good and bad alike")
_AFTER = (
    Column(label="Resumes", hint="How often the session was gone on with"),
    Column(label="Hidden", hint="How often the page was hidden while it played"),
    Column(label="Sound", hint="Sample rate at which the browser plays"),
    Column(label="Delay", hint="Output latency, as the browser reports it"),
    Column(label="Browser"),
)


def session_columns(tasks: Tasks) -> tuple[Column, ...]:
    """The columns of the sessions: what the listeners are not asked for has none."""
    return (
        *_BEFORE,
        *((_GROSS,) if tasks.gross else ()),
        *((_IDENTICAL,) if tasks.identical else ()),
        *((_KNOWN,) if tasks.known else ()),
        *_TIMES,
        *((_FIRST,) if tasks.watched else ()),
        *((_RATING,) if tasks.rated else ()),
        *_AFTER,
    )


def sessions_table(overview: StudyOverview) -> Table:
    """The sessions, a row each."""
    several = len({one.version for one in overview.sessions}) > 1
    columns = session_columns(overview.tasks)
    columns = (*columns, Column(label="Version")) if several else columns
    rows = (_session_row(one, overview, several) for one in _shown(overview.sessions))
    return Table(name="sessions", columns=columns, rows=tuple(rows))


def _shown(sessions: Sequence[SessionNow]) -> list[SessionNow]:
    """The newest first."""
    shown = sorted(sessions, key=lambda one: -one.summary.participant)
    if len(shown) > MAX_ROWS:
        first = sorted(shown, key=lambda one: one.summary.state != "open")[:MAX_ROWS]
        shown = sorted(first, key=lambda one: -one.summary.participant)
    return shown


def _session_row(one: SessionNow, overview: StudyOverview, several: bool) -> Row:
    summary = one.summary
    tasks = overview.tasks
    at_most = "at most " if summary.at_most else ""
    cells = [
        Cell(text=str(summary.participant), sort=summary.participant),
        _where(one),
        Cell(text=f"{summary.n_answered} of {at_most}{summary.n_planned}", sort=summary.n_answered),
        _last_sign(one, overview.at),
        _checks(one),
        *([_tally(summary.gross, missed="missed")] if tasks.gross else []),
        *([_tally(summary.identical)] if tasks.identical else []),
        *([_tally(summary.known, missed="missed")] if tasks.known else []),
        _time(one, overview),
        _plays(one, overview),
        *([_first(one)] if tasks.watched else []),
        *([_rating(one)] if tasks.rated else []),
        count(summary.n_resumes),
        _hidden(one),
        _sound(one),
        _delay(one),
        Cell(text=summary.browser, sort=summary.browser),
    ]
    if several:
        cells.append(count(one.version))
    return Row(key=f"session-{summary.participant}", cells=tuple(cells))


def _where(one: SessionNow) -> Cell:
    state = one.summary.state
    text = one.summary.step if state == "open" else STATES.get(state, state)
    return Cell(text=text, sort=text)


def _last_sign(one: SessionNow, now: datetime) -> Cell:
    sign = one.summary.last_sign_at
    flag = "" if one.silent_minutes is None else "too late to go on" if one.left else "silent"
    return Cell(text=since(sign, now), sort=-round(sign.timestamp()), flag=flag)


def _checks(one: SessionNow) -> Cell:
    outcomes = one.summary.checks
    n_failed = sum(outcome == "failed" for outcome in outcomes)
    text = "".join(MARKS[outcome] for outcome in outcomes) or "–"
    return Cell(text=text, sort=n_failed, flag="failed" if n_failed else "")


def _tally(tally: Tally, *, missed: str = "") -> Cell:
    if tally.share is None:
        return blank()
    text = f"{tally.n_correct} of {tally.n_trials}"
    return Cell(text=text, sort=round(tally.share, 4), flag=missed if tally.share < 1 else "")


def _time(one: SessionNow, overview: StudyOverview) -> Cell:
    median = one.summary.median_ms
    flags = []
    if one.unusual_time and median is not None and overview.times.median is not None:
        flags.append("slow" if median > overview.times.median else "fast")
    if one.summary.n_too_fast:
        flags.append(f"{one.summary.n_too_fast} too fast")
    text = "–" if median is None else f"{median / 1000:.1f} s"
    return Cell(text=text, sort="" if median is None else round(median), flag=", ".join(flags))


def _plays(one: SessionNow, overview: StudyOverview) -> Cell:
    plays = one.summary.plays_per_trial
    if plays is None:
        return blank()
    flag = ""
    if one.unusual_plays and overview.plays.median is not None:
        flag = "many" if plays > overview.plays.median else "few"
    return Cell(text=f"{plays:.1f}", sort=round(plays, 3), flag=flag)


def _first(one: SessionNow) -> Cell:
    share = one.summary.first_response_share
    if share is None:
        return blank()
    return Cell(
        text=percent(share),
        sort=round(share, 4),
        flag="" if one.prefers is None else f"prefers {one.prefers}",
    )


def _rating(one: SessionNow) -> Cell:
    mean = one.summary.mean_rating
    if mean is None:
        return blank()
    return Cell(text=f"{mean:.2f}", sort=round(mean, 4))


def _hidden(one: SessionNow) -> Cell:
    summary = one.summary
    flag = f"{summary.n_interrupted} interrupted" if summary.n_interrupted else ""
    return Cell(text=str(summary.n_hidden), sort=summary.n_hidden, flag=flag)


def _sound(one: SessionNow) -> Cell:
    rate, hardware = one.summary.context_rate_hz, one.summary.hardware_rate_hz
    if rate is None:
        return blank()
    flag = f"device {hardware / 1000:g}" if hardware and one.summary.hardware_differs else ""
    return Cell(text=f"{rate / 1000:g} kHz", sort=rate, flag=flag)


def _delay(one: SessionNow) -> Cell:
    latency = one.summary.output_latency_ms
    if latency is None:
        return blank()
    return Cell(text=f"{latency:.0f} ms", sort=round(latency, 1))
