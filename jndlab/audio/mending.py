"""The sounds of one item -> the same without what the pair gate can take out of them. In memory.

Only what a finding asks for is done, and only to the version that it was found in; but ends are cut
and faded in all versions of an item alike, since an end tells two versions apart.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from jndlab.audio.checking import CheckedPair, check_item, form_findings
from jndlab.audio.level_faults import gain_to_mend
from jndlab.audio.mended import MendedItem as MendedItem
from jndlab.audio.mended import MendedVersion as MendedVersion
from jndlab.audio.pair_figures import PairFigures, level_db
from jndlab.audio.pairs import Finding, Source
from jndlab.audio.reading import Clip, Samples
from jndlab.audio.treatment import NOTHING, Ends, Treatment, known, treated, with_ends
from jndlab.study.definition import StudyDefinition

MENDABLE = (
    "length",
    "delay",
    "polarity",
    "gain",
    "offset",
    "leading-silence",
    "trailing-silence",
)
"""Codes of findings that there is a treatment for."""
ROUNDS = 4
"""One finding may hide another: lengths are made equal before a delay can be measured."""
MAX_CUT_MS = 250.0
"""Of sound that is heard. More is a syllable, and no matter for a program."""
CEILING = 1.0 - 2.0**-20
WHOLE_SAMPLES = 0.02
"""A delay this near to whole samples is taken to be whole: so exactly it is measured in a strongly
compressed version, and a sound that is moved by whole samples keeps every one of them."""


def mend_item(
    study: StudyDefinition, sources: Sequence[Source], loaded: Sequence[Clip]
) -> MendedItem | None:
    """The versions of an item, mended as far as that goes; None if there is nothing to mend.

    ``sources`` and ``loaded`` are those of one item, the baseline first.
    """
    findings, _ = check_item(study, sources, loaded)
    if not any(finding.code in MENDABLE for finding in findings):
        return None
    work = _Mender(study, sources, loaded)
    if work.is_hopeless:
        return None
    work.fit()
    work.trim()
    return work.result()


class _Mender:
    """Finds the treatment of each version, round after round, and the ends of all."""

    def __init__(
        self, study: StudyDefinition, sources: Sequence[Source], loaded: Sequence[Clip]
    ) -> None:
        self._study, self._sources, self._loaded = study, sources, loaded
        self._n_frames, self._rate_hz = loaded[0].n_frames, loaded[0].rate_hz
        self._place = {(one.condition, one.level): n for n, one in enumerate(sources)}
        self._limits = study.pair_limits()
        form = list(form_findings(sources, loaded, limits=self._limits))
        broken = {
            self._index(finding)
            for finding in form
            if finding.severity == "error" and finding.code not in MENDABLE
        }
        self._taken = [n for n in range(len(sources)) if n not in broken]
        self._treatments = dict.fromkeys(range(len(sources)), NOTHING)
        self._centred: set[int] = set()
        """Versions whose constant part is brought to the baseline's."""
        self._no_gain: set[int] = set()
        self._reasons: dict[int, list[str]] = {n: [] for n in range(len(sources))}
        for finding in form:
            if finding.code == "length":  # mended by the common time axis alone
                self._reasons[self._index(finding)].append(finding.code)
        self._left: dict[int, list[str]] = {n: [] for n in range(len(sources))}
        self._ends = Ends(first=0, last=self._n_frames)

    @property
    def is_hopeless(self) -> bool:
        """Whether there is no baseline that anything could be fitted to."""
        return 0 not in self._taken

    def fit(self) -> None:
        """Delay, polarity, gain and offset of each version; lengths with them."""
        for _ in range(ROUNDS):
            self._leave_what_cannot_be_cut()
            first, last = self._common()
            if not self._take_up(*self._look(first, last)):
                break
        first, last = self._common()
        heard_first = self._is_heard(0, first)
        heard_last = self._is_heard(last, self._n_frames)
        self._ends = Ends(
            first=first if heard_first else 0,
            last=last if heard_last else self._n_frames,
            fade_in=heard_first,
            fade_out=heard_last,
        )

    def trim(self) -> None:
        """Cut all versions where the last of them begins, and where the first of them ends."""
        for _ in range(ROUNDS):
            findings, pairs = self._look(self._ends.first, self._ends.last)
            silences = [one for one in findings if one.code.endswith("-silence")]
            if not self._cut(silences, pairs):
                return

    def result(self) -> MendedItem:
        """Every version as it comes out."""
        changed = {
            n: with_ends(self._treated(n), self._ends, self._rate_hz)
            for n in self._taken
            if self._is_changed(n)
        }
        peak = max((float(np.abs(one).max(initial=0.0)) for one in changed.values()), default=0.0)
        gain = min(1.0, CEILING / peak) if peak else 1.0
        if gain < 1:  # one factor for the whole item: turning down one version would be a cue
            for n in self._taken:
                whole = changed.get(n, self._loaded[n].samples)
                changed[n] = whole * gain
        return MendedItem(
            versions=tuple(
                MendedVersion(
                    source=source,
                    samples=changed.get(n),
                    treatment=self._treatments[n],
                    reasons=tuple(dict.fromkeys(self._reasons[n])),
                    left=tuple(dict.fromkeys(self._left[n])),
                )
                for n, source in enumerate(self._sources)
            ),
            ends=self._ends,
            gain_db=20 * float(np.log10(gain)),
        )

    def _index(self, finding: Finding) -> int:
        return self._place[finding.condition, finding.level]

    def _figures(self, pairs: Sequence[CheckedPair]) -> dict[int, PairFigures]:
        return {
            self._place[pair.condition, pair.level]: pair.figures
            for pair in pairs
            if pair.figures is not None
        }

    def _is_changed(self, n: int) -> bool:
        whole = Ends(first=0, last=self._n_frames)
        fits = self._loaded[n].n_frames == self._n_frames
        return self._treatments[n] != NOTHING or self._ends != whole or not fits

    def _treated(self, n: int) -> Samples:
        return treated(self._loaded[n].samples, self._treatments[n], self._n_frames)

    def _known(self, n: int) -> tuple[int, int]:
        return known(self._loaded[n].n_frames, self._treatments[n], self._n_frames)

    def _common(self) -> tuple[int, int]:
        """The frames that all versions have."""
        spans = [self._known(n) for n in self._taken]
        return max(first for first, _ in spans), min(last for _, last in spans)

    def _look(self, first: int, last: int) -> tuple[list[Finding], list[CheckedPair]]:
        clips = [
            replace(clip, samples=self._treated(n)[first:last]) if n in self._taken else clip
            for n, clip in enumerate(self._loaded)
        ]
        return check_item(self._study, self._sources, clips)

    def _leave_what_cannot_be_cut(self) -> None:
        """Give up versions that lack, or have too many, frames with a good deal of sound."""
        limit = MAX_CUT_MS * self._rate_hz / 1000
        for n in self._taken[1:]:
            first, last = self._known(n)
            baseline, own = self._loaded[0].samples, self._loaded[n].samples
            shift = round(self._treatments[n].delay_samples)
            for missing in (
                baseline[:first],
                baseline[last:],
                own[: max(shift, 0)],
                own[max(self._n_frames + shift, 0) :],
            ):
                if len(missing) > limit and level_db(missing) > self._limits.audible_floor_db:
                    milliseconds = 1000 * len(missing) / self._rate_hz
                    self._give_up(n, f"{milliseconds:.0f} ms of sound would have to be cut")
                    break

    def _give_up(self, n: int, why: str) -> None:
        self._taken.remove(n)
        self._treatments[n] = NOTHING
        self._left[n].append(why)
        self._reasons[n].clear()

    def _take_up(self, findings: Sequence[Finding], pairs: Sequence[CheckedPair]) -> bool:
        """Change treatments as findings ask for; whether any was changed."""
        before = dict(self._treatments)
        figures = self._figures(pairs)
        for finding in findings:
            n = self._index(finding)
            if n not in self._taken:
                continue
            now, figure = self._treatments[n], finding.figure or 0.0
            match finding.code:
                case "delay":
                    now = replace(now, delay_samples=_snapped(now.delay_samples + figure))
                case "polarity":
                    now = replace(now, inverted=not now.inverted)
                case "gain" if n not in self._no_gain:
                    now = replace(
                        now, gain_db=now.gain_db - gain_to_mend(figure, figures[n], self._limits)
                    )
                case "loudness" if now.gain_db:
                    # It was the compression that had changed the level: equal in the one sense,
                    # the two differ in the other.
                    now = replace(now, gain_db=0.0)
                    self._no_gain.add(n)
                    self._left[n].append("with the gain matched, the loudness would differ")
                case "offset":
                    self._centred.add(n)
                case _:
                    continue
            self._treatments[n] = now
            self._reasons[n].append(finding.code)
        if self._centred & set(self._taken) and self._has_offset():
            self._centred.add(0)
        for n in self._centred & set(self._taken):
            self._treatments[n] = self._centre(n)
        return self._treatments != before

    def _has_offset(self) -> bool:
        """Whether the baseline itself has a constant part that is too large to be copied."""
        means = np.abs(self._loaded[0].samples.mean(axis=0))
        return bool(means.max() > self._limits.offset_warning)

    def _centre(self, n: int) -> Treatment:
        """With the offset that brings its constant part to the baseline's, or both to zero."""
        plain = replace(self._treatments[n], offset=())
        first, last = self._common()
        own = treated(self._loaded[n].samples, plain, self._n_frames)[first:last]
        offset = own.mean(axis=0)
        if 0 not in self._centred:
            offset = offset - self._loaded[0].samples[first:last].mean(axis=0)
        return replace(plain, offset=tuple(float(one) for one in offset))

    def _is_heard(self, first: int, last: int) -> bool:
        """Whether any version has more than silence between two frames."""
        if last <= first:
            return False
        return any(
            level_db(self._treated(n)[first:last]) > self._limits.audible_floor_db
            for n in self._taken
        )

    def _cut(self, silences: Sequence[Finding], pairs: Sequence[CheckedPair]) -> bool:
        """Move the ends inwards; whether they have moved."""
        before = self._ends
        figures = self._figures(pairs)
        leading, trailing = 0.0, 0.0
        for finding in silences:
            n = self._index(finding)
            found = figures.get(n)
            if found is None or n not in self._taken:
                continue
            one, other = found.baseline, found.compressed
            if abs(finding.figure or 0.0) > MAX_CUT_MS:
                self._left[n].append(f"{abs(finding.figure or 0.0):.0f} ms would have to be cut")
                continue
            if finding.code == "leading-silence":
                leading = max(leading, one.leading_ms, other.leading_ms)
            else:
                trailing = max(trailing, one.trailing_ms, other.trailing_ms)
            self._reasons[n].append(finding.code)
        self._ends = Ends(
            first=before.first + round(leading * self._rate_hz / 1000),
            last=before.last - round(trailing * self._rate_hz / 1000),
            fade_in=before.fade_in or leading > 0,
            fade_out=before.fade_out or trailing > 0,
        )
        return self._ends != before


def _snapped(delay: float) -> float:
    return float(round(delay)) if abs(delay - round(delay)) <= WHOLE_SAMPLES else delay
