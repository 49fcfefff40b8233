"""What a study is: the validated content of a study file, and its digest.

:mod:`jndlab.study.study_file` turns a file into a :class:`StudyDefinition` and every
mistake in it into a :class:`~jndlab.errors.Problem` with a line number.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import re
from typing import Annotated, Literal

from pydantic import Field

from jndlab.study.adaptive import Adaptive
from jndlab.study.analysis_plan import Analysis
from jndlab.study.checks import DEFAULT_RULES, MAX_CHECKS, Check, CheckRule
from jndlab.study.design import Design as Design
from jndlab.study.design import PracticeCriterion as PracticeCriterion
from jndlab.study.examples import MAX_EXAMPLES, Example
from jndlab.study.pair_limits import PairLimits
from jndlab.study.parts import MAX_PARTS, Paradigm, Part
from jndlab.study.questionnaires import MAX_QUESTIONNAIRES, Questionnaire
from jndlab.study.section import Section as _Section
from jndlab.study.texts import LanguageTag, Texts
from jndlab.study.trials import Direction

NAME_PATTERN = r"^[A-Za-z0-9][A-Za-z0-9 ._-]*$"
"""Items and conditions: safe as file names, in CSV cells and in a spreadsheet."""
MAX_NAME = 80
MAX_ITEMS = 2000
MAX_LEVELS = 64
MAX_UNIT = 40
MAX_TRIALS = 2000
"""Test and catch trials of one session, practice aside."""

SLUG_PATTERN = re.compile(r"[a-z0-9][a-z0-9-]{0,62}")

Name = Annotated[str, Field(pattern=NAME_PATTERN, max_length=MAX_NAME)]
Level = Annotated[float, Field(allow_inf_nan=False)]
LevelMatch = Literal["none", "rms", "loudness", "speech"]


def is_name(text: str) -> bool:
    """Whether ``text`` can name an item or a condition."""
    return len(text) <= MAX_NAME and re.fullmatch(NAME_PATTERN.strip("^$"), text) is not None


class Condition(_Section):
    """One compression method at graded levels."""

    name: Name
    """What the condition is called in data and reports."""
    folder: str = Field(min_length=1, pattern=r"^[^\x00]+$")
    """Folder that holds LEVEL/ITEM.wav, relative to the study file."""
    levels: tuple[Level, ...] = Field(min_length=1, max_length=MAX_LEVELS)
    """The levels to test, as numbers in the condition's unit; each is a sub-folder's name."""
    unit: str = Field(min_length=1, max_length=MAX_UNIT)
    """Unit of the levels, for example: fraction bits."""
    compression: Direction
    """Whether compression rises or falls as the level's number grows (bits: falls)."""

    def by_compression(self) -> tuple[float, ...]:
        """The levels from the least to the most compressed."""
        return tuple(sorted(self.levels, reverse=self.compression == "falls"))


class Stimuli(_Section):
    """Where the sounds are: a baseline and its compressed versions."""

    baseline: str = Field(min_length=1, pattern=r"^[^\x00]+$")
    """Folder that holds ITEM.wav of the uncompressed model, relative to the study file."""
    items: tuple[Name, ...] = Field(min_length=1, max_length=MAX_ITEMS)
    """The utterances: file names without their ending, found in every folder."""
    conditions: tuple[Condition, ...] = Field(min_length=1, max_length=32)
    """The compression methods under test."""
    anchors_hz: tuple[Annotated[float, Field(ge=500.0, le=20000.0)], ...] = Field(
        default=(), max_length=4
    )
    """MUSHRA: the baseline through low-pass filters of these cut-off frequencies, rated among the
    others. BS.1534-3 asks for 3500 and 7000. They are made at the launch. Left out: none."""
    manifest: str | None = Field(default=None, min_length=1, pattern=r"^[^\x00]+$")
    """CSV file with sizes of the models and distances of the sounds, relative to the study file. It
    is frozen with the study, and its report has a model card. Left out: no model card."""


