"""The settings and the store of the running application."""

from __future__ import annotations

from typing import cast

from flask import current_app

from jndlab.settings import Settings
from jndlab.store.engine import Store


def settings() -> Settings:
    """Deployment settings of the running application."""
    return cast(tuple[Settings, Store], current_app.extensions["jndlab"])[0]


def store() -> Store:
    """The database of the running application."""
    return cast(tuple[Settings, Store], current_app.extensions["jndlab"])[1]
