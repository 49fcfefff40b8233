"""Checks and responses of all sessions together, as tables."""

from __future__ import annotations

from jndlab.web.live.cells import Cell, Column, Row, Table, blank, count, counts, percent
from jndlab.web.live.overview_records import Ratings, ResponseShare, StudyOverview

CHECK_COLUMNS = (
    Column(label="Check"),
    Column(label="Began"),
    Column(label="Passed"),
    Column(label="Later", hint="Of those passed, not at the first attempt"),
    Column(label="Failed"),
    Column(label="Open", hint="Not answered to the end"),
)
RESPONSE_COLUMNS = (
    Column(label="Response"),
    Column(label="Given"),
    Column(label="Share"),
    Column(label="95 % interval", hint="Exact binomial; takes the answers as independent"),
)


def checks_table(overview: StudyOverview) -> Table:
    """The checks before the first trial, a row each."""
    rows = (
        Row(
            key=f"check-{place}",
            cells=(
                Cell(text=one.kind.replace("-", " "), sort=place),
                *counts(one.n_began, one.n_passed, one.n_passed_later, one.n_failed, one.n_open),
            ),
        )
        for place, one in enumerate(overview.checks)
        if any(check.n_began for check in overview.checks)  # nobody checks a simulated listener
    )
    return Table(name="checks", columns=CHECK_COLUMNS, rows=tuple(rows))


def responses_table(overview: StudyOverview) -> Table:
    """The possible responses and how often each was given; and the means of ratings."""
    named = [one.part for one in overview.shares] + [one.part for one in overview.ratings]
    parts = list(dict.fromkeys(named))
    rows: list[Row] = []
    for part in parts:
        name = f"{part}: " if len(parts) > 1 else ""
        shares = [one for one in overview.shares if one.part == part]
        rows += [_share_row(one, name, len(rows) + place) for place, one in enumerate(shares)]
        rated = [one for one in overview.ratings if one.part == part]
        rows += [_rating_row(one, name, len(rows) + place) for place, one in enumerate(rated)]
    return Table(name="responses", columns=RESPONSE_COLUMNS, rows=tuple(rows))


def _share_row(one: ResponseShare, part: str, place: int) -> Row:
    return Row(
        key=f"response-{place}",
        cells=(
            Cell(text=f"{part}{one.response}", sort=place),
            count(one.n_given),
            Cell(
                text=percent(one.n_given / one.n_answers),
                sort=one.n_given,
                flag="" if one.chance is None or one.chance in one.interval else "not even",
            ),
            Cell(
                text=f"{percent(one.interval.low)} to {percent(one.interval.high)}",
                sort=round(one.interval.low, 4),
            ),
        ),
    )


def _rating_row(one: Ratings, part: str, place: int) -> Row:
    return Row(
        key=f"response-{place}",
        cells=(
            Cell(text=f"{part}mean rating {one.mean:.2f}", sort=place),
            count(one.n_ratings),
            blank(),
            blank(),
        ),
    )
