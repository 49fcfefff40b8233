"""One value changed in the text of a study file, and nothing else."""

from __future__ import annotations

from typing import Any

import pytest
from builders import make_definition

from jndlab.errors import StudyError
from jndlab.study.definition import Analysis, Design, Presentation
from jndlab.study.draft import draft_study, paragraphs_of
from jndlab.study.edit import append_item, remove_value, set_value, value_at
from jndlab.study.texts import Texts

WRITTEN = """\
# Made by hand
slug: mine      # my own
title: "A: quoted title"
design:
    # how long it takes
    trials_per_level: 4   # few
    feedback: never

    gross_trials: 2
presentation: {gap_ms: 300, loop: true}  # in braces
own_key: kept
items:
- one # first
- two

list:
  - name: a
    levels: [1, 2]  # two
  # before b
  - name: b
    levels:
      - 1
"""


def make_draft(**options: Any) -> str:
    stimuli = make_definition().stimuli
    return draft_study(
        slug="s", title="A title", paradigm="abx", seed=5, stimuli=stimuli, **options
    )


@pytest.mark.parametrize(
    ("path", "value", "before", "after"),
    [
        (("slug",), "other", "slug: mine      # my own", "slug: other     # my own"),
        (("slug",), "much-longer-slug", "slug: mine      # my", "slug: much-longer-slug # my"),
        (("title",), "New", 'title: "A: quoted title"', "title: New"),
        (("title",), "a: b # c", 'title: "A: quoted title"', "title: 'a: b # c'"),
        (("design", "trials_per_level"), 12, "level: 4   # few", "level: 12  # few"),
        (("presentation", "gap_ms"), 500, "gap_ms: 300,", "gap_ms: 500,"),
        (("presentation", "max_plays"), 3, "true}  # in", "true, max_plays: 3}  # in"),
        (("items", 0), "eins", "- one # first", "- eins # first"),
        (("list", 0, "levels"), [1, 2, 3], "[1, 2]  # two", "[1, 2, 3] # two"),
        (("list", 1, "name"), "c", "  # before b\n  - name: b", "  # before b\n  - name: c"),
        (("list", 1, "levels"), [2, 3], "levels:\n      - 1\n", "levels: [2, 3]\n"),
        (
            ("design", "feedback"),
            "two\nlines\n",
            "    feedback: never\n",
            "    feedback: |\n      two\n      lines\n",
        ),
        (
            ("slug",),
            "two\nlines\n",
            "slug: mine      # my own\n",
            "# my own\nslug: |\n  two\n  lines\n",
        ),
        (("own_key",), None, "own_key: kept", "own_key:"),
    ],
)
def test_a_value_is_replaced_and_all_else_stays(
    path: tuple[Any, ...], value: object, before: str, after: str
) -> None:
    assert before in WRITTEN
    assert set_value(WRITTEN, path, value) == WRITTEN.replace(before, after)


@pytest.mark.parametrize(
    ("path", "value", "before", "after"),
    [
        (("design", "break_seconds"), 5, "_trials: 2\n", "_trials: 2\n    break_seconds: 5\n"),
        (("design", "procedure"), "x", "    trials_per", "    procedure: x\n    trials_per"),
        (("new",), 1, "      - 1\n", "      - 1\nnew: 1\n"),
        (("new", "deep"), 1, "      - 1\n", "      - 1\n\nnew:\n  deep: 1\n"),
    ],
)
def test_a_missing_key_is_added_where_one_expects_it(
    path: tuple[Any, ...], value: object, before: str, after: str
) -> None:
    order = ["procedure", "trials_per_level", "feedback", "gross_trials", "break_seconds"]
    assert set_value(WRITTEN, path, value, order=order) == WRITTEN.replace(before, after)


EMPTY = "a:\nb:\n  # before d\n  d:\n  e: 1\nf:   # told\ng:\n"


@pytest.mark.parametrize(
    ("path", "before", "after"),
    [
        (("a",), "a:\n", "a: 5\n"),
        (("b", "d"), "d:\n", "d: 5\n"),
        (("f",), "f:   # told", "f: 5 # told"),
        (("g",), "g:\n", "g: 5\n"),
    ],
)
def test_an_empty_value_is_filled_where_it_stands(
    path: tuple[str, ...], before: str, after: str
) -> None:
    filled = EMPTY.replace(before, after)
    assert set_value(EMPTY, path, 5) == filled
    assert value_at(set_value(filled, path, None), path) is None


