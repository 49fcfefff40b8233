"""What an audit says: findings, and how much was looked at."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass, field, fields
from typing import Any, Literal

from jndlab import __version__
from jndlab.export.verify.findings import Finding

AuditCode = Literal["chain", "gap", "plan", "signature", "deed", "session", "lost", "different"]
"""chain: a row was changed, dropped, added or moved after it was stored. gap: a trial that should
be there is not. plan: not the one that was noted at the opening, or a trial that is not of it.
signature: missing, or not of this plan. deed: likewise of what was done with the study. session:
facts of a session that contradict each other or its deeds. lost: an answer was acknowledged and is
not stored. different: another one is stored than was acknowledged."""

MOST_FINDINGS = 1000
"""Of one study; more tell no more."""


@dataclass(slots=True, kw_only=True)
class Audit:
    """What came of auditing one study."""

    study: str
    n_sessions: int = 0
    n_chained: int = 0
    """Sessions whose chain is whole, to its head."""
    n_from_before: int = 0
    """Sessions that were opened before there were chains."""
    n_withdrawn: int = 0
    """Sessions whose rows are deleted: only the head of the chain is left, and is compared."""
    n_signed: int = 0
    """Sessions whose plan bears a good signature."""
    n_trials: int = 0
    """Trials that were handed out."""
    n_answers: int = 0
    n_as_planned: int = 0
    """Presented trials that are those of the plan; 0 where that was not asked for."""
    n_deeds: int = 0
    """Deeds in the study's chain."""
    n_deeds_from_before: int = 0
    n_acknowledged: int | None = None
    """Answers of this study that somebody says were acknowledged; None: nobody was asked."""
    n_found: int = 0
    """Of these, those that are stored just so."""
    head: str | None = None
    """Of the study's chain: whoever writes it down can prove later that nothing before it has
    changed."""
    findings: list[Finding[AuditCode]] = field(default_factory=list)
    n_more: int = 0
    """Findings beyond those that are listed."""
    version: str = __version__

    @property
    def whole(self) -> bool:
        """Whether nothing was found."""
        return not self.findings

    def say(self, finding: Finding[AuditCode]) -> None:
        """Note a finding."""
        if len(self.findings) < MOST_FINDINGS:
            self.findings.append(finding)
        else:
            self.n_more += 1

    def to_dict(self) -> dict[str, Any]:
        """Ready for JSON."""
        content = {one.name: getattr(self, one.name) for one in fields(self)}
        content["findings"] = [asdict(one) for one in self.findings]
        return {"whole": self.whole, **content}

    def __str__(self) -> str:
        lines = [
            f"Study {self.study}: {self.n_sessions} sessions, {self.n_trials} trials handed out, "
            f"{self.n_answers} answers, {self.n_deeds} deeds.",
            f"{self.n_chained} of {self.n_sessions} sessions have a whole chain"
            f"{self._exceptions()}.",
            f"{self.n_signed} of {self.n_sessions} plans bear the signature of their opening.",
        ]
        if self.n_as_planned:
            lines.append(f"{self.n_as_planned} presented trials are those of their plans.")
        if self.n_deeds_from_before:
            lines.append(f"{self.n_deeds_from_before} deeds are from before there were chains.")
        if self.n_acknowledged is not None:
            what = f"{self.n_found} of {self.n_acknowledged} acknowledged answers are stored"
            lines.append(f"{what}; {self.n_answers} are stored in all.")
        lines.append(f"Head of the study's chain: {self.head or 'none'}")
        n_findings = len(self.findings) + self.n_more
        said = "1 finding" if n_findings == 1 else f"{n_findings} findings"
        lines.append("Whole: nothing was found." if self.whole else f"NOT whole, {said}:")
        lines += [f"  {one}" for one in self.findings]
        return "\n".join([*lines, f"  and {self.n_more} more"] if self.n_more else lines)

    def _exceptions(self) -> str:
        told = [
            f"{number} {what}"
            for number, what in (
                (self.n_from_before, "from before there were chains"),
                (self.n_withdrawn, "withdrawn, of which only the head is left"),
            )
            if number
        ]
        return f" ({'; '.join(told)})" if told else ""


def all_whole(audits: Iterable[Audit]) -> bool:
    """Whether nothing was found in any study."""
    return all(audit.whole for audit in audits)
