"""The form of the design, the study file as text, two editors at once, copies and archives."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import unescape
from pathlib import Path

import pytest
from flask import Flask

from jndlab.settings import Settings
from jndlab.store.engine import Store, open_store
from jndlab.studies import new_study
from jndlab.studies.drafts import drafts_of
from jndlab.study.definition import Design
from jndlab.web.app import create_app
from tests.builders import write_stimuli
from tests.store.making import Making
from tests.web.jobs import hold_jobs, run_jobs
from tests.web.making import Maker
from tests.web.people import alert

HERON = "/studies/heron"


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(data=tmp_path / "data")


@pytest.fixture
def store(settings: Settings) -> Iterator[Store]:
    store = open_store(settings)
    yield store
    store.close()


@pytest.fixture
def app(store: Store, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Flask:
    hold_jobs(monkeypatch)
    return create_app(settings, store)


@pytest.fixture
def maker(app: Flask, store: Store) -> Maker:
    return Maker(app, store)


@pytest.fixture
def making(maker: Maker, settings: Settings) -> Making:
    """A study that has all its sounds."""
    making = Making(store=maker.store, settings=settings, study_id=maker.make(), user_id=1)
    making.put("seofp")
    making.settle()
    return making


def fields_of(page: str, form: str) -> dict[str, str | list[str]]:
    """What a browser would send of a form that nobody has touched."""
    body = page.split(f'id="{form}"', 1)[1].split("</form>", 1)[0]
    sent: dict[str, str | list[str]] = {}
    for tag in re.findall(r"<input[^>]*>", body):
        name, value = re.search(r'name="([^"]+)"', tag), re.search(r'value="([^"]*)"', tag)
        if name is None or ('type="checkbox"' in tag and " checked" not in tag):
            continue
        one = unescape(value[1]) if value else ""
        before = sent.get(name[1])
        sent[name[1]] = (
            one if before is None else [*([before] if isinstance(before, str) else before), one]
        )
    for name, inner in re.findall(
        r'<select[^>]*name="([^"]+)"[^>]*>(.*?)</select>', body, re.DOTALL
    ):
        chosen = re.search(r'value="([^"]*)" selected', inner)
        sent[name] = unescape(chosen[1]) if chosen else ""
    for name, inner in re.findall(
        r'<textarea[^>]*name="([^"]+)"[^>]*>(.*?)</textarea>', body, re.DOTALL
    ):
        sent[name] = unescape(inner).removeprefix("\n")
    return sent


def design_form(maker: Maker) -> dict[str, str | list[str]]:
    return fields_of(maker.get(f"{HERON}/design").text, "design-form")


def file_form(maker: Maker) -> dict[str, str | list[str]]:
    return fields_of(maker.get(f"{HERON}/file").text, "file-form")


def n_drafts(making: Making) -> int:
    with making.store.read() as db:
        return len(drafts_of(db, making.study_id))


def test_before_there_are_sounds_the_page_says_what_comes_first(maker: Maker) -> None:
    maker.make()
    for page in ("design", "file", "copies"):
        response = maker.get(f"{HERON}/{page}")
        assert (response.status_code, "Put in the sounds" in response.text) == (200, True)
    assert maker.post(f"{HERON}/design").status_code == 409
    assert maker.get(f"{HERON}/study.yaml").status_code == 404


def test_an_untouched_form_saves_nothing(maker: Maker, making: Making) -> None:
    assert maker.post(f"{HERON}/design", **design_form(maker)).status_code == 302
    assert n_drafts(making) == 1


def test_the_form_in_the_browser_writes_the_file_of_jndlab_new(
    maker: Maker, making: Making, tmp_path: Path
) -> None:
    form = design_form(maker) | {
        "paradigm": "abx",
        "design.trials_per_level": "12",
        "design.confidence_steps": "4",
        "design.feedback": "never",
    }
    assert maker.post(f"{HERON}/design", **form).status_code == 302
    twin = tmp_path / "twin"
    write_stimuli(twin / "sounds", condition="seofp")
    new_study(
        twin,
        baseline=twin / "sounds" / "baseline",
        compressed=[twin / "sounds" / "seofp"],
        paradigm="abx",
        design=Design(trials_per_level=12, confidence_steps=4, feedback="never"),
        slug="heron",
        title="Which is which?",
        seed=making.definition().seed,
    )
    assert making.text().encode() == (twin / "study.yaml").read_bytes()


def test_what_cannot_be_is_told_at_its_field_and_not_saved(maker: Maker, making: Making) -> None:
    form = design_form(maker) | {"design.trials_per_level": "many", "title": "Changed"}
    refused = maker.post(f"{HERON}/design", **form)
    assert refused.status_code == 422
    assert "Nothing was saved: 1 field cannot be as it is" in alert(refused)
    assert 'id="design-trials_per_level-problem">This has to be a whole number' in refused.text
    assert 'value="many"' in refused.text
    assert 'value="Changed"' in refused.text
    assert n_drafts(making) == 1
    form = design_form(maker) | {"completion_code": "no spaces allowed"}
    refused = maker.post(f"{HERON}/design", **form)
    assert refused.status_code == 422
    assert 'id="completion_code-problem"' in refused.text


def test_a_contradiction_between_fields_is_told(maker: Maker, making: Making) -> None:
    form = design_form(maker) | {"design.trials_per_level": "200"}
    making.put("pruned", levels=range(1, 20))
    making.settle()
    form = design_form(maker) | {"design.trials_per_level": "200"}
    refused = maker.post(f"{HERON}/design", **form)
    assert (refused.status_code, "the limit is 2000" in refused.text) == (422, True)


def test_the_second_of_two_who_save_the_form_is_told(maker: Maker, making: Making) -> None:
    mine = design_form(maker) | {"design.trials_per_level": "12", "title": "My title"}
    theirs = design_form(maker) | {"design.gross_trials": "9", "title": "Their title"}
    assert maker.post(f"{HERON}/design", **theirs).status_code == 302
    refused = maker.post(f"{HERON}/design", **mine)
    assert refused.status_code == 409
    assert "Somebody has saved this study" in alert(refused)
    told = re.sub(r"<[^>]+>|\s+", " ", refused.text)
    assert re.search(r"Title +Their title +My title", told)
    assert re.search(r"Trials per level +8 +12", told)
    assert making.definition().design.trials_per_level == 8
    again = fields_of(refused.text, "design-form")
    assert maker.post(f"{HERON}/design", **again).status_code == 302
    study = making.definition()
    assert (study.title, study.design.trials_per_level, study.design.gross_trials) == (
        "My title",
        12,
        9,
    )


def test_the_length_is_told_at_once_and_the_certainty_by_a_job(
    maker: Maker, making: Making
) -> None:
    form = design_form(maker) | {"design.trials_per_level": "4", "listeners": "6"}
    form |= {"analysis.equivalence_bound": "0.7"}
    told = maker.ask("POST", f"{HERON}/design/estimate", data=form).json
    assert told["n_trials"] == 3 * 4 + 4 + 4 + 4  # type: ignore[index]
    assert told["certainty"] is None  # type: ignore[index]
    assert run_jobs(making) == ["certainty"]  # type: ignore[arg-type]
    job = maker.ask("GET", told["job"]).json  # type: ignore[index]
    assert job["state"] == "done", job  # type: ignore[index]
    [condition] = job["result"]["conditions"]  # type: ignore[index]
    rows = condition["rows"]
    assert [row["n_listeners"] for row in rows] == [3, 6, 12]
    assert rows[0]["half_width"] > rows[2]["half_width"] > 0
    assert 0 <= job["result"]["equivalence"]["power"] <= 1  # type: ignore[index]
    known = maker.ask("POST", f"{HERON}/design/estimate", data=form).json
    assert (known["certainty"], known["job"]) == (job["result"], None)  # type: ignore[index]
    assert n_drafts(making) == 1


@pytest.mark.parametrize("listeners", ["", "0", "-5", "9" * 30, "x"])
def test_an_estimate_of_nonsense_is_still_answered(
    maker: Maker, making: Making, listeners: str
) -> None:
    form = design_form(maker) | {"listeners": listeners}
    assert maker.ask("POST", f"{HERON}/design/estimate", data=form).status_code == 200
    form |= {"design.trials_per_level": "?"}
    assert "problem" in maker.ask("POST", f"{HERON}/design/estimate", data=form).json


def test_a_mistake_in_the_text_is_shown_at_its_line(maker: Maker, making: Making) -> None:
    form = file_form(maker)
    text = str(form["text"]).replace("trials_per_level: 8", "trials_per_levle: 8")
    line = text[: text.index("levle")].count("\n") + 1
    refused = maker.post(f"{HERON}/file", **form | {"text": text})
    assert refused.status_code == 422
    assert f'data-line="{line}"' in refused.text
    assert "Did you mean &#39;trials_per_level&#39;?" in refused.text
    assert "trials_per_levle: 8" in refused.text
    assert n_drafts(making) == 1


@pytest.mark.parametrize(
    "text", ["", "\t", "a: [", "- list", "&a x: *a", "x" * 1_000_001, "\x00", "slug: [\n" * 50]
)
def test_a_text_that_is_no_study_is_not_saved(maker: Maker, making: Making, text: str) -> None:
    response = maker.post(f"{HERON}/file", **file_form(maker) | {"text": text})
    assert response.status_code == 422
    assert n_drafts(making) == 1


def test_the_text_is_saved_as_it_is_written(maker: Maker, making: Making) -> None:
    form = file_form(maker)
    text = "# By hand: ü\n" + str(form["text"])
    saved = maker.post(f"{HERON}/file", **form | {"text": text.replace("\n", "\r\n")})
    assert saved.status_code == 302
    assert making.text() == text
    with maker.get(f"{HERON}/study.yaml") as file:
        assert file.data.decode() == text


def test_the_second_of_two_who_save_the_text_sees_both(maker: Maker, making: Making) -> None:
    form = file_form(maker)
    text = str(form["text"])
    theirs = text.replace("Which is which?", "Theirs")
    mine = text.replace("Which is which?", "Mine")
    assert maker.post(f"{HERON}/file", **form | {"text": theirs}).status_code == 302
    refused = maker.post(f"{HERON}/file", **form | {"text": mine})
    assert refused.status_code == 409
    assert "Their version, saved by mia as number 2" in refused.text
    assert "title: Theirs" in refused.text
    assert "title: Mine" in refused.text
    assert making.definition().title == "Theirs"
    again = fields_of(refused.text, "file-form")
    assert maker.post(f"{HERON}/file", **again).status_code == 302
    assert making.definition().title == "Mine"
    assert n_drafts(making) == 3


def test_an_older_text_is_compared_and_restored(maker: Maker, making: Making) -> None:
    first = making.text()
    form = file_form(maker)
    maker.post(f"{HERON}/file", **form | {"text": first.replace("Which is which?", "Changed")})
    page = maker.get(f"{HERON}/file?draft=1").text
    assert "- title: Which is which?" in page
    assert "+ title: Changed" in page
    assert maker.post(f"{HERON}/file/restore", number="1", based_on="1").status_code == 409
    assert maker.post(f"{HERON}/file/restore", number="1", based_on="2").status_code == 302
    assert making.text() == first
    assert n_drafts(making) == 3
    assert maker.get(f"{HERON}/file?draft=99").status_code == 404
    assert maker.post(f"{HERON}/file/restore", number="x").status_code == 404


def test_a_renamed_study_is_found_under_its_new_name(maker: Maker, making: Making) -> None:
    form = file_form(maker)
    text = str(form["text"]).replace("slug: heron", "slug: egret")
    saved = maker.post(f"{HERON}/file", **form | {"text": text})
    assert saved.headers["Location"].startswith("/studies/egret/file")
    assert maker.get(saved.headers["Location"]).status_code == 200


def test_a_study_is_duplicated(maker: Maker, making: Making) -> None:
    made = maker.post(f"{HERON}/copies", title="Another one", slug="")
    assert made.headers["Location"] == "/studies/another-one/design"
    assert maker.get("/studies/another-one/sounds").status_code == 200
    refused = maker.post(f"{HERON}/copies", title="Another one", slug="another-one")
    assert (refused.status_code, "in use" in alert(refused)) == (409, True)
    assert maker.post(f"{HERON}/copies", title="", slug="x").status_code == 409


def test_a_study_travels_in_an_archive(maker: Maker, making: Making) -> None:
    maker.post(f"{HERON}/archive")
    assert run_jobs(making) == ["study-archive"]  # type: ignore[arg-type]
    page = maker.get(f"{HERON}/copies").text
    address = re.search(r'href="(/jobs/[^"]+)"', page)
    assert address is not None
    with maker.get(address[1]) as file:
        archive = file.data
    begun = maker.ask("POST", "/studies/import", json={"title": "heron"}).json
    slug = begun["uploads"].split("/")[2]  # type: ignore[index]
    name = maker.upload("archive.zip", archive, slug=slug).json["name"]  # type: ignore[index]
    told = maker.ask("POST", begun["take"], json={"name": name}).json  # type: ignore[index]
    assert run_jobs(making) == ["read-study-archive"]  # type: ignore[arg-type]
    result = maker.ask("GET", told["job"]).json["result"]  # type: ignore[index]
    assert result == {"slug": slug}
    assert "Nothing is missing" in maker.get(f"/studies/{slug}/sounds").text
    assert maker.ask("POST", begun["discard"]).status_code == 409  # type: ignore[index]


def test_an_import_that_came_to_nothing_leaves_no_study(maker: Maker, making: Making) -> None:
    begun = maker.ask("POST", "/studies/import", json={"title": "bad"}).json
    slug = begun["uploads"].split("/")[2]  # type: ignore[index]
    name = maker.upload("archive.zip", b"no archive", slug=slug).json["name"]  # type: ignore[index]
    told = maker.ask("POST", begun["take"], json={"name": name}).json  # type: ignore[index]
    run_jobs(making)  # type: ignore[arg-type]
    result = maker.ask("GET", told["job"]).json["result"]  # type: ignore[index]
    assert "no zip archive" in result["refused"]["message"]
    assert maker.ask("POST", begun["discard"]).status_code == 200  # type: ignore[index]
    assert maker.get(f"/studies/{slug}/sounds").status_code == 404


def test_a_preview_is_made_of_what_is_saved(maker: Maker, making: Making) -> None:
    told = maker.ask("POST", f"{HERON}/preview/make")
    assert told.status_code == 202
    assert run_jobs(making) == ["launch"]  # type: ignore[arg-type]
    job = maker.ask("GET", told.json["job"]).json  # type: ignore[index]
    assert job["state"] == "done", job  # type: ignore[index]
    opened = maker.post(f"{HERON}/preview")
    assert opened.headers["Location"].startswith("/s/")
    assert maker.get(opened.headers["Location"]).status_code == 200
