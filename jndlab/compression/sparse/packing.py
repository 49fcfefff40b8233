"""A model as one small file: masks, codebooks, indices. Unpacked, every weight comes back exactly.

All numbers are little endian; bits are filled from the highest of each byte. The file is::

    8 bytes   "JNDPACK1"
    4         number of tensors
    per tensor, the head:
      2         length of its name, then the name in UTF-8
      1         number of dimensions, then 4 bytes for each
      1         mask: 0 none, 1 a bit per weight (1: stored), 2 enumerative code
      4         bytes of the mask
      4         number of stored weights
      2         entries of the codebook; 0: weights are stored in single precision
    per tensor, the body:
      the mask; the codebook, 4 bytes an entry, in the order of the values' bit patterns;
      an index of ceil(log2 entries) bits per stored weight, filled up to a whole byte,
      or 4 bytes per stored weight
    4 bytes   CRC-32 of all that comes before

The enumerative code of a mask is described in :mod:`jndlab.compression.sparse.mask_code`.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Mapping
from pathlib import Path

import numpy as np

from jndlab.compression.sparse import mask_code
from jndlab.compression.sparse.bit_stream import (
    bits_of,
    bytes_of,
    index_bits,
    unpacked,
    values_of,
)
from jndlab.compression.sparse.layout import (
    MASK_CODINGS,
    MaskCoding,
    Part,
    kept_mask,
    layout_of,
    patterns_of,
)
from jndlab.compression.weights import Weight, Weights
from jndlab.errors import CompressionError
from jndlab.files import write_atomically

MAGIC = b"JNDPACK1"
_COUNT = struct.Struct("<I")
_NAME = struct.Struct("<H")
_N_DIMENSIONS = struct.Struct("<B")
_STORED = struct.Struct("<BIIH")
_CHECKSUM = struct.Struct("<I")


def frame_bytes(n_dimensions: Mapping[str, int]) -> int:
    """What the file of tensors with so many dimensions takes beside the bodies.

    That is the heads, and magic, count and checksum.
    """
    heads = sum(
        _NAME.size + len(name.encode()) + _N_DIMENSIONS.size + _COUNT.size * number + _STORED.size
        for name, number in n_dimensions.items()
    )
    return len(MAGIC) + _COUNT.size + heads + _CHECKSUM.size


def pack(weights: Weights, mask: MaskCoding = "enumerative", *, codebooks: bool = True) -> bytes:
    """The packed file of a model; for the options see :mod:`jndlab.compression.sparse.layout`."""
    layout = layout_of(weights, mask, codebooks=codebooks)
    heads = [_head(name, part) for name, part in layout.items()]
    bodies = [_body(weights[name], part) for name, part in layout.items()]
    content = b"".join([MAGIC, _COUNT.pack(len(layout)), *heads, *bodies])
    return content + _CHECKSUM.pack(zlib.crc32(content))


def unpack(content: bytes, *, source: str = "The packed file") -> dict[str, Weight]:
    """The weights of a packed file. Raises CompressionError for one that is damaged."""
    try:
        inner, checksum = content[: -_CHECKSUM.size], content[-_CHECKSUM.size :]
        if not inner.startswith(MAGIC) or _CHECKSUM.pack(zlib.crc32(inner)) != checksum:
            raise ValueError("another file, or damaged")
        layout, at = _read_heads(inner)
        weights = {}
        for name, part in layout.items():
            weights[name] = _read_body(inner[at : at + part.n_bytes], part)
            at += part.n_bytes
    except (ValueError, IndexError, struct.error):
        raise CompressionError(
            f"{source} is no packed model, or is damaged.", "Pack the model again."
        ) from None
    return weights


def write_packed(
    path: Path, weights: Weights, mask: MaskCoding = "enumerative", *, codebooks: bool = True
) -> int:
    """Write the packed file whole or not at all; its size in bytes. Raises StoreError."""
    content = pack(weights, mask, codebooks=codebooks)
    write_atomically(path, content, replace=True)
    return len(content)


def read_packed(path: Path) -> dict[str, Weight]:
    """The weights of a packed file. Raises CompressionError."""
    try:
        content = path.read_bytes()
    except OSError as error:
        raise CompressionError(
            f"{path} cannot be read: {error.strerror}.", "Name a packed model."
        ) from None
    return unpack(content, source=str(path))


def _head(name: str, part: Part) -> bytes:
    encoded = name.encode()
    return b"".join(
        [
            _NAME.pack(len(encoded)),
            encoded,
            _N_DIMENSIONS.pack(len(part.shape)),
            struct.pack(f"<{len(part.shape)}I", *part.shape),
            _STORED.pack(
                MASK_CODINGS.index(part.mask), part.mask_bytes, part.n_stored, part.entries
            ),
        ]
    )


def _read_heads(content: bytes) -> tuple[dict[str, Part], int]:
    at = len(MAGIC)
    (n_tensors,) = _COUNT.unpack_from(content, at)
    at += _COUNT.size
    layout = {}
    for _ in range(n_tensors):
        (length,) = _NAME.unpack_from(content, at)
        at += _NAME.size
        name = content[at : at + length].decode()
        at += length
        (n_dimensions,) = _N_DIMENSIONS.unpack_from(content, at)
        at += _N_DIMENSIONS.size
        shape = struct.unpack_from(f"<{n_dimensions}I", content, at)
        at += _COUNT.size * n_dimensions
        mask, mask_bytes, n_stored, entries = _STORED.unpack_from(content, at)
        at += _STORED.size
        layout[name] = Part(
            shape=shape,
            mask=MASK_CODINGS[mask],
            mask_bytes=mask_bytes,
            n_stored=n_stored,
            entries=entries,
        )
    return layout, at


def _body(tensor: Weight, part: Part) -> bytes:
    patterns = patterns_of(tensor).ravel()
    mask = b""
    if part.mask != "none":
        kept = kept_mask(tensor).ravel()
        patterns = patterns[kept]
        mask = mask_code.encode(kept) if part.mask == "enumerative" else _plain(kept)
    if not part.entries:
        return mask + patterns.astype("<u4").tobytes()
    codebook, indices = np.unique(patterns, return_inverse=True)
    packed = bytes_of(bits_of(indices, index_bits(part.entries)))
    return mask + codebook.astype("<u4").tobytes() + packed


def _read_body(content: bytes, part: Part) -> Weight:
    kept = np.ones(part.n_weights, dtype=np.bool_)
    if part.mask == "plain":
        kept = unpacked(content[: part.mask_bytes], part.n_weights).astype(np.bool_)
    elif part.mask == "enumerative":
        kept = mask_code.decode(content[: part.mask_bytes], part.n_weights)
    rest = content[part.mask_bytes :]
    if part.entries:
        codebook = np.frombuffer(rest, dtype="<u4", count=part.entries)
        n_bits = index_bits(part.entries)
        bits = unpacked(rest[part.codebook_bytes :], n_bits * part.n_stored)
        stored = codebook[values_of(bits, np.full(part.n_stored, n_bits)).astype(np.intp)]
    else:
        stored = np.frombuffer(rest, dtype="<u4", count=part.n_stored)
    patterns = np.zeros(part.n_weights, dtype=np.uint32)
    patterns[kept] = stored
    return patterns.view(np.float32).reshape(part.shape)


def _plain(kept: mask_code.Mask) -> bytes:
    return bytes_of(kept.astype(np.uint8))
