"""Pages, scripts and styles go out compressed: the page is there sooner on a slow line.

Only what is the same for everybody, or holds no secret: compressed secrets can be guessed from
lengths. Answers of the API stay as they are, for their lengths must tell nothing.
"""

from __future__ import annotations

import gzip
import re
from functools import lru_cache

from flask import Response, request

ENDPOINTS = {"static", "participant.study"}
TYPES = {"text/html", "text/css", "text/javascript", "image/svg+xml"}
COMMENTED = {"text/css", "text/javascript"}
NEEDLESS = ("Accept-Ranges", "Content-Disposition", "Expires", "Last-Modified")
"""What Flask adds to a file; there is an ETag, and no part of a compressed file is asked for."""
MIN_BYTES = 400

_COMMENT = re.compile(rb"^[ \t]*(?://[^\n]*|/\*(?:(?!\*/).)*\*/[ \t]*$)", re.DOTALL | re.MULTILINE)


def compress(response: Response) -> Response:
    """Compress the body where that is worth it and the browser understands it."""
    if request.endpoint not in ENDPOINTS or response.mimetype not in TYPES:
        return response
    response.vary.add("Accept-Encoding")
    if (
        request.method != "GET"
        or response.status_code != 200
        or not request.accept_encodings["gzip"]
        or "Content-Encoding" in response.headers
    ):
        return response
    response.direct_passthrough = False
    content = response.get_data()
    if len(content) < MIN_BYTES:
        return response
    response.set_data(_packed(content, response.mimetype in COMMENTED))
    response.headers["Content-Encoding"] = "gzip"
    if response.mimetype == "text/javascript":  # a page in UTF-8 reads its scripts as that
        response.headers["Content-Type"] = response.mimetype
    for name in NEEDLESS:
        response.headers.pop(name, None)
    etag, _ = response.get_etag()
    if etag:  # the same content in another form
        response.set_etag(etag, weak=True)
    return response


@lru_cache(maxsize=128)
def _packed(content: bytes, commented: bool) -> bytes:
    return gzip.compress(blank_comments(content) if commented else content, 9, mtime=0)


def blank_comments(code: bytes) -> bytes:
    """A script or style without its comments, each on the line where it was: errors name lines.

    Only comments that begin a line are taken out, so that nothing within a text is touched.
    """
    return _COMMENT.sub(lambda found: b"\n" * found[0].count(b"\n"), code)
