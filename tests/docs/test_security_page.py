"""The security page: every point of ASVS 5.0.0 up to level 2, and nothing named that is not."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "security.md").read_text(encoding="utf-8")
SECTIONS = {
    "1.1": 2, "1.2": 9, "1.3": 11, "1.4": 3, "1.5": 2, "2.1": 3, "2.2": 3, "2.3": 4, "2.4": 1,
    "3.2": 2, "3.3": 4, "3.4": 6, "3.5": 5, "3.7": 2, "4.1": 3, "4.2": 1, "4.3": 2, "4.4": 4,
    "5.1": 1, "5.2": 3, "5.3": 2, "5.4": 3, "6.1": 3, "6.2": 12, "6.3": 4, "6.4": 4, "6.5": 5,
    "6.6": 3, "6.8": 4, "7.1": 3, "7.2": 4, "7.3": 2, "7.4": 5, "7.5": 2, "7.6": 2, "8.1": 2,
    "8.2": 3, "8.3": 1, "8.4": 1, "9.1": 3, "9.2": 4, "10.1": 2, "10.2": 2, "10.3": 4,
    "10.4": 11, "10.5": 5, "10.6": 2, "10.7": 3, "11.1": 2, "11.2": 3, "11.3": 3, "11.4": 4,
    "11.5": 1, "11.6": 1, "12.1": 3, "12.2": 2, "12.3": 4, "13.1": 1, "13.2": 5, "13.3": 2,
    "13.4": 5, "14.1": 2, "14.2": 4, "14.3": 3, "15.1": 3, "15.2": 3, "15.3": 7, "16.1": 1,
    "16.2": 5, "16.3": 4, "16.4": 3, "16.5": 3, "17.1": 1, "17.2": 4, "17.3": 2,
}  # fmt: skip
"""Requirements of levels 1 and 2 in each section: in all of them those come first."""
STATES = {"met", "operator", "in part", "not met", "n/a"}
ROWS = re.findall(r"^\| (\d+\.\d+\.\d+) \| ([^|]+) \| (.+) \|$", PAGE, re.MULTILINE)


def test_every_point_has_one_row_with_a_state_and_a_reason() -> None:
    wanted = [f"{section}.{n}" for section, last in SECTIONS.items() for n in range(1, last + 1)]
    assert [number for number, _, _ in ROWS] == wanted
    assert len(wanted) == 253
    assert {state for _, state, _ in ROWS} == STATES
    assert all(len(how) > 5 for _, _, how in ROWS)


def test_the_counts_are_those_of_the_rows() -> None:
    counts = [sum(state == wanted for _, state, _ in ROWS) for wanted in STATES]
    said = re.search(r"Of (\d+) points .+ do not apply\.", " ".join(PAGE.split()))
    assert said is not None
    assert sorted(map(int, re.findall(r"\d+", said[0]))) == sorted([len(ROWS), *counts])


NAMED = re.compile(
    r"`((?:tests|jndlab|deploy|static|tools)/[\w/.-]+|pyproject\.toml|SECURITY\.md|\.ci/run)`"
)
LINKED = re.compile(r"\[\]\(([\w/-]+\.md)?(?:#([\w-]+))?\)")


def test_every_met_point_names_the_test_the_place_or_the_page() -> None:
    for number, state, how in ROWS:
        assert state != "met" or NAMED.search(how) or LINKED.search(how), number


def test_every_page_and_section_that_it_links_to_is_there() -> None:
    titles = re.findall(r"^#+ (.+)$", PAGE, re.MULTILINE)
    sections = {re.sub(r"[^\w-]", "", title.lower().replace(" ", "-")) for title in titles}
    links = LINKED.findall(PAGE)
    assert links
    for page, section in links:
        assert not page or (ROOT / "docs" / page).is_file(), page
        assert not section or section in sections, section


def test_every_file_and_target_that_it_names_is_there() -> None:
    for page in (PAGE, (ROOT / "SECURITY.md").read_text(encoding="utf-8")):
        for name in NAMED.findall(page):
            assert (ROOT / name).exists(), name
        makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
        for target in re.findall(r"`make ([a-z-]+)`", page):
            assert re.search(rf"^{target}:", makefile, re.MULTILINE), target
