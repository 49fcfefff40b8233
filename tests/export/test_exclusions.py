"""Rules of the study file: who is left out is listed, the data stay whole, the report agrees."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from jndlab.export.package.reading import open_package
from jndlab.export.snapshot import snapshot_of
from jndlab.sessions import resume, store_event
from jndlab.store.engine import Store
from jndlab.web.conduct import HIDDEN
from jndlab.web.exclusions import exclusions_in
from jndlab.web.packages import package_study, report_on_package
from jndlab.web.report_choice import ReportChoice
from jndlab.web.reports import make_study_report
from tests.export.answered import enter, take
from tests.store.launching import Launched, make_template, open_copy

RULES = {"max_hidden": 2, "max_resumes": 1, "max_response_time_ms": 3500, "min_trials": 2}


@pytest.fixture(scope="module")
def judged(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Launched]:
    """Five people: one hid the page too often, one came back too often, one left at once."""
    folder = tmp_path_factory.mktemp("judged")
    template = make_template(folder / "template", checks=[], analysis={"alpha": 0.05, **RULES})
    launched = open_copy(template, folder / "copy")
    for number in range(1, 5):
        token = enter(launched)
        for _ in range(3 if number == 2 else 2):
            store_event(launched.store, token, HIDDEN, "")
        for visit in range(2 if number == 3 else 1):
            resume(launched.store, token, key=f"visit-{visit}")
        take(launched, token, seed=number)
    enter(launched)
    yield launched
    launched.store.close()


def left_out(store: Store) -> list[dict[str, Any]]:
    with snapshot_of(store, "tiny") as snapshot:
        return list(exclusions_in(snapshot))


def test_each_session_is_named_with_the_first_rule_that_hits(judged: Launched) -> None:
    rows = left_out(judged.store)
    sessions = {row["participant"]: row["rule"] for row in rows if row["trial"] is None}
    assert sessions == {2: "max_hidden", 3: "max_resumes"}
    trials = [row for row in rows if row["trial"] is not None]
    assert trials
    assert {row["rule"] for row in trials} == {"max_response_time_ms"}
    assert {row["participant"] for row in trials} <= {1, 4}
    assert all(str(row["reason"]).startswith(("session ", "trial ")) for row in rows)


def test_the_list_and_the_report_say_the_same(judged: Launched) -> None:
    rows = left_out(judged.store)
    analysis = make_study_report(judged.store, "tiny", kind="participant").analysis
    assert analysis.n_sessions == 2
    flow = {one.rule: one.participants for one in analysis.checks.flow.excluded}
    assert (flow["max_hidden"], flow["max_resumes"]) == ((2,), (3,))
    (slow,) = (one for one in analysis.exclusions if "3500 ms" in one.reason)
    listed = [row for row in rows if row["rule"] == "max_response_time_ms"]
    assert slow.n_trials == len(listed)


def test_nothing_is_taken_out_of_the_data_and_the_package_reports_alike(
    judged: Launched, tmp_path: Path
) -> None:
    path = tmp_path / "one.zip"
    counts = package_study(judged.store, "tiny", path)
    assert counts["exclusions"] == len(left_out(judged.store))
    with open_package(path) as package:
        participants = {row["participant"] for row in package.rows("trials")}
    assert participants == {1, 2, 3, 4}
    there = make_study_report(judged.store, "tiny", kind="participant")
    assert report_on_package(path, ReportChoice())[1].page == there.page
