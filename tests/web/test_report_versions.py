"""Which answers a report is about, and what it says of version, registration and departures."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from html import unescape
from pathlib import Path
from typing import Any

import pytest

from jndlab.analysis import StudyAnalysis
from jndlab.errors import DataError
from jndlab.store.deeds import note_deed
from jndlab.store.models import StudyRow
from jndlab.store.studies import require_study, require_version
from jndlab.store.study_states import set_study_state
from jndlab.studies import launch_study
from jndlab.studies.registration import register_version
from jndlab.study.study_file import load_study
from jndlab.web.report_choice import ReportChoice
from jndlab.web.reports import make_chosen_report, make_study_report
from tests.builders import write_study
from tests.store.launching import Launched, make_template, open_copy
from tests.web.listeners import take

PLAN = {"sample_size": 4, "alpha": 0.01, "bound_reason": "Agreed."}
DESIGN = {"trials_per_level": 2, "practice_trials": 1, "identical_trials": 1, "gross_trials": 1}
STUDY: dict[str, Any] = {"slug": "owl", "design": DESIGN, "analysis": PLAN}


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_template(tmp_path_factory.mktemp("versions"), **STUDY)


@pytest.fixture
def study(template: Path, tmp_path: Path) -> Iterator[Launched]:
    launched = open_copy(template, tmp_path)
    yield launched
    launched.store.close()


@pytest.fixture
def new_version(study: Launched, tmp_path: Path) -> Callable[[], Launched]:
    """Launch the study with another title as its next version."""

    def launch() -> Launched:
        changed = write_study(tmp_path / "changed", **STUDY, title="A better title")
        launch_study(study.store, study.settings, changed, note="A typing error.")
        return replace(study, study=load_study(changed))

    return launch


def analysed(study: Launched, **choice: Any) -> StudyAnalysis:
    return make_chosen_report(study.store, "owl", ReportChoice(**choice)).analysis


def test_the_newest_version_with_answers_is_reported_and_the_others_named(
    study: Launched, new_version: Callable[[], Launched]
) -> None:
    take(study, 2)
    changed = new_version()
    first = analysed(study)  # nobody has taken the new one yet
    assert first.n_sessions == 2
    assert first.record is not None
    assert "version 1 of the study" in first.record.version
    take(changed, 3)
    report = make_study_report(study.store, "owl", kind="participant")
    assert report.analysis.n_sessions == 3
    record = report.analysis.record
    assert record is not None
    assert "version 2 of the study" in record.version
    assert "Reason given for version 2: “A typing error.”" in record.version
    assert "2 sessions of other versions are left out." in record.version
    assert "A better title" in report.page
    assert unescape(report.page).count(record.version) == 1
    assert analysed(study, version=1).data_digest == first.data_digest
    with study.store.read() as db:
        version = require_version(db, require_study(db, "owl").id)
        assert report.analysis.study_digests == (version.digest,)


def test_versions_are_analysed_together_only_if_asked_and_that_is_marked(
    study: Launched, new_version: Callable[[], Launched]
) -> None:
    take(study, 2)
    take(new_version(), 3)
    both = analysed(study, version="all")
    assert both.n_sessions == 5
    assert len(both.study_digests) == 2
    assert both.record is not None
    assert any("analysed together: 1, 2" in one for one in both.record.departures)
    with pytest.raises(DataError, match="a version 3") as refused:
        analysed(study, version=3)
    assert "1, 2" in refused.value.remedy


def test_a_pilot_counts_only_if_asked_and_its_people_are_others(study: Launched) -> None:
    take(study, 2)
    take(study, 3, kind="pilot")
    assert analysed(study).n_listeners == 2
    pilot = make_chosen_report(study.store, "owl", ReportChoice(kind="pilot"))
    assert pilot.analysis.n_listeners == 3
    assert "Nothing here counts as its result" in pilot.page
    together = analysed(study, include_pilot=True)
    assert together.n_listeners == 5
    assert together.session_kind == "participant"
    assert together.record is not None
    assert any("3 sessions of it" in one for one in together.record.departures)


def test_a_pilot_alone_can_be_included_into_nothing_else(study: Launched) -> None:
    take(study, 2, kind="pilot")
    with pytest.raises(DataError, match="no answers from participants") as refused:
        analysed(study)
    assert "--kind pilot" in refused.value.remedy


def test_changed_options_are_analysed_and_marked(study: Launched) -> None:
    take(study, 2)
    planned = analysed(study)
    assert planned.options.alpha == 0.01
    assert planned.deviations == ()
    report = make_study_report(
        study.store,
        "owl",
        kind="participant",
        options={"alpha": 0.1, "target_probability": 0.75},
    )
    assert report.analysis.options.alpha == 0.1
    assert report.analysis.deviations == ("Error rate: planned 0.01, done 0.1.",)
    assert "Error rate: planned 0.01, done 0.1." in report.page
    with pytest.raises(DataError, match="alpha cannot be"):
        analysed(study, changes={"alpha": 3})


def test_one_condition_is_named_and_one_that_there_is_not_is_refused(study: Launched) -> None:
    take(study, 2)
    whole = analysed(study)
    (name,) = [one.condition for one in whole.conditions]
    assert analysed(study, condition=name).conditions[0].levels == whole.conditions[0].levels
    with pytest.raises(DataError, match="condition 'nothing'"):
        analysed(study, condition="nothing")


def test_a_registered_study_says_when_with_the_digest_of_the_document(study: Launched) -> None:
    with study.store.write() as db:
        study_id = require_study(db, "owl").id
    made = register_version(study.store, study_id)
    take(study, 4)
    report = make_study_report(study.store, "owl", kind="participant")
    record = report.analysis.record
    assert record is not None
    assert made.digest in record.registration
    assert "before its first answer" in record.registration
    assert record.departures == ()
    assert "is the one that the study file fixed" in report.page
    assert "not registered" not in report.page


def test_what_departs_from_a_registration_is_told(study: Launched) -> None:
    with study.store.write() as db:
        study_id = require_study(db, "owl").id
    register_version(study.store, study_id)
    take(study, 3)
    take(study, 1, n_trials=4)
    with study.store.write() as db:
        note_deed(db, "peeked", study_id=study_id, what="the report", n_answers=12, n_finished=1)
        set_study_state(db, study_id, "paused", note="The headphones broke.")
    running = make_study_report(study.store, "owl", kind="participant").analysis.record
    assert running is not None
    assert running.departures == ()
    assert any("3 collected so far." in one for one in running.events)
    with study.store.write() as db:
        set_study_state(db, study_id, "closed")
    page = make_study_report(study.store, "owl", kind="participant").page
    for sentence in (
        "Sample size: 4 finished sessions planned, 3 collected: 1 fewer.",
        "The running result was looked at once while data came in:",
        "after 12 answers and 1 finished session",
        "the study was set to paused: “The headphones broke.”",
        "departs from the plan in 1 point:",
    ):
        assert sentence in page, sentence


def test_the_quota_stands_in_for_a_sample_size_that_was_not_stated(tmp_path: Path) -> None:
    plain = make_template(tmp_path / "plain", slug="owl", design=DESIGN, analysis={"alpha": 0.05})
    study = open_copy(plain, tmp_path)
    with study.store.write() as db:
        row = require_study(db, "owl")
        db.get_one(StudyRow, row.id).quota = 3
        study_id = row.id
    register_version(study.store, study_id)
    take(study, 2)
    with study.store.write() as db:
        set_study_state(db, study_id, "closed")
    record = analysed(study).record
    study.store.close()
    assert record is not None
    assert "3 finished sessions registered as the quota, 2 collected: 1 fewer." in str(
        record.departures
    )


def test_without_a_registration_the_report_says_so_plainly(study: Launched) -> None:
    take(study, 2)
    page = make_study_report(study.store, "owl", kind="participant").page
    assert "The study was not registered" in page


def test_simulated_listeners_have_no_registration_to_keep_to(study: Launched) -> None:
    take(study, 2, kind="simulated")
    report = make_study_report(study.store, "owl", kind="simulated")
    assert report.analysis.record is not None
    assert report.analysis.record.departures == ()
