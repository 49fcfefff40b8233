"""Problems of a study file, told at the fields of the form that they are about."""

from __future__ import annotations

from jndlab.errors import StudyError
from jndlab.study.form_fields import form_fields
from jndlab.study.form_values import FormProblem
from jndlab.study.study_file import FILE_NAME
from jndlab.study.yaml_source import Locator, read_yaml


def problems_at_fields(text: str, error: StudyError) -> list[FormProblem]:
    """Each problem with the name of its field, empty where it is about none."""
    try:
        where = Locator(read_yaml(text, FILE_NAME), text.splitlines(), FILE_NAME)
        lines = {where(field.path).line: name for name, field in form_fields().items()}
    except StudyError:
        lines = {}
    return [
        FormProblem(
            name=lines.get(problem.location.line if problem.location else 0, ""),
            message=f"{problem.message}. {problem.remedy}",
        )
        for problem in error.problems
    ]
