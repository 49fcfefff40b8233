"""What the pair gate found, and why the study went on, in the sentences of a methods section."""

from __future__ import annotations

from collections import Counter
from itertools import groupby

from jndlab.audio.limits import LIMITS, PairLimits
from jndlab.audio.pairs import level_text
from jndlab.studies.gate_record import GateFinding, GateRecord
from jndlab.study.phrases import plural

NAMED = 6
"""Items that are named one by one; more are counted."""


def describe_gate(gate: str | None) -> list[str]:
    """Paragraphs for the report; ``gate`` is what was frozen with the version, or None."""
    if gate is None:
        return []
    try:
        record = GateRecord.from_json(gate)
    except ValueError:
        return ["Pair gate: what it found cannot be read."]
    limits = record.limits or LIMITS
    n_pairs = len(record.pairs)
    said = (
        f"Pair gate: {n_pairs} {'pair was' if n_pairs == 1 else 'pairs were'} checked for delay "
        f"(to {limits.delay_warning_samples:g} sample), polarity, gain (to "
        f"{limits.gain_warning_db:g} dB), loudness (ITU-R BS.1770-4, to "
        f"{limits.loudness_warning_lu:g} LU), {_later(record)}offset, silence at the ends, "
        "bandwidth, clipping, and order of the levels by their distance to the baseline."
        f"{_own_limits(limits)}"
    )
    warnings = record.warnings
    if not warnings:
        return [f"{said} Nothing was found."]
    counts = Counter(one.finding.code for one in warnings)
    listed = ", ".join(f"{number} {code}" for code, number in sorted(counts.items()))
    were = f"{'was' if len(warnings) == 1 else 'were'} {plural(len(warnings), 'warning')}"
    return [f"{said} There {were}: {listed}.", *_reasons(warnings)]


def _later(record: GateRecord) -> str:
    """What is looked at since limits are settings, and so are kept with the record."""
    if record.limits is None:
        return ""
    return (
        f"active speech level (ITU-T P.56, to {record.limits.speech_level_warning_db:g} dB), "
        f"peaks between samples (ITU-R BS.1770-4, above {record.limits.true_peak_warning_db:g} dB "
        "re full scale), single samples that stand out, "
    )


def _own_limits(limits: PairLimits) -> str:
    """Limits that the study has set itself."""
    changed = [
        f"{name} {value:g} (default {default:g})"
        for name, (value, default) in limits.changed().items()
    ]
    return f" Limits set by the study: {', '.join(changed)}." if changed else ""


def _reasons(warnings: tuple[GateFinding, ...]) -> list[str]:
    """A paragraph for each kind of warning and reason."""

    def key(one: GateFinding) -> tuple[str, str, str]:
        return (one.finding.code, one.finding.condition, one.reason)

    paragraphs = []
    for (code, condition, reason), some in groupby(sorted(warnings, key=key), key=key):
        found = list(some)
        why = f"Written reason: “{reason}”" if reason else "No reason was written."
        paragraphs.append(f"Pair gate, {code} ({condition}: {_places(found)}). {why}")
    return paragraphs


def _places(found: list[GateFinding]) -> str:
    named = [
        one.finding.item
        + ("" if one.finding.level is None else f" at {level_text(one.finding.level)}")
        + _figure(one)
        for one in found[:NAMED]
    ]
    more = len(found) - NAMED
    return ", ".join(named) + (f" and {more} more" if more > 0 else "")


def _figure(one: GateFinding) -> str:
    figure, unit = one.finding.figure, one.finding.unit
    return "" if figure is None or not unit else f" ({figure:+.3g} {unit})"
