"""What cannot be imported is refused with a remedy, and leaves nothing behind."""

from __future__ import annotations

import errno
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result

from jndlab.errors import JndlabError
from jndlab.importing import ImportOptions, import_study
from tests.builders import listing
from tests.importing import sources

Run = Callable[..., Result]
SHORT = """\
testname: T
pages:
  - type: paired_comparison
    id: one
    reference: {reference}
    stimuli:
      C1: {stimulus}
"""


def refused(run: Run, path: Path, *options: object) -> str:
    """What an import says that must be refused; nothing may be written."""
    target = path.parent / "new-study"
    before = listing(path.parent)
    done = run("import", path, target, *options)
    assert isinstance(done.exception, JndlabError), done.output
    assert listing(path.parent) == before
    return str(done.exception)


def webmushra(folder: Path, text: str) -> Path:
    return sources.webmushra(folder, text)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a: &a [x, x]\nb: &b [*a, *a]\nc: [*b, *b]\npages: []\n", "anchors (&name) and aliases"),
        ("testname: one\ntestname: two\npages: []\n", "'testname' stands twice"),
        ("pages: !!python/object/apply:os.system [ls]\n", "tags (!name) are not allowed"),
        ("pages: [", "not valid YAML"),
        ("pages:\n\t- type: x\n", "a tab in the indentation"),
        ("just text\n", "is no configuration of a known format"),
        ("", "is no configuration of a known format"),
        ("pages: 3\n", "is no configuration of a known format"),
        ("pages: [three]\n", "a page is a mapping with a type"),
        ("pages: []\n", "no page whose sounds can be taken"),
        ("pages: [{type: paired_comparison, stimuli: [a, b]}]\n", "needs stimuli as a mapping"),
        ("pages: [{type: paired_comparison, stimuli: {C1: a.wav}}]\n", "needs a path of a sound"),
        (
            "pages: [{type: likert_multi_stimulus, stimuli: {C1: b.wav}}]\n",
            "paired_comparison, mushra",
        ),
        ("{}: 1\n".format("x" * 2_000_000), "more than 1,000,000 bytes"),
        ("pages: " + "[" * 40 + "]" * 40 + "\n", "lists and mappings inside one another"),
    ],
)
def test_files_that_are_no_configuration(text: str, message: str, tmp_path: Path, run: Run) -> None:
    assert message in refused(run, webmushra(tmp_path, text))


def test_bytes_that_are_no_text(tmp_path: Path, run: Run) -> None:
    path = webmushra(tmp_path, "")
    path.write_bytes(b"testname: \xff\xfe\npages: []\n")
    assert "not UTF-8" in refused(run, path)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('var TestConfig = {"Testsets": alert(1)}', "cannot be read without running it"),
        ('var TestConfig = {"Testsets": [`x`]}', "cannot be read without running it"),
        ('var TestConfig = {"a": "b" + "c"}', "cannot be read without running it"),
        ('var TestConfig = {"Testsets": [', "cannot be read without running it"),
        ('var TestConfig = {"a": 1, "a": 2}', 'duplicate key "a"'),
        ("var TestConfig = {a: " + "[" * 60 + "]" * 60 + "}", "inside one another"),
        ("// var TestConfig = {}", "is no configuration of a known format"),
        ("alert(1)", "is no configuration of a known format"),
        ('TestConfig = {"Testsets": [{"Name": "x"}]}', "a test set needs Files"),
        ('TestConfig = {"Testsets": [{"Files": {"A": 1, "B": {}}}]}', "no path of a sound"),
        (
            'TestConfig = {"Testsets": [{"Files": {"1": "a.wav", "2": "b.wav", "3": "c.wav"}}]}',
            "--baseline LABEL",
        ),
    ],
)
def test_scripts_are_never_run(text: str, message: str, tmp_path: Path, run: Run) -> None:
    assert message in refused(run, sources.beaqlejs(tmp_path, text))


