"""From a recruiter's page to the study and back, and links for one person, in a real browser."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Route, expect

from jndlab.store.engine import open_store
from jndlab.studies.links import LinkWish, make_links
from tests.browser.accessibility import findings, findings_everywhere, show_whole
from tests.browser.conftest import PASSWORD, USER, Site
from tests.browser.pages import ParticipantPage

pytestmark = pytest.mark.browser

IDS = {"PROLIFIC_PID": "5f1e77aabbccddee", "STUDY_ID": "60aa11ffee", "SESSION_ID": "60bb22ffee"}
BROKEN_SOUND = "window.AudioContext = class { constructor() { throw new Error('no device'); } };"


@pytest.fixture
def newcomer(browser: Browser) -> Iterator[BrowserContext]:
    """A browser that knows nothing of us, on its way from elsewhere."""
    context = browser.new_context(viewport={"width": 390, "height": 844})
    yield context
    context.close()


def make_link(site: Site, slug: str, wish: LinkWish) -> str:
    """The address of a new link."""
    [(study,)] = site.query("SELECT id FROM studies WHERE slug = ?", slug)
    with open_store(site.settings) as store:
        return f"{site.settings.url}/s/{make_links(store, study, wish)[0].token}"


def sign_in(page: Page, site: Site) -> None:
    page.goto(f"{site.settings.url}/sign-in")
    page.get_by_label("Name", exact=True).fill(USER)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()


def everything_stored(site: Site, *, but: str) -> str:
    tables = site.query("SELECT name FROM sqlite_master WHERE type = 'table' AND name != ?", but)
    rows = [row for (name,) in tables for row in site.query(f'SELECT * FROM "{name}"')]
    return "\n".join(map(str, rows))


def take_to_the_end(page: Page, site: Site) -> None:
    """Check the sound and answer every trial."""
    person = ParticipantPage(page, page.url)
    expect(page.locator("#check-play")).to_be_enabled(timeout=15_000)
    person.pass_sound_check(site.beeps(site.newest_session()))
    person.begin()
    while True:
        number = person.trial_number()
        person.listen_by_mouse()
        page.locator(".answer").first.click()
        while (after := person.wait_until_after(number)) != "trial":
            if after == "thanks":
                return
            if after == "feedback":
                page.get_by_role("button", name="Continue").click()
                expect(page.locator("#continue-row")).to_be_hidden()
            elif after == "begin":
                person.begin()
            else:
                page.get_by_role("button", name="Go on").click()


def test_a_visit_from_prolific_and_back(
    browser: Browser, newcomer: BrowserContext, site: Site
) -> None:
    desk = browser.new_page(viewport={"width": 1280, "height": 900})
    sign_in(desk, site)
    desk.goto(f"{site.settings.url}/studies/pairs/links")
    desk.get_by_role("button", name="Make the link").click()
    address = desk.get_by_label("at Prolific").input_value()
    code = desk.locator(".codes code").first.inner_text()
    desk.close()
    for name, value in IDS.items():
        address = address.replace("{{%" + name + "%}}", value)

    arrived: list[str] = []
    newcomer.route("https://app.prolific.com/**", lambda route: meet(route, arrived))
    page = newcomer.new_page()
    page.goto(address)
    expect(page.get_by_role("button", name="I agree")).to_be_visible()
    assert not any(value in page.url for value in IDS.values())
    page.reload()  # before anything is opened the ids are kept for it, and not in the address
    page.get_by_role("button", name="I agree").click()
    take_to_the_end(page, site)
    expect(page.locator("#completion-code")).to_have_text(code)
    kept = page.evaluate("() => JSON.stringify([{...localStorage}, {...sessionStorage}])")
    assert not any(value in kept for value in IDS.values())
    page.get_by_role("link", name="Go back to Prolific").click()
    page.wait_for_url("https://app.prolific.com/**")
    assert arrived == [f"https://app.prolific.com/submissions/complete?cc={code}"]

    [(person, recruiter)] = site.query("SELECT external_id, recruiter FROM recruits")
    assert (person, recruiter) == (IDS["PROLIFIC_PID"], "prolific")
    stored = everything_stored(site, but="recruits")
    log = site.settings.data.with_name("server.log").read_text()
    for value in IDS.values():
        assert value not in stored
        assert value not in log

    page.goto(address)  # once more from Prolific: the same code, and no second session
    expect(page.locator("#completion-code")).to_have_text(code)
    elsewhere = browser.new_page()
    elsewhere.goto(address)
    elsewhere.get_by_role("button", name="I agree").click()
    expect(elsewhere.get_by_role("heading", name="You have taken part")).to_be_visible()
    elsewhere.close()
    # Somebody else at the same computer does not get the session of the one before.
    page.goto(address.replace(IDS["PROLIFIC_PID"], "6a2f000000"))
    expect(page.get_by_role("button", name="I agree")).to_be_visible()


def meet(route: Route, arrived: list[str]) -> None:
    """Stand in for the recruiter's page."""
    arrived.append(route.request.url)
    route.fulfill(status=200, content_type="text/html", body="<title>paid</title>")


def test_without_an_id_nobody_reads_in_vain(newcomer: BrowserContext, site: Site) -> None:
    address = make_link(site, "pairs", LinkWish(kind="multiple", recruiter="prolific"))
    page = newcomer.new_page()
    page.goto(f"{address}?PROLIFIC_PID=%7B%7B%25PROLIFIC_PID%25%7D%7D")
    page.get_by_role("button", name="I agree").click()
    expect(page.get_by_role("heading", name="does not say who you are")).to_be_visible()
    page.evaluate("() => sessionStorage.clear()")
    page.goto(address)  # the address alone is known before anybody has read
    expect(page.get_by_role("heading", name="does not say who you are")).to_be_visible()
    expect(page.get_by_role("button", name="I agree")).to_be_hidden()


