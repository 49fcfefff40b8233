"""Parts of a session: each with a paradigm, conditions and a procedure of its own."""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator, Field
from pydantic_core import PydanticCustomError

from jndlab.study.section import Section
from jndlab.study.trials import TASKS, ParadigmName, ProcedureName


def _known(name: str) -> ParadigmName:
    if name not in TASKS:
        expected = " or ".join(", ".join(repr(one) for one in TASKS).rsplit(", ", 1))
        message = "Input should be {expected}"
        raise PydanticCustomError("literal_error", message, {"expected": expected})
    return name


Paradigm = Annotated[
    ParadigmName, AfterValidator(_known), Field(json_schema_extra={"enum": list(TASKS)})
]
PART_PATTERN = r"^[a-z0-9][a-z0-9-]{0,39}$"
MAX_PARTS = 12


class Part(Section):
    """One part of a session, with a practice and breaks of its own."""

    name: str = Field(pattern=PART_PATTERN)
    """Short name in the data: lower-case letters, digits and hyphens."""
    paradigm: Paradigm | None = None
    """Trial type of this part. Left out: the study's."""
    conditions: tuple[str, ...] | None = Field(default=None, min_length=1)
    """Conditions that this part tests, by name. Left out: all."""
    procedure: ProcedureName | None = None
    """How levels are chosen in this part. Left out: as the design says."""
