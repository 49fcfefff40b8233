"""Manifests: what is read from them, and every mistake with its row and column."""

from __future__ import annotations

import io

import pytest

from jndlab.analysis.study.manifest import load_model_facts
from jndlab.errors import DataError

HEADER = "item,condition,level,path,parameters,bytes,MACs,checkpoint digest,pesq,si_sdr,notes\n"
ROWS = (
    "a,baseline,,b/a.wav,1000,4000,9e6,abc,4.5,,ok\n"
    "a,seofp,3,c/3/a.wav,1000,1000,9e6,def,4.0,18.5,\n"
    "b,seofp,3,c/3/b.wav,1000,1000,9e6,def,3.8,17.5,good\n"
    "a,seofp,1,c/1/a.wav,1000,500,9e6,012,2.5,9.0,\n"
    "b,seofp,1,c/1/b.wav,1000,500,9e6,012,2.7,8.0,\n"
)


def write(folder, text: str):
    path = folder / "manifest.csv"
    path.write_text(text, encoding="utf-8")
    return path


def test_columns_are_sorted_into_sizes_scores_and_the_rest(tmp_path) -> None:
    facts = load_model_facts(write(tmp_path, HEADER + ROWS))
    assert facts.source == "manifest.csv"
    assert facts.sizes == ("parameters", "bytes", "macs")
    assert facts.scores == ("pesq", "si_sdr")
    assert facts.ignored == ("notes",)
    assert facts.conditions() == ("seofp",)
    assert facts.baseline("bytes") == 4000
    assert facts.baseline("si_sdr") is None
    first = facts.stimuli[0]
    assert (first.item, first.level, first.path) == ("a", None, "b/a.wav")
    assert first.checkpoint_digest == "abc"
    levels, pesq = facts.score_by_level("pesq", condition="seofp")
    assert levels.tolist() == [1.0, 3.0]
    assert pesq.tolist() == pytest.approx([2.6, 3.9])
    assert facts.size_by_level("bytes", condition="seofp")[1].tolist() == [500, 1000]
    assert facts.to_dict()["stimuli"][1]["scores"] == {"pesq": 4.0, "si_sdr": 18.5}


def test_rows_are_read_like_a_file(tmp_path) -> None:
    rows = [
        {"item": "a", "condition": "seofp", "level": level, "pesq": pesq, "n_params": 5}
        for level, pesq in ((1, 2.0), (2, float("nan")))
    ]
    facts = load_model_facts(rows)
    assert facts.sizes == ("parameters",)
    assert facts.score_by_item("pesq", condition="seofp") == {("a", 1.0): 2.0}


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("a,seofp,3,c/3/a.wav,1000,1000", "a,seofp,3,c/3/a.wav,1000,x1", "Row 3 .*column bytes"),
        ("def,4.0,18.5", "def,good,18.5", "Row 3 .*column pesq: 'good' is not a number"),
        ("a,seofp,3,", "a,seofp,three,", "Row 3 .*column level: 'three'"),
        ("a,seofp,3,", "a,seofp,,", "Row 3 .*column level: is empty"),
        ("b,seofp,3,", ",seofp,3,", "Row 4 .*column item: is empty"),
        ("b,seofp,3,", "a,seofp,3,", "Row 4 .*repeats row 3"),
        ("c/3/b.wav,1000,1000", "c/3/b.wav,1000,1001", "Row 4 .*column bytes: 1001, but row 3"),
        ("c/3/b.wav,1000,1000", "c/3/b.wav,1000,-1", "Row 4 .*column bytes: -1 cannot be"),
        ("def,4.0,18.5", "def,inf,18.5", "Row 3 .*column pesq: 'inf'"),
        ("good\n", "good,extra\n", "Row 4 .*more cells"),
    ],
)
def test_mistakes_are_named_by_row_and_column(tmp_path, old, new, message) -> None:
    assert old in ROWS
    path = write(tmp_path, HEADER + ROWS.replace(old, new, 1))
    with pytest.raises(DataError, match=message) as error:
        load_model_facts(path)
    assert error.value.remedy


def test_files_that_are_no_manifest(tmp_path) -> None:
    with pytest.raises(DataError, match=r"lacks the column\(s\) level; it has item, condition"):
        load_model_facts(write(tmp_path, "item,condition\na,b\n"))
    with pytest.raises(DataError, match="has no rows"):
        load_model_facts(write(tmp_path, HEADER))
    with pytest.raises(DataError, match="no file"):
        load_model_facts(tmp_path / "none.csv")
    (tmp_path / "bad.csv").write_bytes(b"item,condition,level\n\xff\xfe,a,1\n")
    with pytest.raises(DataError, match="not a readable CSV"):
        load_model_facts(tmp_path / "bad.csv")
    with pytest.raises(DataError, match="not a readable CSV"):
        load_model_facts(tmp_path)


def test_empty_lines_keep_the_numbers_of_the_file(tmp_path) -> None:
    text = HEADER + "\n" + ROWS.replace("def,4.0", "def,four", 1)
    with pytest.raises(DataError, match="Row 4 "):
        load_model_facts(write(tmp_path, text))


RENDERED = (
    "item,condition,level,unit,x,origin,method,model,seed,bytes,bytes_rule,gain_db,sound_digest,"
    "pesq\n"
    "a,baseline,,,,,,net,1,4000,32 bits per weight,,aa,\n"
    "a,seofp,3,fraction bits,-3,post-training,nearest,net,,1000,12 bits per weight,0.1,bb,4.0\n"
    "b,seofp,3,fraction bits,-3,post-training,nearest,net,,1000,12 bits per weight,0.2,cc,3.8\n"
)


def test_a_manifest_of_renders_has_texts_and_no_more_scores() -> None:
    facts = load_model_facts(io.StringIO(RENDERED))
    assert (facts.source, facts.scores, facts.ignored) == ("the manifest", ("pesq",), ())
    assert facts.text("bytes_rule", condition="seofp", level=3.0) == "12 bits per weight"
    assert facts.text("seed", condition="seofp", level=None) == "1"
    assert facts.text("seed", condition="seofp", level=3.0) == ""
    assert facts.text("origin", condition="seofp", level=3.0) == "post-training"
    assert facts.distances() == ("pesq",)
    assert facts.twin_levels("seofp") == ()


def test_one_model_has_one_text() -> None:
    with pytest.raises(DataError, match=r"Row 4 .*column method: chop, but row 3 says nearest"):
        load_model_facts(
            io.StringIO(
                RENDERED.replace(
                    "b,seofp,3,fraction bits,-3,post-training,nearest",
                    "b,seofp,3,fraction bits,-3,post-training,chop",
                )
            )
        )


def test_an_open_file_that_is_no_manifest() -> None:
    with pytest.raises(DataError, match="the manifest has no rows"):
        load_model_facts(io.StringIO(""))
