"""Every mistake in a study file: where it is, what is wrong, and how to mend it."""

from __future__ import annotations

from pathlib import Path

import pytest
from builders import make_definition, make_study_text, write_text

from jndlab.errors import Problem, StudyError
from jndlab.study.study_file import MAX_BYTES, load_study, parse_study

TEXT = make_study_text()


def problems_of(text: str) -> tuple[Problem, ...]:
    with pytest.raises(StudyError) as caught:
        parse_study(text, source="my.yaml")
    return caught.value.problems


def replaced(old: str, new: str) -> str:
    assert TEXT.count(old) == 1
    return TEXT.replace(old, new)


def line_of(text: str, part: str) -> int:
    (number,) = [n for n, line in enumerate(text.split("\n"), start=1) if part in line]
    return number


# what is written instead of what -> where it is found, and words of message and remedy
MISTAKES = [
    ("seed: 7", "sed: 7", "sed: 7", "unknown key 'sed'", "Did you mean 'seed'?"),
    ("gap_ms: 500", "gap: 500", "gap: 500", "unknown key 'gap'", "Did you mean 'gap_ms'?"),
    ("seed: 7", "zzz: 7", "zzz: 7", "unknown key 'zzz'", "Keys known here: adaptive, "),
    ('title: "A tiny study"\n', "", "jndlab: 1", "'title' is missing", "that participants see"),
    ("  gap_ms: 500", "  gap_ms: 500\n  gap_ms: 6", "gap_ms: 6", "twice", "Remove one"),
    ("  gap_ms: 500", "  gap_ms: 500\n  'gap_ms': 6", "'gap_ms': 6", "twice", "Remove one"),
    ("  gap_ms", "\tgap_ms", "gap_ms", "a tab in the indentation", "two spaces"),
    ("  gap_ms", "  \tgap_ms", "gap_ms", "a tab in the indentation", "two spaces"),
    ("seed: 7", "seed:\t7", "seed:", "'\\t'", "at and above this line"),
    ("design:\n", "design: []\nother:\n", "design: []", "a mapping", "trials_per_level"),
    ("design:\n", "design: 3\nother:\n", "design: 3", "not 3", "trials_per_level"),
    ("design:\n", "design:\nother:\n", "design:", "not nothing", "trials_per_level"),
    ("    - name", "    - 3\n    - name", "    - 3", "conditions[0] must be a mapping", "unit"),
    ("[1, 2, 4]", '[1, "two", 4]', "levels:", "levels[1] must be a number, not 'two'", "number"),
    ("[1, 2, 4]", "[1, '2', 4]", "levels:", "levels[1] must be a number, not '2'", "quotes"),
    ("[1, 2, 4]", "[1, .nan, 4]", "levels:", "levels[1]", "numbers in the condition's unit"),
    ("[1, 2, 4]", "[1, .inf, 4]", "levels:", "finite", "numbers in the condition's unit"),
    ("[1, 2, 4]", "[1, 1e999, 4]", "levels:", "finite", "numbers in the condition's unit"),
    ("[1, 2, 4]", "[1, true, 4]", "levels:", "levels[1] must be a number, not True", "number"),
    ("[1, 2, 4]", "[1, , 4]", "levels:", "not valid YAML", "Check"),
    ("[1, 2, 4]", "[]", "levels:", "at least 1 item", "levels to test"),
    ("[1, 2, 4]", "3", "levels:", "must be a list, not 3", "[first, second]"),
    ("[1, 2, 4]", "[1, 2, 1.0]", "levels:", "the level 1 is listed twice", "Remove one"),
    ('"three"]', '"one"]', "items:", "the item 'one' is listed twice", "Remove one"),
    ('"three"]', '"=1+1"]', "items:", "items[2] cannot be '=1+1'", "pattern"),
    ('"three"]', '"../x"]', "items:", "items[2] cannot be '../x'", "pattern"),
    ('"three"]', '"x\\n"]', "items:", "items[2] cannot be 'x\\n'", "pattern"),
    ('name: "bits"', 'name: "Baseline"', "name:", "cannot be called 'baseline'", "method"),
    ('slug: "tiny"', 'slug: "Tiny Study"', "slug:", "cannot be 'Tiny Study'", "lower-case"),
    ('slug: "tiny"', 'slug: "tiny\\n"', "slug:", "cannot be 'tiny\\n'", "lower-case"),
    ("seed: 7", "seed: -1", "seed:", "greater than or equal to 0", "Seed of every"),
    ("seed: 7", "seed: 7.5", "seed:", "a whole number, not 7.5", "without quotes"),
    ("seed: 7", 'seed: "7"', "seed:", "a whole number, not '7'", "without quotes"),
    ("seed: 7", "seed: 9007199254740992", "seed:", "less than or equal", "Seed of every"),
    ("practice_trials: 2", "practice_trials: true", "practice_trials", "not True", "a number"),
    ("practice_trials: 2", "practice_trials: &a true", "practice_trials", "", ""),
    ("practice_trials: 2", "practice_trials: -2", "practice_trials", "equal to 0", "feedback"),
    ('title: "A tiny study"', "title: 2024", "title:", "must be text, not 2024", "quotes"),
    ('title: "A tiny study"', "title: 2024-01-31", "title:", "date", "quotes"),
    ('title: "A tiny study"', "title: !!set {a, b}", "title:", "", ""),
    ('title: "A tiny study"', "title:", "title:", "must be text, not nothing", "quotes"),
    ('title: "A tiny study"', 'title: ""', "title:", "at least 1 character", "participants see"),
    ('paradigm: "abx"', "paradigm: xab", "paradigm:", "'xab'", "'mushra' or 'bs1116'"),
    ('"falls"', '"down"', "compression:", "'down'", "'rises' or 'falls'"),
    ("48000", "16000", "sample_rate_hz", "cannot be 16000", "44100"),
    ("ramp_ms: 5.0", "ramp_ms: .nan", "ramp_ms", "presentation.ramp_ms", "fades"),
    ("jndlab: 1", "jndlab: 2", "jndlab: 2", "cannot be 2", "Use 1"),
    ("trials_per_level: 4", "trials_per_level: 200", "trials_per_level: 200", "", ""),
    ("seed: 7", "seed: @7", "seed:", "not valid YAML", "Check"),
    ("seed: 7", "seed: 7\n---\nseed: 8", "---", "another document", "Check"),
]


