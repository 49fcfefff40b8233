"""The form of a study: every key is in it, and it writes what `jndlab new` writes."""

from __future__ import annotations

from typing import Any

import pytest
from builders import make_definition

from jndlab.analysis.paradigms import get_paradigm
from jndlab.errors import StudyError
from jndlab.study.definition import Analysis, Design, PracticeCriterion, Presentation
from jndlab.study.draft import draft_study
from jndlab.study.form_fields import MODELS, form_fields, form_sections
from jndlab.study.form_relevance import OF_SEVERAL_MODELS, tasks_of
from jndlab.study.form_values import changed_fields, edit_study, form_values, read_form
from jndlab.study.study_file import parse_study
from jndlab.study.texts import Texts
from jndlab.study.trials import TASKS

IN_THE_STUDY_FILE = {"texts.overrides", "design.gold", "design.traps"}
"""Lists and mappings of what a form has no simple field for."""


def make_draft(**options: Any) -> str:
    options = {"paradigm": "abx", "title": "A title"} | options
    return draft_study(slug="s", seed=5, stimuli=make_definition().stimuli, **options)


def posted(text: str, **fields: str | list[str]) -> dict[str, list[str]]:
    """What a browser sends for the form of ``text``, with some fields filled in differently."""
    sent: dict[str, list[str]] = {}
    values = form_values(parse_study(text)) | {k.replace("__", "."): v for k, v in fields.items()}
    for name, field in form_fields().items():
        value = values[name]
        if field.kind in ("yes-no", "several"):
            sent[f"{name}.shown"] = ["1"]
            chosen = value if isinstance(value, list) else ["1"] if value else []
            if chosen:
                sent[name] = chosen
        elif isinstance(value, list):
            sent[name] = [", ".join(map(str, value))]
        else:
            sent[name] = ["" if value is None else str(value)]
    return sent


def saved(text: str, **fields: str | list[str]) -> str:
    """The file after the form was filled in and saved."""
    study = parse_study(text)
    before = form_values(study)
    after, problems = read_form(posted(text, **fields), before)
    assert problems == []
    return edit_study(text, changed_fields(before, after), study)


def test_every_key_of_the_models_is_a_field_with_a_label_and_help() -> None:
    names = set(form_fields())
    for section, model in MODELS.items():
        for key in model.model_fields:
            if f"{section}.{key}" not in IN_THE_STUDY_FILE:
                assert any(name.startswith(f"{section}.{key}") for name in names), key
    assert all(field.label and field.help for field in form_fields().values())
    assert sum(len(section.fields) for section in form_sections()) == len(names)


def test_a_form_that_nobody_touched_changes_nothing() -> None:
    text = make_draft()
    assert saved(text) == text


@pytest.mark.parametrize("paradigm", ["abx", "two-interval"])
def test_the_form_writes_the_file_that_jndlab_new_writes(paradigm: Any) -> None:
    text = make_draft(paradigm=paradigm)
    consent = "Please listen carefully, and do it well. " * 6 + "\n\nYou may stop. " * 3
    consent = "\n\n".join(" ".join(block.split()) for block in consent.split("\n\n"))
    edited = saved(
        text,
        title='Quotes " and: colons # & *',
        design__trials_per_level="12",
        design__practice_trials="6",
        design__confidence_steps="4",
        design__practice_criterion__share="0.8",
        design__practice_criterion__last="5",
        design__feedback="always",
        presentation__ramp_ms="10",
        presentation__loop=[],
        presentation__max_plays="3",
        analysis__equivalence_bound="0,6",
        analysis__bound_reason="Because: a tenth of the way",
        analysis__include_unfinished=[],
        analysis__sample_size="24",
        texts__consent=consent,
        texts__contact="Ann <ann@example.org>",
        texts__debrief="It was about compression.\n\nThanks.",
    )
    assert edited == make_draft(
        paradigm=paradigm,
        title='Quotes " and: colons # & *',
        design=Design(
            trials_per_level=12,
            practice_trials=6,
            confidence_steps=4,
            practice_criterion=PracticeCriterion(share=0.8, last=5),
            feedback="always",
        ),
        presentation=Presentation(ramp_ms=10.0, loop=False, max_plays=3),
        analysis=Analysis(
            equivalence_bound=0.6,
            bound_reason="Because: a tenth of the way",
            include_unfinished=False,
            sample_size=24,
        ),
        texts=Texts(
            consent=consent,
            contact="Ann <ann@example.org>",
            debrief="It was about compression.\n\nThanks.",
        ),
    )


def test_what_was_filled_in_and_emptied_again_leaves_no_trace() -> None:
    text = make_draft()
    filled = saved(
        text,
        design__confidence_steps="3",
        design__practice_criterion__share="0.9",
        design__practice_criterion__last="4",
        presentation__max_plays="2",
        analysis__min_gross_correct="0.75",
        analysis__max_loads="3",
    )
    assert filled != text
    emptied = {
        "design__confidence_steps": "",
        "design__practice_criterion__share": "",
        "design__practice_criterion__last": "",
        "presentation__max_plays": "",
        "analysis__min_gross_correct": "",
        "analysis__max_loads": "",
    }
    assert saved(filled, **emptied) == text  # type: ignore[arg-type]


