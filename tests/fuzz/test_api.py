"""Made-up requests to every operation of the API: the short form of ``make fuzz``."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.fuzz.api import fuzz, make_heron, make_target


def test_no_made_up_request_is_a_failure_or_answered_otherwise_than_described(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("jndlab.web.jobs.queue.ensure_runner", lambda *_: None)
    target = make_target(make_heron(tmp_path / "template"), tmp_path / "copy")
    outcome = fuzz(target, each=4)
    assert outcome.failures == {}
    assert outcome.n_cases > 200
    assert outcome.statuses[200] > 20  # it gets further than to refusals
    target.launched.store.close()