def test_code_around_the_object_is_told(tmp_path: Path) -> None:
    path = sources.beaqlejs(tmp_path, f"{sources.BEAQLEJS};\nTestConfig.TestName = 'other';\n")
    imported = import_study(path)
    assert imported.title == "Codec ABX"
    assert any("neither run nor read" in note for note in imported.notes)


def test_missing_sounds_are_named(tmp_path: Path, run: Run) -> None:
    path = webmushra(tmp_path, sources.WEBMUSHRA)
    (tmp_path / "configs" / "sounds" / "p301_opus_24.wav").unlink()
    told = refused(run, path)
    assert "1 sound is missing" in told
    assert "configs/sounds/p301_opus_24.wav" in told
    assert "--sounds" in told


@pytest.mark.parametrize(
    ("reference", "why"),
    [
        ("https://example.org/a.wav", "nothing is fetched"),
        ("//example.org/a.wav", "leads out of the folder of sounds"),
        ("/etc/a.wav", "absolute"),
        ("C:\\sounds\\a.wav", "absolute"),
        ("../../a.wav", "leads out of the folder"),
        ("configs/sounds/a.mp3", "reads WAV and FLAC"),
        ("configs/sounds/a", "reads WAV and FLAC"),
    ],
)
def test_sounds_that_cannot_be_taken_are_listed(
    reference: str, why: str, tmp_path: Path, run: Run
) -> None:
    good = sources.WEBMUSHRA.rstrip() + "\n"
    page = SHORT.split("pages:\n")[1].format(reference=f"'{reference}'", stimulus="x.wav")
    path = webmushra(tmp_path, good.replace("pages:\n", f"pages:\n{page}"))
    imported = import_study(path)
    assert imported.items == ("p287", "p301")
    assert any(why in one.why for one in imported.not_carried), imported.not_carried
    alone = webmushra(
        tmp_path / "alone", SHORT.format(reference=f"'{reference}'", stimulus="x.wav")
    )
    assert "no page whose sounds can be taken" in refused(run, alone)


def test_a_link_out_of_the_folder_is_refused_where_strangers_upload(tmp_path: Path) -> None:
    path = webmushra(tmp_path / "in", sources.WEBMUSHRA)
    sound = tmp_path / "in" / "configs" / "sounds" / "p301_opus_24.wav"
    sound.rename(tmp_path / "secret.wav")
    sound.symlink_to(tmp_path / "secret.wav")
    assert import_study(path).items == ("p287", "p301")
    strict = import_study(path, ImportOptions(follow_links=False), boundary=tmp_path / "in")
    assert any("a link that leads out" in one.why for one in strict.not_carried)
    assert all("secret" not in str(clip.source.resolve()) for clip in strict.clips)


def test_nothing_above_the_boundary_is_looked_at(tmp_path: Path, run: Run) -> None:
    path = webmushra(tmp_path, sources.WEBMUSHRA)
    assert import_study(path).items == ("p287", "p301")
    with pytest.raises(JndlabError, match="missing below"):
        import_study(path, boundary=path.parent)


def test_a_recording_without_all_versions_is_listed(tmp_path: Path) -> None:
    text = sources.WEBMUSHRA.replace("        C3: configs/sounds/p301_opus_12.wav\n", "")
    imported = import_study(webmushra(tmp_path, text))
    cells = {(clip.item, clip.level) for clip in imported.clips}
    assert len(cells) == len(imported.items) * (1 + len(imported.conditions[0].levels))
    assert any(
        "left out, so that the others are complete" in one.why for one in imported.not_carried
    )


def test_several_configurations_in_a_folder_are_asked_about(tmp_path: Path, run: Run) -> None:
    sources.listen_and_rate(tmp_path)
    (tmp_path / "second.yaml").write_text(sources.LISTEN_AND_RATE, encoding="utf-8")
    told = refused(run, tmp_path)
    assert "config.abx.yaml, second.yaml" in told


