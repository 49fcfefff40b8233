"""Good input spoilt: bits, numbers in headers, parts left out, doubled and put elsewhere."""

from __future__ import annotations

from collections.abc import Iterator
from random import Random

INTERESTING = (b"\x00", b"\xff", b"\x7f\xff\xff\xff", b"\xff\xff\xff\xff", b"\x00\x00\x00\x80")
WORDS = (
    b"\x00", b"\xff\xfe", b"\xf0\x9f\x98\x80", b"\xed\xa0\x80", b"\r", b"\n\n", b"\t", b"'", b'"',
    b"&a [*a]", b"*a", b"<<: *a", b"!!python/object:os.system", b"1e999", b"-0", b".nan", b"0x1f",
    b"9" * 40, b"{", b"[" * 60, b": ", b"- ", b"?", b"|\n", b"%", b"=1+1", b"\xe2\x80\xae", b"no",
    b"2020-01-01", b"../", b"/etc/passwd", b"~", b"",
)  # fmt: skip
"""What has a meaning of its own in YAML, CSV, JSON, paths or UTF-8."""


def mutations(good: list[bytes], *, seed: int, n: int) -> Iterator[bytes]:
    """``n`` inputs, the same for the same seed."""
    rng = Random(seed)
    yield from good
    for _ in range(n):
        spoilt = bytearray(rng.choice(good))
        for _ in range(rng.choice((1, 1, 2, 4, 16))):
            _spoil(spoilt, rng, good)
        yield bytes(spoilt)


def _spoil(spoilt: bytearray, rng: Random, good: list[bytes]) -> None:
    at = rng.randrange(len(spoilt) + 1)
    if rng.random() < 0.5:
        at = min(at, rng.randrange(100))  # headers are what is trusted
    end = min(len(spoilt), at + rng.choice((1, 2, 4, 8, 64)))
    deed = rng.randrange(6)
    if deed == 0 and at < len(spoilt):
        spoilt[at] ^= 1 << rng.randrange(8)
    elif deed == 1:
        piece = rng.choice(INTERESTING)
        spoilt[at : at + len(piece)] = piece
    elif deed == 2:
        spoilt[at:at] = rng.choice(WORDS)
    elif deed == 3:
        del spoilt[at:end]
    elif deed == 4:
        spoilt[at:at] = spoilt[at:end] * rng.choice((1, 2, 30))
    else:
        other = rng.choice(good)
        spoilt[at:] = other[rng.randrange(len(other) + 1) :]