@pytest.mark.parametrize(("old", "new", "place", "message", "remedy"), MISTAKES)
def test_a_mistake_is_told_with_its_line_and_the_way_to_mend_it(
    old: str, new: str, place: str, message: str, remedy: str
) -> None:
    if new == "trials_per_level: 200":  # 600 trials are allowed; 2,200 are not
        text = replaced("[1, 2, 4]", "[1, 2, 4, 5, 6, 7, 8, 9, 10, 11, 12]").replace(old, new)
        message, remedy = "2204 trials; the limit is 2000", "fewer"
    else:
        text = replaced(old, new)
    (problem,) = [problem for problem in problems_of(text) if message in problem.message]
    assert problem.location is not None
    assert problem.location.path == "my.yaml"
    assert problem.location.line == line_of(text, place)
    shown = problem.location.excerpt
    assert shown.replace(" ", "") == text.split("\n")[problem.location.line - 1].replace(
        "\t", ""
    ).replace(" ", "")
    assert 1 <= problem.location.column <= len(shown) + 1
    assert remedy in problem.remedy
    assert problem.remedy


def test_all_mistakes_are_told_at_once() -> None:
    text = replaced("seed: 7", "seed: x").replace("gap_ms: 500", "gap_ms: 1").replace("abx", "y")
    assert [problem.location.line for problem in problems_of(text) if problem.location] == [
        line_of(text, "paradigm:"),
        line_of(text, "seed:"),
        line_of(text, "gap_ms:"),
    ]


def test_all_contradictions_are_told_at_once() -> None:
    text = make_study_text(items=["a", "a"], conditions=[{"levels": [1, 1]}, {}])
    messages = [problem.message for problem in problems_of(text)]
    assert messages == [
        "the item 'a' is listed twice",
        "two conditions are called 'bits'",
        "the level 1 is listed twice",
    ]


def test_wrong_entries_of_a_list_are_not_reported_as_a_list_that_is_too_short() -> None:
    assert len(problems_of(replaced("[1, 2, 4]", '["x"]'))) == 1


def test_the_caret_points_at_the_wrong_entry() -> None:
    (problem,) = problems_of(replaced("[1, 2, 4]", '[1, "two", 4]'))
    _, excerpt, caret, _ = str(problem).split("\n")
    assert excerpt[caret.index("^") :].startswith('"two"')


@pytest.mark.parametrize(
    ("text", "kind"),
    [("", "empty"), ("# only a comment\n", "empty"), ("hello\n", "plain text"), ("- a\n", "list")],
)
def test_what_is_no_mapping_at_all_is_refused(text: str, kind: str) -> None:
    (problem,) = problems_of(text)
    assert kind in problem.message
    assert "Start with a key" in problem.remedy


@pytest.mark.parametrize("value", ["*n", "&n 2"])
def test_anchors_and_aliases_are_refused_where_they_stand(value: str) -> None:
    text = replaced("practice_trials: 2", f"practice_trials: {value}")
    (problem,) = problems_of(text)
    assert "aliases (*name)" in problem.message
    assert problem.location is not None
    assert problem.location.line == line_of(text, value)


def test_nested_aliases_cannot_fill_the_memory() -> None:
    bomb = "a: &a [x, x]\n" + "".join(
        f"{key}: &{key} [{', '.join(['*' + before] * 9)}]\n"
        for before, key in zip("abcdefgh", "bcdefghi", strict=True)
    )
    assert "aliases" in problems_of(TEXT + bomb)[0].message


