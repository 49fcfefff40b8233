"""Sending a sound: by this server, by nginx, or by the object store through a signed link.

Whoever sends it sends a copy that was made for this one release: the stored clip never leaves, not
even its name. There is no cache of clips on the way: the first sound of a trial would come later
than the others, and X before A than after it, if A is what X is.
"""

from __future__ import annotations

import base64
import hashlib
from functools import lru_cache
from urllib.parse import urlsplit

from flask import Response

from jndlab.audio.pcm import freshen
from jndlab.clips import load_clip, open_clips, open_released
from jndlab.sessions import ReleasedClip
from jndlab.settings import Settings

CACHE_SECONDS = 24 * 3600
"""For how long a browser may keep a clip that is sent as it is."""
MIMETYPE = "audio/wav"


def clip_response(settings: Settings, released: ReleasedClip, name: str | None = None) -> Response:
    """The answer to a request for a sound; one without a name of its own is sent by this server."""
    wav = load_clip(open_clips(settings), released.clip)
    if released.noise_seed is not None:
        wav = freshen(wav, released.noise_seed)
    response = _laid_out(settings, wav, name) if name else Response(wav, mimetype=MIMETYPE)
    if released.noise_seed is None and response.status_code == 200:  # a link is soon too old
        response.cache_control.private = True
        response.cache_control.max_age = CACHE_SECONDS
    digest = base64.b64encode(hashlib.sha256(wav).digest()).decode()
    response.headers["Repr-Digest"] = f"sha-256=:{digest}:"  # RFC 9530
    return response


def _laid_out(settings: Settings, wav: bytes, name: str) -> Response:
    """The sound itself, or where it is to be had for a minute."""
    if settings.clips_by == "app":
        return Response(wav, mimetype=MIMETYPE)
    released = open_released(settings)
    place = released.put(name, wav)
    if settings.clips_by == "nginx":
        return Response(mimetype=MIMETYPE, headers={"X-Accel-Redirect": released.for_nginx(place)})
    return Response(status=307, headers={"Location": released.signed(place)})


@lru_cache(maxsize=8)
def sound_origin(settings: Settings) -> str:
    """Another origin from which pages of participants fetch sounds; empty if there is none."""
    if settings.clips_by != "signed":
        return ""
    parts = urlsplit(open_released(settings).signed("x"))
    return f"{parts.scheme}://{parts.netloc}"