class Presentation(_Section):
    """How the sounds are played."""

    sample_rate_hz: Literal[44100, 48000, 96000] = 48000
    """Every clip is converted to this rate once, on the server; browsers then play it as it is."""
    gap_ms: int = Field(default=500, ge=100, le=5000)
    """Silence between the intervals of a two-interval trial."""
    ramp_ms: float = Field(default=5.0, ge=3.0, le=20.0)
    """Length of the fades at the ends of a clip and at each switch."""
    switching: Literal["keep-position", "restart"] = "keep-position"
    """What a switch between intervals does, in ABX: the sound goes on where it was, or begins
    anew. Anew suits clips of a few words."""
    loop: bool = True
    """Whether intervals to switch between begin again when they end."""
    loop_region: bool = False
    """Whether participants may choose a part of the sound to listen to, in ABX: the same part of
    every interval."""
    max_plays: int | None = Field(default=None, ge=1, le=100)
    """How often an interval may be played in a trial (two-interval: both together). An interval
    that was not heard yet can always be played. Left out: as often as wanted."""
    level_match: LevelMatch = "none"
    """Bring each version to the level of its baseline by one factor, when it is rendered. rms: the
    power over the whole sound; loudness: ITU-R BS.1770; speech: active speech level, ITU-T P.56."""
    fresh_noise: bool = True
    """Send every clip with noise of its own in the last of 24 bits, so that X is no copy of A or B
    to somebody who compares files. Without it, clips are sent as they are, and may be cached."""


