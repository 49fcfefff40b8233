"""The pair gate of a study: look at its sounds, keep what was found, say what blocks the launch."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Sequence
from pathlib import Path

from sqlalchemy.orm import Session

from jndlab.audio.checking import Progress
from jndlab.audio.sources import sources_of
from jndlab.audio.stimuli import require_sound
from jndlab.errors import AudioError, RequestInvalid, StudyConflict, StudyError
from jndlab.files import write_atomically
from jndlab.settings import Settings
from jndlab.store.deeds import note_deed
from jndlab.store.engine import Store
from jndlab.store.gate import add_reason, reasons_of
from jndlab.studies.gate_record import GateFinding, GateRecord, make_record
from jndlab.studies.making import CheckedStudy, check_study
from jndlab.study.definition import StudyDefinition
from jndlab.study.study_file import load_study, study_path

FILE = "gate.json"
MAX_REASON = 1000


def examine_study(
    settings: Settings, study_id: int, *, progress: Progress = lambda: None
) -> tuple[CheckedStudy, GateRecord]:
    """Look at every sound of a study that is made in the browser, and keep what was found.

    ``progress`` is called per item. Raises StudyError, AudioError.
    """
    folder = settings.study_folder(study_id)
    signature = _signature(load_study(folder), folder)  # before: a change meanwhile shows later
    checked = check_study(folder, progress=progress)
    record = make_record(checked.sounds, signature=signature)
    write_atomically(folder / FILE, record.to_json().encode(), replace=True)
    return checked, record


def kept_record(settings: Settings, study_id: int) -> GateRecord | None:
    """What was found when somebody looked last; None if nobody has."""
    try:
        text = (settings.study_folder(study_id) / FILE).read_text(encoding="utf-8")
        return GateRecord.from_json(text)
    except (OSError, ValueError):
        return None


def is_current(settings: Settings, study_id: int, record: GateRecord) -> bool:
    """Whether study file and sounds are still those that were looked at."""
    folder = settings.study_folder(study_id)
    try:
        return record.signature == _signature(load_study(folder), folder)
    except (AudioError, StudyError, OSError):
        return False


def gate_summary(store: Store, settings: Settings, study_id: int) -> GateRecord | None:
    """What was found last, with the reasons written since; None if nobody has looked."""
    record = kept_record(settings, study_id)
    if record is None:
        return None
    with store.read() as db:
        return record.with_reasons(reasons_of(db, study_id))


def require_passed(record: GateRecord) -> None:
    """Raise AudioError for errors, StudyConflict for warnings without a reason."""
    require_sound([one.finding for one in record.findings])
    n_open = len(record.unexplained)
    if n_open:
        what = (
            "1 warning of the pair gate has"
            if n_open == 1
            else (f"{n_open} warnings of the pair gate have")
        )
        raise StudyConflict(
            f"{what} no written reason yet.",
            "Mend the sounds, or write on the page “Pair gate” why they are right as they are.",
        )


def explain(
    store: Store,
    study_id: int,
    findings: Sequence[GateFinding],
    reason: str,
    *,
    by: int | None,
) -> None:
    """Write down why some warnings are no reason against the study; empty takes it back.

    Raises RequestInvalid for an error, which no reason helps, and for a reason that is too long.
    """
    text = " ".join(reason.split())
    if len(text) > MAX_REASON:
        raise RequestInvalid(
            f"This reason has {len(text)} characters; the limit is {MAX_REASON}.", "Shorten it."
        )
    if not findings:
        raise RequestInvalid(
            "There is no such warning any more.", "Look at the findings as they are now."
        )
    if any(one.finding.severity == "error" for one in findings):
        raise RequestInvalid("A reason does not help against an error.", "Mend the sounds.")
    with store.write() as db:
        add_reason(db, study_id, [one.explained for one in findings], text, by=by)
        note_deed(
            db,
            "explained a warning" if text else "took back a reason",
            study_id=study_id,
            user_id=by,
            findings=[one.finding.key for one in findings][:20],
            reason=text,
        )


def gate_of_launch(db: Session, study_id: int, checked: CheckedStudy) -> GateRecord:
    """What is frozen with a version: what was found, and the reasons there are."""
    return make_record(checked.sounds).with_reasons(reasons_of(db, study_id))


def _signature(study: StudyDefinition, path: Path) -> str:
    """Changes when stimuli or limits in the study file or any sound file change; reads no sound."""
    root = study_path(path).parent
    parts = [study.stimuli.model_dump_json()]
    if study.gate is not None:
        parts.append(study.gate.model_dump_json())
    for sources in sources_of(study, root).values():
        for source in sources:
            facts = source.path.stat()
            place = os.path.relpath(source.path, root)
            parts.append(f"{place} {facts.st_size} {facts.st_mtime_ns}")
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()
