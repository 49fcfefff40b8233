"""What a message takes is what every database gives back, or it is refused."""

from __future__ import annotations

import math
from typing import Any

import pytest
from pydantic import ValidationError

from jndlab.web.messages_trials import TrialResponse


def message(**more: Any) -> TrialResponse:
    facts: dict[str, Any] = {"response": "A", "response_time_ms": 500.0, "plays": [1, 1, 1]}
    return TrialResponse(**({"key": "key-of-an-answer"} | facts | more))


def test_a_zero_below_zero_is_zero() -> None:
    """SQLite stores it without its sign: the chain over the answer would not hold."""
    answer = message(response_time_ms=-0.0, output_latency_ms=-0.0)
    assert answer.output_latency_ms is not None
    assert math.copysign(1, answer.response_time_ms) == 1
    assert math.copysign(1, answer.output_latency_ms) == 1


@pytest.mark.parametrize("key", ["short", "with\0a zero character", "with a line\nbreak", "x" * 81])
def test_a_key_is_printable_and_of_a_sensible_length(key: str) -> None:
    with pytest.raises(ValidationError, match="key"):
        message(key=key)


@pytest.mark.parametrize("value", [math.nan, math.inf, "500"])
def test_a_time_is_a_number(value: object) -> None:
    with pytest.raises(ValidationError, match="response_time_ms"):
        message(response_time_ms=value)
