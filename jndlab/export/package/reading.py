"""Reading a data package, zipped or unpacked, and seeing that nothing in it was changed."""

from __future__ import annotations

import hashlib
import json
import re
import zipfile
import zlib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from io import TextIOWrapper
from pathlib import Path, PurePosixPath
from typing import Any, BinaryIO, Protocol, cast

from pydantic import ValidationError

from jndlab.errors import DataError
from jndlab.export.csv_tables import read_csv_rows
from jndlab.export.history import StudyHistory
from jndlab.export.package.descriptor import FORMAT, HISTORY, NAME
from jndlab.export.study_facts import LOG, STIMULI, VERSIONS
from jndlab.export.tables import STUDY_TABLES, Table
from jndlab.study.definition import StudyDefinition
from jndlab.study.rows import Row

MAX_BYTES = 8 << 30
"""Of all files together, unpacked: a few kilobytes of zip file can claim any size."""
MAX_DESCRIPTOR_BYTES = 16 << 20
_CHUNK = 1 << 20
_SLUG = re.compile(r"[a-z0-9][a-z0-9-]{0,62}")
_UNREADABLE = (OSError, EOFError, zipfile.BadZipFile, zlib.error, RuntimeError)
"""RuntimeError: encrypted, or packed in a way that nothing here knows."""
_REMEDY = "Export it again with: jndlab export STUDY --format package"


class Files(Protocol):
    """Where the files of a package are."""

    def open(self, path: str) -> BinaryIO:
        """A file of the package. KeyError or OSError if there is none."""
        ...


class Package:
    """An open package. Good only within :func:`open_package`."""

    def __init__(self, files: Files, source: str) -> None:
        self._files = files
        self.source = source
        self.descriptor = self._read_descriptor()
        self._paths = {
            str(resource.get("name")): str(resource.get("path"))
            for resource in self.descriptor["resources"]
        }

    @property
    def facts(self) -> Mapping[str, Any]:
        """What jndlab noted for itself."""
        facts: Mapping[str, Any] = self.descriptor["jndlab"]
        return facts

    @property
    def title(self) -> str:
        """Title of the study."""
        return str(self.descriptor.get("title", ""))

    @property
    def slug(self) -> str:
        """Slug of the study. Raises DataError for one that cannot be."""
        slug = str(self.facts.get("study"))
        if not _SLUG.fullmatch(slug):
            raise self._wrong(f"{slug[:80]!r} is no slug of a study")
        return slug

    @property
    def paths(self) -> Sequence[str]:
        """Every file that is described."""
        return tuple(self._paths.values())

    def rows(self, name: str) -> Iterator[Row]:
        """The rows of a table, typed; none if the package does not have it. Raises DataError."""
        table = next((one for one in _TABLES if one.name == name), None)
        if table is None or name not in self._paths:
            return
        path = self._paths[name]
        with self._open(path) as file, TextIOWrapper(file, encoding="utf-8", newline="") as text:
            yield from read_csv_rows(table, text, source=f"{path} of {self.source}")

    def read(self, path: str) -> bytes:
        """The content of a file. Raises DataError if there is none."""
        with self._open(path) as file:
            return file.read()

    def digest(self, path: str) -> str:
        """SHA-256 (hex) of a file. Raises DataError if there is none."""
        digest = hashlib.sha256()
        with self._open(path) as file:
            while chunk := file.read(_CHUNK):
                digest.update(chunk)
        return digest.hexdigest()

    def json(self, path: str) -> Any:
        """The content of a JSON file. Raises DataError."""
        try:
            return json.loads(self.read(path))
        except (ValueError, RecursionError) as error:
            raise self._wrong(f"{path} is no JSON: {error}") from None

    def history(self) -> StudyHistory:
        """What became of the study; seeds are 0 where the package withholds them. DataError."""
        content = self.json(HISTORY)
        try:
            for version in content["versions"]:
                version["definition"] = self._definition(int(version["number"]))
            return StudyHistory.from_dict(content)
        except (KeyError, TypeError, ValueError):
            raise self._wrong(f"{HISTORY} does not have the contents that it should") from None

    def _definition(self, number: int) -> str:
        path = f"study/version-{number}.json"
        content = self.json(path)
        try:
            complete = json.dumps({"seed": 0, **content})
            return StudyDefinition.model_validate_json(complete).to_json()
        except (TypeError, ValidationError):
            raise self._wrong(f"{path} is no study") from None

    def require_unchanged(self) -> None:
        """Raise DataError if a file is not what it was when the package was written."""
        left = MAX_BYTES
        for resource in self.descriptor["resources"]:
            path, promised = str(resource.get("path")), str(resource.get("hash"))
            digest = hashlib.sha256()
            with self._open(path) as file:
                while chunk := file.read(_CHUNK):
                    left -= len(chunk)
                    if left < 0:
                        raise self._wrong(f"it unpacks to more than {MAX_BYTES >> 30} GiB")
                    digest.update(chunk)
            if promised != f"sha256:{digest.hexdigest()}":
                raise self._wrong(f"{path} was changed after it was exported")

    @contextmanager
    def _open(self, path: str) -> Iterator[BinaryIO]:
        if not _is_inside(path):
            raise self._wrong(f"{path!r} is no path inside of it")
        try:
            with self._files.open(path) as file:
                yield file
        except (KeyError, FileNotFoundError, IsADirectoryError, NotADirectoryError):
            raise self._wrong(f"{path} is missing") from None
        except _UNREADABLE as error:
            raise self._wrong(f"{path} cannot be read: {error}") from None

    def _read_descriptor(self) -> dict[str, Any]:
        with self._open(NAME) as file:
            text = file.read(MAX_DESCRIPTOR_BYTES)
        try:
            content = json.loads(text)
        except (ValueError, RecursionError) as error:
            raise self._wrong(f"{NAME} is no JSON: {error}") from None
        facts = content.get("jndlab") if isinstance(content, dict) else None
        resources = content.get("resources") if isinstance(content, dict) else None
        if not isinstance(facts, dict) or not isinstance(resources, list):
            raise self._wrong("it is no data package of jndlab")
        if not all(isinstance(resource, dict) for resource in resources):
            raise self._wrong(f"the resources in {NAME} are not described")
        if facts.get("format") != FORMAT:
            raise DataError(
                f"{self.source} has format {facts.get('format')!r}; this jndlab reads {FORMAT}.",
                "Upgrade jndlab: pip install --upgrade jndlab",
            )
        return dict(content)

    def _wrong(self, what: str) -> DataError:
        return DataError(f"{self.source} cannot be used: {what}.", _REMEDY)