def test_a_personal_link_goes_on_wherever_it_is_opened(
    browser: Browser, newcomer: BrowserContext, site: Site
) -> None:
    address = make_link(site, "abx", LinkWish(kind="personal", labels=("P07",)))
    page = newcomer.new_page()
    page.goto(address)
    page.get_by_role("button", name="I agree").click()
    expect(page.locator("#check-play")).to_be_enabled(timeout=15_000)
    session = site.newest_session()
    phone = browser.new_page()
    phone.goto(address)
    expect(phone.get_by_role("heading", name="Welcome back")).to_be_visible()
    expect(phone.get_by_role("button", name="Start as somebody else")).to_have_count(0)
    phone.get_by_role("button", name="Go on").click()
    expect(phone.locator("#check-play")).to_be_enabled(timeout=15_000)
    assert site.newest_session() == session
    phone.close()
    second = newcomer.new_page()
    second.goto(address)
    expect(second.get_by_role("heading", name="open in another tab")).to_be_visible()


def test_a_single_link_is_used_up_for_others(
    browser: Browser, newcomer: BrowserContext, site: Site
) -> None:
    address = make_link(site, "abx", LinkWish(kind="single"))
    page = newcomer.new_page()
    page.goto(address)
    page.get_by_role("button", name="I agree").click()
    expect(page.locator("#check-play")).to_be_enabled(timeout=15_000)
    stranger = browser.new_page()
    stranger.goto(address)
    expect(stranger.get_by_role("heading", name="has been used already")).to_be_visible()
    stranger.close()
    page.reload()
    expect(page.get_by_role("heading", name="Welcome back")).to_be_visible()


def test_a_preview_says_that_it_is_one_on_every_step(newcomer: BrowserContext, site: Site) -> None:
    address = make_link(site, "abx", LinkWish(kind="preview"))
    page = newcomer.new_page()
    page.goto(address)
    mark = page.get_by_text("Preview: nothing is counted")
    expect(mark).to_be_visible()
    page.get_by_role("button", name="I agree").click()
    expect(page.locator("#check-play")).to_be_enabled(timeout=15_000)
    expect(mark).to_be_visible()
    assert site.query("SELECT kind FROM sessions WHERE id = ?", site.newest_session()) == [
        ("preview",)
    ]


def test_who_has_no_sound_ends_with_the_failure_code(newcomer: BrowserContext, site: Site) -> None:
    newcomer.add_init_script(BROKEN_SOUND)
    page = newcomer.new_page()
    page.goto(site.link("pairs"))
    page.get_by_role("button", name="I agree").click()
    give_up = page.get_by_role("button", name="End here with a code")
    problem = page.get_by_role("heading", name="Your browser cannot start the sound")
    expect(problem).to_be_visible()
    expect(give_up).to_be_hidden()
    page.get_by_role("button", name="Try again").click()
    page.get_by_role("button", name="I agree").click()
    expect(problem).to_be_visible()
    give_up.click()
    [(code,)] = site.query("SELECT failure_code FROM studies WHERE slug = 'pairs'")
    expect(page.locator("#failure-code")).to_have_text(code)
    events = site.query(
        "SELECT kind, detail FROM events WHERE session_id = ? AND kind = 'gave-up'",
        site.newest_session(),
    )
    assert events == [("gave-up", "no-sound")]


def test_the_page_of_links_shows_what_a_choice_needs(page: Page, site: Site) -> None:
    sign_in(page, site)
    page.goto(f"{site.settings.url}/studies/abx/links")
    assert findings_everywhere(page) == []
    uses, back = (
        page.get_by_label("Most sessions with the link"),
        page.get_by_label("completion URL"),
    )
    expect(uses).to_be_hidden()
    expect(back).to_be_hidden()
    page.get_by_label("Many people").check()
    expect(uses).to_be_visible()
    page.get_by_label("Recruiter", exact=True).select_option("SONA")
    expect(back).to_be_visible()
    page.get_by_label("One session each").check()
    page.get_by_label("Labels, one a line").fill("heron\nquokka")
    page.get_by_role("button", name="Make links").click()
    expect(page.get_by_role("status")).to_have_text("2 links are made.")
    page.get_by_role("button", name="Revoke heron").click()
    expect(page.get_by_role("button", name="Use heron again")).to_be_visible()
    page.get_by_label("Most participants").fill("50")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("img", name="of 50 places taken")).to_be_visible()
    page.get_by_role("button", name="Label").click()
    labels = page.locator("#links tbody td:first-child").all_inner_texts()
    named = [label for label in labels if label != "–"]
    assert named == sorted(named, key=str.lower)
    assert {"heron", "quokka"} <= set(named)
    assert findings_everywhere(page) == []


def test_the_ends_for_recruiters_have_no_findings(page: Page, site: Site) -> None:
    page.goto(make_link(site, "abx", LinkWish(kind="multiple", recruiter="mturk")) + "?workerId=A1")
    expect(page.get_by_role("button", name="I agree")).to_be_visible()
    for step in ("step-thanks", "step-screened-out", "step-failed", "step-problem"):
        show_whole(page, step)
        assert findings(page) == [], step
