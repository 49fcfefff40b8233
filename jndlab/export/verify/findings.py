"""What a verification says: findings, and how much was looked at."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any, Generic, Literal, TypeVar

Code = Literal[
    "key", "file", "version", "signature", "plan", "session", "trial", "answer", "time", "unchecked"
]
"""key: another one than expected. file: changed after the export. version: no study file that gives
the digest that was frozen. signature: missing, or not of this plan. plan: not what study file,
seed, participant and slot give. session: facts of a session that contradict each other. trial: not
the one that the plan has at that place. answer: impossible, or scored wrong. time: out of order.
unchecked: it could not be looked at."""


CodeOf = TypeVar("CodeOf", bound=str)


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding(Generic[CodeOf]):
    """One thing that is not as it should be, or that could not be looked at."""

    code: CodeOf
    message: str
    session: str | None = None
    """Public id; None: it is of the whole study."""
    participant: str = ""
    """Kind and number, for people."""
    trial: int | None = None

    def __str__(self) -> str:
        where = [self.participant] if self.participant else []
        if self.trial is not None:
            where.append(f"trial {self.trial}")
        return f"{', '.join(where)}: {self.message}" if where else self.message


@dataclass(frozen=True, slots=True, kw_only=True)
class Verification:
    """What came of checking a study against its plans."""

    study: str
    public_key: str
    key_was_given: bool
    """Whether whoever asked said which key it has to be."""
    export_signed: bool | None
    """Whether the files are those that were signed at the export; None: it is no export."""
    n_sessions: int
    n_signed: int
    """Sessions whose plan bears a good signature."""
    n_remade: int
    """Sessions whose plan is the one that study file, seed, participant and slot give."""
    n_trials: int
    n_trials_right: int
    """Presented trials that are, in every cell, what the plan has at that place."""
    findings: tuple[Finding[Code], ...]
    version: str
    """Of jndlab, which made the plans again."""

    @property
    def verified(self) -> bool:
        """Whether everything was looked at and nothing found."""
        return not self.findings

    def to_dict(self) -> dict[str, Any]:
        """Ready for JSON."""
        content = {name: getattr(self, name) for name in self.__slots__}
        content["findings"] = [asdict(one) for one in self.findings]
        return {"verified": self.verified, **content}

    def __str__(self) -> str:
        key = "the key that was expected" if self.key_was_given else "compare it with the lab's"
        lines = [
            f"Study {self.study}: {self.n_sessions} sessions, {self.n_trials} presented trials.",
            f"Key {self.public_key or 'none'} ({key}).",
            f"{self.n_signed} of {self.n_sessions} plans bear the signature of their opening.",
            f"{self.n_remade} of {self.n_sessions} plans are what study file, seed, participant "
            "and slot give.",
            f"{self.n_trials_right} of {self.n_trials} presented trials are those of their plans.",
        ]
        if self.export_signed is not None:
            files = "are as they were" if self.export_signed else "are NOT all as they were"
            lines.insert(2, f"The files {files} signed at the export.")
        n_findings = len(self.findings)
        said = "1 finding" if n_findings == 1 else f"{n_findings} findings"
        lines.append("Verified: nothing was found." if self.verified else f"NOT verified, {said}:")
        return "\n".join([*lines, *(f"  {one}" for one in self.findings)])
