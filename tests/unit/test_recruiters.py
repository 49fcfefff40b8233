"""What recruiters put into the link, and the addresses that lead back to them."""

from __future__ import annotations

from urllib.parse import parse_qs, urlsplit

import pytest

from jndlab.errors import RecruitMissing, RequestInvalid
from jndlab.study.recruiters import (
    RECRUITER_NAMES,
    RECRUITERS,
    is_return_url,
    read_ids,
    way_back,
    with_parameter,
)

PROLIFIC = RECRUITERS["prolific"]
IDS = {"PROLIFIC_PID": "5f1e", "STUDY_ID": "60aa", "SESSION_ID": "60bb"}
SONA = "https://uni.sona-systems.com/webstudy_credit.aspx?experiment_id=9&credit_token=ab&survey_code=XXXX"


def test_every_recruiter_is_there_under_its_name() -> None:
    assert tuple(RECRUITERS) == RECRUITER_NAMES
    assert all(name == recruiter.name for name, recruiter in RECRUITERS.items())


def test_the_id_of_the_person_is_told_from_the_rest() -> None:
    ids = read_ids(PROLIFIC, IDS)
    assert (ids.recruiter, ids.external_id) == ("prolific", "5f1e")
    assert ids.assignment == {"STUDY_ID": "60aa", "SESSION_ID": "60bb"}


def test_the_person_is_enough_and_blanks_around_an_id_do_no_harm() -> None:
    ids = read_ids(RECRUITERS["sona"], {"survey_code": " 4711\n"})
    assert (ids.external_id, ids.assignment) == ("4711", {})


@pytest.mark.parametrize(
    ("name", "given"),
    [
        ("prolific", {}),
        ("prolific", {"PROLIFIC_PID": "", "STUDY_ID": "60aa"}),
        ("prolific", {"PROLIFIC_PID": "{{%PROLIFIC_PID%}}"}),
        ("sona", {"survey_code": "%SURVEY_CODE%"}),
        ("mturk", {"assignmentId": "ASSIGNMENT_ID_NOT_AVAILABLE", "hitId": "3ABC"}),
        ("mturk", {"workerId": "${workerId}"}),
    ],
)
def test_without_the_id_of_a_person_nobody_is_let_in(name: str, given: dict[str, str]) -> None:
    with pytest.raises(RecruitMissing):
        read_ids(RECRUITERS[name], given)


@pytest.mark.parametrize("value", ["<b>", "a b", "x" * 101, "-5", "a\u0000b", "ä", "=1+1"])
def test_what_is_no_id_is_refused(value: str) -> None:
    with pytest.raises(RequestInvalid, match="PROLIFIC_PID does not look like an id"):
        read_ids(PROLIFIC, {"PROLIFIC_PID": value})


def test_parameters_of_somebody_else_are_refused() -> None:
    with pytest.raises(RequestInvalid, match="'workerId' is no parameter of Prolific"):
        read_ids(PROLIFIC, IDS | {"workerId": "A1"})


def test_the_address_to_paste_fills_in_every_parameter() -> None:
    for recruiter in RECRUITERS.values():
        query = parse_qs(urlsplit(recruiter.entry_url("https://x.org/s/abc")).query)
        # CloudResearch adds its own; the others fill in the placeholders that they are given.
        assert set(query) in (set(recruiter.parameters), set())
    assert parse_qs(urlsplit(PROLIFIC.entry_url("https://x.org/s/abc")).query)["PROLIFIC_PID"] == [
        "{{%PROLIFIC_PID%}}"
    ]


@pytest.mark.parametrize("ending", ["complete", "screened-out", "failure"])
def test_prolific_takes_every_code_at_one_address(ending: str) -> None:
    back = way_back("prolific", ending, "C0DE/1", external_id="5f1e")  # type: ignore[arg-type]
    assert back == "https://app.prolific.com/submissions/complete?cc=C0DE%2F1"


def test_sona_gives_credit_to_the_right_person_and_for_complete_sessions_only() -> None:
    back = way_back("sona", "complete", "C0DE", external_id="4711", return_url=SONA)
    assert back == SONA.replace("XXXX", "4711")
    assert way_back("sona", "screened-out", "C0DE", external_id="4711", return_url=SONA) is None
    assert way_back("sona", "complete", "C0DE", external_id="4711") is None


def test_where_a_code_is_copied_there_is_no_way_back() -> None:
    assert way_back("mturk", "complete", "C0DE", external_id="A1") is None
    assert way_back("", "complete", "C0DE", external_id="") is None


def test_a_parameter_that_is_missing_is_added() -> None:
    assert with_parameter("https://x.org/a", "survey_code", "1&2") == (
        "https://x.org/a?survey_code=1%262"
    )


@pytest.mark.parametrize(
    ("url", "fits"),
    [
        (SONA, True),
        ("http://uni.sona-systems.com/", False),
        ("javascript:alert(1)", False),
        ("https://", False),
        ("https://user:word@x.org/", False),
        ("https://x.org/ a", False),
        ("https://x.org/\n", False),
        ("https://[x.org/", False),
        ("https://x.org/" + "a" * 500, False),
    ],
)
def test_only_encrypted_addresses_may_follow_a_session(url: str, fits: bool) -> None:
    assert is_return_url(url) is fits
