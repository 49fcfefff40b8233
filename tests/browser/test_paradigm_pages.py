"""Instructions and controls of every paradigm: small, wordy, and for everybody."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

import pytest
from playwright.sync_api import Browser, Page, expect

from jndlab.languages.tags import LANGUAGES
from jndlab.settings import Settings
from jndlab.store.engine import open_store
from jndlab.study.definition import Design
from jndlab.study.paradigms import PARADIGMS
from tests.browser.accessibility import findings_everywhere, show_whole
from tests.browser.conftest import Site, make_study
from tests.browser.test_look import SMALL, STICKS_OUT, TOO_WIDE
from tests.servers import Server

pytestmark = pytest.mark.browser

STEPS = ("step-instructions", "step-trial")
HALVES = {"first": list(PARADIGMS)[:10], "second": list(PARADIGMS)[10:]}
"""A study has at most twelve parts."""
PHONE = {"width": 360, "height": 740}
PUT_IN_PLACE = """async (name) => {
  const { putInPlace, taskOf } = await import("/static/js/task.js");
  putInPlace(taskOf(name));
}"""


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A server with two studies, whose parts are all the paradigms."""
    folder = tmp_path_factory.mktemp("parts")
    design = Design(trials_per_level=1, identical_trials=0, gross_trials=0, confidence_steps=5)
    studies = []
    for slug, names in HALVES.items():
        study = make_study(folder / slug, slug, "abx", design=design, seconds=0.3)
        with (study / "study.yaml").open("a", encoding="utf-8") as file:
            file.write("\nparts:\n")
            file.writelines(f"  - {{name: part-{name}, paradigm: {name}}}\n" for name in names)
        studies.append(study)
    open_store(Settings(data=folder / "data")).close()
    with Server(folder / "data", studies) as server:
        yield Site(settings=server.settings)


@pytest.fixture(scope="module")
def desk(browser: Browser) -> Iterator[Page]:
    context = browser.new_context(viewport=SMALL)
    yield context.new_page()
    context.close()


def visit(page: Page, site: Site, slug: str, tag: str = "en") -> None:
    page.goto(f"{site.link(slug)}?lang={tag}")
    expect(page.locator("#step-consent")).to_be_visible()


@pytest.mark.parametrize("slug", HALVES)
@pytest.mark.parametrize("tag", list(LANGUAGES))
def test_no_paradigm_scrolls_sideways_in_any_language(
    desk: Page, site: Site, tag: str, slug: str
) -> None:
    desk.set_viewport_size(SMALL)
    visit(desk, site, slug, tag)
    for name in HALVES[slug]:
        desk.evaluate(PUT_IN_PLACE, name)
        for step in STEPS:
            show_whole(desk, step)
            assert desk.evaluate(TOO_WIDE) <= 0, (name, step)
            assert desk.evaluate(STICKS_OUT) == [], (name, step)


@pytest.mark.parametrize("slug", HALVES)
def test_no_paradigm_has_findings(desk: Page, site: Site, slug: str) -> None:
    visit(desk, site, slug)
    found = {}
    for name in HALVES[slug]:
        desk.evaluate(PUT_IN_PLACE, name)
        for step in STEPS:
            show_whole(desk, step)
            found[name, step] = findings_everywhere(desk)
    assert {place: list_ for place, list_ in found.items() if list_} == {}


@pytest.mark.parametrize("slug", HALVES)
def test_intervals_of_a_sequence_stand_in_one_row_on_a_phone(
    desk: Page, site: Site, slug: str
) -> None:
    desk.set_viewport_size(PHONE)
    visit(desk, site, slug)
    for name in HALVES[slug]:
        desk.evaluate(PUT_IN_PLACE, name)
        show_whole(desk, "step-trial")
        boxes = [one.bounding_box() for one in desk.locator(".marker").all()]
        rounds = [box for box in boxes if box is not None]
        assert len(rounds) == len(boxes)
        assert all(abs(box["width"] - box["height"]) < 1 for box in rounds), name
        assert len({round(box["y"]) for box in rounds}) <= 1, name
        gaps = [right["x"] - left["x"] - left["width"] for left, right in pairwise(rounds)]
        groups = PARADIGMS[name].groups
        wide = {sum(groups[: n + 1]) - 1 for n in range(len(groups) - 1)}
        usual = [gap for place, gap in enumerate(gaps) if place not in wide]
        assert all(gaps[place] > 2 * max(usual) for place in wide), name
