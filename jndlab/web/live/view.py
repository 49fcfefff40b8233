"""The overview as the page shows it: a line that is read out, tiles, tables, figures."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from jndlab.web.live.cells import Table, percent, since
from jndlab.web.live.figures import Figure, figures
from jndlab.web.live.outliers import RULE
from jndlab.web.live.overview import SILENT_AFTER
from jndlab.web.live.overview_records import StudyOverview
from jndlab.web.live.parts import BIAS_COVERAGE
from jndlab.web.live.session_table import sessions_table
from jndlab.web.live.tables import checks_table, responses_table

STATES = {
    "draft": "The study is a draft.",
    "piloting": "The study is being piloted.",
    "running": "The study is running.",
    "paused": "The study is paused.",
    "closed": "The study is closed.",
    "archived": "The study is archived.",
}

RULES = (
    f"silent: under way, and no sign of life for {SILENT_AFTER.seconds // 60} minutes.",
    "slow, fast, many, few: response times and plays. " + RULE,
    "too fast: answers sooner than 200 ms after the first sound began.",
    f"prefers: the exact {BIAS_COVERAGE:.0%} interval of the share of the first response does not "
    "hold what a plan with balanced orders expects: one half of two responses, a third of three.",
    "missed: not every pair with a gross difference was heard.",
    "device: the hardware runs at another rate (in kHz), and the browser converts.",
)
"""What the words beside the numbers mean."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tile:
    """One number above the figures."""

    name: str
    label: str
    value: str
    flag: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class LiveView:
    """What the page shows of a study at one moment."""

    summary: str
    """A sentence or two; it changes only when a session changes its state."""
    tiles: tuple[Tile, ...]
    figures: tuple[Figure, ...]
    tables: tuple[Table, ...]
    is_empty: bool
    more: bool
    """Whether sessions are still to be read: the page asks again at once."""


def live_view(overview: StudyOverview, *, state: str) -> LiveView:
    """What the page shows of ``overview``, for a study in that state."""
    return LiveView(
        summary=summary_of(overview, state=state),
        tiles=tiles_of(overview),
        figures=figures(overview),
        tables=(sessions_table(overview), checks_table(overview), responses_table(overview)),
        is_empty=not overview.sessions and not overview.n_unread,
        more=overview.n_unread > 0,
    )


def summary_of(overview: StudyOverview, *, state: str) -> str:
    """Where the study stands, for whoever cannot look at the figures."""
    words = [STATES.get(state, "")]
    n_open = overview.states.get("open", 0)
    parts = [f"{n_open} under way"]
    if overview.n_silent:
        parts.append(f"{overview.n_silent} of them silent")
    parts.append(f"{overview.states.get('finished', 0)} finished")
    for name, label in (("screened-out", "screened out"), ("withdrawn", "withdrawn")):
        if overview.states.get(name):
            parts.append(f"{overview.states[name]} {label}")
    words.append(f"Sessions: {', '.join(parts)}.")
    if overview.n_unread:
        words.append(f"{overview.n_unread} are still being read.")
    return " ".join(word for word in words if word)


def tiles_of(overview: StudyOverview) -> tuple[Tile, ...]:
    """The numbers above the figures."""
    states: Mapping[str, int] = overview.states
    quota = overview.quota
    gross = overview.gross
    sign = overview.last_sign_at
    wanted = "" if quota.n_wanted is None else f" of {quota.n_wanted}"
    finished = quota.n_finished if wanted else states.get("finished", 0)
    silent = f"{overview.n_silent} silent" if overview.n_silent else ""
    missed = gross.n_trials - gross.n_correct
    return (
        Tile(
            name="finished",
            label="counted for the quota" if wanted else "finished",
            value=f"{finished}{wanted}",
            flag="quota is full" if wanted and finished >= (quota.n_wanted or 0) else "",
        ),
        Tile(name="open", label="under way", value=str(states.get("open", 0)), flag=silent),
        Tile(
            name="gone",
            label="screened out or withdrawn",
            value=str(states.get("screened-out", 0) + states.get("withdrawn", 0)),
        ),
        Tile(name="answers", label="answers", value=str(overview.n_answers)),
        *(
            (
                Tile(
                    name="catch",
                    label="gross differences heard",
                    value="–" if gross.share is None else percent(gross.share),
                    flag=f"{missed} missed" if missed else "",
                ),
            )
            if overview.tasks.gross
            else ()
        ),
        Tile(
            name="resumes",
            label="resumed / hidden",
            value=f"{overview.n_resumes} / {overview.n_hidden}",
        ),
        Tile(
            name="sign",
            label="last sign of life",
            value="–" if sign is None else since(sign, overview.at),
        ),
    )
