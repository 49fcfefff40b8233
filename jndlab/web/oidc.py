"""Sign-in elsewhere: the code flow of OpenID Connect, with PKCE, state and nonce, by Authlib."""

from __future__ import annotations

import re
import threading
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from flask import current_app, request, session

from jndlab.errors import MissingExtra, SignInError
from jndlab.settings import Settings

CLIENT = "oidc"
TIMEOUT_S = 10.0
MAX_SUBJECT = 255  # as the specification has it
_BEGIN_ANEW = "Begin anew on the sign-in page."
_one_at_a_time = threading.Lock()  # two first visitors must not make half a client each


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """Who the provider says is there, and what for that was asked."""

    subject: str
    """Names the person at this provider for good; names and addresses of mail may change."""
    suggested_name: str
    purpose: dict[str, Any]


def provider_name(settings: Settings) -> str | None:
    """What people call the provider: its host; None where there is none."""
    return urlsplit(settings.oidc_issuer).hostname if settings.oidc_issuer else None


def require_installed(settings: Settings) -> None:
    """Raise MissingExtra if a provider is set up and what speaks to it is not installed."""
    if settings.oidc_issuer:
        _library()


def begin(settings: Settings, *, redirect_uri: str, purpose: dict[str, Any]) -> str:
    """The address at the provider to go to. Raises SignInError if it cannot be reached."""
    client = _client(settings)
    with _Explained():
        issuer = client.load_server_metadata().get("issuer")
        if issuer != settings.oidc_issuer:
            raise SignInError(
                f"The provider calls itself {str(issuer)[:200]!r}, not {settings.oidc_issuer!r}.",
                "Set JNDLAB_OIDC_ISSUER to the provider's own name for itself, to the letter.",
            )
        flow = client.create_authorization_url(redirect_uri)
    address: str = flow.pop("url")
    # Only the flow that was begun last counts: a cookie has no room for many.
    for key in [key for key in session if key.startswith(f"_state_{CLIENT}_")]:
        session.pop(key)
    client.save_authorize_data(redirect_uri=redirect_uri, purpose=purpose, **flow)
    return address


def finish(settings: Settings) -> Identity:
    """Who came back from the provider. Raises SignInError, whatever is wrong with it."""
    client = _client(settings)
    state = request.args.get("state", "")
    begun = client.framework.get_state_data(session, state)
    if not begun:
        raise SignInError(
            "This sign-in was not begun in this browser, or too long ago.", _BEGIN_ANEW
        )
    if "error" in request.args:  # what it is about is in the address, where anybody may write
        client.framework.clear_state_data(session, state)
        raise SignInError("The provider did not sign you in.", _BEGIN_ANEW)
    with _Explained():
        token = client.authorize_access_token(
            claims_options={
                "iss": {"essential": True, "value": settings.oidc_issuer},
                "aud": {"essential": True, "value": settings.oidc_client_id},
            }
        )
    claims = token.get("userinfo") or {}
    subject = claims.get("sub")
    if not isinstance(subject, str) or not 0 < len(subject) <= MAX_SUBJECT:
        raise SignInError("The provider did not say who you are.", _BEGIN_ANEW)
    return Identity(
        subject=subject, suggested_name=_suggested_name(claims), purpose=begun["purpose"]
    )


def _suggested_name(claims: dict[str, Any]) -> str:
    for claim in ("preferred_username", "name"):
        name = claims.get(claim)
        if isinstance(name, str) and name.strip().isprintable() and 0 < len(name.strip()) <= 80:
            return re.sub(r"@.*", "", name.strip())
    return ""


def _client(settings: Settings) -> Any:
    """Authlib's client of this application. It keeps what the provider tells about itself."""
    if not settings.oidc_issuer:
        raise SignInError("This server knows no other place to sign in.", "Use your password.")
    with _one_at_a_time:
        known = current_app.extensions.get("authlib.integrations.flask_client")
        if known is None:
            known = _library()(current_app)
            known.register(
                CLIENT,
                client_id=settings.oidc_client_id,
                client_secret=settings.oidc_client_secret,
                server_metadata_url=(
                    settings.oidc_issuer.rstrip("/") + "/.well-known/openid-configuration"
                ),
                client_kwargs={
                    "scope": "openid profile",
                    "code_challenge_method": "S256",
                    "default_timeout": TIMEOUT_S,
                },
            )
    return known.create_client(CLIENT)


def _library() -> Any:
    try:
        from authlib.integrations.flask_client import OAuth
    except ModuleNotFoundError as error:
        raise MissingExtra(error.name or "authlib", "oidc") from None
    return OAuth


class _Explained:
    """Turns whatever a provider can do wrong into one error; what it was goes into the log."""

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        from authlib.common.errors import AuthlibBaseError
        from joserfc.errors import JoseError
        from requests import RequestException

        if isinstance(error, RequestException):
            current_app.logger.warning("OpenID Connect: %s", type(error).__name__)
            raise SignInError(
                "The provider cannot be reached.", "Try again in a moment, or use your password."
            ) from error
        doubtful = (AuthlibBaseError, JoseError, ValueError, RuntimeError, KeyError, TypeError)
        if isinstance(error, doubtful):
            current_app.logger.warning("OpenID Connect: %s: %s", type(error).__name__, error)
            raise SignInError("The provider's answer cannot be trusted.", _BEGIN_ANEW) from error
