"""The pair gate: what was found about the sounds, pair by pair, and reasons to go on."""

from __future__ import annotations

import contextlib
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from jndlab.audio.checking import CheckedPair
from jndlab.audio.limits import PairLimits
from jndlab.audio.mending import MENDABLE
from jndlab.audio.pairs import level_text
from jndlab.errors import RequestInvalid
from jndlab.store.studies import live_version, newest_version
from jndlab.studies.gate import MAX_REASON, explain, gate_summary, is_current
from jndlab.studies.gate_record import GateFinding, GateRecord
from jndlab.studies.pair_sounds import has_sources
from jndlab.web.access import needs, the_study, the_user
from jndlab.web.context import settings, store
from jndlab.web.experimenter.blueprint import blueprint
from jndlab.web.jobs.queue import newest_job, start_job

blueprint.add_app_template_filter(level_text, "level")

MENDED_COPY = "mended-copy"
Place = tuple[str, str, float]
"""Item, condition, level."""


@dataclass(frozen=True, slots=True, kw_only=True)
class GateState:
    """What is known about the sounds of a study, and whether it still holds."""

    record: GateRecord | None
    is_current: bool
    """Whether the sounds are still those that were looked at."""
    is_frozen: bool
    """Of a version that was launched: nothing is checked or explained any more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FindingGroup:
    """Findings of one kind in one condition, which one reason may explain."""

    code: str
    severity: str
    condition: str
    findings: tuple[GateFinding, ...]

    @property
    def unexplained(self) -> int:
        """How many have no reason yet."""
        return sum(one.blocks for one in self.findings)


@blueprint.get("/studies/<slug>/gate")
@needs("view")
def gate(slug: str) -> ResponseReturnValue:
    """Summary, findings by kind, and the table of all pairs."""
    study_id = the_study().study_id
    with store().read() as db:
        job = newest_job(db, study_id, "gate")
        mending = newest_job(db, study_id, MENDED_COPY)
        state = gate_state(db, study_id)
    record = state.record
    return render_template(
        "experimenter/gate.html",
        gate=state,
        record=record,
        job=job if job is not None and job.state in ("queued", "running", "failed") else None,
        has_sources=has_sources(settings(), study_id),
        mending=mending,
        can_be_mended=any(one.finding.code in MENDABLE for one in record.findings)
        if record
        else False,
        groups=finding_groups(record.findings) if record else [],
        own_limits=own_limits(record.limits) if record and record.limits else [],
        rows=_rows(record) if record else [],
        max_reason=MAX_REASON,
    )


def own_limits(limits: PairLimits) -> list[tuple[str, str, str]]:
    """Limits of the study that are not the defaults: name, value, default."""
    return [
        (name, f"{value:g}", f"{default:g}") for name, (value, default) in limits.changed().items()
    ]


@blueprint.post("/studies/<slug>/gate")
@needs("edit")
def check_gate(slug: str) -> ResponseReturnValue:
    """Look at all sounds."""
    study = the_study()
    if not has_sources(settings(), study.study_id):
        raise RequestInvalid(
            "This study has no sound files of its own here.", "Add sounds and save the design."
        )
    start_job(store(), settings(), "gate", study_id=study.study_id, by=the_user().id)
    return redirect(url_for("experimenter.gate", slug=slug))


@blueprint.post("/studies/<slug>/gate/mended")
@needs("edit")
def mend_sounds(slug: str) -> ResponseReturnValue:
    """Make a copy of the study with its sounds mended; it belongs to whoever asks."""
    study = the_study()
    if not has_sources(settings(), study.study_id):
        raise RequestInvalid(
            "This study has no sound files of its own here.", "Add sounds and save the design."
        )
    start_job(
        store(),
        settings(),
        MENDED_COPY,
        study_id=study.study_id,
        by=the_user().id,
        options={"ask": secrets.token_hex(4)},  # each time anew: the sounds may have changed
    )
    return redirect(url_for("experimenter.gate", slug=slug))


@blueprint.post("/studies/<slug>/gate/reasons")
@needs("edit")
def explain_findings(slug: str) -> ResponseReturnValue:
    """Write a reason for one warning, or for all of a kind in a condition."""
    study_id, form = the_study().study_id, request.form
    record = gate_summary(store(), settings(), study_id)
    findings = record.findings if record is not None else ()
    key = form.get("finding", "")
    chosen = [
        one
        for one in findings
        if (one.finding.key == key if key else _is_of(one, form.get("group", "")))
    ]
    explain(store(), study_id, chosen, form.get("reason", ""), by=the_user().id)
    back = url_for("experimenter.gate", slug=slug)
    place = chosen[0].finding if chosen else None
    if key and place is not None and place.level is not None:
        back = url_for(
            "experimenter.pair",
            slug=slug,
            condition=place.condition,
            level=level_text(place.level),
            item=place.item,
        )
    return redirect(f"{back}#findings")


def gate_state(db: Session, study_id: int) -> GateState:
    """What was found last: about the files of a draft, else about the version participants take."""
    if has_sources(settings(), study_id):
        record = gate_summary(store(), settings(), study_id)
        current = record is not None and is_current(settings(), study_id, record)
        return GateState(record=record, is_current=current, is_frozen=False)
    version = live_version(db, study_id) or newest_version(db, study_id)
    frozen = None
    if version is not None and version.gate:
        with contextlib.suppress(ValueError):
            frozen = GateRecord.from_json(version.gate)
    return GateState(record=frozen, is_current=True, is_frozen=version is not None)


def findings_by_pair(record: GateRecord) -> dict[Place, list[GateFinding]]:
    """What was found about each pair, or about the baseline in it; errors first."""
    here: dict[Place, list[GateFinding]] = {}
    of_baseline: dict[str, list[GateFinding]] = {}
    for one in sorted(record.findings, key=lambda one: one.finding.severity != "error"):
        found = one.finding
        if found.level is None:
            of_baseline.setdefault(found.item, []).append(one)
        else:
            here.setdefault((found.item, found.condition, found.level), []).append(one)
    return {
        place_of(pair): here.get(place_of(pair), []) + of_baseline.get(pair.item, [])
        for pair in record.pairs
    }


def place_of(pair: CheckedPair) -> Place:
    """Item, condition and level."""
    return (pair.item, pair.condition, pair.level)


def _rows(record: GateRecord) -> list[tuple[CheckedPair, list[GateFinding]]]:
    found = findings_by_pair(record)
    return [(pair, found[place_of(pair)]) for pair in record.pairs]


def finding_groups(findings: Sequence[GateFinding]) -> list[FindingGroup]:
    """Findings by kind and condition: errors first, then warnings without a reason."""
    ordered = sorted(findings, key=_group_key)
    groups = [
        FindingGroup(code=code, severity=severity, condition=condition, findings=tuple(some))
        for (severity, code, condition), some in groupby(ordered, key=_group_key)
    ]
    return sorted(groups, key=lambda group: (group.severity != "error", not group.unexplained))


def _group_key(one: GateFinding) -> tuple[str, str, str]:
    return (one.finding.severity, one.finding.code, one.finding.condition)


def _is_of(one: GateFinding, group: str) -> bool:
    return one.finding.severity == "warning" and group == (
        f"{one.finding.code}|{one.finding.condition}"
    )
