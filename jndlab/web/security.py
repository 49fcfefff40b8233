"""Headers that every answer carries."""

from __future__ import annotations

from flask import Response, request

from jndlab.web.context import settings
from jndlab.web.sounds import sound_origin

CONTENT_SECURITY_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "connect-src 'self'; font-src 'self'; manifest-src 'self'; base-uri 'none'; "
    "form-action 'self'; frame-ancestors 'none'"
)
FILE_POLICY = "default-src 'none'; base-uri 'none'; frame-ancestors 'none'"
"""What is no page loads nothing on its own account; there are many answers, so it is short."""
CODE = ("text/javascript", "text/css")
NO_PAGES = (*CODE, "application/json")
REVALIDATED = ("experimenter.live_json",)
"""What a page asks for every few seconds keeps its ETag: the page holds it, and no cache does."""
REPORT_POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; "
    "form-action 'none'; frame-ancestors 'self'"
)
"""A report is one self-contained file: its style is inside it, and it has no script."""
REPORT_HOLDER_POLICY = f"{CONTENT_SECURITY_POLICY}; frame-src 'self'"
"""Of the page that shows a report inside itself."""


_EVERYWHERE = (
    ("X-Content-Type-Options", "nosniff"),
    ("Referrer-Policy", "no-referrer"),
    ("Cross-Origin-Resource-Policy", "same-origin"),
)
_FOR_PAGES = (
    ("Permissions-Policy", "camera=(), geolocation=(), microphone=()"),
    # Cross-origin isolation gives response times a resolution of 5 instead of 100 µs.
    ("Cross-Origin-Opener-Policy", "same-origin"),
    ("Cross-Origin-Embedder-Policy", "require-corp"),
)


def add_headers(response: Response) -> Response:
    """Refuse foreign content and framing, isolate the page, and keep nothing in caches."""
    headers, kind = response.headers, response.mimetype
    headers.setdefault(
        "Content-Security-Policy", FILE_POLICY if kind in NO_PAGES else _page_policy()
    )
    headers.extend(_EVERYWHERE)  # no view has its own
    if kind not in CODE:
        headers.extend(_FOR_PAGES)
    if request.endpoint != "static" and "max-age" not in headers.get("Cache-Control", ""):
        headers["Cache-Control"] = "no-store"
        headers.pop("Last-Modified", None)
        if request.endpoint not in REVALIDATED:
            headers.pop("ETag", None)
    return response


def _page_policy() -> str:
    """What a page may load: a participant's also sounds by links into an object store."""
    origin = sound_origin(settings()) if request.blueprint == "participant" else ""
    if not origin:
        return CONTENT_SECURITY_POLICY
    return CONTENT_SECURITY_POLICY.replace("connect-src 'self'", f"connect-src 'self' {origin}")