def test_folders_without_anything_to_import(tmp_path: Path, run: Run) -> None:
    (tmp_path / "empty").mkdir()
    assert "no configuration of a known format" in refused(run, tmp_path / "empty")
    assert "There is no file or folder" in refused(run, tmp_path / "nowhere")


def test_a_study_that_is_there_stays(tmp_path: Path, run: Run) -> None:
    path = sources.beaqlejs(tmp_path / "source")
    assert run("import", path, tmp_path / "study").exception is None
    before = listing(tmp_path / "study")
    again = run("import", path, tmp_path / "study")
    assert "exists already" in str(again.exception)
    assert listing(tmp_path / "study") == before


@pytest.mark.parametrize("system", ["/etc", "../elsewhere", "https://example.org/a"])
def test_systems_outside_the_folder(system: str, tmp_path: Path, run: Run) -> None:
    text = sources.LISTEN_AND_RATE.replace("./sounds/ref", system)
    assert "leads out of the folder of sounds" in refused(
        run, sources.listen_and_rate(tmp_path, text)
    )


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("test_type: abx", "test_type: smos", "--take-ratings"),
        ("test_type: abx", "test_type: [1]", "cannot be imported"),
        ("    - path: ./sounds/opus_24\n", "", "two folders or more"),
        ("./sounds/opus_24", "./sounds/nowhere", "There is no folder"),
        ("./sounds/opus_24", "./" + 300 * "é", "There is no folder"),
        ("    - path: ./sounds/opus_24\n", "    - three\n", "a system needs a path"),
    ],
)
def test_listen_and_rate_that_has_no_pairs(
    old: str, new: str, message: str, tmp_path: Path, run: Run
) -> None:
    text = sources.LISTEN_AND_RATE.replace(old, new)
    assert message in refused(run, sources.listen_and_rate(tmp_path, text))


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("test: abx", "test: wordselect", "--take-ratings"),
        ("test: abx", "test: nothing", "cannot be imported"),
    ],
)
def test_reseval_that_has_no_pairs(
    old: str, new: str, message: str, tmp_path: Path, run: Run
) -> None:
    assert message in refused(run, sources.reseval(tmp_path, sources.RESEVAL.replace(old, new)))


def test_reseval_whose_baseline_is_not_known(tmp_path: Path, run: Run) -> None:
    path = sources.reseval(tmp_path)
    (tmp_path / "abx" / "reference").rename(tmp_path / "abx" / "codec")
    assert "--baseline followed by one of codec, opus_12, opus_64" in refused(run, path)
    assert "There is no version 'nothing'" in refused(run, path, "--baseline", "nothing")
    assert run("import", path, tmp_path / "study", "--baseline", "codec").exception is None


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (("--level", "C9=opus:1"), "There is no version 'C9'"),
        (("--level", "opus_24=opus:1", "--level", "opus_12=opus:1"), "would both be opus"),
        (("--sounds", "nowhere"), "There is no folder nowhere"),
        (("--format", "beaqlejs"), "is no configuration of BeaqleJS"),
    ],
)
def test_options_that_do_not_fit(
    options: tuple[str, ...], message: str, tmp_path: Path, run: Run
) -> None:
    path = webmushra(tmp_path, sources.WEBMUSHRA)
    assert message in refused(run, path, *options)


def test_a_full_disk_leaves_nothing(
    tmp_path: Path, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = webmushra(tmp_path, sources.WEBMUSHRA)
    copied: list[object] = []

    def full(source: object, target: object) -> None:
        copied.append(source)
        if len(copied) > 3:
            raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("jndlab.importing.writing.shutil.copyfile", full)
    assert "The disk is full" in refused(run, path)
    assert len(copied) == 4


@pytest.mark.parametrize(
    "text",
    ['"' * 300_000, "'\\" * 150_000, "/*" * 150_000, "TestConfig =" + " " * 300_000, "x" * 500_000],
)
def test_scripts_that_would_keep_a_careless_reader_busy(
    text: str, tmp_path: Path, run: Run
) -> None:
    refused(run, sources.beaqlejs(tmp_path, text))
