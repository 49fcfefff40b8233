"""What the command line shows: progress bars, and texts for people and machines."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Callable, Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from jndlab.settings import Settings
    from jndlab.store.engine import Store
    from jndlab.studies import CheckedStudy
    from jndlab.study.definition import StudyDefinition
    from jndlab.study.session_parts import SessionPart

MOST_SLIDERS = 12
"""Of one MUSHRA trial, hidden reference and anchors among them."""


class Bar:
    """A progress bar as a context: gives a function that moves it by one, or by as many as it is
    told, from any thread."""

    def __init__(self, label: str, length: int, *, hidden: bool = False) -> None:
        self._bar: Any = click.progressbar(
            length=length, label=label, hidden=hidden, show_eta=True, width=30
        )
        self._lock = threading.Lock()

    def __enter__(self) -> Callable[..., None]:
        bar = self._bar.__enter__()

        def step(by: int = 1) -> None:
            with self._lock:
                bar.update(by)

        return step

    def shorten(self, by: int) -> None:
        """Expect so many steps fewer."""
        with self._lock:
            self._bar.length = max(1, self._bar.length - by)
            self._bar.update(0)

    def __exit__(self, *error: object) -> None:
        self._bar.__exit__(None, None, None)


class TrainingBar:
    """The same for trainings: gives ``progress(step, steps, loss)``, and shows the loss.

    ``named``: ``progress(name, step, steps, loss)``, for one network after the other.
    """

    def __init__(self, *, named: bool = False) -> None:
        self._named = named
        self._bar: Any = click.progressbar(
            length=1, label="Training", show_eta=True, width=30, item_show_func=lambda words: words
        )

    def __enter__(self) -> Callable[..., None]:
        bar = self._bar.__enter__()

        def tell(step: int, steps: int, loss: float, name: str = "") -> None:
            bar.length = steps
            bar.update(step - bar.pos, f"{name}loss {loss:.3f}")

        if not self._named:
            return tell
        return lambda name, step, steps, loss: tell(step, steps, loss, f"{name}: ")

    def __exit__(self, *error: object) -> None:
        self._bar.__exit__(None, None, None)


def announcement(store: Store, settings: Settings) -> str:
    """Where to go, once the server runs."""
    from jndlab.store.studies import all_studies
    from jndlab.store.users import has_users

    url = settings.url
    if settings.host in ("0.0.0.0", "::") and not settings.public_url:
        url = f"http://{_own_address()}:{settings.port}"
    with store.read() as db:
        rows = all_studies(db)
        lines = [f"{row.slug}: participants go to {url}/s/{row.link}" for row in rows]
    if not lines:
        lines.append("There is no study yet. Launch one with: jndlab serve STUDY")
    lines.append(f"Experimenters sign in at {url}/studies")
    if settings.host in ("127.0.0.1", "::1", "localhost") and not settings.public_url:
        lines.append("Only this computer can open these. For others: --host 0.0.0.0, or a proxy.")
    if not has_users(store):
        lines.append(f"Nobody can sign in yet: jndlab user NAME --data {settings.data}")
    return "\n".join([*lines, "Press Ctrl+C to stop."])


def _own_address() -> str:
    """The address by which others on the network probably reach this computer."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))  # chooses a way out; nothing is sent
        except OSError:
            return "127.0.0.1"
        return str(probe.getsockname()[0])


def findings_text(checked: CheckedStudy) -> str:
    """Findings and a summary of the study, for people."""
    from jndlab.study.phrases import plural
    from jndlab.study.plan import count_trials, estimate_minutes
    from jndlab.study.procedure_words import procedure_name
    from jndlab.study.session_parts import all_parts

    study = checked.definition
    parts = all_parts(study)
    minutes = estimate_minutes(study, checked.clip_seconds)
    lines = [str(finding) for finding in checked.findings]
    for name, (value, default) in checked.sounds.limits.changed().items():
        lines.append(f"limit of this study: {name} {value:g} (default {default:g})")
    types = ", ".join(dict.fromkeys(part.paradigm.called for part in parts))
    n_items = plural(len(study.stimuli.items), "item")
    lines.append(f"{study.title} ({study.slug}): {types}, {n_items}")
    for condition in study.stimuli.conditions:
        levels = ", ".join(f"{level:g}" for level in condition.by_compression())
        lines.append(f"  {condition.name}: {levels} {condition.unit}, least to most compressed")
    if study.stimuli.anchors_hz:
        cut_offs = ", ".join(f"{anchor:g}" for anchor in study.stimuli.anchors_hz)
        lines.append(f"  anchors: the baseline low-passed at {cut_offs} Hz")
    for part in parts:
        if part.name or part.adaptive:
            told = f"{part.paradigm.name}, {procedure_name(study, part)}"
            of = ", ".join(condition.name for condition in part.conditions)
            lines.append(f"  part {part.name}: {told}, of {of}" if part.name else f"  {told}")
    most = "at most " if any(part.adaptive for part in parts) else ""
    n_trials, n_minutes = plural(count_trials(study), "trial"), plural(minutes, "minute")
    lines.append(f"  {most}{n_trials} a session, about {n_minutes}")
    kinds = [rule.kind for rule in study.check_rules()]
    lines.append(f"  checks before the first trial: {', '.join(kinds) or 'none'}")
    if "level" in kinds and set(kinds[: kinds.index("level")]) - {"sound"}:
        lines.append("  note: checks that come before the level are not at the volume of the test")
    lines += _unbalanced(study.design.trials_per_level, parts)
    lines += _crowded(study, parts)
    return "\n".join(lines)


def _unbalanced(trials_per_level: int, parts: Sequence[SessionPart]) -> list[str]:
    """A note for each number of orders that the trials of a level are no multiple of."""
    numbers: dict[int, list[str]] = {}
    for part in parts:
        n_orders = len(part.paradigm.orders)
        if not part.adaptive and n_orders and trials_per_level % n_orders:
            numbers.setdefault(n_orders, []).append(part.name)
    return [
        f"  note: trials_per_level is no multiple of {n_orders}"
        + (f" (part {', '.join(names)})" if any(names) else "")
        + ", so that orders are balanced over participants only, not within each session"
        for n_orders, names in numbers.items()
    ]


def _crowded(study: StudyDefinition, parts: Sequence[SessionPart]) -> list[str]:
    """A note for each part with more sliders on a page than BS.1534-3 (section 5) asks for."""
    from jndlab.study.plan import count_intervals

    notes = []
    for part in parts:
        n_rated = count_intervals(study, part) - len(part.paradigm.labels)
        if part.paradigm.several and n_rated > MOST_SLIDERS:
            of = f" of part {part.name}" if part.name else ""
            notes.append(
                f"  note: a trial{of} has {n_rated} sliders, more than the {MOST_SLIDERS} that "
                "BS.1534-3 advises: take fewer levels, or parts with fewer conditions"
            )
    return notes


def findings_json(checked: CheckedStudy) -> str:
    """Findings, limits, and the figures of every pair for a machine."""
    content = {
        "slug": checked.definition.slug,
        "digest": checked.definition.digest(),
        "limits": {
            "values": checked.sounds.limits.model_dump(),
            "changed": sorted(checked.sounds.limits.changed()),
        },
        "findings": [asdict(finding) for finding in checked.findings],
        "pairs": [asdict(pair) for pair in checked.sounds.pairs],
    }
    return json.dumps(content, indent=2)