_TABLES: tuple[Table, ...] = (*STUDY_TABLES, VERSIONS, STIMULI, LOG)


def is_package(path: Path) -> bool:
    """Whether a path names a data package: a zip file, or a folder with a descriptor."""
    if path.is_dir():
        return (path / NAME).is_file()
    return path.is_file() and (path.suffix.lower() == ".zip" or zipfile.is_zipfile(path))


@contextmanager
def open_package(path: Path, *, unchanged: bool = True) -> Iterator[Package]:
    """A package, checked to be as it was written unless that is not asked. Raises DataError."""
    if path.is_dir():
        package = Package(_Folder(path), path.name)
        if unchanged:
            package.require_unchanged()
        yield package
        return
    try:
        archive = zipfile.ZipFile(path)
    except FileNotFoundError:
        raise DataError(f"There is no file {path}.", _REMEDY) from None
    except (OSError, zipfile.BadZipFile, ValueError, NotImplementedError) as error:
        raise DataError(f"{path.name} is no zip file that can be read: {error}.", _REMEDY) from None
    with archive:
        # No more is ever read of a file than its entry says.
        if sum(entry.file_size for entry in archive.infolist()) > MAX_BYTES:
            raise DataError(
                f"{path.name} cannot be used: it unpacks to more than {MAX_BYTES >> 30} GiB.",
                _REMEDY,
            )
        package = Package(_Zip(archive), path.name)
        if unchanged:
            package.require_unchanged()
        yield package


def _is_inside(path: str) -> bool:
    parts = PurePosixPath(path).parts
    return bool(parts) and ".." not in parts and not path.startswith("/") and "\\" not in path


class _Folder:
    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def open(self, path: str) -> BinaryIO:
        return (self._folder / path).open("rb")


class _Zip:
    def __init__(self, archive: zipfile.ZipFile) -> None:
        self._archive = archive

    def open(self, path: str) -> BinaryIO:
        return cast(BinaryIO, self._archive.open(path))
