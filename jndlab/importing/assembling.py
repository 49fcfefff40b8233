"""From the comparisons of a configuration to an import: what all formats have in common."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from jndlab.errors import JndlabError
from jndlab.importing.imported import (
    FormatName,
    Imported,
    ImportedCondition,
    ImportOptions,
    SourceClip,
    wrong_file,
)
from jndlab.importing.ledger import Ledger
from jndlab.importing.levels import NO_UNIT, Graded, grade_versions
from jndlab.importing.pairs import Comparison, Grid, make_grid
from jndlab.importing.sounds import SoundFinder, Unusable
from jndlab.study.draft import slug_of
from jndlab.study.paradigms import PARADIGMS
from jndlab.study.trials import BASELINE, TASKS, ParadigmName
from jndlab.study.yaml_source import KeyPath, dotted

MOST_TRIALS = 200
MAX_TITLE = 200
TAKEN = "a pair: the baseline and a compressed version of one recording"
REFERENCE = "the baseline of a recording"
TAKE_RATINGS = "--take-ratings takes its sounds as pairs to compare with their reference."
NOT_RATED = "Nothing is rated."
EVERY_TIME = "jndlab draws the order of trials anew for every participant."
OWN_SAVING = "jndlab saves every answer on its own server."
OWN_NAMES = {
    "reference",
    "ref",
    "original",
    "orig",
    "baseline",
    "clean",
    "uncompressed",
    "unprocessed",
    "hidden reference",
    "hidden_reference",
    "ground_truth",
    "groundtruth",
    "gt",
}
"""Names under which other tools file what ours calls the baseline."""


def compare(
    ledger: Ledger,
    finder: SoundFinder,
    place: KeyPath,
    *,
    baseline: tuple[KeyPath, str],
    versions: Sequence[tuple[KeyPath, str, str]],
    names: tuple[str, ...] = (),
) -> Comparison | None:
    """One page with its sounds found: (key, path) of the baseline, (key, label, path) of versions.

    None: the baseline cannot be taken. Sounds that cannot be are told to the ledger.
    """
    key, path = baseline
    reference = finder.find(path)
    if isinstance(reference, Unusable):
        ledger.leave(key, reference.why, reference.remedy)
        for key, _, _ in versions:
            ledger.leave(key, "its reference cannot be taken", reference.remedy)
        return None
    ledger.carry(key, REFERENCE)
    found: dict[str, Path] = {}
    for key, label, path in versions:
        sound = finder.find(path)
        if isinstance(sound, Unusable):
            ledger.leave(key, sound.why, sound.remedy)
            continue
        ledger.carry(key, TAKEN)
        if sound is not None:
            found[label] = sound
    if reference is None:
        return None
    return Comparison(place=place, baseline=reference, versions=found, names=names)


def assemble(
    ledger: Ledger,
    comparisons: Sequence[Comparison],
    *,
    name: FormatName,
    options: ImportOptions,
    title: str,
    identifier: str,
    paradigm: ParadigmName,
    keys: Mapping[str, Any],
    nothing: JndlabError,
    trials: int | None = None,
) -> Imported:
    """The import. ``trials``: how many trials of a version a session has, if the source says it.

    Raises ``nothing`` if there is no comparison to import; DataError for levels that cannot be.
    """
    grid = make_grid(comparisons)
    if grid is None:
        raise nothing
    for place, version in grid.dropped:
        ledger.leave_also(
            f"{dotted(place)}: {version}",
            "Not all recordings have the same versions, and every item is played at every "
            "level: this pair is left out, so that the others are complete.",
            "Render what is missing, or import the groups one by one.",
            where=ledger.document.where(place),
        )
    graded = grade_versions(grid.versions, told=options.levels, unit=options.unit)
    chosen = options.paradigm or paradigm
    design = {**keys.get("design", {}), "trials_per_level": _trials(ledger, grid, trials, chosen)}
    _tell_levels(ledger, graded)
    carried, not_carried = ledger.close()
    return Imported(
        format=name,
        source=ledger.document.path,
        title=" ".join(title.split())[:MAX_TITLE] or "Listening test",
        slug=slug_of(identifier) if identifier.strip() else None,
        paradigm=chosen,
        items=grid.items,
        conditions=_conditions(graded),
        clips=tuple(_clips(grid, graded)),
        keys={**keys, "design": design},
        carried=carried,
        not_carried=not_carried,
        notes=tuple(ledger.notes),
        compression=options.compression,
    )


def own_paradigm(
    ledger: Ledger,
    place: KeyPath,
    kind: str,
    *,
    own: Mapping[str, ParadigmName],
    others: Sequence[str],
    options: ImportOptions,
) -> ParadigmName:
    """The paradigm of a test of that kind, told to the ledger at ``place``.

    ``own`` are the kinds that jndlab has a paradigm for; of those and of ``others`` the sounds can
    be taken as pairs to be told apart. StudyError: a kind that cannot be imported like this.
    """
    paradigm = own.get(kind)
    if options.take_ratings and (paradigm is None or TASKS[paradigm].measure == "rating"):
        paradigm = "abx" if kind in (*own, *others) else None
    if paradigm is None:
        known = f"{', '.join(own)} and, with --take-ratings, {', '.join(others)}"
        raise wrong_file(
            f"tests of type {kind or 'without a name'!r} cannot be imported",
            f"These can: {known}, as pairs to compare.",
            place=ledger.document.where(place),
        )
    taken = options.paradigm or paradigm
    if kind in own and TASKS[taken].measure == TASKS[own[kind]].measure:
        ledger.carry(place, "paradigm")
    elif TASKS[taken].measure == "correct":
        ledger.carry(place, "pairs to compare, without the ratings")
    else:
        ledger.carry(place, f"paradigm, as {taken}")
    return paradigm


def choose_baseline(
    labels: Sequence[str], *, options: ImportOptions, ledger: Ledger, first: bool = False
) -> str:
    """Which of several versions is the uncompressed one: told, known by its name, or asked for.

    ``first``: where nothing says it, the first one. StudyError: nothing says it.
    """
    if options.baseline is not None:
        match = [label for label in labels if label.lower() == options.baseline.lower()]
        if not match:
            raise wrong_file(
                f"There is no version {options.baseline!r}",
                f"Name one of these with --baseline: {', '.join(labels)}.",
                place=ledger.document.name,
            )
        return match[0]
    known = [label for label in labels if label.strip().lower() in OWN_NAMES]
    if len(known) == 1:
        note = f"{known[0]} was taken for the baseline, because of its name."
    elif first:
        known = [labels[0]]
        note = f"{labels[0]} was taken for the baseline, because it comes first."
    else:
        raise wrong_file(
            "nothing says which version is the uncompressed one",
            f"Name it: --baseline followed by one of {', '.join(labels)}.",
            place=ledger.document.name,
        )
    note += " If it is another one, import again with --baseline."
    if note not in ledger.notes:
        ledger.notes.append(note)
    return known[0]


def _trials(ledger: Ledger, grid: Grid, told: int | None, paradigm: ParadigmName) -> int:
    number = round(len(grid.items) * grid.repeats) if told is None else told
    number = min(max(number, 1), MOST_TRIALS)
    described = PARADIGMS[paradigm]
    n_orders = len(described.orders)
    sentence = (
        f"design.trials_per_level is {number}, since a session of the source has so many trials "
        "of each version."
    )
    if n_orders and number % n_orders:
        sentence += f" A multiple of {n_orders} would balance the orders within each session."
    ledger.notes.append(sentence)
    catch = "catch trials and " if described.has_identical or described.has_gross else ""
    ledger.notes.append(
        f"jndlab adds {catch}practice (design), a check of the sound and its own words "
        "for the task: look them over."
    )
    return number


def _tell_levels(ledger: Ledger, graded: Mapping[str, Graded]) -> None:
    read: dict[str, list[str]] = defaultdict(list)
    for name, one in graded.items():
        if one.source == "name":
            read[one.condition].append(name)
        elif one.source == "none":
            ledger.notes.append(
                f"{name}: the source says no level, so it is the condition {one.condition} at "
                "level 1, and there is no curve over levels. If it is one grade of a method, "
                f"import again with --level '{name}=METHOD:LEVEL'."
            )
    for condition, names in read.items():
        note = f"{condition}: its levels were read from names ({', '.join(names)}). Check them."
        if next(graded[name].unit for name in names) == NO_UNIT:
            note += " Their unit is not known: --unit says it."
        ledger.notes.append(note)


def _conditions(graded: Mapping[str, Graded]) -> tuple[ImportedCondition, ...]:
    levels: dict[str, list[float]] = defaultdict(list)
    units: dict[str, str] = {}
    for one in graded.values():
        levels[one.condition].append(one.level)
        units[one.condition] = one.unit
    return tuple(
        ImportedCondition(name=name, levels=tuple(sorted(values)), unit=units[name])
        for name, values in levels.items()
    )


def _clips(grid: Grid, graded: Mapping[str, Graded]) -> list[SourceClip]:
    clips = [
        SourceClip(source=path, condition=BASELINE, level=None, item=item)
        for item, path in grid.baselines.items()
    ]
    clips += [
        SourceClip(
            source=path, condition=graded[version].condition, level=graded[version].level, item=item
        )
        for (item, version), path in grid.cells.items()
    ]
    return clips
