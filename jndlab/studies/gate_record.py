"""What the pair gate found, as a record that is kept: figures, findings, written reasons."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from typing import Any

from pydantic import ValidationError

from jndlab.audio.checking import CheckedPair, CheckedSounds
from jndlab.audio.limits import PairLimits
from jndlab.audio.octaves import OctaveLevel
from jndlab.audio.pair_figures import ClipFigures, PairFigures
from jndlab.audio.pairs import Finding
from jndlab.store.gate import Explained, Reason

SIGNIFICANT = 6
"""Digits of a figure that are kept."""


@dataclass(frozen=True, slots=True, kw_only=True)
class GateFinding:
    """A finding, the sounds it was found in, and why it is no reason against the study."""

    finding: Finding
    sounds: str
    reason: str = ""
    reason_at: datetime | None = None

    @property
    def explained(self) -> Explained:
        """What a written reason is kept under."""
        return (self.finding.key, self.sounds)

    @property
    def blocks(self) -> bool:
        """Whether the study cannot be launched because of it."""
        return self.finding.severity == "error" or not self.reason


@dataclass(frozen=True, slots=True, kw_only=True)
class GateRecord:
    """One look at all sounds of a study."""

    checked_at: datetime
    signature: str
    """Of definition and files, as they were; empty for a frozen version."""
    pairs: tuple[CheckedPair, ...]
    findings: tuple[GateFinding, ...]
    limits: PairLimits | None = None
    """What figures were held against; None in records from before limits were settings."""

    @property
    def errors(self) -> tuple[GateFinding, ...]:
        """What has to be mended."""
        return tuple(one for one in self.findings if one.finding.severity == "error")

    @property
    def warnings(self) -> tuple[GateFinding, ...]:
        """What wants a written reason."""
        return tuple(one for one in self.findings if one.finding.severity == "warning")

    @property
    def unexplained(self) -> tuple[GateFinding, ...]:
        """Warnings without a reason."""
        return tuple(one for one in self.warnings if not one.reason)

    @property
    def blocks(self) -> tuple[GateFinding, ...]:
        """What stands against a launch."""
        return tuple(one for one in self.findings if one.blocks)

    def with_reasons(self, reasons: Mapping[Explained, Reason]) -> GateRecord:
        """The same with the reasons that were written for these very sounds."""
        return replace(
            self,
            findings=tuple(
                replace(one, reason=reason.text, reason_at=reason.written_at)
                if (reason := reasons.get(one.explained)) and one.finding.severity == "warning"
                else replace(one, reason="", reason_at=None)
                for one in self.findings
            ),
        )

    def to_json(self) -> str:
        """As it is stored with a version and in the study's folder."""
        return json.dumps(
            {
                "checked_at": self.checked_at.isoformat(timespec="seconds"),
                "signature": self.signature,
                "limits": self.limits.model_dump() if self.limits else None,
                "findings": [_finding_document(one) for one in self.findings],
                "pairs": [_rounded(asdict(pair)) for pair in self.pairs],
            },
            ensure_ascii=False,
        )

    @classmethod
    def from_json(cls, text: str) -> GateRecord:
        """What :meth:`to_json` wrote. Raises ValueError for anything else."""
        try:
            document = json.loads(text)
            limits = document.get("limits")
            return cls(
                checked_at=datetime.fromisoformat(document["checked_at"]),
                signature=document["signature"],
                findings=tuple(_finding(entry) for entry in document["findings"]),
                pairs=tuple(_pair(entry) for entry in document["pairs"]),
                limits=PairLimits.model_validate(limits) if limits is not None else None,
            )
        except (KeyError, TypeError, AttributeError, ValidationError) as error:
            raise ValueError(f"no record of the pair gate: {error}") from None


def make_record(sounds: CheckedSounds, *, signature: str = "") -> GateRecord:
    """The record of a look that was taken just now; reasons come later."""
    digests = sounds.digests
    return GateRecord(
        checked_at=datetime.now(UTC),
        signature=signature,
        pairs=sounds.pairs,
        limits=sounds.limits,
        findings=tuple(
            GateFinding(finding=one, sounds=digests[one.item, one.condition, one.level])
            for one in sounds.findings
        ),
    )


def _finding_document(one: GateFinding) -> dict[str, Any]:
    at = one.reason_at.isoformat(timespec="seconds") if one.reason_at else None
    document = {**asdict(one.finding), "sounds": one.sounds, "reason": one.reason, "reason_at": at}
    return dict(_rounded(document))


def _finding(entry: dict[str, Any]) -> GateFinding:
    fields = dict(entry)
    sounds, reason, at = fields.pop("sounds"), fields.pop("reason"), fields.pop("reason_at")
    return GateFinding(
        finding=Finding(**fields),
        sounds=sounds,
        reason=reason,
        reason_at=datetime.fromisoformat(at) if at else None,
    )


def _pair(entry: dict[str, Any]) -> CheckedPair:
    fields = dict(entry)
    figures = fields.pop("figures")
    if figures is not None:
        clips = {name: ClipFigures(**figures[name]) for name in ("baseline", "compressed")}
        octaves = tuple(OctaveLevel(**band) for band in figures.get("octaves", ()))
        figures = PairFigures(**{**figures, **clips, "octaves": octaves})
    return CheckedPair(**fields, figures=figures)


def _rounded(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _rounded(entry) for key, entry in value.items()}
    if isinstance(value, (list, tuple)):
        return [_rounded(entry) for entry in value]
    return float(f"{value:.{SIGNIFICANT}g}") if isinstance(value, float) else value
