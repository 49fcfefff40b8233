"""What is written is what is read: study files, WAV files, tables."""

from __future__ import annotations

import csv
import json
from io import StringIO
from typing import Any

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from jndlab.audio.pcm import FULL_SCALE, decode_wav, encode_wav, freshen, quantise
from jndlab.errors import Problem, StudyError
from jndlab.export.csv_tables import csv_parts, read_csv_rows
from jndlab.export.tables import Table
from jndlab.export.tidy import write_csv
from jndlab.listeners.memory import simulate_study
from jndlab.listeners.model import Truth
from jndlab.study.csv_cells import guard_text, unguard_text
from jndlab.study.definition import Stimuli
from jndlab.study.draft import draft_study, slug_of
from jndlab.study.study_file import parse_study
from jndlab.study.trials import Column
from tests.builders import make_definition, make_study_text

NAMES = st.from_regex(r"\A[A-Za-z0-9][A-Za-z0-9 ._-]{0,20}\Z").filter(
    lambda name: name.lower() != "baseline"
)
LEVELS = st.floats(-1e12, 1e12)
CHARACTERS = st.characters(codec="utf-8", exclude_categories=["Cc", "Cs", "Zl", "Zp"])
UNITS = st.text(CHARACTERS, min_size=1, max_size=40)


@st.composite
def stimuli(draw: st.DrawFn) -> Stimuli:
    names = draw(st.lists(NAMES, min_size=1, max_size=3, unique=True))
    conditions: list[dict[str, Any]] = [
        {
            "name": name,
            "folder": "../" + name,
            "levels": draw(st.lists(LEVELS, min_size=1, max_size=5, unique=True)),
            "unit": draw(UNITS),
            "compression": draw(st.sampled_from(["rises", "falls"])),
        }
        for name in names
    ]
    items = draw(st.lists(NAMES, min_size=1, max_size=6, unique=True))
    content = {"baseline": "../baseline", "items": items, "conditions": conditions}
    return Stimuli.model_validate_json(json.dumps(content))


@given(stimuli(), st.text(CHARACTERS, min_size=1, max_size=200), st.integers(0, 2**53 - 1))
def test_the_draft_of_any_study_says_what_it_was_told(told: Stimuli, title: str, seed: int) -> None:
    text = draft_study(slug="s", title=title, paradigm="abx", seed=seed, stimuli=told)
    study = parse_study(text)
    assert (study.title, study.seed) == (title, seed)
    assert study.stimuli.items == told.items
    for read, condition in zip(study.stimuli.conditions, told.conditions, strict=True):
        assert sorted(read.levels) == sorted(condition.levels)
        assert read.model_copy(update={"levels": condition.levels}) == condition


def problems_of(text: str) -> tuple[Problem, ...]:
    try:
        parse_study(text)
    except StudyError as error:
        return error.problems
    return ()


@given(st.text())
def test_no_text_at_all_is_a_study_by_chance(text: str) -> None:
    problems = problems_of(text)
    assert problems
    assert all(problem.message and problem.remedy for problem in problems)


NOISE = st.text("[]{}:,-#&*!|>'\"%@`\t \n\x00~?=<0", max_size=4)


@given(st.integers(0, 10**6), st.integers(0, 3), NOISE)
def test_a_study_file_spoiled_anywhere_is_no_crash(place: int, cut: int, noise: str) -> None:
    text = make_study_text()
    place %= len(text)
    spoiled = text[:place] + noise + text[place + cut :]
    for problem in problems_of(spoiled):
        assert problem.location is not None
        assert 1 <= problem.location.line <= spoiled.count("\n") + 2
        assert str(problem)


@given(st.text())
def test_any_name_makes_a_slug_that_a_study_may_have(name: str) -> None:
    assert make_definition(slug=slug_of(name)).slug == slug_of(name)


CLIPS = hnp.arrays(
    np.int32,
    st.tuples(st.integers(0, 50), st.integers(1, 2)),
    elements=st.integers(-FULL_SCALE, FULL_SCALE - 1),
)


@given(CLIPS, st.sampled_from([44_100, 48_000, 96_000]))
def test_every_24_bit_clip_comes_back_exactly(clip: Any, rate_hz: int) -> None:
    wav = encode_wav(clip, rate_hz)
    assert np.array_equal(decode_wav(wav), clip)
    assert np.array_equal(quantise(clip / FULL_SCALE), clip)


@given(CLIPS, st.integers(0, 2**64 - 1))
def test_a_fresh_copy_is_never_more_than_one_step_away(clip: Any, seed: int) -> None:
    fresh = decode_wav(freshen(encode_wav(clip, 48_000), seed)).astype(np.int64)
    assert fresh.shape == clip.shape
    assert np.abs(fresh - clip).max(initial=0) <= 1
    assert fresh.max(initial=0) < FULL_SCALE
    assert fresh.min(initial=0) >= -FULL_SCALE


@given(UNITS, st.integers(0, 2**32), LEVELS)
def test_a_table_comes_back_cell_by_cell(unit: str, seed: int, level: float) -> None:
    study = make_definition(
        condition={"unit": unit, "levels": [level]}, design={"trials_per_level": 1}
    )
    rows = list(simulate_study(study, truth=Truth(), n_listeners=1, seed=seed))
    out = StringIO(newline="")
    assert write_csv(iter(rows), out) == len(rows)
    read = list(csv.DictReader(StringIO(out.getvalue(), newline="")))
    for text, row in zip(read, rows, strict=True):
        assert list(text) == list(row)
        for name, value in row.items():
            assert unguard_text(text[name]) == ("" if value is None else str(value))
        assert float(text["level"]) == row["level"]


CELLS = st.text(st.characters(codec="utf-8"), min_size=1, max_size=12) | st.from_regex(
    r"\A'{0,3}[=+\-@\t\r\n][0-9.e=]{0,4}\Z"
)


@given(CELLS)
def test_no_text_is_a_formula_in_a_file_and_each_is_read_back_as_it_was(text: str) -> None:
    guarded = guard_text(text)
    assert unguard_text(guarded) == text
    if guarded[0] in "=+-@\t\r\n":
        float(guarded)  # a number, and nothing that a spreadsheet would run


TABLE = Table(
    name="any",
    title="any: one row per row",
    holds="rows",
    columns=(
        Column(name="a text", type="text", description="."),
        Column(name="count", type="integer", description="."),
        Column(name="number", type="number", description="."),
        Column(name="flag", type="boolean", description="."),
    ),
)
ROWS = st.lists(
    st.fixed_dictionaries(
        {
            "a text": st.none() | CELLS,
            "count": st.none() | st.integers(-(2**63), 2**63),
            "number": st.none() | st.floats(allow_nan=False, allow_infinity=False),
            "flag": st.none() | st.sampled_from([0, 1]),
        }
    ),
    max_size=5,
)


@given(ROWS)
def test_any_table_is_read_back_as_it_was_written(rows: list[Any]) -> None:
    text = "".join(csv_parts(TABLE, rows))
    read = list(read_csv_rows(TABLE, StringIO(text, newline=""), source="here"))
    assert read == rows
    for name in TABLE.names:
        assert [type(row[name]) for row in read] == [type(row[name]) for row in rows]
