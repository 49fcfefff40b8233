"""What the report says was done, from the study itself."""

from __future__ import annotations

from typing import Any

import pytest

from jndlab.web.procedure import describe_procedure
from tests.builders import make_definition


@pytest.mark.parametrize(
    ("design", "said"),
    [
        ({}, "Before the test came 2 practice trials with feedback; the test had none."),
        ({"feedback": "never"}, "2 practice trials. There was no feedback."),
        ({"feedback": "always"}, "There was feedback in practice and test, except after identical"),
        (
            {"practice_trials": 9, "practice_criterion": {"share": 0.8, "last": 5}},
            "at most 9 practice trials with feedback, until 80% of the newest 5 answers were right",
        ),
        ({}, "A break was offered every 10 trials."),
        ({"break_seconds": 60}, "A break of at least 60 s was offered every 10 trials."),
    ],
)
def test_practice_feedback_and_breaks_are_described(design: dict[str, Any], said: str) -> None:
    assert said in " ".join(describe_procedure(make_definition(design=design)))
