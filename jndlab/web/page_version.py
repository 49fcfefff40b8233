"""Which page the server would send now, so that an older one in a browser notices.

An upgrade in the middle of a study meets pages that were loaded before it. Every answer of the
participant API carries the digest of the present page; a page of another digest loads itself
anew between two trials (static/js/version.js).
"""

from __future__ import annotations

import hashlib

from flask import Flask, Response, request

from jndlab import __version__
from jndlab.assets import asset_folder

HEADER = "Jndlab-Page"
PARTS = (("static", "js/*.js"), ("static", "css/*.css"), ("templates", "participant/*.html"))


def page_version() -> str:
    """Digest over the version and all that a participant's page is made of."""
    digest = hashlib.sha256(__version__.encode())
    for folder, pattern in PARTS:
        for path in sorted(asset_folder(folder).glob(pattern)):
            content = path.read_bytes()
            digest.update(f"{path.name} {len(content)}\n".encode() + content)
    return digest.hexdigest()[:16]


def install(app: Flask) -> None:
    """Tell templates and every answer of the API."""
    version = page_version()
    app.jinja_env.globals["page_version"] = version

    @app.after_request
    def tell(response: Response) -> Response:
        if request.path.startswith("/api/"):
            response.headers[HEADER] = version
        return response
