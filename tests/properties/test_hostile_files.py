"""Study files and tables that nobody would write: refused with the reason, or good for a study."""

from __future__ import annotations

import csv
import io
import json
import tempfile
from collections.abc import Callable, Iterator
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
from builders import make_document
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from jndlab.analysis import load_counts, load_foreign_trials, load_trials
from jndlab.audio.manifest import read_manifest
from jndlab.errors import AudioError, DataError, JndlabError, StudyError
from jndlab.study.columns import COLUMNS
from jndlab.study.definition import StudyDefinition
from jndlab.study.plan import plan_session
from jndlab.study.progress import next_trial
from jndlab.study.study_file import parse_study

WORDS = st.sampled_from(
    ["", " ", "no", "on", "null", "~", "1e999", ".nan", "-0", "0x1f", "1_000", "2020-01-01", "1:30",
     "<<", "&a", "*a", "!!x", "=1+1", "../x", "a\u202eb", "\ufeff", "x" * 5000, "\ud7ff",
     "a\u0085b", "abx", "mushra", "staircase", "quest+", "constant", "rises", "true", "id", "en"]
)  # fmt: skip
SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(2**70), 2**70),
    st.integers(-3, 12),
    st.floats(width=64),
    st.text(max_size=30),
    WORDS,
)
VALUES = st.recursive(
    SCALARS,
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(WORDS | st.text(max_size=8), inner, max_size=3)
    ),
    max_leaves=8,
)
DOCUMENTS = [
    make_document(paradigm=paradigm, **more)
    for paradigm, more in (
        ("abx", {}),
        ("two-interval", {"design": {"procedure": "staircase"}}),
        ("mushra", {}),
        ("yes-no", {}),
    )
]


def places(node: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The path to every value of a document."""
    entries = node.items() if isinstance(node, dict) else enumerate(node)
    for key, value in entries:
        yield (*path, key)
        if isinstance(value, dict | list):
            yield from places(value, (*path, key))


@st.composite
def spoilt(draw: st.DrawFn) -> dict[str, Any]:
    """A study of ours with a few of its values changed, taken away, or with keys added."""
    document = deepcopy(draw(st.sampled_from(DOCUMENTS)))
    for _ in range(draw(st.integers(1, 3))):
        found = list(places(document))
        if not found:
            break
        *path, last = draw(st.sampled_from(found))
        around = document
        for key in path:
            around = around[key]
        deed = draw(st.sampled_from(["change", "change", "take away", "add"]))
        if deed == "change":
            around[last] = draw(VALUES)
        elif deed == "take away":
            del around[last]
        elif isinstance(around, dict):
            around[draw(WORDS | st.text(max_size=10))] = draw(VALUES)
        else:
            around.append(draw(VALUES))
    return document


def refusal(read: Callable[[], object], kind: type[JndlabError]) -> JndlabError | None:
    """The error with which something was refused; None if it was read."""
    try:
        read()
    except kind as error:
        return error
    return None


def in_yaml(document: Any) -> str:
    """JSON is YAML, and leaves nothing to how it is written."""
    return json.dumps(document, ensure_ascii=False)


@settings(max_examples=300, suppress_health_check=list(HealthCheck))
@given(document=spoilt(), data=st.data())
def test_a_study_that_is_accepted_can_be_planned_and_begun(
    document: dict[str, Any], data: st.DataObject
) -> None:
    made: list[StudyDefinition] = []
    refused = refusal(lambda: made.append(parse_study(in_yaml(document))), StudyError)
    if refused is not None:
        assert refused.message
        return
    [study] = made
    if study.design.trials_per_level is not None and study.design.trials_per_level > 50:
        return  # a plan of a million trials takes its time
    plan = plan_session(study, participant=1, seed=data.draw(st.integers(0, 2**53 - 1)))
    assert next_trial(plan, []) is not None


@settings(max_examples=300, suppress_health_check=list(HealthCheck))
@given(text=st.text(max_size=200) | st.lists(WORDS, max_size=12).map("\n- ".join))
def test_any_text_is_refused_as_a_study_file_with_its_line(text: str) -> None:
    with pytest.raises(StudyError) as caught:
        parse_study(text)
    assert str(caught.value)


CELLS = (
    WORDS | st.text(max_size=12) | st.integers(-5, 40).map(str) | st.sampled_from(["1", "A", "B"])
)
HEADERS = st.lists(
    st.sampled_from(
        [column.name for column in COLUMNS]
        + ["item", "condition", "level", "path", "n_trials", "n_correct", "response", "participant"]
    )
    | CELLS,
    max_size=12,
)


@st.composite
def tables(draw: st.DrawFn) -> str:
    """A table with columns that we know and rows of anything, some of them too short or long."""
    out = io.StringIO()
    writer = csv.writer(out, delimiter=draw(st.sampled_from(",,,;\t")))
    header = draw(HEADERS)
    writer.writerow(header)
    for _ in range(draw(st.integers(0, 5))):
        n = max(0, len(header) + draw(st.sampled_from([0, 0, 0, 0, -1, 1])))
        writer.writerow(draw(st.lists(CELLS, min_size=n, max_size=n)))
    return out.getvalue() + draw(st.sampled_from(["", "", '"', "\0", "\r", '"a"b,c\n']))


@pytest.mark.parametrize("load", [load_trials, load_foreign_trials, load_counts])
@settings(max_examples=150, suppress_health_check=list(HealthCheck))
@given(text=tables())
def test_any_table_is_read_or_refused_in_words(load: Callable[[Path], object], text: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "table.csv"
        path.write_bytes(text.encode("utf-8", "surrogatepass"))
        refused = refusal(lambda: load(path), DataError)
    assert refused is None or (refused.message and refused.remedy)


@settings(max_examples=200, suppress_health_check=list(HealthCheck))
@given(text=tables())
def test_any_manifest_is_read_or_refused_in_words(text: str) -> None:
    refused = refusal(lambda: read_manifest(text), AudioError)
    assert refused is None or (refused.message and refused.remedy)
