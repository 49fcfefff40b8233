"""A study and a manifest become a report with a model card, and files beside it."""

from __future__ import annotations

import csv
import json
import re
from pathlib import Path

import pytest

from jndlab.listeners.http import simulate_over_http
from jndlab.listeners.model import Truth
from jndlab.store.engine import open_store
from jndlab.store.studies import require_study
from jndlab.study.definition import StudyDefinition
from jndlab.study.study_file import load_study
from tests.builders import write_study
from tests.servers import Server, jndlab

BOUND_REASON = "Two in three is what the panel calls noticeable."


@pytest.fixture(scope="module")
def simulated(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, StudyDefinition]:
    """The data folder of a study that six simulated listeners took part in."""
    folder = tmp_path_factory.mktemp("report")
    study_file = write_study(
        folder / "study", analysis={"equivalence_bound": 0.66, "bound_reason": BOUND_REASON}
    )
    study = load_study(study_file)
    with Server(folder / "data", [study_file]) as server:
        store = open_store(server.settings, create=False)
        with store.read() as db:
            link = require_study(db, study.slug).link
        store.close()
        simulate_over_http(
            study,
            url=server.settings.url,
            link=link,
            truth=Truth(threshold=2.0, width=2.5, lapse_rate=0.05, bias=0.0, spread=0.3),
            n_listeners=6,
            seed=3,
            concurrency=3,
        )
        assert server.terminate() == 0
    return folder / "data", study


def write_manifest(path: Path, study: StudyDefinition) -> Path:
    (condition,) = study.stimuli.conditions
    rows = []
    for item in study.stimuli.items:
        rows.append([item, "baseline", "", 8000, ""])
        rows += [
            [item, condition.name, f"{level:g}", 1000 + 500 * place, 5 + 3 * place]
            for place, level in enumerate(reversed(condition.by_compression()))
        ]
    with path.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([["item", "condition", "level", "bytes", "si_sdr"], *rows])
    return path


def test_the_manifest_gives_a_model_card(simulated, tmp_path: Path) -> None:
    data, study = simulated
    manifest = write_manifest(tmp_path / "manifest.csv", study)
    page, files = tmp_path / "page.html", tmp_path / "files"
    common = ("report", study.slug, "--data", str(data), "--kind", "simulated")
    made = jndlab(
        *common, "--manifest", str(manifest), "--output", str(page), "--files", str(files)
    )
    assert made.returncode == 0, made.stderr
    text = page.read_text(encoding="utf-8")
    assert "<h3>Model card</h3>" in text
    assert "Times smaller" in text
    assert "SI-SDR in dB" in text
    assert BOUND_REASON in text
    assert not re.search(r'(src|href)="(?!data:)', text)
    numbers = json.loads((files / "numbers.json").read_text(encoding="utf-8"))
    assert numbers["conditions"][0]["card"]["versions"][0]["sizes"] == {"bytes": 8000.0}
    drawn = {path.name for path in (files / "figures").iterdir()}
    assert {f"{name[:-4]}.pdf" for name in drawn if name.endswith(".svg")} <= drawn

    plain = jndlab(*common, "--output", str(page))
    assert plain.returncode == 0, plain.stderr
    assert "Model card" not in page.read_text(encoding="utf-8")


def test_a_manifest_that_lacks_a_level_is_refused(simulated, tmp_path: Path) -> None:
    data, study = simulated
    manifest = write_manifest(tmp_path / "manifest.csv", study)
    level = f"{study.stimuli.conditions[0].by_compression()[0]:g}"
    rows = manifest.read_text(encoding="utf-8").splitlines()
    kept = [row for row in rows if row.split(",")[2] != level]
    assert len(kept) < len(rows)
    manifest.write_text("\n".join(kept) + "\n", encoding="utf-8")
    output = tmp_path / "page.html"
    refused = jndlab(
        *("report", study.slug, "--data", str(data), "--kind", "simulated"),
        *("--manifest", str(manifest), "--output", str(output)),
    )
    assert refused.returncode == 2
    assert f"level {level}" in refused.stderr
    assert "Traceback" not in refused.stderr
    assert not output.exists()


def test_a_manifest_that_is_not_there_is_refused(simulated, tmp_path: Path) -> None:
    data, study = simulated
    refused = jndlab(
        *("report", study.slug, "--data", str(data), "--kind", "simulated"),
        *("--manifest", str(tmp_path / "nowhere.csv")),
    )
    assert refused.returncode == 2
    assert "nowhere.csv" in refused.stderr
    assert "Traceback" not in refused.stderr


def test_another_option_version_or_condition_is_reported_and_marked(
    simulated, tmp_path: Path
) -> None:
    data, study = simulated
    (condition,) = study.stimuli.conditions
    common = ("report", study.slug, "--data", str(data), "--kind", "simulated")
    page, files = tmp_path / "page.html", tmp_path / "files"
    made = jndlab(
        *(*common, "--output", str(page), "--files", str(files)),
        *("--set", "alpha=0.1", "--version", "1", "--condition", condition.name),
    )
    assert made.returncode == 0, made.stderr
    assert "Error rate: planned 0.05, done 0.1." in page.read_text(encoding="utf-8")
    numbers = json.loads((files / "numbers.json").read_text(encoding="utf-8"))
    assert numbers["options"]["alpha"] == 0.1
    assert numbers["deviations"] == ["Error rate: planned 0.05, done 0.1."]
    assert "version 1 of the study" in numbers["record"]["version"]


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        (("--set", "alpha=7"), "alpha cannot be 7"),
        (("--set", "nothing"), "There is no option 'nothing'"),
        (("--set", "bound_reason=x"), "There is no option 'bound_reason'"),
        (("--version", "2"), "no answers from simulated listeners to a version 2"),
        (("--version", "two"), "There is no version 'two'"),
        (("--condition", "nothing"), "condition 'nothing'"),
        (("--include-pilot",), "Only participants"),
    ],
)
def test_a_wrong_wish_is_told_with_its_remedy(
    simulated, tmp_path: Path, wrong: tuple[str, ...], said: str
) -> None:
    data, study = simulated
    refused = jndlab(
        *("report", study.slug, "--data", str(data), "--kind", "simulated"),
        *("--output", str(tmp_path / "page.html"), *wrong),
    )
    assert refused.returncode == 2, refused.stderr
    assert said in refused.stderr
    assert len(refused.stderr.strip().splitlines()) >= 2
    assert "Traceback" not in refused.stderr
    assert not (tmp_path / "page.html").exists()


def test_a_plan_is_registered_after_a_simulation(simulated, tmp_path: Path) -> None:
    data, study = simulated
    command = ("register", study.slug, "--data", str(data), "--output", str(tmp_path / "there"))
    made = jndlab(*command)
    assert made.returncode == 0, made.stderr
    document = tmp_path / "there" / f"{study.slug}-registration-v1.json"
    content = json.loads(document.read_text(encoding="utf-8"))
    assert content["sha256"] in made.stdout
    assert content["content"]["analysis"]["bound_reason"] == BOUND_REASON
    assert '"seed"' not in document.with_suffix(".md").read_text(encoding="utf-8")
    before = document.read_bytes()
    assert jndlab(*command).returncode == 0
    assert document.read_bytes() == before
    refused = jndlab(*command, "--version", "5")
    assert refused.returncode == 2
    assert "no version 5" in refused.stderr
