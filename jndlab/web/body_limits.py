"""How much a request may send. Little, unless the view says more."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from flask import Flask, current_app, request

View = TypeVar("View", bound=Callable[..., Any])

_LIMIT = "jndlab_body_limit"


def takes(n_bytes: int) -> Callable[[View], View]:
    """Mark a view that takes bodies of up to ``n_bytes``."""

    def mark(view: View) -> View:
        setattr(view, _LIMIT, n_bytes)
        return view

    return mark


def install(app: Flask) -> None:
    """Apply the limits of the views. To be called before anything reads a form: the form token."""
    app.before_request(_set_limit)


def _set_limit() -> None:
    view = current_app.view_functions.get(request.endpoint or "")
    limit = getattr(view, _LIMIT, None)
    if limit is not None:
        request.max_content_length = limit
        request.max_form_memory_size = limit
