"""What was checked before the trials, and who passed, in the sentences of a methods section."""

from __future__ import annotations

from collections.abc import Sequence

from jndlab.export.checks import CheckCount
from jndlab.study.checks import CheckKind, CheckRule

_NAMES: dict[CheckKind, str] = {
    "sound": "beeps were counted",
    "left-right": "the ear with the sound was named",
    "level": "a comfortable level was set on the study’s own speech and then fixed",
    "headphones-antiphase": "headphones by tones in antiphase (Woods et al. 2017)",
    "headphones-huggins": "headphones by Huggins pitch (Milne et al. 2020)",
    "noise": "a soft tone, {tone_db:g} dB against the speech, was found in one of three intervals",
    "bandwidth": "a tone of {frequency_hz:g} Hz was found in one of three intervals",
}

_ON_FAIL = {
    "repeat": "repeated until passed",
    "flag": "failing was noted",
    "retry": "a second try after failing",
    "screen-out": "failing ended the session",
}


def describe_checks(rules: Sequence[CheckRule], counts: Sequence[CheckCount]) -> str:
    """A paragraph for the report: each check, its rule, and how many sessions passed it."""
    if not rules:
        return "Checks: there were none before the first trial."
    parts = [f"{_rule(rule)}: {_count(count)}" for rule, count in zip(rules, counts, strict=True)]
    return f"Checks: before the first trial, in this order: {'; '.join(parts)}."


def _rule(rule: CheckRule) -> str:
    name = _NAMES[rule.kind].format(tone_db=rule.tone_db, frequency_hz=rule.frequency_hz)
    if rule.kind == "level":
        return name
    what = [_ON_FAIL[rule.on_fail]]
    if rule.n_trials > 1:
        what.insert(0, f"{rule.pass_at} of {rule.n_trials} right to pass")
    if rule.on_fail == "retry" and rule.after_retry == "screen-out":
        what.append("failing again ended the session")
    return f"{name} ({', '.join(what)})"


def _count(count: CheckCount) -> str:
    if count.kind == "level":
        return f"done in {count.n_passed} of {count.n_began} sessions"
    said = f"{count.n_passed} of {count.n_began} sessions passed"
    if count.n_passed_later:
        said += f", {count.n_passed_later} of them not at the first try"
    if count.n_screened_out:
        said += f", {count.n_screened_out} screened out"
    elif count.n_failed:
        said += f", {count.n_failed} failed and went on"
    if count.n_open:
        said += f", {count.n_open} did not end it"
    return said
