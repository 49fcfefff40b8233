"""What is known of a study beside its answers: version, registration, and what became of the plan.

The analysis knows no database; who has one says it in sentences, for the report to repeat.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class StudyRecord:
    """Sentences about one study, each complete in itself."""

    origin: str = ""
    """Where the answers come from, if jndlab did not run the test; empty: it did."""
    version: str = ""
    """Which version of the study the answers belong to, and which were left out."""
    registration: str = ""
    """When the plan was registered, with its digest; empty: it was not."""
    departures: tuple[str, ...] = ()
    """Where the study was not run, or its answers are not analysed, as planned."""
    events: tuple[str, ...] = ()
    """What a reader should know although it departs from nothing: looks at the data, pauses."""
