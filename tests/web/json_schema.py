"""Just enough of JSON Schema to hold real answers against the API's own description."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

TYPES: dict[str, type | tuple[type, ...]] = {
    "object": dict,
    "array": list,
    "string": str,
    "integer": int,
    "number": (int, float),
    "boolean": bool,
    "null": type(None),
}
ANNOTATIONS = {"title", "description", "default", "format"}
KNOWN = {
    *("$ref", "type", "const", "enum", "anyOf", "properties", "required", "additionalProperties"),
    *("items", "minimum", "maximum", "exclusiveMinimum", "minLength", "maxLength", "maxItems"),
    "pattern",
}


def faults(document: dict[str, Any], schema: dict[str, Any], value: Any, at: str) -> Iterator[str]:
    """What is wrong with ``value``. Fails on a keyword that it does not know."""
    unknown = set(schema) - KNOWN - ANNOTATIONS
    assert not unknown, f"unknown keywords {unknown}"
    if "$ref" in schema:
        yield from faults(document, resolve(document, schema["$ref"]), value, at)
    if "anyOf" in schema and all(list(faults(document, s, value, at)) for s in schema["anyOf"]):
        yield f"{at}: none of anyOf"
    if "const" in schema and value != schema["const"]:
        yield f"{at}: {value!r} is not {schema['const']!r}"
    if "enum" in schema and value not in schema["enum"]:
        yield f"{at}: {value!r} is none of {schema['enum']}"
    kind = schema.get("type")
    if kind is None:
        return
    wanted = TYPES[kind]
    if not isinstance(value, wanted) or (isinstance(value, bool) and kind != "boolean"):
        yield f"{at}: {value!r} is no {kind}"
    elif kind == "object":
        yield from _object_faults(document, schema, value, at)
    elif kind == "array":
        for place, entry in enumerate(value):
            yield from faults(document, schema["items"], entry, f"{at}[{place}]")


def resolve(document: dict[str, Any], reference: str) -> dict[str, Any]:
    """What a reference within the document points to; KeyError if it points nowhere."""
    assert reference.startswith("#/"), reference
    found: Any = document
    for part in reference[2:].split("/"):
        found = found[part]
    assert isinstance(found, dict)
    return found


def references(content: Any) -> Iterator[str]:
    """Every $ref in the document."""
    if isinstance(content, dict):
        for key, value in content.items():
            if key == "$ref":
                yield value
            else:
                yield from references(value)
    elif isinstance(content, list):
        for value in content:
            yield from references(value)


def _object_faults(
    document: dict[str, Any], schema: dict[str, Any], value: dict[str, Any], at: str
) -> Iterator[str]:
    properties = schema.get("properties", {})
    for name in schema.get("required", []):
        if name not in value:
            yield f"{at}: {name} is missing"
    for name, entry in value.items():
        if name in properties:
            yield from faults(document, properties[name], entry, f"{at}.{name}")
        elif schema.get("additionalProperties") is False:
            yield f"{at}: {name} is not described"
