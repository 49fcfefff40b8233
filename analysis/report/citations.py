"""Citations by number, in the order in which a text makes them."""

from __future__ import annotations

from dataclasses import dataclass, field

from jndlab.analysis.report.references import BIBLIOGRAPHY, Reference


@dataclass(slots=True)
class Citations:
    """Works in the order in which they are cited."""

    keys: list[str] = field(default_factory=list)

    def cite(self, *keys: str) -> str:
        """Numbers in brackets, such as "[1, 3]"."""
        for key in keys:
            if key not in self.keys:
                self.keys.append(key)
        return "[" + ", ".join(str(number) for number in sorted(map(self._number, keys))) + "]"

    def references(self) -> list[Reference]:
        """The list that the numbers refer to."""
        return [BIBLIOGRAPHY[key] for key in self.keys]

    def _number(self, key: str) -> int:
        return self.keys.index(key) + 1