@pytest.mark.parametrize(
    "key",
    [
        "? [a, b]\n: c",
        "2024-01-31: c",
        "? {a: b}\n: c",
        "1: c",
        "~: c",
        "? - a: b\n: c",
        "? - a:\n",
    ],
)
def test_a_key_that_is_no_text_is_a_mistake_at_its_line(key: str) -> None:
    problem = problems_of(TEXT + key + "\n")[0]
    assert problem.location is not None
    assert problem.location.line > TEXT.count("\n")


def test_a_comment_that_the_reader_cannot_keep_is_told() -> None:
    (problem,) = problems_of("x: 1\na: #\n\n b\r\r: c")
    assert problem.message == "a comment stands where no comment can be kept"
    assert problem.location is not None
    assert problem.location.line == 2


@pytest.mark.parametrize("key", ["? - a: b\n: c", "x: [{y: {[{}]: 1}}]", "x: {y: [], {}: 1}"])
def test_a_collection_as_a_key_is_told_and_others_are_none(key: str) -> None:
    (problem,) = problems_of(TEXT + key + "\n")
    assert problem.message == "a list or a mapping in the place of a key"


@pytest.mark.parametrize(
    "text",
    [
        TEXT + "x: " + "[" * 500 + "]" * 500 + "\n",
        "{a: " * 500 + "1" + "}" * 500,
        TEXT.replace("seed: 7", "seed: " + "9" * 5000),
        TEXT.replace("A tiny study", "A tiny\\ud800 study"),
        TEXT.replace("A tiny study", "A tiny\0 study"),
        TEXT.replace('"A tiny study"', "!!binary aGVsbG8="),
        TEXT.replace('"A tiny study"', "!!python/object/apply:os.getcwd []"),
        TEXT.replace('"A tiny study"', '"A tiny study'),
        "%YAML 9.9\n---\n" + TEXT,
        TEXT + "<<: [1]\n",
    ],
    ids=lambda text: repr(text[-40:]),
)
def test_hostile_yaml_is_an_error_with_a_remedy_and_never_a_crash(text: str) -> None:
    for problem in problems_of(text):
        assert problem.message.strip(": ")
        assert problem.remedy
        assert problem.location is not None


def test_a_control_character_is_found_at_its_line() -> None:
    (problem,) = problems_of(replaced("A tiny study", "A tiny\0 study"))
    assert problem.location is not None
    assert problem.location.line == line_of(TEXT, "title:")


@pytest.mark.parametrize("line_end", ["\n", "\r\n"])
@pytest.mark.parametrize("start", ["", "\ufeff", "---\n", "# comment\n\n"])
def test_line_ends_and_starts_of_other_editors_make_no_difference(
    line_end: str, start: str
) -> None:
    text = (start + TEXT).replace("\n", line_end)
    assert parse_study(text).digest() == make_definition().digest()


def test_a_title_in_any_script_is_kept() -> None:
    assert make_definition(title="聴き比べ 🎧 – élan").title == "聴き比べ 🎧 – élan"


def test_a_file_and_its_folder_mean_the_same_study(study_file: Path) -> None:
    assert load_study(study_file) == load_study(study_file.parent)


def test_a_missing_file_says_how_to_make_one(tmp_path: Path) -> None:
    with pytest.raises(StudyError, match=r"no study file .*nowhere[^|]*jndlab new"):
        load_study(tmp_path / "nowhere")


def test_a_folder_in_the_place_of_the_file_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "study.yaml").mkdir()
    with pytest.raises(StudyError, match="Cannot read"):
        load_study(tmp_path)


def test_bytes_that_are_not_utf8_are_found_at_their_line(tmp_path: Path) -> None:
    path = tmp_path / "study.yaml"
    path.write_bytes(TEXT.replace("tiny study", "tiny étude").encode("latin-1"))
    with pytest.raises(StudyError, match=rf"study\.yaml:{line_of(TEXT, 'title:')}:.*UTF-8"):
        load_study(path)


def test_a_sound_file_named_by_mistake_is_no_study_file(study_folder: Path) -> None:
    with pytest.raises(StudyError, match="UTF-8"):
        load_study(study_folder / "baseline" / "one.wav")


def test_a_file_of_megabytes_is_refused_by_its_size(tmp_path: Path) -> None:
    path = write_text(tmp_path / "study.yaml", TEXT + "#" * MAX_BYTES)
    with pytest.raises(StudyError, match="at most 1,000,000"):
        load_study(path)


def test_rules_of_exclusion_that_would_leave_out_every_answer_are_a_mistake() -> None:
    limits = {"min_response_time_ms": 500, "max_response_time_ms": 500}
    with pytest.raises(StudyError) as caught:
        parse_study(make_study_text(analysis=limits))
    assert "no answer is both slow and fast enough" in caught.value.message
    parse_study(make_study_text(analysis={**limits, "max_response_time_ms": 501}))