class StudyDefinition(_Section):
    """A whole study. Everything that decides what a participant hears is in here."""

    jndlab: Literal[1] = 1
    """Version of this file format."""
    slug: str = Field(pattern=f"^{SLUG_PATTERN.pattern}$")
    """Short name in links and file names: lower-case letters, digits and hyphens."""
    title: str = Field(min_length=1, max_length=200)
    """Title that participants see."""
    paradigm: Paradigm
    """Trial type: the page of paradigms describes each."""
    seed: int = Field(ge=0, le=2**53 - 1)
    """Seed of every participant's plan. Whoever knows it and this file knows the answers:
    keep it to yourself until the last session has ended."""
    completion_code: str = Field(default="", pattern=r"^[A-Za-z0-9-]{0,40}$")
    """Code shown at the end, for a recruiter's site. Empty: a code is made at the launch."""
    screen_out_code: str = Field(default="", pattern=r"^[A-Za-z0-9-]{0,40}$")
    """Code shown to participants whom a check screens out. Empty: a code is made at the launch."""
    stimuli: Stimuli
    """The sounds."""
    design: Design = Design()
    """Numbers of trials."""
    adaptive: Adaptive | None = None
    """How levels follow from answers, for procedures in which they do. Left out: the defaults."""
    parts: tuple[Part, ...] = Field(default=(), max_length=MAX_PARTS)
    """Parts of a session, each with a paradigm, conditions and a procedure of its own. Left out:
    the session is all one."""
    presentation: Presentation = Presentation()
    """Playback."""
    texts: Texts = Texts()
    """Texts for participants."""
    language: LanguageTag | None = None
    """Language of the page, for everybody: write it if your own texts are in one language. Left
    out: what the link asks for (?lang=de), else what the browser prefers, else English."""
    checks: tuple[Check, ...] | None = Field(default=None, max_length=MAX_CHECKS)
    """What is checked before the first trial, in this order. Left out: that beeps can be counted.
    An empty list: nothing."""
    examples: tuple[Example, ...] = Field(default=(), max_length=MAX_EXAMPLES)
    """Sounds to hear on the page of instructions."""
    questionnaires: tuple[Questionnaire, ...] = Field(default=(), max_length=MAX_QUESTIONNAIRES)
    """What participants are asked before, between or after the trials."""
    analysis: Analysis | None = None
    """How the answers will be analysed: frozen with the study, so that the report can say
    whether it was kept to. Left out: the defaults, and a report that says nothing was fixed."""
    gate: PairLimits | None = None
    """Limits of the pair gate, where others than the defaults suit the study. Left out: the
    defaults."""

    def pair_limits(self) -> PairLimits:
        """The limits of the pair gate, those of the study or the defaults."""
        return self.gate or PairLimits()

    def condition(self, name: str) -> Condition:
        """The condition of that name. Raises KeyError if there is none."""
        return {condition.name: condition for condition in self.stimuli.conditions}[name]

    def check_rules(self) -> tuple[CheckRule, ...]:
        """The checks before the first trial, every number filled in."""
        if self.checks is None:
            return DEFAULT_RULES
        return tuple(check.rule() for check in self.checks)

    def to_json(self) -> str:
        """Canonical JSON: keys sorted, no spaces. What the store keeps and digests cover."""
        return json.dumps(self.model_dump(mode="json"), sort_keys=True, separators=(",", ":"))

    @classmethod
    def from_json(cls, text: str) -> StudyDefinition:
        """The definition that :meth:`to_json` wrote."""
        return cls.model_validate_json(text)

    def simulation_key(self) -> str:
        """Shows that a simulated listener comes from somebody who holds the study file."""
        message = f"simulate:{self.digest()}".encode()
        return hmac.new(str(self.seed).encode(), message, hashlib.sha256).hexdigest()

    def digest(self) -> str:
        """SHA-256 (hex) of the definition less its folder paths.

        A study folder may be moved; what was in the files is covered by the digests of the stimuli
        themselves. A key that came later counts only where it is used: a study that was launched
        before there was such a key keeps its digest.
        """
        content = self.model_dump(mode="json")
        for name, first_keys in _FIRST_KEYS.items():
            section = getattr(self, name) if name else self
            if section is None:
                continue
            for key, field in type(section).model_fields.items():
                if key not in first_keys and getattr(section, key) == field.get_default(
                    call_default_factory=True
                ):
                    del (content[name] if name else content)[key]
        plan = content.get("analysis")
        paradigms = {self.paradigm, *(part.paradigm for part in self.parts)}
        if plan and plan["decision_model"] is None and "same-different" not in paradigms:
            plan["decision_model"] = "independent_observation"  # the default that was written once
        del content["stimuli"]["baseline"], content["stimuli"]["manifest"]
        for condition in content["stimuli"]["conditions"]:
            del condition["folder"]
        canonical = json.dumps(content, sort_keys=True, separators=(",", ":"))
        return hashlib.sha256(canonical.encode()).hexdigest()


_FIRST_KEYS: dict[str, frozenset[str]] = {
    "": frozenset(
        {"jndlab", "slug", "title", "paradigm", "seed", "completion_code"}
        | {"stimuli", "design", "presentation", "texts"}
    ),
    "design": frozenset(
        {"procedure", "trials_per_level", "practice_trials", "identical_trials"}
        | {"gross_trials", "trials_per_block"}
    ),
    "presentation": frozenset({"sample_rate_hz", "gap_ms", "ramp_ms"}),
    "texts": frozenset({"consent", "contact", "thanks"}),
    "analysis": frozenset(
        {"target_probability", "equivalence_bound", "bound_on", "bound_reason", "alpha"}
        | {"sigmoid", "decision_model", "min_gross_correct", "include_unfinished"}
    ),
    "gate": frozenset(),
    "stimuli": frozenset({"baseline", "items", "conditions", "manifest"}),
    "adaptive": frozenset(),
}
"""The keys of the first studies, by section: these are in every digest. Of the gate's limits, those
count that are not the defaults."""


def study_schema() -> dict[str, object]:
    """JSON Schema (draft 2020-12) of a study file, for editors and other tools."""
    schema = StudyDefinition.model_json_schema()
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema}