def test_setting_what_stands_there_changes_nothing() -> None:
    assert set_value(WRITTEN, ("title",), "A: quoted title") == WRITTEN


@pytest.mark.parametrize(
    ("path", "gone"),
    [
        (("slug",), "slug: mine      # my own\n"),
        (("design", "feedback"), "    feedback: never\n"),
        (("items", 0), "- one # first\n"),
        (("list", 0), "  - name: a\n    levels: [1, 2]  # two\n"),
        (("list", 0, "name"), "name: a\n    "),
        (("nothing",), ""),
    ],
)
def test_a_removed_key_takes_its_line_and_comment_with_it(path: tuple[Any, ...], gone: str) -> None:
    assert remove_value(WRITTEN, path) == WRITTEN.replace(gone, "", 1)


def test_a_key_leaves_the_braces_it_stood_in() -> None:
    edited = remove_value(WRITTEN, ("presentation", "gap_ms"))
    assert value_at(edited, ("presentation",)) == {"loop": True}
    assert "# in braces" in edited


def test_an_item_is_added_at_the_end_of_a_list() -> None:
    edited = append_item(WRITTEN, ("list",), {"name": "c", "levels": [3]})
    assert edited == WRITTEN + "  - name: c\n    levels: [3]\n"
    assert "- two\n- three\n\nlist" in append_item(WRITTEN, ("items",), "three")


def test_an_edited_draft_is_the_draft_of_the_edited_study() -> None:
    consent = "One paragraph. " * 12 + "\n\nAnd another one."
    texts = Texts(consent=consent, contact="Ann <ann@example.org>", thanks="Thanks! " * 30)
    design = Design(trials_per_level=12, confidence_steps=4, feedback="always", resume_hours=1.5)
    presentation = Presentation(ramp_ms=10.0, max_plays=3, switching="restart", loop=False)
    analysis = Analysis(equivalence_bound=0.6, bound_reason="Because: it is", alpha=0.01)
    told = {"design": design, "presentation": presentation, "analysis": analysis, "texts": texts}
    edited = make_draft()
    for name, section in told.items():
        order = list(type(section).model_fields)
        values = section.model_dump(exclude_unset=True)
        for key, value in values.items():
            shown = value if (name, key) != ("texts", "consent") else None
            if shown is not None or value is None:
                edited = set_value(edited, (name, key), shown, order=order)
    edited = set_value(edited, ("texts", "consent"), paragraphs_of(consent))
    assert edited == make_draft(**told)


def test_what_is_no_yaml_is_told_with_its_line() -> None:
    with pytest.raises(StudyError) as refused:
        set_value("slug: a\n\ttitle: b\n", ("slug",), "b")
    [problem] = refused.value.problems
    assert problem.location is not None
    assert problem.location.line == 2


def test_a_place_that_cannot_be_edited_is_refused() -> None:
    with pytest.raises(StudyError, match="only a person can change"):
        set_value("design: 5\n", ("design", "trials_per_level"), 3)


@pytest.mark.parametrize("text", ["-\n", "- slug: a\n", "[]\n"])
def test_a_key_of_a_list_is_refused(text: str) -> None:
    with pytest.raises(StudyError, match="only a person can change"):
        set_value(text, ("title",), "changed")


def test_beside_an_empty_key_behind_a_question_mark_a_value_is_added() -> None:
    assert value_at(set_value("a:\n?\n", ("title",), "changed"), ("title",)) == "changed"


@pytest.mark.parametrize("text", ["? a\n", "? title\n"])
def test_what_a_key_behind_a_question_mark_spoils_is_refused(text: str) -> None:
    with pytest.raises(StudyError, match="only a person can change"):
        set_value(text, ("title",), "changed")


def test_an_item_that_a_list_does_not_have_is_refused() -> None:
    with pytest.raises(StudyError, match="only a person can change"):
        set_value("levels: [1, 2]\n", ("levels", 2), 3)
