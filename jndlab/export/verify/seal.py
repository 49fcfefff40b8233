"""The seal of a data package: its files and rows are those that were signed at the export."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from jndlab.export.package.signed import row_digest
from jndlab.export.verify.evidence import Evidence
from jndlab.export.verify.findings import Code
from jndlab.store.signing import is_signed_by_any
from jndlab.study.rows import Row


class Say(Protocol):
    """Notes a finding."""

    def __call__(
        self, code: Code, message: str, session: Row | None = None, trial: int | None = None
    ) -> None:
        """Note it, of a session and a trial or of the whole."""
        ...


def check_seal(evidence: Evidence, keys: Sequence[str], say: Say) -> bool:
    """Whether the files are those that were signed; trials that are not are named."""
    sealed = evidence.seal or {}
    statement: Mapping[str, Any] = sealed.get("statement", {})
    if not is_signed_by_any(keys, statement, str(sealed.get("signature"))):
        say("signature", "the list of files does not bear the signature of the export.")
        return False
    changed = [
        path for path, digest in statement["files"].items() if evidence.files.get(path) != digest
    ]
    for path in changed:
        gone = evidence.files.get(path) is None
        say("file", f"{path} {'is missing' if gone else 'was changed after the export'}.")
    for path in evidence.unsealed:
        say("file", f"{path} was added after the export.")
    if statement.get("study") != evidence.study:
        what = f"{evidence.study!r}, and {statement.get('study')!r} was signed"
        say("file", f"the package is of the study {what}.")
    # Whichever file the descriptor takes them from, they have to be the rows of the export.
    rows_changed = _rows_changed(evidence, statement["trials"], say)
    return not (changed or evidence.unsealed or rows_changed)


def _rows_changed(evidence: Evidence, trials: Mapping[str, Mapping[str, str]], say: Say) -> bool:
    """Name the rows that are not as they were at the export; whether there are any."""
    found = False
    by_name = {str(row["session"]): row for row in evidence.sessions}
    for name in sorted(trials.keys() | evidence.trials.keys()):
        was = trials.get(name, {})
        rows = evidence.trials.get(name, ())
        now = {str(row["trial"]): row_digest(row) for row in rows}
        for number in sorted(was.keys() | now.keys(), key=int):
            if was.get(number) == now.get(number):
                continue
            what = "was changed" if number in was and number in now else "was added"
            what = "was taken out" if number not in now else what
            found = True
            say("file", f"its row {what} after the export.", by_name.get(name), int(number))
    return found
