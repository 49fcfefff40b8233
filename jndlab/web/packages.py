"""A study as a data package, and a data package as what a report is made from."""

from __future__ import annotations

import platform
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from jndlab import __version__
from jndlab.errors import DataError
from jndlab.export.package.reading import Package, open_package
from jndlab.export.package.writing import AddedFile, Additions, write_package
from jndlab.export.snapshot import EXPORTED_KINDS, Snapshot, snapshot_of
from jndlab.export.tables import Table
from jndlab.store.engine import Store
from jndlab.store.signing import plan_key
from jndlab.studies.registration import registration_of
from jndlab.study.registration import registration_json
from jndlab.study.rows import Row
from jndlab.study.trials import SessionKind
from jndlab.web.exclusions import EXCLUSIONS, exclusions_in
from jndlab.web.report_choice import ReportChoice
from jndlab.web.report_input import ReportInput, read_report_input
from jndlab.web.reports import StudyReport, report_on

SCIENTIFIC = ("numpy", "scipy", "statsmodels", "pandas", "soundfile", "soxr", "matplotlib")
"""Libraries that had a hand in sounds, numbers or figures."""
MODELS = "models/"
"""Folder of the manifest with sizes of the models and objective scores."""
FROZEN = f"{MODELS}frozen/"
"""Folder of those that were frozen with the versions; the history has them, too."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PackageOptions:
    """What a package is to hold."""

    kinds: Sequence[SessionKind] = EXPORTED_KINDS
    version: int | None = None
    """The only version whose sessions are in it; None: all of them."""
    with_seed: bool = False
    """The seed goes in although the study is not over: it tells the right answers."""
    licence: str = ""
    manifest: Path | None = None
    """CSV file with sizes of the models and objective scores of the stimuli."""
    anonymised: bool = False
    """Nobody is to be found again in it; not for a package, which is sealed as it was collected."""


def package_study(
    store: Store, slug: str, target: Path, options: PackageOptions | None = None
) -> dict[str, int]:
    """Write a study as one zip file; returns the number of rows of each table.

    Raises StudyUnknown, StoreError, and DataError for a manifest that cannot be read.
    """
    options = options or PackageOptions()
    with store.write():  # the key to sign with is made if there is none, and only once
        plan_key(store.folder)
    with snapshot_of(store, slug, kinds=options.kinds, version=options.version) as snapshot:
        additions = Additions(
            tables=analysis_tables(snapshot),
            files=[*_registrations(snapshot), *_manifest(snapshot, options.manifest)],
            software=software(),
        )
        return write_package(
            snapshot,
            target,
            additions=additions,
            with_seed=options.with_seed,
            licence=options.licence,
        )


def software() -> Mapping[str, str]:
    """Versions of jndlab, of Python and of the libraries that have a hand in the science."""
    known = {"jndlab": __version__, "Python": platform.python_version()}
    for name in SCIENTIFIC:
        try:
            known[name] = version(name)
        except PackageNotFoundError:
            continue
    return known


def analysis_tables(snapshot: Snapshot) -> Sequence[tuple[Table, Iterable[Row]]]:
    """What only the analysis knows: the sessions and trials that the rules leave out."""
    return [(EXCLUSIONS, exclusions_in(snapshot))]


def report_on_package(
    path: Path, choice: ReportChoice, *, manifest: Path | None = None
) -> tuple[str, StudyReport]:
    """The slug of the study in a package, and the report on it, as it would be from the store.

    A manifest that the package holds is used unless another one is given. Raises DataError.
    """
    with open_package(path) as package, tempfile.TemporaryDirectory() as folder:
        study = report_input_in(package, choice)
        facts = manifest or _unpacked_manifest(package, Path(folder))
        return package.slug, report_on(study, manifest=facts)


def report_input_in(package: Package, choice: ReportChoice) -> ReportInput:
    """What a report is made from, from a package. Raises DataError."""
    kinds = package.facts.get("session_kinds")
    if not isinstance(kinds, list) or choice.kind not in kinds:
        raise DataError(
            f"{package.source} holds no sessions of kind {choice.kind}.",
            f"It was exported with: {', '.join(map(str, kinds or ['none']))}.",
        )
    return read_report_input(package.rows, history=package.history(), choice=choice)


def _registrations(snapshot: Snapshot) -> Iterator[AddedFile]:
    for row in snapshot.versions:
        registration = registration_of(snapshot.db, row)
        if registration is not None:
            yield AddedFile(
                path=f"registration/version-{row.number}.json",
                title=f"The registered plan of version {row.number}, with its digest",
                content=registration_json(registration.content).encode(),
            )


def _manifest(snapshot: Snapshot, path: Path | None) -> Iterator[AddedFile]:
    """The one that is given, else those that were frozen with the versions."""
    if path is None:
        for row in snapshot.versions:
            if row.manifest is not None:
                yield AddedFile(
                    path=f"{FROZEN}version-{row.number}.csv",
                    title=f"Sizes and distances of the models of version {row.number}",
                    content=row.manifest.encode(),
                )
        return
    from jndlab.analysis import load_model_facts

    load_model_facts(path)
    yield AddedFile(
        path=f"{MODELS}{path.name}",
        title="Sizes of the models and objective scores of the stimuli",
        content=path.read_bytes(),
    )


def _unpacked_manifest(package: Package, folder: Path) -> Path | None:
    for path in package.paths:
        if path.startswith(MODELS) and not path.startswith(FROZEN):
            unpacked = folder / Path(path).name  # the report names the file
            unpacked.write_bytes(package.read(path))
            return unpacked
    return None
