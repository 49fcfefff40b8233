"""Finished reports, kept on the disk: to open one costs nothing.

A report lies in a folder of its own, ``reports/STUDY/CHOICE/REPORT``, with what can be downloaded
of it and, written last, a note of what it was made from. The newest of each choice is kept.
"""

from __future__ import annotations

import dataclasses
import hashlib
import json
import re
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy.orm import Session

from jndlab.errors import TokenInvalid
from jndlab.files import make_folder, write_atomically
from jndlab.settings import Settings
from jndlab.store.answered import NOTHING, Answered, answered_by_version
from jndlab.study.trials import SessionKind
from jndlab.web.report_choice import ReportChoice

PAGE, NUMBERS, FIGURES, PDF = "report.html", "numbers.json", "figures.zip", "report.pdf"
_NOTE = "made.json"


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptReport:
    """A finished report, and what it was made from."""

    report_id: str
    folder: Path
    choice: ReportChoice
    made_at: datetime
    version: str
    """Number of the version, or several."""
    answered: Answered
    """What there was to see when it was made."""
    n_departures: int

    @property
    def has_pdf(self) -> bool:
        """Whether it was made as PDF, too."""
        return (self.folder / PDF).is_file()

    def read(self, name: str) -> bytes:
        """One of its files. Raises TokenInvalid if it is not there."""
        try:
            return (self.folder / name).read_bytes()
        except OSError:
            raise TokenInvalid("There is no such file.", "Make the report once more.") from None


def kinds_of(choice: ReportChoice) -> list[SessionKind]:
    """The kinds of sessions that a choice means."""
    kinds: list[SessionKind] = [choice.kind]
    if choice.include_pilot:
        kinds.append("pilot")
    return kinds


def answered_for(db: Session, study_id: int, choice: ReportChoice) -> Answered:
    """What there is to see now. Without a version all count: a new one may take its place."""
    counts = answered_by_version(db, study_id, kinds=kinds_of(choice))
    if isinstance(choice.version, int):
        return counts.get(choice.version, NOTHING)
    return sum(counts.values(), NOTHING)


def newest_report(settings: Settings, study_id: int, choice: ReportChoice) -> KeptReport | None:
    """The report of that choice which was made last."""
    found = [_read(note.parent) for note in _folder(settings, study_id, choice).glob(f"*/{_NOTE}")]
    return max((one for one in found if one is not None), key=_age, default=None)


def require_report(settings: Settings, study_id: int, report_id: str) -> KeptReport:
    """The report of that id. Raises TokenInvalid if it is of another study or was replaced."""
    if re.fullmatch(r"[A-Za-z0-9_-]{1,40}", report_id):
        for note in _root(settings, study_id).glob(f"*/{report_id}/{_NOTE}"):
            found = _read(note.parent)
            if found is not None:
                return found
    raise TokenInvalid(
        "This report is not kept any more.", "Open the report's page: a newer one is there."
    )


def keep_report(
    settings: Settings,
    study_id: int,
    choice: ReportChoice,
    *,
    report_id: str,
    answered: Answered,
    version: str,
    n_departures: int,
    files: Mapping[str, bytes],
) -> KeptReport:
    """Write the files of a finished report; older ones of the same choice go."""
    folder = _folder(settings, study_id, choice) / report_id
    make_folder(folder)
    for name, content in files.items():
        write_atomically(folder / name, content, replace=True)
    note = {
        "choice": choice.to_dict(),
        "made_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "version": version,
        "answered": dataclasses.asdict(answered),
        "n_departures": n_departures,
    }
    write_atomically(folder / _NOTE, json.dumps(note).encode(), replace=True)
    for other in folder.parent.iterdir():
        if other != folder:
            shutil.rmtree(other, ignore_errors=True)
    return require_report(settings, study_id, report_id)


def _root(settings: Settings, study_id: int) -> Path:
    return settings.data / "reports" / str(study_id)


def _folder(settings: Settings, study_id: int, choice: ReportChoice) -> Path:
    key = hashlib.sha256(choice.to_json().encode()).hexdigest()[:20]
    return _root(settings, study_id) / key


def _read(folder: Path) -> KeptReport | None:
    """A report from its folder; None if another one has taken its place just now."""
    try:
        note: dict[str, Any] = json.loads((folder / _NOTE).read_text(encoding="utf-8"))
    except OSError:
        return None
    return KeptReport(
        report_id=folder.name,
        folder=folder,
        choice=ReportChoice.from_dict(note["choice"]),
        made_at=datetime.fromisoformat(note["made_at"]),
        version=note["version"],
        answered=Answered(**note["answered"]),
        n_departures=note["n_departures"],
    )


def _age(report: KeptReport) -> tuple[datetime, str]:
    return report.made_at, report.report_id
