"""Which format a file or folder is of, and its import."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Protocol

from jndlab.errors import StudyError
from jndlab.importing import beaqlejs, listen_and_rate, reseval, webmushra
from jndlab.importing.documents import ENDINGS, SCRIPT_ENDINGS, Document, yaml_document
from jndlab.importing.imported import FORMATS, FormatName, Imported, ImportOptions, wrong_file
from jndlab.importing.script_object import script_document

OBJECT = "TestConfig"
MOST_FILES = 300
MOST_DEPTH = 3
_NAMES = "webMUSHRA, ReSEval, Listen and Rate, BeaqleJS"


class _Read(Protocol):
    def __call__(
        self, document: Document, options: ImportOptions, *, boundary: Path | None = None
    ) -> Imported: ...


_READERS: dict[FormatName, tuple[Callable[[object], bool], _Read]] = {
    "webmushra": (webmushra.is_webmushra, webmushra.read_webmushra),
    "listen-and-rate": (listen_and_rate.is_listen_and_rate, listen_and_rate.read_listen_and_rate),
    "reseval": (reseval.is_reseval, reseval.read_reseval),
    "beaqlejs": (beaqlejs.is_beaqlejs, beaqlejs.read_beaqlejs),
}


def import_study(
    source: Path, options: ImportOptions | None = None, *, boundary: Path | None = None
) -> Imported:
    """The study in a configuration file, or in a folder that holds one.

    ``boundary``: nothing outside this folder is read. StudyError: no such file, of no known
    format, several in one folder, or wrong in itself; AudioError: sounds that are missing.
    """
    options = options or ImportOptions()
    if not source.exists():
        raise wrong_file(f"There is no file or folder {source}.", "Check the path.")
    if source.is_dir():
        return _import_folder(source, options, boundary or source)
    document = _open(source)
    name = _format_of(document, options.format)
    if name is None:
        what = FORMATS[options.format] if options.format else f"a known format: {_NAMES}"
        raise wrong_file(
            f"{source.name} is no configuration of {what}.",
            "Check the file, or say with --format which format it is.",
        )
    return _READERS[name][1](document, options, boundary=boundary)


def _import_folder(folder: Path, options: ImportOptions, boundary: Path) -> Imported:
    found, problem = _configurations(folder, options.format)
    if len(found) > 1:
        names = ", ".join(str(one.path.relative_to(folder)) for _, one in found[:5])
        raise wrong_file(
            f"{folder} holds several configurations: {names}.", "Name one of the files."
        )
    for name, document in found:
        return _READERS[name][1](document, options, boundary=boundary)
    if problem is not None:
        raise problem
    if options.format in (None, "reseval") and len(reseval.conditions_in(folder)) > 1:
        return reseval.read_reseval(reseval.folder_document(folder), options, boundary=boundary)
    raise wrong_file(
        f"{folder} holds no configuration of a known format, and no folders of sounds.",
        f"Known are: {_NAMES}. Name the configuration file itself.",
    )


def _configurations(
    folder: Path, wanted: FormatName | None
) -> tuple[list[tuple[FormatName, Document]], StudyError | None]:
    """The configurations in a folder, those nearest to its top only; and why one is unreadable."""
    paths = [path for path in sorted(folder.rglob("*")) if _may_be(path, folder)][:MOST_FILES]
    paths.sort(key=lambda path: len(path.parts))
    found: list[tuple[FormatName, Document]] = []
    problem: StudyError | None = None
    for path in paths:
        if found and len(path.parts) > len(found[0][1].path.parts):
            break
        try:
            document = _open(path)
        except StudyError as error:
            problem = problem or error
            continue
        name = _format_of(document, wanted)
        if name is not None:
            found.append((name, document))
    return found, problem


def _may_be(path: Path, folder: Path) -> bool:
    inside = path.relative_to(folder).parts
    return (
        path.suffix.lower() in ENDINGS
        and len(inside) <= MOST_DEPTH
        and not any(part.startswith(".") for part in inside)
        and path.is_file()
    )


def _open(path: Path) -> Document:
    """The file by its ending. StudyError: it is wrong in itself."""
    if path.suffix.lower() in SCRIPT_ENDINGS:
        return script_document(path, OBJECT)
    return yaml_document(path)


def _format_of(document: Document, wanted: FormatName | None) -> FormatName | None:
    """The format of the document, if it is one that is wanted."""
    for name, (fits, _) in _READERS.items():
        if wanted in (None, name) and fits(document.data):
            return name
    return None
