"""Something that is wrong in a study file, and where."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Location:
    """A place in a file. ``line`` and ``column`` count from 1."""

    path: str
    line: int
    column: int = 1
    excerpt: str = ""

    def __str__(self) -> str:
        return f"{self.path}:{self.line}:{self.column}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """One thing that is wrong in a study file, where it is, and how to mend it."""

    message: str
    remedy: str
    location: Location | None = None

    def __str__(self) -> str:
        lines = [f"{self.location}: {self.message}" if self.location else self.message]
        if self.location and self.location.excerpt:
            lines.append(f"    {self.location.excerpt}")
            lines.append("    " + " " * (self.location.column - 1) + "^")
        lines.append(f"    {self.remedy}")
        return "\n".join(lines)
