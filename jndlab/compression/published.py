"""Every published figure of the four families, recomputed: claim, value, rule, status."""

from __future__ import annotations

import importlib
import json
from collections.abc import Sequence
from dataclasses import asdict

from jndlab.compression.claim import Claim

FAMILIES = ("seofp", "sparse", "attention", "grouped")


def all_claims() -> tuple[Claim, ...]:
    """Of all families, in the order of the papers. Needs no extra."""
    found: list[Claim] = []
    for family in FAMILIES:
        found += importlib.import_module(f"jndlab.compression.{family}.claims").claims()
    return tuple(found)


def claims_json(claims: Sequence[Claim]) -> str:
    """A list of objects with the fields of :class:`Claim`."""
    return json.dumps([asdict(one) for one in claims], indent=2, ensure_ascii=False)


def claims_text(claims: Sequence[Claim]) -> str:
    """For people: by paper, one claim after the other."""
    lines: list[str] = []
    for paper in dict.fromkeys(one.paper for one in claims):
        lines += ["", paper] if lines else [paper]
        for one in claims:
            if one.paper == paper:
                lines += _claim(one)
    return "\n".join(lines)


def _claim(one: Claim) -> list[str]:
    recomputed = f", recomputed {one.recomputed}" if one.recomputed else ""
    return [
        f"  {one.quantity}: {one.claimed or 'no figure'}{recomputed} [{one.status}]",
        f"      {one.rule}",
    ]
