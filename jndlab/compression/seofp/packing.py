"""A model's weights as a packed file: header, then sign, exponent code and fraction bits.

All numbers are little endian. The header:

=========  ======================================================================
bytes      what
=========  ======================================================================
8          ``SEOFP``, three zero bytes
u8         version, 1
u8         fraction bits kept, 0 to 23
u16        step between powers in hundredths of an octave, 100 to 800
i16, i16   smallest and largest exponent k; smallest 1 and largest 0 if all is zero
u32        number of tensors
per tensor u16 length of its name, the name in UTF-8, u8 dimensions, u32 each
=========  ======================================================================

Then the words of all weights, tensor after tensor in C order, without gaps, most significant bit
first, the last byte filled up with zeros: 1 sign bit; the code, 0 for zero, else k − smallest +
1; the fraction bits. So the file's size is the header and ``ceil(weights · bits per weight / 8)``
bytes, and what is read from it equals the weights bit for bit, signs of zeros included.
"""

from __future__ import annotations

import struct
from math import prod

import numpy as np

from jndlab.compression.seofp.bitstream import Words, pack_words, packed_size, unpack_words
from jndlab.compression.seofp.exponents import (
    BIAS,
    PowerRange,
    bits_per_weight,
    powers_of,
    range_of,
)
from jndlab.compression.seofp.format import FRACTION, FRACTION_BITS, SIGN, bits_of, values_of
from jndlab.compression.seofp.levels import NumberFormat
from jndlab.compression.seofp.octaves import HUNDREDTHS, first_power, grid
from jndlab.compression.weights import Weight, Weights, require_weights
from jndlab.errors import CompressionError

ENDING = ".seofp"
_MAGIC = b"SEOFP\0\0\0"
_VERSION = 1
_FIXED = struct.Struct("<8sBBHhhI")
_NOTHING = PowerRange(1, 0)


def pack(weights: Weights, number_format: NumberFormat) -> bytes:
    """The weights as a file's content.

    Raises CompressionError for weights that are not numbers of the format: round them first.
    """
    require_weights(weights)
    for name, tensor in weights.items():
        if not np.array_equal(bits_of(number_format.round(tensor)), bits_of(tensor)):
            raise CompressionError(
                f"The weights {name!r} are not rounded to this level.", "Round them before packing."
            )
    powers = range_of(weights, number_format) or _NOTHING
    words = np.concatenate(
        [_words(tensor.reshape(-1), number_format, powers) for tensor in weights.values()]
    )
    return header(weights, number_format) + pack_words(words, _width(powers, number_format))


def unpack(content: bytes) -> tuple[Weights, NumberFormat]:
    """Weights and format again. Raises CompressionError for anything else or damaged."""
    try:
        number_format, powers, shapes, start = _read_header(content)
        width = _width(powers, number_format)
        n_words = sum(prod(shape) for shape in shapes.values())
        words = unpack_words(memoryview(content)[start:], n_words, width)
        values = _values(words, number_format, powers)
    except (struct.error, ValueError, IndexError):
        raise CompressionError(
            "This is no packed SEOFP file, or it is damaged.", "Pack the model again."
        ) from None
    weights, first = {}, 0
    for name, shape in shapes.items():
        weights[name] = values[first : first + prod(shape)].reshape(shape)
        first += prod(shape)
    return weights, number_format


def header(weights: Weights, number_format: NumberFormat) -> bytes:
    """The part of the file before the words; its length is what the accounting leaves out."""
    powers = range_of(weights, number_format) or _NOTHING
    fields = (number_format.fraction_bits, number_format.step, powers.lowest, powers.highest)
    parts = [_FIXED.pack(_MAGIC, _VERSION, *fields, len(weights))]
    for name, tensor in weights.items():
        encoded = name.encode()
        parts.append(struct.pack(f"<H{len(encoded)}sB", len(encoded), encoded, tensor.ndim))
        parts.append(struct.pack(f"<{tensor.ndim}I", *tensor.shape))
    return b"".join(parts)


def packed_bytes(weights: Weights, number_format: NumberFormat) -> int:
    """Size of the file without packing it: header and words."""
    each = bits_per_weight(range_of(weights, number_format), number_format)
    n_weights = sum(tensor.size for tensor in weights.values())
    return len(header(weights, number_format)) + packed_size(n_weights, each)


def _width(powers: PowerRange, number_format: NumberFormat) -> int:
    return bits_per_weight(powers, number_format)


def _words(values: Weight, number_format: NumberFormat, powers: PowerRange) -> Words:
    fraction_bits = number_format.fraction_bits
    pattern = bits_of(values)
    codes = np.where(values == 0, 0, powers_of(values, number_format) - powers.lowest + 1)
    fraction = (pattern & FRACTION) >> np.uint32(FRACTION_BITS - fraction_bits)
    sign = (pattern >> np.uint32(31)) << np.uint32(powers.code_bits + fraction_bits)
    if not fraction_bits:  # of a step in octaves the fraction follows from the code
        return np.asarray(sign | codes.astype(np.uint32))
    return np.asarray(sign | (codes.astype(np.uint32) << np.uint32(fraction_bits)) | fraction)


def _values(words: Words, number_format: NumberFormat, powers: PowerRange) -> Weight:
    fraction_bits = number_format.fraction_bits
    negative = (words >> np.uint32(powers.code_bits + fraction_bits)) & np.uint32(1)
    codes = (words >> np.uint32(fraction_bits)) & np.uint32((1 << powers.code_bits) - 1)
    if (codes > powers.highest - powers.lowest + 1).any():
        raise ValueError("a code beyond the range")
    exponents = codes.astype(np.int64) + (powers.lowest - 1)
    if number_format.step == HUNDREDTHS:
        fields = np.where(codes == 0, 0, exponents + BIAS).astype(np.uint32)
        kept = words & np.uint32((1 << fraction_bits) - 1)
        fraction = kept << np.uint32(FRACTION_BITS - fraction_bits)
        return values_of((negative * SIGN) | (fields << np.uint32(FRACTION_BITS)) | fraction)
    places = np.where(codes == 0, 0, exponents - first_power(number_format.step) + 1)
    return values_of(bits_of(grid(number_format.step)[places]) | (negative * SIGN))


def _read_header(
    content: bytes,
) -> tuple[NumberFormat, PowerRange, dict[str, tuple[int, ...]], int]:
    """Format, range, shapes by name, and where the words begin."""
    magic, version, fraction_bits, step, lowest, highest, n_tensors = _FIXED.unpack_from(content)
    plausible = fraction_bits <= FRACTION_BITS and (step == HUNDREDTHS or not fraction_bits)
    if magic != _MAGIC or version != _VERSION or not plausible or not -BIAS <= lowest <= BIAS:
        raise ValueError("another kind of file")
    if not lowest - 1 <= highest <= BIAS:
        raise ValueError("no range")
    shapes: dict[str, tuple[int, ...]] = {}
    place = _FIXED.size
    for _ in range(n_tensors):
        (length,) = struct.unpack_from("<H", content, place)
        name, n_dimensions = struct.unpack_from(f"<{length}sB", content, place + 2)
        place += 3 + length
        shapes[name.decode()] = struct.unpack_from(f"<{n_dimensions}I", content, place)
        place += 4 * n_dimensions
    return NumberFormat(fraction_bits, step), PowerRange(lowest, highest), shapes, place