def test_the_settings_of_a_procedure_come_and_go_with_their_section() -> None:
    text = make_draft()
    filled = saved(
        text,
        design__procedure="staircase",
        adaptive__n_down="3",
        adaptive__starts="1, 4",
        adaptive__stop__trials="40",
    )
    adaptive = parse_study(filled).adaptive
    assert adaptive is not None
    assert (adaptive.n_down, adaptive.starts) == (3, (1.0, 4.0))
    assert adaptive.stop is not None
    assert (adaptive.stop.trials, adaptive.stop.reversals) == (40, None)
    assert "  starts: [1, 4]\n" in filled
    assert filled.index("\ndesign:") < filled.index("\nadaptive:") < filled.index("\npresentation:")
    assert parse_study(filled).design.trials_per_level == 8
    emptied = saved(filled, adaptive__n_down="", adaptive__starts="", adaptive__stop__trials="")
    assert "adaptive" not in emptied.replace("staircase", "")
    assert saved(filled, design__procedure="constant-stimuli") == text


def test_what_means_nothing_for_the_new_trial_type_is_taken_out() -> None:
    text = make_draft(design=Design(confidence_steps=4, procedure="questplus"))
    text = saved(text, analysis__decision_model="differencing", adaptive__sigmoid="logistic")
    changed = saved(text, paradigm="mushra", stimuli__anchors_hz="3500; 7000")
    study = parse_study(changed)
    assert (study.paradigm, study.design.procedure) == ("mushra", "constant-stimuli")
    assert (study.stimuli.anchors_hz, study.adaptive) == ((3500.0, 7000.0), None)
    for key in ("confidence_steps", "identical_trials", "gross_trials", "decision_model"):
        assert key not in changed
    assert "# trials a session: each holds all levels" not in text
    assert "paradigm: mushra                  # MUSHRA\n" in changed
    back = parse_study(saved(changed, paradigm="oddity"))
    assert (back.stimuli.anchors_hz, back.design.identical_trials) == ((), 4)


def test_a_field_that_is_not_shown_cannot_stop_the_others() -> None:
    text = make_draft(paradigm="mushra")
    before = form_values(parse_study(text))
    sent = posted(text, adaptive__n_down="many", design__gross_trials="3", title="New")
    values, problems = read_form(sent, before)
    assert problems == []
    assert changed_fields(before, values) == {"title": "New"}


@pytest.mark.parametrize("name", TASKS)
def test_the_models_offered_are_those_of_the_analysis(name: str) -> None:
    known = TASKS[name].measure in ("correct", "detection")
    assert (name in OF_SEVERAL_MODELS) == (known and len(get_paradigm(name).models) > 1)


def test_a_study_of_parts_shows_what_any_of_them_needs() -> None:
    parts = [
        {"name": "first", "paradigm": "abx", "procedure": "staircase"},
        {"name": "second", "paradigm": "mushra"},
    ]
    study = make_definition(parts=parts, condition={"levels": [8, 7, 6, 5, 4, 3, 2, 1]})
    shown = {name for name, field in form_fields().items() if field.applies(tasks_of(study))}
    assert {"adaptive.n_down", "stimuli.anchors_hz", "design.trials_per_level"} <= shown
    assert "adaptive.sigmoid" not in shown


def test_comments_and_keys_unknown_to_the_form_stay() -> None:
    text = make_draft().replace(
        "  trials_per_level: 8  ", "  # we tried 4, which was too few\n  trials_per_level: 8  "
    )
    text += "checks:\n  - kind: left-right\n    on_fail: screen-out  # as agreed\n"
    edited = saved(text, design__trials_per_level="16", checks=["left-right", "level"])
    assert "# we tried 4, which was too few\n  trials_per_level: 16 " in edited
    checks = parse_study(edited).checks
    assert checks is not None
    assert [(check.kind, check.on_fail) for check in checks] == [
        ("left-right", "screen-out"),
        ("level", None),
    ]


@pytest.mark.parametrize(
    ("field", "value", "message"),
    [
        ("design__trials_per_level", "", "has to be a whole number"),
        ("design__trials_per_level", "8.5", "has to be a whole number"),
        ("design__trials_per_level", "0", "from 1 to 200"),
        ("design__trials_per_level", "9" * 400, "of a usual size"),
        ("presentation__ramp_ms", "nan", "of a usual size"),
        ("presentation__ramp_ms", "1e400", "of a usual size"),
        ("presentation__ramp_ms", "two", "has to be a number"),
        ("paradigm", "triangle", "Choose one of: abx, abxy, axb"),
        ("presentation__sample_rate_hz", "47999", "Choose one of"),
        ("texts__consent", "  ", "what they agree to"),
        ("texts__consent", "a\0b", "holds a control character"),
        ("title", "a\x85b", "holds a control character"),
        ("adaptive__starts", "1, two", "numbers with commas"),
        ("adaptive__starts", "1 2 3 4 5", "4 numbers at most"),
        ("adaptive__stop__interval", "0,0,1", "has to be a number"),
    ],
)
def test_what_cannot_be_read_is_told_at_its_field(field: str, value: str, message: str) -> None:
    follows: Any = "questplus" if "interval" in field else "staircase"
    adaptive = field.startswith("adaptive")
    text = make_draft(design=Design(procedure=follows if adaptive else "constant-stimuli"))
    before = form_values(parse_study(text))
    values, [problem] = read_form(posted(text, **{field: value}), before)
    assert problem.name == field.replace("__", ".")
    assert message in problem.message
    assert values[problem.name] == value


def test_half_a_criterion_is_refused_by_the_study_itself() -> None:
    text = saved(make_draft(), design__practice_criterion__share="0.8")
    with pytest.raises(StudyError, match="'last' is missing"):
        parse_study(text)
