"""Trials that another program wrote: read as they are, refused with what is missing."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jndlab.analysis import guess_columns, load_foreign_trials
from jndlab.analysis.study.example import example_rows
from jndlab.analysis.study.foreign_columns import NAMES, ROLES
from jndlab.errors import DataError

HEADER = "subject,utt,bits,hit\n"
ROWS = "ada,p1,3,1\nada,p2,5,0\nbob,p1,3,yes\nbob,p2,5,wrong\n"


def load(folder: Path, text: str, **options: Any) -> Any:
    path = folder / "mine.csv"
    path.write_text(text, encoding="utf-8")
    return load_foreign_trials(path, **({"paradigm": "abx", "compression": "falls"} | options))


def test_columns_are_found_by_their_usual_names(tmp_path: Path) -> None:
    trials = load(tmp_path, HEADER + ROWS)
    assert dict(trials.columns) == {
        "level": "bits",
        "correct": "hit",
        "listener": "subject",
        "item": "utt",
    }
    assert trials.listeners == ("ada", "bob")
    assert trials.table["correct"].tolist() == [True, False, True, False]
    assert trials.table["level"].tolist() == [3.0, 5.0, 3.0, 5.0]
    assert trials.table["participant"].tolist() == [1, 1, 2, 2]
    assert trials.table["trial"].tolist() == [1, 2, 1, 2]


def test_columns_can_be_told_and_taken_away(tmp_path: Path) -> None:
    trials = load(
        tmp_path,
        "a,b,c,utt\nx,1,1,p\nx,2,0,p\n",
        columns={"listener": "a", "level": "b", "correct": "c", "item": ""},
    )
    assert trials.known == {"listener", "level", "correct"}
    assert trials.table["item"].tolist() == ["unknown", "unknown"]


def test_answers_in_words_say_themselves_what_is_right(tmp_path: Path) -> None:
    text = "subject,level,response,correct_response\na,1,A,A\na,1,B,A\na,1,,B\n"
    trials = load(tmp_path, text)
    assert trials.table["correct"].tolist() == [True, False, False]
    assert trials.table.answered.tolist() == [True, True, False]
    assert {"response", "correct_response", "correct"} <= trials.known


def test_catch_trials_and_practice_are_known_by_their_words(tmp_path: Path) -> None:
    text = (
        "subject,level,correct,trial_type,phase\n"
        "a,1,1,test,training\na,1,1,same,main\na,1,1,gross,main\na,1,,test,experiment\n"
    )
    table = load(tmp_path, text).table
    assert table["trial_kind"].tolist() == ["test", "identical", "gross", "test"]
    assert table["phase"].tolist() == ["practice", "main", "main", "main"]
    assert table.answered.tolist() == [True, True, True, False]


@pytest.mark.parametrize(("unit", "factor"), [("ms", 1.0), ("s", 1000.0)])
def test_response_times_have_the_unit_that_the_column_says(
    unit: str, factor: float, tmp_path: Path
) -> None:
    trials = load(tmp_path, f"level,correct,rt_{unit}\n1,1,2.5\n1,0,\n")
    times = trials.table["response_time_ms"]
    assert times[0] == 2.5 * factor
    assert np.isnan(times[1])
    assert "response_time_ms" in trials.known


def test_a_time_without_unit_is_left_out_and_told(tmp_path: Path) -> None:
    trials = load(tmp_path, "level,correct,RT\n1,1,900\n")
    assert "response_time_ms" not in trials.known
    assert any("response_time_ms or" in note for note in trials.notes)


def test_without_listeners_all_answers_are_one_persons(tmp_path: Path) -> None:
    trials = load(tmp_path, "level,correct\n1,1\n1,0\n2,1\n")
    assert trials.listeners == ()
    assert trials.table["trial"].tolist() == [1, 2, 3]
    assert any("one person's" in note for note in trials.notes)


def test_everything_that_is_missing_is_named_at_once(tmp_path: Path) -> None:
    with pytest.raises(DataError) as told:
        load(tmp_path, "who,what\na,b\n", paradigm=None, compression=None)
    for word in ("level=NAME", "correct=NAME", "abx or two-interval", "rises or falls"):
        assert word in told.value.message
    assert "'who', 'what'" in told.value.remedy


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("subject,level,correct\na,x,1\n", "mine.csv:2, column 'level' (the level): 'x' is not"),
        ("subject,level,correct\na,inf,1\n", "is not a number"),
        ("subject,level,correct\na,1_0,1\n", "is not a number"),
        ("subject,level,correct\na,,1\n", "is missing"),
        ("subject,level,correct\na,1,maybe\n", "says neither right nor wrong"),
        ("subject,level,correct\n,1,1\n", "is missing"),
        ("subject,level,correct,kind\na,1,1,odd\n", "is no kind"),
        ("subject,level,correct,phase\na,1,1,later\n", "is no phase"),
        ("subject,level,correct,rt_ms\na,1,1,-3\n", "below 0"),
        ("subject,level,correct,trial\na,1,1,1\na,1,1,1\n", "same listener, session"),
        ("subject,level,correct,trial\na,1,1,1.5\n", "whole"),
        ("subject,level,correct,response,correct_response\na,1,0,A,A\n", "says wrong"),
        ("subject,level,correct,response,correct_response\na,1,1,,A\n", "no answer where"),
        ("subject,level,level\na,1,1\n", "more than one column"),
        ("subject,level,correct\n", "no rows"),
        ("1,2,3\n4,5,6\n", "no names"),
        ("subject,level,correct\na,1\n", "has 2 cells"),
    ],
)
def test_values_that_cannot_be_are_named_with_their_place(
    text: str, message: str, tmp_path: Path
) -> None:
    with pytest.raises(DataError) as told:
        load(tmp_path, text)
    assert message in str(told.value)


@pytest.mark.parametrize(
    ("columns", "message"),
    [
        ({"utterance": "utt"}, "There is no role 'utterance'"),
        ({"item": "utterance"}, "no column 'utterance'"),
        ({"item": "utt", "condition": "utt"}, "given for two roles"),
    ],
)
def test_mappings_that_do_not_fit(columns: dict[str, str], message: str, tmp_path: Path) -> None:
    with pytest.raises(DataError, match=message):
        load(tmp_path, HEADER + ROWS, columns=columns)


def test_other_tasks_are_sent_where_they_belong(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="jndlab fit"):
        load(tmp_path, HEADER + ROWS, paradigm="yes-no")


def test_our_own_export_is_no_foreign_table(tmp_path: Path) -> None:
    rows = example_rows(n_listeners=1)
    path = tmp_path / "trials.csv"
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, fieldnames=list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    with pytest.raises(DataError, match="export of jndlab"):
        load_foreign_trials(path, paradigm="abx", compression="falls")


def test_no_name_means_two_roles() -> None:
    names = [name for role in ROLES for name in role.synonyms]
    assert len(names) == len(set(names))
    assert len(set(NAMES)) == len(NAMES)


TRIAL = st.tuples(
    st.sampled_from(["ada", "bob", "Zoë"]),
    st.sampled_from(["p1", "p 2", "p-3"]),
    st.sampled_from([-1.5, 0.0, 0.25, 3.0, 10.0]),
    st.sampled_from([True, False, None]),
    st.floats(0, 1e5).map(lambda value: round(value, 3)),
)
HEADERS = st.lists(
    st.from_regex(r"[A-Za-z][A-Za-z0-9 _.]{0,8}[A-Za-z0-9]", fullmatch=True),
    min_size=5,
    max_size=5,
    unique=True,
)


@settings(max_examples=60)
@given(
    trials=st.lists(TRIAL, min_size=1, max_size=30),
    headers=HEADERS,
    order=st.permutations(range(5)),
    separator=st.sampled_from([",", ";", "\t"]),
    comma=st.booleans(),
    words=st.sampled_from([("1", "0"), ("yes", "no"), ("True", "False"), ("hit", "miss")]),
)
def test_any_table_with_a_mapping_is_read_back_as_it_was_written(
    tmp_path_factory: pytest.TempPathFactory,
    trials: list[tuple[str, str, float, bool | None, float]],
    headers: list[str],
    order: list[int],
    separator: str,
    comma: bool,
    words: tuple[str, str],
) -> None:
    def number(value: float) -> str:
        text = f"{value:.4f}" if comma else repr(value)
        return text.replace(".", ",") if comma else text

    comma = comma and separator != ","
    roles = ("listener", "item", "level", "correct", "response_time_ms")
    path = tmp_path_factory.mktemp("round") / "any.csv"
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, delimiter=separator)
        writer.writerow([headers[at] for at in order])
        for listener, item, level, correct, time in trials:
            said = "" if correct is None else words[0] if correct else words[1]
            cells = [listener, item, number(level), said, number(time)]
            writer.writerow([cells[at] for at in order])
    found = load_foreign_trials(
        path,
        paradigm="two-interval",
        compression="rises",
        # Headers may look like other roles: those are said not to be there.
        columns={
            **dict.fromkeys(set(NAMES) - set(roles), ""),
            **dict(zip(roles, headers, strict=True)),
        },
    )
    table = found.table
    names = [found.listeners[number - 1] for number in table["participant"]]
    assert names == [one[0] for one in trials]
    assert table["item"].tolist() == [one[1] for one in trials]
    assert table["level"].tolist() == [one[2] for one in trials]
    said = zip(table["correct"].tolist(), table.answered.tolist(), strict=True)
    assert [right if answered else None for right, answered in said] == [one[3] for one in trials]
    assert table["response_time_ms"].tolist() == pytest.approx([one[4] for one in trials])


def test_the_guess_says_what_it_had_to_choose_between() -> None:
    found, notes = guess_columns(["Level", "bits", "Correct"])
    assert found == {"level": "Level", "correct": "Correct"}
    assert any("'bits'" in note for note in notes)


@pytest.mark.parametrize(
    ("name", "paradigm", "chance"),
    [("3afc", "3afc", 1 / 3), ("triangle", "oddity", 1 / 3), ("DUO_TRIO", "duo-trio", 1 / 2)],
)
def test_every_task_with_a_chance_level_can_be_read(tmp_path: Path, name, paradigm, chance) -> None:
    trials = load(tmp_path, "level,correct\n1,1\n2,0\n", paradigm=name)
    assert trials.paradigm == paradigm
    assert trials.table["guess_rate"].tolist() == pytest.approx([chance] * 2)
