"""Signing plans: a key of this deployment, made at first use and kept in the data folder.

Ed25519 (Josefsson and Liusvaara 2017, RFC 8032): whoever has the public key can check a signature
without the server, and nobody makes one without the private key.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from jndlab.errors import DataError, StoreError
from jndlab.files import disk_error, write_atomically
from jndlab.store.models_sessions import SessionRow

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

KEY_FILE = "plan-key"
_PURPOSE = b"jndlab:"
"""In front of whatever is signed, so that a signature can serve for nothing else."""


class PlanKey:
    """The private key of a deployment."""

    def __init__(self, key: Ed25519PrivateKey) -> None:
        self._key = key

    @property
    def public(self) -> str:
        """The public key, 64 hexadecimal digits."""
        return self._key.public_key().public_bytes_raw().hex()

    def sign(self, statement: Mapping[str, Any]) -> str:
        """The signature of a statement, 128 hexadecimal digits; always the same for the same."""
        return self._key.sign(_bytes_of(statement)).hex()


def plan_key(folder: Path) -> PlanKey:
    """The key of a data folder, made if there is none yet.

    Call it in a write transaction, so that two processes cannot make two. Raises StoreError.
    """
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    path = folder / KEY_FILE
    if not path.exists():
        made = Ed25519PrivateKey.generate().private_bytes_raw().hex()
        write_atomically(path, made.encode(), mode=0o600)
    try:
        return PlanKey(Ed25519PrivateKey.from_private_bytes(bytes.fromhex(path.read_text("ascii"))))
    except OSError as error:
        raise disk_error(path, error) from None
    except ValueError:
        raise StoreError(
            f"{path} does not hold a key to sign plans with.", "Restore the file from a backup."
        ) from None


def plan_statement(session: SessionRow, *, study_digest: str) -> dict[str, Any]:
    """What is signed when a session is opened: whose plan it is, and its digest."""
    return {
        "what": "plan",
        "study_digest": study_digest,
        "session": session.public_id,
        "session_kind": session.kind,
        "participant": session.participant,
        "slot": session.slot,
        "opened_at": session.opened_at.isoformat(timespec="milliseconds"),
        "plan_digest": session.plan_digest,
        "jndlab_version": session.jndlab_version,
    }


def is_signed(public: str, statement: Mapping[str, Any], signature: str) -> bool:
    """Whether the signature is of this statement and made with the key of that public key."""
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

    try:
        key = Ed25519PublicKey.from_public_bytes(bytes.fromhex(public))
        key.verify(bytes.fromhex(signature), _bytes_of(statement))
    except (InvalidSignature, ValueError):
        return False
    return True


def is_signed_by_any(keys: Iterable[str], statement: Mapping[str, Any], signature: str) -> bool:
    """Whether the signature is of this statement and made with one of the keys: a server's key may
    have been changed."""
    return any(is_signed(key, statement, signature) for key in keys)


def require_public_key(text: str) -> str:
    """A public key as somebody wrote it, in the usual form. Raises DataError if it is none."""
    plain = "".join(text.split()).lower()
    try:
        usable = len(bytes.fromhex(plain)) == 32
    except ValueError:
        usable = False
    if not usable:
        raise DataError(
            f"{text[:80]!r} is no public key.",
            "It has 64 hexadecimal digits, as from: jndlab verify --show-key",
        )
    return plain


def digest_of(content: object) -> str:
    """SHA-256 (hex) of anything that JSON can hold, whatever the order of its keys."""
    return hashlib.sha256(canonical_json(content)).hexdigest()


def _bytes_of(statement: Mapping[str, Any]) -> bytes:
    return _PURPOSE + canonical_json(statement)


_CANONICAL = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=True)


def canonical_json(content: object) -> bytes:
    """One spelling for the same content, whatever the order of its keys."""
    return _CANONICAL.encode(content).encode("ascii")
