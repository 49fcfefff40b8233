"""Every format becomes a study that can be checked, and nothing of it gets lost in silence."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from click.testing import Result

from jndlab.audio.reading import read_clip
from jndlab.importing import Imported, ImportOptions, import_study, write_study
from jndlab.importing.detecting import _open as open_document
from jndlab.study.definition import StudyDefinition
from jndlab.study.study_file import load_study
from tests.importing import sources

SOURCES = {
    "webmushra": sources.webmushra,
    "listen-and-rate": sources.listen_and_rate,
    "beaqlejs": sources.beaqlejs,
    "reseval": sources.reseval,
}


def written(imported: Imported, folder: Path) -> StudyDefinition:
    path, _ = write_study(imported, folder)
    return load_study(path)


def leaves(value: object, path: str = "") -> Iterator[str]:
    """Every key of a document, list entries without their numbers."""
    if isinstance(value, dict) and value:
        for key, inner in value.items():
            yield from leaves(inner, f"{path}.{key}" if path else str(key))
    elif isinstance(value, list) and value:
        for inner in value:
            yield from leaves(inner, f"{path}[]")
    else:
        yield path


def told_keys(imported: Imported) -> set[str]:
    """Every key that the lists of the import name."""
    keys = set()
    for entry in (*imported.carried, *imported.not_carried):
        match = re.match(r"([\w.\[\]]+)(?:, page of type \w+)?(?: \((.*)\)|: .*)?$", entry.what)
        if match is None:
            continue
        inner = [part.strip() for part in match[2].split(",")] if match[2] else []
        keys |= {f"{match[1]}.{part}" for part in inner} | {match[1]}
    return keys


@pytest.mark.parametrize("name", SOURCES)
def test_every_key_of_a_configuration_is_carried_over_or_listed(name: str, tmp_path: Path) -> None:
    path = SOURCES[name](tmp_path)
    imported = import_study(path)
    expected = set(leaves(open_document(path).data))
    assert len(expected) > 10
    assert expected - told_keys(imported) == set()


@pytest.mark.parametrize("name", SOURCES)
def test_whatever_stays_behind_has_a_place_and_a_reason(name: str, tmp_path: Path) -> None:
    path = SOURCES[name](tmp_path)
    imported = import_study(path)
    assert imported.format == name
    for left in imported.not_carried:
        assert path.name in left.where
        assert left.why.endswith(".")
        assert not left.remedy or left.remedy.endswith((".", "jndlab check"))
    assert all(path.name in one.where for one in imported.carried)


@pytest.mark.parametrize("name", SOURCES)
def test_a_key_that_nobody_knows_is_listed(name: str, tmp_path: Path) -> None:
    path = SOURCES[name](tmp_path)
    text = path.read_text(encoding="utf-8")
    line = '"colourOfSky": "grey",' if name == "beaqlejs" else "colourOfSky: grey"
    mark = "var TestConfig = {\n" if name == "beaqlejs" else ""
    path.write_text(
        text.replace(mark, f"{mark}{line}\n") if mark else f"{line}\n{text}", encoding="utf-8"
    )
    left = [one for one in import_study(path).not_carried if "colourOfSky: grey" in one.what]
    assert [one.why for one in left] == ["jndlab knows no such key."]


@pytest.mark.parametrize("name", SOURCES)
def test_an_import_becomes_a_study_that_check_accepts(
    name: str, tmp_path: Path, run: Callable[..., Result]
) -> None:
    source = SOURCES[name](tmp_path / "source")
    done = run("import", source, tmp_path / "study")
    assert done.exception is None
    assert f"Wrote {tmp_path / 'study' / 'study.yaml'}" in done.output
    checked = run("check", tmp_path / "study", "--json")
    findings = json.loads(checked.output)["findings"]
    assert [one for one in findings if one["severity"] == "error"] == []


def test_webmushra_pages_become_items_levels_texts_checks_and_questions(tmp_path: Path) -> None:
    imported = import_study(sources.webmushra(tmp_path / "source"))
    study = written(imported, tmp_path / "study")
    assert (study.slug, study.title, study.paradigm) == ("codec-1", "Codec study", "abx")
    assert study.stimuli.items == ("p287", "p301")
    condition = study.condition("opus")
    assert condition.by_compression() == (64.0, 24.0, 12.0)
    assert study.design.trials_per_level == 2
    assert study.presentation.loop_region
    assert study.language == "de"
    assert study.completion_code == "CODEC-7"
    assert study.texts.consent.startswith("Welcome to our test.\n\nUse headphones.\n\n")
    assert "One more page" not in study.texts.consent
    assert study.texts.thanks == "Thank you for listening!"
    assert [rule.kind for rule in study.check_rules()] == ["sound", "level", "headphones-huggins"]
    (page,) = study.questionnaires
    assert [(q.name, q.kind, q.required) for q in page.questions] == [
        ("email", "text", False),
        ("age", "number", True),
        ("ears", "choice", True),
    ]
    assert page.questions[2].options == ("Yes", "No, loudspeakers")
    listed = " ".join(one.what for one in imported.not_carried)
    for word in ("page of type mushra", "showWaveform", "I don't know", "popupContent", "default"):
        assert word in listed


def test_sounds_lie_where_the_study_file_says(tmp_path: Path) -> None:
    imported = import_study(sources.webmushra(tmp_path / "source"))
    written(imported, tmp_path / "study")
    copied = tmp_path / "study" / "sounds" / "opus" / "24" / "p301.wav"
    original = tmp_path / "source" / "configs" / "sounds" / "p301_opus_24.wav"
    assert copied.read_bytes() == original.read_bytes()
    assert not copied.is_symlink()
    baseline = tmp_path / "study" / "sounds" / "baseline" / "p301.wav"
    assert read_clip(baseline).source_digest != read_clip(copied).source_digest


def test_ratings_are_left_out_unless_they_are_asked_for(tmp_path: Path) -> None:
    path = sources.webmushra(tmp_path)
    assert import_study(path).items == ("p287", "p301")
    taken = import_study(path, ImportOptions(take_ratings=True))
    assert taken.items == ("p287", "p301", "p315")
    assert any("createAnchor70: true" in one.what for one in taken.not_carried)


def test_the_reader_of_webmushra_takes_colons_in_texts_and_so_do_we(tmp_path: Path) -> None:
    text = sources.WEBMUSHRA.replace(
        "content: Which one is the reference?", "content: Reminder: it's about the reference"
    )
    imported = import_study(sources.webmushra(tmp_path, text))
    assert imported.items == ("p287", "p301")
    assert any("Reminder: it's about" in one.what for one in imported.not_carried)
    assert any("colon inside" in note for note in imported.notes)


def test_repeated_pages_count_as_repetitions(tmp_path: Path) -> None:
    page = sources.WEBMUSHRA.split("    - type: paired_comparison\n")[1]
    text = sources.WEBMUSHRA.replace(
        "  - - random\n", f"  - - random\n    - type: paired_comparison\n{page}"
    )
    once = import_study(sources.webmushra(tmp_path / "once"))
    twice = import_study(sources.webmushra(tmp_path / "twice", text))
    assert once.keys["design"]["trials_per_level"] == 2
    assert twice.items == once.items
    assert twice.keys["design"]["trials_per_level"] == 3


def test_listen_and_rate_becomes_practice_resumption_and_questionnaires(tmp_path: Path) -> None:
    study = written(import_study(sources.listen_and_rate(tmp_path / "source")), tmp_path / "study")
    assert (study.slug, study.title, study.paradigm) == ("codec-abx", "Which one is X?", "abx")
    assert study.stimuli.items == ("p287", "p301", "p315")
    assert study.condition("opus").levels == (24.0,)
    assert study.design.practice_trials == 3
    assert study.design.trials_per_level == 2
    assert study.design.resume_hours == 2.0
    assert study.language == "ja"
    before, after = study.questionnaires
    assert (before.when, before.title, before.text) == (
        "before",
        "About you",
        "Nothing identifies you.",
    )
    assert before.questions[1].options == ("Headphones", "Earphones", "Speakers")
    assert (after.when, after.questions[0].name) == ("after", "mood")


def test_a_preference_stays_one_once_the_baseline_is_told(
    tmp_path: Path, run: Callable[..., Result]
) -> None:
    text = sources.LISTEN_AND_RATE.replace("test_type: abx", "test_type: ab\nallow_tie: true")
    text = text.replace("system: Original", "system: Old")
    path = sources.listen_and_rate(tmp_path, text)
    asked = run("import", path, tmp_path / "study")
    assert isinstance(asked.exception, Exception)
    assert "--baseline followed by one of Old, opus_24" in str(asked.exception)
    told = import_study(path, ImportOptions(baseline="old"))
    assert told.paradigm == "preference"
    assert any(one.what == "allow_tie: true" for one in told.not_carried)
    heard = import_study(path, ImportOptions(baseline="old", paradigm="two-interval"))
    assert heard.paradigm == "two-interval"


def test_mushra_pages_become_mushra_with_the_anchors_that_the_source_makes(tmp_path: Path) -> None:
    path = sources.webmushra(tmp_path / "source")
    imported = import_study(path, ImportOptions(paradigm="mushra"))
    study = written(imported, tmp_path / "study")
    assert (study.paradigm, study.stimuli.items) == ("mushra", ("p315",))
    assert study.stimuli.anchors_hz == (7000.0,)
    assert study.design.trials_per_level == 1
    carried = {one.what: one.became for one in imported.carried}
    assert carried["pages[].createAnchor70: true"].startswith("stimuli.anchors_hz")
    left = [one for one in imported.not_carried if "page of type paired_comparison" in one.what]
    assert "--paradigm abx" in left[0].remedy
    without = sources.WEBMUSHRA.replace("createAnchor70: true", "createAnchor70: false")
    bare = import_study(
        sources.webmushra(tmp_path / "bare", without), ImportOptions(paradigm="mushra")
    )
    assert written(bare, tmp_path / "other").stimuli.anchors_hz == ()


def test_most_pages_decide_which_trial_type_a_study_has(tmp_path: Path) -> None:
    rated = sources.WEBMUSHRA.replace("type: paired_comparison", "type: bs1116")
    imported = import_study(sources.webmushra(tmp_path, rated))
    assert (imported.paradigm, imported.items) == ("bs1116", ("p287", "p301"))
    again = import_study(tmp_path, ImportOptions(take_ratings=True))
    assert (again.paradigm, again.items) == ("abx", ("p287", "p301", "p315"))


@pytest.mark.parametrize(
    ("kind", "paradigm"),
    [("mos", "acr"), ("dmos", "dcr"), ("cmos", "ccr"), ("mushra", "mushra"), ("ab", "preference")],
)
def test_tests_of_listen_and_rate_keep_their_question(
    kind: str, paradigm: str, tmp_path: Path
) -> None:
    text = sources.LISTEN_AND_RATE.replace("test_type: abx", f"test_type: {kind}")
    path = sources.listen_and_rate(tmp_path / "source", text)
    imported = import_study(path, ImportOptions(baseline="Original"))
    study = written(imported, tmp_path / "study")
    assert study.paradigm == paradigm
    assert ("test_type: " + kind, "paradigm") in [(o.what, o.became) for o in imported.carried]
    pairs = import_study(path, ImportOptions(baseline="Original", take_ratings=True))
    assert pairs.paradigm == ("preference" if kind == "ab" else "abx")


@pytest.mark.parametrize(
    ("kind", "paradigm"), [("mos", "acr"), ("mushra", "mushra"), ("ab", "preference")]
)
def test_tests_of_reseval_keep_their_question(kind: str, paradigm: str, tmp_path: Path) -> None:
    text = sources.RESEVAL.replace("test: abx", f"test: {kind}")
    imported = import_study(sources.reseval(tmp_path / "source", text))
    assert written(imported, tmp_path / "study").paradigm == paradigm


def test_test_sets_with_a_reference_are_mushra(tmp_path: Path) -> None:
    text = sources.BEAQLEJS.replace('"A":', '"Reference":').replace('"B":', '"1":')
    imported = import_study(sources.beaqlejs(tmp_path / "source", text))
    study = written(imported, tmp_path / "study")
    assert (study.paradigm, study.stimuli.items) == ("mushra", ("p287", "p301", "p315"))
    assert import_study(tmp_path / "source", ImportOptions(take_ratings=True)).paradigm == "abx"


def test_beaqlejs_is_read_as_data(tmp_path: Path) -> None:
    imported = import_study(sources.beaqlejs(tmp_path / "source"))
    study = written(imported, tmp_path / "study")
    assert study.title == "Codec ABX"
    assert study.stimuli.items == ("p287", "p301", "p315")
    assert study.condition("opus").levels == (24.0,)
    assert study.design.trials_per_level == 2
    assert study.presentation.loop
    assert not study.presentation.loop_region
    assert study.texts.contact == "ada@example.org"
    assert any("A was taken for the baseline" in note for note in imported.notes)


def test_reseval_layout_without_its_configuration(tmp_path: Path) -> None:
    path = sources.reseval(tmp_path / "source")
    imported = import_study(path.parent / "abx")
    assert imported.format == "reseval"
    study = written(imported, tmp_path / "study")
    assert study.slug == "study"
    assert study.condition("opus").by_compression() == (64.0, 12.0)


def test_reseval_texts_and_questions(tmp_path: Path) -> None:
    study = written(import_study(sources.reseval(tmp_path / "source")), tmp_path / "study")
    assert study.texts.consent.startswith("Welcome!\n\nWe evaluate")
    assert "no known risks" not in study.texts.consent  # the text asks for consent itself
    assert [page.when for page in study.questionnaires] == ["before", "after"]


def test_a_folder_with_one_configuration_is_enough(tmp_path: Path) -> None:
    sources.webmushra(tmp_path)
    assert import_study(tmp_path).format == "webmushra"


def test_levels_can_be_told(tmp_path: Path) -> None:
    text = sources.WEBMUSHRA
    for number, rate in ((1, 64), (2, 24), (3, 12)):
        text = text.replace(f"_opus_{rate}.wav", f"_x{number}.wav")
    path = sources.webmushra(tmp_path, text)
    for old, new in (("opus_64", "x1"), ("opus_24", "x2"), ("opus_12", "x3")):
        for item in sources.ITEMS:
            sound = tmp_path / "configs" / "sounds" / f"{item}_{old}.wav"
            sound.rename(sound.with_name(f"{item}_{new}.wav"))
    untold = import_study(path)
    assert {one.levels for one in untold.conditions} == {(1.0,)}
    assert any("the source says no level" in note for note in untold.notes)
    told = import_study(
        path,
        ImportOptions(
            levels={"x1": ("opus", 64.0), "x2": ("opus", 24.0), "x3": ("opus", 12.0)}, unit="kbps"
        ),
    )
    assert [(one.name, one.levels, one.unit) for one in told.conditions] == [
        ("opus", (12.0, 24.0, 64.0), "kbps")
    ]


def test_json_says_the_same(tmp_path: Path, run: Callable[..., Result]) -> None:
    path = sources.beaqlejs(tmp_path / "source")
    told = json.loads(run("import", path, tmp_path / "study", "--json").output)
    imported = import_study(path)
    assert [one["what"] for one in told["not_carried"]] == [
        one.what for one in imported.not_carried
    ]
    assert told["study"] == str(tmp_path / "study" / "study.yaml")
    assert str(tmp_path / "source") not in json.dumps(told)


def test_a_dry_run_writes_nothing(tmp_path: Path, run: Callable[..., Result]) -> None:
    path = sources.beaqlejs(tmp_path / "source")
    done = run("import", path, tmp_path / "study", "--dry-run")
    assert "Not carried over" in done.output
    assert [entry.name for entry in tmp_path.iterdir()] == ["source"]


def test_links_instead_of_copies(tmp_path: Path, run: Callable[..., Result]) -> None:
    path = sources.beaqlejs(tmp_path / "source")
    run("import", path, tmp_path / "study", "--link")
    sound = tmp_path / "study" / "sounds" / "baseline" / "p287.wav"
    assert sound.is_symlink()
    assert read_clip(sound).n_frames > 0
