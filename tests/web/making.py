"""A browser in which a study is made: forms, and what the scripts of the pages send."""

from __future__ import annotations

import re
from typing import Any

from flask import Flask
from werkzeug.test import TestResponse

from jndlab.store.engine import Store
from jndlab.store.models import StudyRow
from jndlab.store.studies import study_by_slug
from tests.web.people import Person, person

JSON = {"Accept": "application/json"}


class Maker:
    """An experimenter who makes the study ``heron``."""

    def __init__(self, app: Flask, store: Store, name: str = "mia") -> None:
        self.store = store
        self.person: Person = person(app, store, name)
        page = self.person.get("/studies/new").text
        found = re.search(r'name="csrf-token" content="([^"]+)"', page)
        assert found is not None
        self.token = found[1]

    def get(self, address: str, **more: Any) -> TestResponse:
        return self.person.get(address, **more)

    def post(self, address: str, **form: Any) -> TestResponse:
        """A form."""
        data = {"csrf_token": self.token, **form}
        return self.person.client.post(address, data=data)

    def ask(self, method: str, address: str, **more: Any) -> TestResponse:
        """A request of a script: JSON in, JSON out."""
        headers = {**JSON, "X-CSRFToken": self.token, **more.pop("headers", {})}
        return self.person.client.open(address, method=method, headers=headers, **more)

    def make(self, slug: str = "heron") -> int:
        """A new study; its row id."""
        assert self.post("/studies/new", title="Which is which?", slug=slug).status_code == 302
        with self.store.read() as db:
            row = study_by_slug(db, slug)
        assert isinstance(row, StudyRow)
        return row.id

    def upload(self, path: str, content: bytes, *, slug: str = "heron") -> TestResponse:
        """A whole file in one part; the answer to the part."""
        told = {"path": path, "n_bytes": len(content), "replace": True}
        begun = self.ask("POST", f"/studies/{slug}/uploads", json=told)
        assert begun.status_code == 200, begun.text
        return self.part(begun.json["name"], 0, content, slug=slug)  # type: ignore[index]

    def part(
        self, name: str, offset: object, content: bytes, *, slug: str = "heron"
    ) -> TestResponse:
        """One part of a file."""
        headers = {
            "Upload-Offset": str(offset),
            "Content-Type": "application/offset+octet-stream",
        }
        address = f"/studies/{slug}/uploads/{name}"
        return self.ask("PATCH", address, data=content, headers=headers)
