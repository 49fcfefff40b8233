"""Made-up requests to every operation that the served OpenAPI document describes.

Run as a program it is the long form: ``python -m tests.fuzz.api --cases 10000``.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import schemathesis
from flask import Flask
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st
from hypothesis.errors import Unsatisfiable
from schemathesis import Case, GenerationMode
from schemathesis.checks import load_all_checks
from schemathesis.core.failures import AcceptedNegativeData, Failure, FailureGroup
from schemathesis.core.parameters import ParameterLocation
from schemathesis.specs.openapi.checks import ignored_auth, positive_data_acceptance

from jndlab.web.app import create_app
from tests.store.launching import Launched, make_template, open_copy
from tests.web.participants import Participant
from tests.web.programs import program_of

DOCUMENT = "/api/v1/openapi.json"
SEED = 20_260_301
LAST = ("/withdraw", "/studies/{slug}")
"""After these there is little left to ask about."""

Known = Mapping[str, list[Any]]


@dataclass
class Outcome:
    """What the requests have shown."""

    statuses: Counter[int] = field(default_factory=Counter)
    failures: dict[str, str] = field(default_factory=dict)
    """The first request with each kind of failure."""

    @property
    def n_cases(self) -> int:
        return self.statuses.total()


@dataclass
class Target:
    """A running application with a study, and who may do everything in it."""

    app: Flask
    launched: Launched
    api_token: str
    session_token: str
    known: Known

    def token_of(self, case: Case) -> str:
        """The token that belongs to the side of this request."""
        schemes = case.operation.definition.raw.get("security", [])
        named = {name for scheme in schemes for name in scheme}
        return self.session_token if "session" in named else self.api_token


def make_target(template: Path, folder: Path) -> Target:
    """The study ``heron``, an administrator's token, and a session in the middle."""
    launched = open_copy(template, folder)
    app = create_app(launched.settings, launched.store)
    participant = Participant(app.test_client(), launched).open().pass_sound_check()
    trial = participant.trial()
    program = program_of(app, launched.store, role="admin")
    link = program.json("POST", "/studies/heron/links", {"kind": "multiple"})["links"][0]["id"]
    known = {
        "slug": ["heron"],
        "number": [1, 2],
        "link_id": [link],
        "user_id": [1],
        "name": [trial["intervals"][0]["clip"].rpartition("/")[2]],
        "table": ["trials", "sessions", "events"],
    }
    return Target(app, launched, program.token, participant.token, known)


def fuzz(target: Target, *, each: int) -> Outcome:
    """Send about ``each`` made-up requests to each operation, and let every check look."""
    load_all_checks()
    schema = schemathesis.openapi.from_wsgi(DOCUMENT, target.app)
    operations = [result.ok() for result in schema.get_all_operations()]
    operations.sort(
        key=lambda operation: LAST.index(operation.path) if operation.path in LAST else -1
    )
    outcome = Outcome()
    for operation in operations:
        for mode in (GenerationMode.POSITIVE, GenerationMode.NEGATIVE):
            _try(operation, mode, target, max(1, each // 2), outcome)
    return outcome


def _try(operation: Any, mode: GenerationMode, target: Target, n: int, outcome: Outcome) -> None:
    @seed(SEED)
    @settings(
        max_examples=n,
        database=None,
        deadline=None,
        derandomize=False,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy(mode), data=st.data())
    def send(case: Case, data: st.DataObject) -> None:
        _name_something(case, target.known, data.draw)
        _check(case, target, outcome)

    try:
        send()
    except Unsatisfiable:  # nothing can be wrong with a request without any part
        return


def _name_something(case: Case, known: Known, draw: Callable[[Any], Any]) -> None:
    """In most requests, name what is there."""
    for name in list(case.path_parameters or ()):
        if name in known and draw(st.integers(0, 3)):
            case.path_parameters[name] = draw(st.sampled_from(known[name]))


def _check(case: Case, target: Target, outcome: Outcome) -> None:
    headers = {"Authorization": f"Bearer {target.token_of(case)}"}
    # Whose session it is, and whether there is one, is told by the same 404 on purpose: nobody
    # learns whether a token exists (tests/web/test_blindness.py).
    is_participant = "participant" in case.operation.definition.raw["tags"]
    excluded = [ignored_auth] if is_participant else []
    # A study file, a place for a sound, a time that is over: no schema can say whether what is in
    # it makes sense, and the server says with 400 or 422 that it does not.
    excluded.append(positive_data_acceptance)
    response = case.call(headers=headers)
    outcome.statuses[response.status_code] += 1
    try:
        case.validate_response(response, headers=headers, excluded_checks=excluded)
    except (FailureGroup, Failure) as failure:
        found = failure.exceptions if isinstance(failure, FailureGroup) else [failure]
        for one in found:
            if isinstance(one, AcceptedNegativeData) and not _is_wrong(case, response.status_code):
                continue
            kind = f"{case.operation.label}: {type(one).__name__}"
            got = f"{response.status_code} {response.content[:400]!r}"
            said = f"{one}\n{case.as_curl_command()}\n-> {got}"
            outcome.failures.setdefault(kind, said)


def _is_wrong(case: Case, status: int) -> bool:
    """Whether a request that was made wrong still is: we name what is there and have a token.

    What is too long is wrong in its own way, 413.
    """
    parts = case.meta.components.items() if case.meta else ()
    wrong = {part for part, made in parts if made.mode == GenerationMode.NEGATIVE}
    ours = {ParameterLocation.HEADER, ParameterLocation.PATH, ParameterLocation.COOKIE}
    if not {one.name for one in case.operation.query} & set(case.query or ()):
        ours.add(ParameterLocation.QUERY)  # unknown words after a question mark mean nothing
    return status != 413 and not wrong <= ours


def make_heron(folder: Path) -> Path:
    """A launched study; its data folder."""
    design = {"trials_per_level": 2, "practice_trials": 2}
    return make_template(folder, slug="heron", items=["one", "two"], design=design)


def main() -> int:
    """The long form: how many requests, what they met; 1 after a failure."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cases", type=int, default=10_000, help="requests in all, about")
    cases = parser.parse_args().cases
    sys.modules["jndlab.web.jobs.queue"].ensure_runner = lambda *_: None  # type: ignore[attr-defined]
    with tempfile.TemporaryDirectory() as folder:
        target = make_target(make_heron(Path(folder) / "template"), Path(folder) / "copy")
        n_operations = sum(
            len(methods)
            for methods in target.app.test_client().get(DOCUMENT).json["paths"].values()
        )
        outcome = fuzz(target, each=cases // n_operations + 1)
        target.launched.store.close()
    print(f"{outcome.n_cases} requests to {n_operations} operations:", end=" ")
    print(", ".join(f"{n} × {status}" for status, n in sorted(outcome.statuses.items())))
    for kind, said in outcome.failures.items():
        print(f"\n{kind}\n{said}")
    return 1 if outcome.failures else 0


if __name__ == "__main__":
    sys.exit(main())
