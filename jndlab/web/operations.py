"""What one request of the API is: the record from which it is described."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from pydantic import BaseModel

Who = Literal["participant", "experimenter"]

WAV = "audio/wav"
ANY_FILE = "application/octet-stream"


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """One request of the API."""

    method: str
    path: str
    summary: str
    body: type[BaseModel] | None = None
    takes: str | None = None
    """Media type of a body that is no JSON."""
    answer: type[BaseModel] | None = None
    """None: the answer is a file."""
    gives: str = WAV
    """Media type of an answer that is no JSON."""
    query: tuple[str, ...] = ()
    """Names of parameters after the question mark, all of them optional."""
    number_header: str = ""
    """Name of a header that has to be there, a whole number."""
    status: int = 200
    who: Who = "participant"
    needs_token: bool = True
    right: str = ""
    """What an experimenter's role, and the scope of the token, have to include; empty: nothing."""
    errors: tuple[int, ...] = (404,)
