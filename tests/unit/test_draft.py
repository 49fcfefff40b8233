"""The study file that jndlab new writes is one that jndlab accepts."""

from __future__ import annotations

from typing import get_args

import pytest
from builders import make_definition

from jndlab.study.draft import draft_study, slug_of
from jndlab.study.draft_design import usual_design
from jndlab.study.paradigms import PARADIGMS
from jndlab.study.study_file import parse_study
from jndlab.study.trials import TASKS, ParadigmName, ProcedureName


@pytest.mark.parametrize(
    ("name", "slug"),
    [
        ("My Study", "my-study"),
        ("  --x--  ", "x"),
        ("Übung 1", "bung-1"),
        ("日本", "study"),
        ("", "study"),
        ("a" * 62 + "--b", "a" * 62),
        (".hidden", "hidden"),
        ("x/../y", "x-y"),
    ],
)
def test_any_folder_name_becomes_a_slug(name: str, slug: str) -> None:
    assert slug_of(name) == slug
    assert make_definition(slug=slug).slug == slug


@pytest.mark.parametrize("paradigm", TASKS)
@pytest.mark.parametrize("procedure", get_args(ProcedureName))
def test_a_draft_has_what_means_something_for_its_task_and_nothing_else(
    paradigm: ParadigmName, procedure: ProcedureName
) -> None:
    described = PARADIGMS[paradigm]
    if procedure != "constant-stimuli" and not described.adaptive:
        return
    stimuli = make_definition(condition={"levels": [8, 7, 6, 5, 4, 3, 2, 1]}).stimuli
    design = usual_design(paradigm, n_items=3, procedure=procedure)
    text = draft_study(
        slug="s", title="t", paradigm=paradigm, seed=1, stimuli=stimuli, design=design
    )
    study = parse_study(text)
    assert study.design.procedure == procedure
    if procedure == "constant-stimuli":
        assert study.design.trials_per_level % (len(described.orders) or 1) == 0
    assert ("identical_trials" in text) == described.has_identical
    assert ("gross_trials" in text) == described.has_gross
    assert ("trials_per_level" in text) == (procedure == "constant-stimuli")
    assert (study.adaptive is not None) == (procedure != "constant-stimuli")
    assert study.stimuli.anchors_hz == ((3500.0, 7000.0) if paradigm == "mushra" else ())
    assert max(map(len, text.split("\n"))) <= 100


@pytest.mark.parametrize("paradigm", ["abx", "two-interval"])
def test_the_draft_says_what_it_was_told(paradigm: ParadigmName) -> None:
    levels = {"levels": [4, 2, 1]}  # in the order in which a draft lists them
    title = 'Quotes " and: colons # & *'
    told = make_definition(condition=levels, design={"trials_per_level": 6}, title=title)
    text = draft_study(
        slug="s",
        title=told.title,
        paradigm=paradigm,
        seed=2**53 - 1,
        stimuli=told.stimuli,
        design=told.design,
    )
    study = parse_study(text)
    assert (study.slug, study.title, study.paradigm) == ("s", told.title, paradigm)
    assert (study.seed, study.stimuli, study.design) == (2**53 - 1, told.stimuli, told.design)


@pytest.mark.parametrize("item", ["001", "1e3", "on", "null", "0x10", "1.5", "No", "2024-01-31"])
def test_item_names_that_look_like_other_values_stay_text(item: str) -> None:
    stimuli = make_definition(items=[item]).stimuli
    text = draft_study(slug="s", title="t", paradigm="abx", seed=1, stimuli=stimuli)
    assert parse_study(text).stimuli.items == (item,)


def test_the_draft_explains_its_keys_to_the_one_who_reads_it() -> None:
    stimuli = make_definition().stimuli
    text = draft_study(slug="s", title="t", paradigm="two-interval", seed=1, stimuli=stimuli)
    assert "jndlab schema" in text
    assert "# a multiple of 2 balances the orders" in text
    assert "rises | falls" in text
    assert "levels: [4, 2, 1]" in text
    assert max(map(len, text.split("\n"))) <= 100
