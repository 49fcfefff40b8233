"""The document of a registration as files, with the procedure of the study in words."""

from __future__ import annotations

from jndlab.studies.registration import Registration
from jndlab.study.definition import StudyDefinition
from jndlab.study.registration import registration_json
from jndlab.study.registration_text import registration_markdown
from jndlab.web.procedure import describe_procedure


def registration_file(
    definition: StudyDefinition, registration: Registration, ending: str
) -> tuple[str, bytes]:
    """Name and content of the document: ``md`` to read, ``json`` for machines."""
    name = f"{definition.slug}-registration-v{registration.version}.{ending}"
    if ending == "json":
        return name, registration_json(registration.content).encode()
    procedure = describe_procedure(definition)
    return name, registration_markdown(registration.content, procedure=procedure).encode()
