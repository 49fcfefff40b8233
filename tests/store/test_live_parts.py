"""The live view where levels follow answers, sessions have parts, or nothing is right or wrong."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from jndlab.export.snapshot import snapshot_of
from jndlab.export.tidy import trial_rows
from jndlab.export.tracks import tracks_in
from jndlab.export.verify.verification import verify_store
from jndlab.store import sessions as rows
from jndlab.store.live_facts import outline_of
from jndlab.study.progress import trials_given
from jndlab.web.live.overview_records import StudyOverview
from jndlab.web.live.reader import LiveReader
from jndlab.web.live.running import RunningResult, running_result
from jndlab.web.live.session_step import ASTRAY
from jndlab.web.live.session_table import session_columns, sessions_table
from jndlab.web.live.tables import responses_table
from jndlab.web.live.view import live_view
from tests.store.launching import Launched
from tests.store.taking import PARTS, SMALL, STAIRCASE, launch, take_all


@pytest.fixture
def parts(tmp_path: Path) -> Iterator[Launched]:
    """First a staircase, then ratings."""
    launched = launch(tmp_path, parts=PARTS, **STAIRCASE)
    yield launched
    launched.store.close()


def make(folder: Path, **overrides: Any) -> Launched:
    return launch(folder, **overrides)


def look(launched: Launched) -> StudyOverview:
    return LiveReader(1, "simulated").look(launched.store).overview


def labels(overview: StudyOverview) -> list[str]:
    return [column.label for column in session_columns(overview.tasks)]


def result(launched: Launched) -> RunningResult:
    with snapshot_of(launched.store, "tiny", kinds=["simulated"]) as snapshot:
        return running_result(list(trial_rows(snapshot)), list(tracks_in(snapshot)))


def test_a_session_of_two_parts_says_in_which_one_it_is(parts: Launched) -> None:
    token = parts.open()
    reader = LiveReader(1, "simulated")
    seen = []
    while True:
        [one] = reader.look(parts.store).overview.sessions
        summary = one.summary
        seen.append((summary.step, summary.n_answered, summary.n_planned, summary.at_most))
        if take_all(parts, token, seed=len(seen), most=1) == 0:
            break
    steps = list(dict.fromkeys(step for step, *_ in seen))
    assert steps[0] == "part 1, practice"
    assert "part 1, block 1 of at most 2" in steps
    assert "part 2, practice" in steps
    assert steps[-2:] == ["part 2, block 2 of 2", "finished"]
    planned = [n_planned for _, _, n_planned, _ in seen]
    assert planned == sorted(planned, reverse=True)  # a stop rule takes some away, nothing adds
    assert seen[0][3]
    assert not seen[-1][3]
    assert seen[-1][1] == seen[-1][2]
    assert summary.practised


def test_what_is_planned_is_what_the_session_itself_counts(parts: Launched) -> None:
    """The outline leads to the same trials as the plan, whatever was answered."""
    for seed, most in enumerate((3, 8, 12, 16, 25, None)):
        token = parts.open()
        take_all(parts, token, seed=seed, most=most)
        with parts.store.read() as db:
            session = rows.require_session(db, token)
            history = rows.history_of(db, session.id)
            given = trials_given(rows.plan_of(session), history)
            outline = outline_of(db, session.id)
        [one] = [s for s in look(parts).sessions if s.summary.participant == session.participant]
        assert one.summary.n_planned == len(given)
        assert [trial.number for trial in outline.trials] == [
            trial.number for trial in rows.plan_of(session).trials
        ]
        assert not any(getattr(trial, "item", "") for trial in outline.trials)


def test_levels_that_were_changed_are_told_and_stop_nothing(parts: Launched) -> None:
    token = parts.open()
    take_all(parts, token, seed=1, most=9)
    with parts.store.write() as db:
        trial = json.loads(
            db.execute(
                text("SELECT trial FROM presented_trials WHERE trial LIKE '%track%' LIMIT 1")
            ).scalar_one()
        )
        number = trial["number"]
        db.execute(
            text("UPDATE presented_trials SET trial = :t WHERE number = :n"),
            {"t": json.dumps({**trial, "level": 99.0}), "n": number},
        )
    [one] = look(parts).sessions
    assert one.summary.step == ASTRAY
    assert one.summary.n_answered == 9
    with snapshot_of(parts.store, "tiny") as snapshot:
        [row] = tracks_in(snapshot)
    assert row["estimate"] is None
    assert "level" in str(row["problem"])


def test_columns_are_those_of_what_is_asked(tmp_path: Path) -> None:
    asked = {
        "abx": {"Gross", "Identical", "First response"},
        "same-different": {"Gross"},
        "preference": set(),
        "acr": {"Mean rating"},
        "mushra": {"Mean rating"},
    }
    for paradigm, own in asked.items():
        launched = make(tmp_path / paradigm, paradigm=paradigm)
        take_all(launched, launched.open(), seed=1)
        overview = look(launched)
        known = {"Gross", "Identical", "First response", "Mean rating"}
        assert known & set(labels(overview)) == own, paradigm
        table = sessions_table(overview)
        assert {len(row.cells) for row in table.rows} == {len(table.columns)}
        names = {figure.name for figure in live_view(overview, state="running").figures}
        assert ("catch-rates" in names) is bool({"Gross", "Identical"} & own)
        launched.store.close()


def test_ratings_have_a_mean_and_no_preference(tmp_path: Path) -> None:
    launched = make(tmp_path, paradigm="mushra")
    take_all(launched, launched.open(), seed=1)
    overview = look(launched)
    [one] = overview.sessions
    with snapshot_of(launched.store, "tiny") as snapshot:
        main = [row for row in trial_rows(snapshot) if row["phase"] == "main"]
    ratings = [float(part) for row in main for part in str(row["response"]).split(";")]
    assert one.summary.mean_rating == pytest.approx(sum(ratings) / len(ratings))
    assert overview.ratings[0].n_ratings == len(ratings)
    assert (one.summary.watched, one.prefers, overview.shares) == (None, None, ())
    [row] = responses_table(overview).rows
    assert row.cells[0].text == f"mean rating {overview.ratings[0].mean:.2f}"
    launched.store.close()


def test_trials_with_known_answers_are_told_apart(tmp_path: Path) -> None:
    gold = {"item": "one", "condition": "bits", "level": 1, "answers": ["1", "2"]}
    launched = make(tmp_path, paradigm="acr", design={**SMALL, "gold": [gold]})
    take_all(launched, launched.open(), seed=1)
    assert verify_store(launched.store, "tiny").verified
    overview = look(launched)
    assert "Gold, trap" in labels(overview)
    [one] = overview.sessions
    assert one.summary.known.n_trials == 1
    n_main = one.summary.n_answered - 2  # of practice
    assert one.summary.parts[0].n_answers == n_main - 1
    launched.store.close()


def test_of_three_responses_a_third_each_is_even(tmp_path: Path) -> None:
    launched = make(tmp_path, paradigm="3afc", design={"trials_per_level": 6})
    take_all(launched, launched.open(), seed=1)
    overview = look(launched)
    assert [one.chance for one in overview.shares] == [pytest.approx(1 / 3)] * 3
    assert all(0.2 < one.n_given / one.n_answers < 0.5 for one in overview.shares)
    assert overview.sessions[0].prefers is None
    assert overview.tasks.chances == (pytest.approx(1 / 3),)
    launched.store.close()


def test_the_running_result_has_curves_tracks_or_a_reason(tmp_path: Path) -> None:
    threes = {"name": "threes", "paradigm": "3afc", "procedure": "constant-stimuli"}
    launched = make(tmp_path, parts=[*PARTS, threes], design=SMALL, **STAIRCASE)
    for seed in range(3):
        take_all(launched, launched.open(), seed=seed)
    found = result(launched)
    [curve] = found.curves
    assert (curve.part, curve.condition, curve.n_listeners) == ("threes", "bits", 3)
    assert curve.guess_rate == pytest.approx(1 / 3)
    assert [(one.part, one.track) for one in found.tracks] == [("hearing", "bits")] * 3
    assert all(one.stopped for one in found.tracks)
    [without] = found.without
    assert without.part == "quality"
    assert "nothing is right or wrong" in without.reason
    assert RunningResult.from_dict(json.loads(json.dumps(found.to_dict()))) == found
    launched.store.close()


@pytest.mark.parametrize("paradigm", ["same-different", "yes-no", "preference", "ccr"])
def test_where_there_is_no_curve_a_sentence_says_why(tmp_path: Path, paradigm: str) -> None:
    launched = make(tmp_path, paradigm=paradigm)
    assert result(launched).is_empty
    take_all(launched, launched.open(), seed=1)
    found = result(launched)
    assert found.curves == ()
    assert not found.is_empty
    assert found.without[0].reason.startswith("No curve")
    launched.store.close()


def test_an_estimate_says_on_which_side_it_is_a_limit(parts: Launched) -> None:
    take_all(parts, parts.open(), seed=1)
    [one] = result(parts).tracks
    told = replace(one, estimate=2.5, unit="bits", bound=None)
    assert told.said == "2.5 bits"
    assert replace(told, bound="at or above").said == "2.5 bits, or more compressed"
    assert replace(told, bound="at or below").said == "2.5 bits, or less compressed"
    assert replace(told, estimate=None).said == "–"
