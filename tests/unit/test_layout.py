"""Dropped folders find their places; what does not fit is told with a reason."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jndlab.audio.fill_table import fill_table
from jndlab.audio.layout import MAX_CONDITIONS, Layout, arrange
from jndlab.audio.places import Place, place_of
from jndlab.errors import AudioError


def targets(layout: Layout) -> dict[str, str]:
    return {placed.path: placed.place.path for placed in layout.placed}


def reason(layout: Layout, path: str) -> str:
    [found] = [left.reason for left in layout.left_out if left.path == path]
    return found


@pytest.mark.parametrize(
    "root",
    ["", "study/", "home/ann/recordings/"],
    ids=["two folders", "a folder around them", "deep"],
)
def test_baseline_and_condition_with_levels_are_recognised(root: str) -> None:
    paths = [f"{root}baseline/a.wav", f"{root}seofp/3/a.wav", f"{root}seofp/0.80/a.FLAC"]
    layout = arrange(paths)
    assert targets(layout) == {
        paths[0]: "baseline/a.wav",
        paths[1]: "seofp/3/a.wav",
        paths[2]: "seofp/0.8/a.flac",
    }
    assert (layout.is_sure, layout.left_out, layout.notes) == (True, (), ())


@pytest.mark.parametrize("name", ["baseline", "Original", "ref", "fp32", "Full precision"])
def test_a_baseline_is_known_by_its_name_among_plain_folders(name: str) -> None:
    layout = arrange([f"{name}/a.wav", "pruned/a.wav", "bits/3/a.wav"])
    assert layout.baseline == name
    assert targets(layout)[f"{name}/a.wav"] == "baseline/a.wav"
    assert targets(layout)["pruned/a.wav"] == "pruned/1/a.wav"
    assert "pruned has no levels" in layout.notes[0]


def test_the_only_plain_folder_beside_levels_is_the_baseline_whatever_it_is_called() -> None:
    layout = arrange(["dtln/a.wav", "seofp/3/a.wav"])
    assert (layout.baseline, layout.is_sure) == ("dtln", True)


def test_plain_folders_with_a_number_at_the_end_are_levels() -> None:
    layout = arrange(["model/a.wav", "bits-3/a.wav", "bits_2.5/a.wav", "bits 1 bit/a.wav"])
    assert targets(layout) == {
        "model/a.wav": "baseline/a.wav",
        "bits-3/a.wav": "bits/3/a.wav",
        "bits_2.5/a.wav": "bits/2.5/a.wav",
        "bits 1 bit/a.wav": "bits/1/a.wav",
    }


def test_two_folders_of_equal_standing_are_asked_about() -> None:
    paths = ["left/a.wav", "right/a.wav"]
    layout = arrange(paths)
    assert not layout.is_sure
    assert layout.candidates == ("left", "right")
    told = arrange(paths, baseline="right")
    assert told.is_sure
    assert targets(told) == {"left/a.wav": "left/1/a.wav", "right/a.wav": "baseline/a.wav"}


def test_a_study_that_has_a_baseline_asks_before_it_takes_another_folder_for_it() -> None:
    layout = arrange(["new/a.wav"], has_baseline=True)
    assert (layout.baseline, layout.is_sure) == (None, False)
    assert targets(arrange(["new/a.wav"], has_baseline=True, baseline="")) == {
        "new/a.wav": "new/1/a.wav"
    }


@pytest.mark.parametrize(
    ("path", "why"),
    [
        ("seofp/3/README.md", "no WAV or FLAC file"),
        ("seofp/3/.a.wav", "operating system"),
        ("__MACOSX/seofp/3/a.wav", "operating system"),
        ("seofp/3/ä.wav", "name cannot be used"),
        ("seofp/3/" + "x" * 81 + ".wav", "name cannot be used"),
        ("seofp/../a.wav", "characters or steps"),
        ("/etc/3/a.wav", "characters or steps"),
        ("seofp/3/a\n.wav", "characters or steps"),
        ("3/a.wav", "drop the folder of its condition"),
        ("Baseline/3/a.wav", "cannot name a condition"),
        ("sé/3/a.wav", "cannot name a condition"),
        ("seofp/3/a.flac", "has the same place"),
        ("seofp/3.0/a.wav", "has the same place"),
        ("other/seofp/2/a.wav", "there is another seofp"),
    ],
)
def test_what_does_not_fit_is_left_out_with_its_reason(path: str, why: str) -> None:
    layout = arrange(["baseline/a.wav", "seofp/3/a.wav", path])
    paths = [left.path for left in layout.left_out]
    # Of two files with one place the one that comes first in the alphabet stays.
    wrong = path if path in paths else "seofp/3/a.wav"
    assert why in reason(layout, wrong)
    assert len(layout.placed) == 2


def test_more_conditions_than_a_study_can_have_are_left_out() -> None:
    paths = [f"c{n:02}/1/a.wav" for n in range(MAX_CONDITIONS + 1)]
    layout = arrange([*paths, "baseline/a.wav"], baseline="baseline")
    assert [left.reason for left in layout.left_out] == ["a study has at most 32 conditions"]


MANIFEST = "item,condition,level,path,parameters\r\n"


def test_a_manifest_says_what_is_what() -> None:
    text = MANIFEST + "a,baseline,,x.wav,9\r\na,bits,3,deep/y.wav,8\r\nb,bits,3,z.wav,8\r\n"
    layout = arrange(["r/manifest.csv", "r/x.wav", "r/deep/y.wav", "r/w.wav"], manifest=text)
    assert targets(layout) == {"r/x.wav": "baseline/a.wav", "r/deep/y.wav": "bits/3/a.wav"}
    assert reason(layout, "r/w.wav") == "manifest.csv does not name it"
    assert layout.notes == ("manifest.csv names r/z.wav, which was not dropped",)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("item,condition,level\na,b,1\n", "lacks the column 'path'"),
        ("", "lacks the column 'item'"),
        ("item;condition;level;path\n", "semicolons between its columns"),
        ("item\tcondition\tlevel\tpath\n", "tabs between its columns"),
        (MANIFEST + "a,bits,three,x.wav,1\n", "line 2: the level 'three' is no number"),
        (MANIFEST + "a,bits,nan,x.wav,1\n", "line 2: the level 'nan' is no number"),
        (MANIFEST + "a,baseline,3,x.wav,1\n", "the baseline has no level"),
        (MANIFEST + "../a,bits,3,x.wav,1\n", "the item '../a' cannot be used"),
        (MANIFEST + "a,../b,3,x.wav,1\n", "the condition '../b' cannot be used"),
        (MANIFEST + "a,bits,3\n", "the path is missing"),
        (MANIFEST + 'a,bits,3,"x.wav\n', "unexpected end"),
    ],
)
def test_a_wrong_manifest_is_refused_with_its_line(text: str, message: str) -> None:
    with pytest.raises(AudioError) as refused:
        arrange(["manifest.csv", "x.wav"], manifest=text)
    assert message in refused.value.message
    assert refused.value.remedy


@given(st.lists(st.text(alphabet="ab/.1-\\\0 é", max_size=12).map(lambda name: name + ".wav")))
def test_every_dropped_path_is_placed_once_or_left_out_once(paths: list[str]) -> None:
    layout = arrange(paths)
    told = [placed.path for placed in layout.placed] + [left.path for left in layout.left_out]
    assert sorted(told) == sorted(set(paths))
    for placed in layout.placed:
        assert place_of(placed.place.path) == placed.place


@pytest.mark.parametrize(
    "path",
    [
        "", "a.wav", "baseline/a", "baseline/a.mp3", "baseline/../a.wav", "../baseline/a.wav",
        "/baseline/a.wav", "baseline/3/a.wav", "c/x/a.wav", "c/3/b/a.wav", "c/3/.wav",
        "c/3/a\0.wav", "c/inf/a.wav", "c/1_0/a.wav", "c\\3\\a.wav", "c /3/a.wav", "c./3/a.wav",
        "c/3/a.wav\n", "C:/3/a.wav", "c//a.wav",
    ],
)  # fmt: skip
def test_a_path_that_is_no_place_is_refused(path: str) -> None:
    with pytest.raises(AudioError, match="is no place for a sound"):
        place_of(path)


def test_the_table_says_what_is_missing_and_what_is_left_over() -> None:
    paths = ["baseline/a.wav", "baseline/b.wav", "c/1/a.wav", "c/10/b.flac", "c/10/z.wav"]
    table = fill_table(map(place_of, paths))
    assert (table.items, table.levels) == (("a", "b"), {"c": (1.0, 10.0)})
    assert [place.path for place in table.missing] == ["c/1/b.wav", "c/10/a.wav"]
    assert [place.path for place in table.extra] == ["c/10/z.wav"]
    assert not table.is_complete


def test_before_there_is_a_baseline_all_of_it_is_missing() -> None:
    table = fill_table([place_of("c/1/a.wav")])
    assert [place.path for place in table.missing] == ["baseline/a.wav"]
    assert table.extra == ()


def rebuilt(**told: Any) -> Place:
    return place_of(Place(**told).path)


@given(st.floats(allow_nan=False, allow_infinity=False, width=32))
def test_a_level_survives_being_the_name_of_a_folder(level: float) -> None:
    level = float(f"{level:.15g}") + 0.0
    assert rebuilt(condition="c", level=level, item="a").level == level
