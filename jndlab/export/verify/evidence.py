"""What a verification has to go by, read from a data package or from the database."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from jndlab.errors import DataError
from jndlab.export.package.descriptor import HISTORY
from jndlab.export.package.reading import Package
from jndlab.export.package.signed import PLANS, SEAL, plan_entries
from jndlab.export.sessions import sessions_in
from jndlab.export.snapshot import Snapshot
from jndlab.export.study_facts import stimuli_in, versions_in
from jndlab.export.tidy import trial_rows
from jndlab.store.signing import plan_key
from jndlab.study.definition import StudyDefinition
from jndlab.study.rows import Row


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """Everything that was said of a study, whether or not it is true."""

    study: str
    public_key: str
    """Empty: there is none."""
    versions: Sequence[Row]
    definitions: Mapping[str, StudyDefinition]
    """Those that are told, seed included, by the digest of the definition."""
    stimuli: Sequence[Row]
    manifests: Mapping[str, str | None]
    """By the digest of the version."""
    sessions: Sequence[Row]
    plans: Sequence[Mapping[str, Any]]
    """Each with statement, signature and, where it is told, the plan."""
    trials: Mapping[str, Sequence[Row]]
    """By session."""
    seal: Mapping[str, Any] | None = None
    """Of an export: public_key, statement and signature."""
    files: Mapping[str, str | None] = field(default_factory=dict)
    """SHA-256 of each sealed file as it is now; None: it is missing."""
    unsealed: Sequence[str] = ()
    """Files that the descriptor names and the seal does not."""
    is_export: bool = False
    is_whole: bool = True
    """Whether the sessions of all versions are in it."""


def evidence_in_store(snapshot: Snapshot) -> Evidence:
    """What the database says."""
    return Evidence(
        study=snapshot.slug,
        public_key=plan_key(snapshot.folder).public,
        versions=list(versions_in(snapshot)),
        definitions={one.digest(): one for one in snapshot.definitions.values()},
        stimuli=list(stimuli_in(snapshot)),
        manifests={one.digest: one.manifest for one in snapshot.versions},
        sessions=list(sessions_in(snapshot)),
        plans=list(plan_entries(snapshot, with_plan=True)),
        trials=_by_session(trial_rows(snapshot)),
    )


def evidence_in_package(package: Package) -> Evidence:
    """What a package says. Raises DataError if it is none that can be checked."""
    if PLANS not in package.paths or SEAL not in package.paths:
        raise DataError(
            f"{package.source} holds no signed plans: it was exported by an older jndlab.",
            "Export it again with: jndlab export STUDY --format package",
        )
    sealed = package.json(SEAL)
    try:
        seal = _Seal.model_validate(sealed)
    except ValidationError:
        raise DataError(f"{SEAL} of {package.source} cannot be used.", _AGAIN) from None
    files = seal.statement.files
    versions = list(package.rows("versions"))
    return Evidence(
        study=package.slug,
        public_key=seal.public_key,
        versions=versions,
        definitions=_definitions(package, versions),
        stimuli=list(package.rows("stimuli")),
        manifests=_manifests(package, versions),
        sessions=list(package.rows("sessions")),
        plans=_plans(package),
        trials=_by_session(package.rows("trials")),
        seal=sealed,
        files={path: _digest(package, path) for path in files},
        unsealed=[path for path in package.paths if path != SEAL and path not in files],
        is_export=True,
        is_whole=package.facts.get("version") is None,
    )


_AGAIN = "Use the package as it was exported."


class _Sealed(BaseModel):
    model_config = ConfigDict(strict=True)

    files: dict[str, str]
    trials: dict[str, dict[Annotated[str, Field(pattern=r"^[0-9]{1,9}$")], str]]


class _Seal(BaseModel):
    model_config = ConfigDict(strict=True)

    public_key: str
    statement: _Sealed
    signature: str


class _Statement(BaseModel):
    """What is needed to make the plan again; the rest is compared with the table of sessions."""

    model_config = ConfigDict(strict=True)

    session: str
    participant: Annotated[int, Field(ge=1, le=1_000_000)]
    slot: Annotated[int, Field(ge=1, le=1_000_000)]


class _Plan(BaseModel):
    model_config = ConfigDict(strict=True)

    statement: _Statement
    signature: str | None
    plan: dict[str, Any] | None = None


def _plans(package: Package) -> list[Mapping[str, Any]]:
    found: list[Mapping[str, Any]] = []
    for number, line in enumerate(package.read(PLANS).splitlines(), start=1):
        try:
            entry = json.loads(line)
            _Plan.model_validate(entry)
        except (ValueError, RecursionError):  # a ValidationError is a ValueError
            raise DataError(
                f"Line {number} of {PLANS} of {package.source} is no signed plan.", _AGAIN
            ) from None
        found.append(entry)
    return found


def _definitions(package: Package, versions: Sequence[Row]) -> dict[str, StudyDefinition]:
    found = {}
    for row in versions:
        content = package.json(f"study/version-{row['version']}.json")
        if isinstance(content, dict) and "seed" in content:
            try:
                one = StudyDefinition.model_validate_json(json.dumps(content))
            except ValidationError:
                continue  # its digest is found nowhere, and that is said
            found[one.digest()] = one
    return found


def _manifests(package: Package, versions: Sequence[Row]) -> dict[str, str | None]:
    told = package.json(HISTORY)
    try:
        by_number = {one["number"]: one["manifest"] for one in told["versions"]}
        if not all(one is None or isinstance(one, str) for one in by_number.values()):
            raise TypeError
    except (KeyError, TypeError):
        raise DataError(f"{HISTORY} of {package.source} cannot be used.", _AGAIN) from None
    return {str(row["study_digest"]): by_number.get(row["version"]) for row in versions}


def _digest(package: Package, path: str) -> str | None:
    try:
        return package.digest(path)
    except DataError:
        return None


def _by_session(rows: Iterator[Row]) -> dict[str, list[Row]]:
    found: dict[str, list[Row]] = {}
    for row in rows:
        found.setdefault(str(row["session"]), []).append(row)
    return found
