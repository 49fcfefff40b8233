"""What browsers reported comes out in order, with its session, and none of it is lost."""

from __future__ import annotations

import csv
import json
from pathlib import Path

from jndlab.export.events import EVENT_COLUMNS, event_rows
from jndlab.export.files import export_study
from jndlab.sessions import store_event
from tests.store.launching import Launched

REPORTS = [
    ("audio-context", '{"asked_hz": 48000, "granted_hz": 44100}'),
    ("interrupted-while-playing", "suspended"),
    ("page-error", 'Error: "quotes", commas\nand a line'),
    ("hidden-while-playing", ""),
]


def test_every_report_of_a_person_is_a_row_in_order(launched: Launched) -> None:
    one, other, simulated = (launched.open(simulated=kind) for kind in (False, False, True))
    for kind, detail in REPORTS:
        store_event(launched.store, one, kind, detail)
    store_event(launched.store, other, "resumed", "")
    store_event(launched.store, simulated, "resumed", "")
    rows = list(event_rows(launched.store, launched.study.slug))
    assert [(row["participant"], row["kind"], row["detail"] or "") for row in rows] == [
        *((1, kind, detail) for kind, detail in REPORTS),
        (2, "resumed", ""),
    ]
    assert all(list(row) == [column.name for column in EVENT_COLUMNS] for row in rows)
    for row in rows:
        empty = {name for name, value in row.items() if value is None}
        assert not empty & {column.name for column in EVENT_COLUMNS if column.required}


def test_the_table_and_its_dictionary_are_written(launched: Launched, tmp_path: Path) -> None:
    token = launched.open(simulated=False)
    for kind, detail in REPORTS:
        store_event(launched.store, token, kind, detail)
    slug = launched.study.slug
    export_study(launched.store, slug, tmp_path)
    with (tmp_path / f"{slug}-events.csv").open(encoding="utf-8", newline="") as file:
        assert [(row["kind"], row["detail"]) for row in csv.DictReader(file)] == REPORTS
    described = json.loads((tmp_path / f"{slug}-events.dictionary.json").read_text("utf-8"))
    assert [column["name"] for column in described["columns"]] == [c.name for c in EVENT_COLUMNS]
