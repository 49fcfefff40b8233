"""Counts from files of every habit, and what is wrong in them, with the place."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from jndlab.analysis import load_counts
from jndlab.errors import DataError

PLAIN = "level,n_correct,n_trials\n1,5,10\n2,9,10\n"


@pytest.fixture
def counts_of_file(tmp_path: Path) -> Any:
    def load(content: str | bytes, **options: Any) -> Any:
        file = tmp_path / "data.csv"
        file.write_bytes(content.encode() if isinstance(content, str) else content)
        return load_counts(file, **options)

    return load


@pytest.mark.parametrize(
    "content",
    [
        PLAIN,
        PLAIN.replace(",", ";"),
        PLAIN.replace(",", "\t"),
        PLAIN.replace(",", " "),
        PLAIN.replace("\n", "\r\n"),
        "\ufeff" + PLAIN,
        PLAIN.encode("utf-16"),
        "# of the pilot\n\n" + PLAIN + "\n,,\n",
        "Stimulus level (dB);N.Correct;nTrials\n1,00;5;10\n2,0;9;10\n",
        '"x","k","n"\n"1","5","10"\n"2","9","10"\n',
        "x,correct,n_trials\n1,5,10\n2,9,10\n",
        "x,n_correct,n_wrong\n1,5,5\n2,9,1\n",
        "id,level,n_correct,n_trials\nA,1,2,4\nA,1,3,6\nB,2,9,10\n",
    ],
)
def test_every_habit_gives_the_same_counts(counts_of_file, content: str | bytes) -> None:
    levels, n_correct, n_trials = counts_of_file(content).pooled()
    assert levels.tolist() == [1.0, 2.0]
    assert n_correct.tolist() == [5.0, 9.0]
    assert n_trials.tolist() == [10.0, 10.0]


def test_one_row_per_trial(counts_of_file) -> None:
    table = counts_of_file("subject,x,correct\na,1,0\na,1,1\nb,2,TRUE\nb,1,no\n")
    listeners, levels, n_correct, n_trials = table.by_listener()
    assert (listeners, levels.tolist()) == (("a", "b"), [1.0, 2.0])
    assert n_correct.tolist() == [[1.0, 0.0], [0.0, 1.0]]
    assert n_trials.tolist() == [[2.0, 0.0], [1.0, 1.0]]
    assert table.one_row_per_trial
    assert "Each row is one trial." in table.notes


def test_columns_that_names_do_not_tell(counts_of_file) -> None:
    table = counts_of_file(
        "snr,ok,presented,who\n1,5,10,a\n2,9,10,b\n",
        columns={"level": "snr", "n_correct": "ok", "n_trials": "presented", "listener": "who"},
    )
    assert table.listeners == ("a", "b")
    assert table.columns["level"] == "snr"


def test_levels_that_repeat_are_added_up_and_said(counts_of_file) -> None:
    table = counts_of_file(PLAIN + "2,3,4\n3,0,0\n")
    assert table.pooled()[2].tolist() == [10.0, 14.0]
    assert "Rows added to another one of the same level: 1." in table.notes
    assert "Rows without trials, left out: 1." in table.notes


def test_conditions_are_analysed_one_at_a_time(counts_of_file) -> None:
    table = counts_of_file("condition,level,n_correct,n_trials\nb,1,5,10\na,1,7,10\na,2,9,10\n")
    assert table.conditions == ("a", "b")
    assert table.select("a").pooled()[1].tolist() == [7.0, 9.0]
    with pytest.raises(DataError, match="has 2 conditions"):
        table.pooled()
    with pytest.raises(DataError, match="no condition 'c'"):
        table.select("c")
    with pytest.raises(DataError, match="no column of listeners"):
        table.select("a").by_listener()


def test_a_file_and_its_columns_are_the_same_data(counts_of_file) -> None:
    """A mapping, arrays and a frame with missing cells as pandas has them."""
    mapping = {"level": np.array([1, 2]), "n_correct": [5.0, 9.0], "n_trials": (10, 10)}
    assert load_counts(mapping).data_digest == counts_of_file(PLAIN).data_digest
    with pytest.raises(DataError, match="Row 2 of the table, column 'n_correct': '' is missing"):
        load_counts({**mapping, "n_correct": [5.0, float("nan")]})


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("", "data.csv is empty"),
        ("level,n_correct,n_trials\n", "a header but no rows"),
        ("1,5,10\n2,9,10\n", "numbers only"),
        (PLAIN + "3,11,10\n", "data.csv:4: 11 correct of 10 trials cannot be"),
        (PLAIN + "3,-1,10\n", "data.csv:4, column 'n_correct': '-1' is below 0"),
        (PLAIN + "3,2.5,10\n", "data.csv:4, column 'n_correct': '2.5' is not a whole number"),
        (PLAIN + "3,nan,10\n", "data.csv:4, column 'n_correct': 'nan' is missing"),
        (PLAIN + "3,,10\n", "data.csv:4, column 'n_correct': '' is missing"),
        (PLAIN + "3,many,10\n", "data.csv:4, column 'n_correct': 'many' is not a number"),
        (PLAIN + "inf,5,10\n", "data.csv:4, column 'level': 'inf' is not finite"),
        (PLAIN + "loud,5,10\n", "data.csv:4, column 'level': 'loud' is not a number"),
        (PLAIN + "3,5\n", "data.csv:4 has 2 cells, the header has 3"),
        (PLAIN + "1_0,5,10\n", "'1_0' is not a number"),
        ("level;n_correct;n_trials\n1;5;1.000\n", "separator of thousands"),
        ("level,n_correct,n_trials\n1,0,0\n", "has no trials"),
        ("level,ok,n_trials\n1,5,10\n", "no column for n_correct"),
        ("loudness,n_correct,n_trials\n1,5,10\n", "no column for level"),
        ("x,p_correct,n\n1,0.5,10\n", "no column for n_correct"),
        ("level,x,n_correct,n_trials,n_trials\n1,1,5,10,10\n", "more than one column"),
        ("x,stim,n_correct,n_trials\n1,1,5,10\n", "could all be the level"),
        ("x,correct\n1,2\n", "'2' is neither 0 nor 1"),
        ("x,k,n\n1,0,1\n2,1,2\n3,1,3\n", "trial numbers"),
        (b"\x00\x01\x02\x03", "not a text file"),
        ('level,n_correct,n_trials\n"1,5,10\n', "cannot be split"),
    ],
)
def test_what_is_wrong_is_named_with_its_place(counts_of_file, content, message: str) -> None:
    with pytest.raises(DataError) as caught:
        counts_of_file(content)
    assert message in caught.value.message
    assert caught.value.remedy


def test_a_proportion_is_no_count(counts_of_file) -> None:
    with pytest.raises(DataError) as caught:
        counts_of_file("x,p_correct,n\n1,0.5,10\n")
    assert "'p_correct' looks like a proportion" in caught.value.remedy


@pytest.mark.parametrize(
    ("columns", "message"),
    [({"loudness": "level"}, "no role 'loudness'"), ({"level": "levle"}, "no column 'levle'")],
)
def test_columns_that_are_not_there(counts_of_file, columns: dict[str, str], message: str) -> None:
    with pytest.raises(DataError, match=message):
        counts_of_file(PLAIN, columns=columns)


@pytest.mark.parametrize(
    ("source", "message"),
    [
        (7, "cannot be read as a table"),
        (None, "cannot be read as a table"),
        ({}, "no rows"),
        ({"x": [1, 2], "k": [1], "n": [2, 2]}, "differ in length"),
        ({"x": 1, "k": [1], "n": [2]}, "not a sequence"),
        ({"x": ["a"], "k": [1], "n": [2]}, "'a' is not a number"),
        ({"x": [1], "k": [None], "n": [2]}, "is missing"),
        ({"x": [], "k": [], "n": []}, "no rows"),
    ],
)
def test_sources_that_are_no_table(source: Any, message: str) -> None:
    with pytest.raises(DataError, match=message):
        load_counts(source)


def test_paths_that_cannot_be_read(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="no file"):
        load_counts(tmp_path / "absent.csv")
    with pytest.raises(DataError, match="cannot be read"):
        load_counts(tmp_path)
