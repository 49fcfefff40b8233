"""A small OpenID Connect provider on the loopback interface, which can also misbehave.

It speaks real HTTP and signs with a real key, and it refuses what a good provider refuses:
a code used twice, a wrong client secret, another redirect address, a wrong PKCE verifier.
"""

from __future__ import annotations

import base64
import hashlib
import secrets
import threading
import time
from dataclasses import dataclass, field
from typing import Any

from flask import Flask, jsonify, redirect, request
from flask.typing import ResponseReturnValue
from joserfc import jwt
from joserfc.jwk import RSAKey
from werkzeug.serving import BaseWSGIServer, make_server

CLIENT_ID, CLIENT_SECRET = "jndlab-test", "a secret & of this=test"


@dataclass
class Provider:
    """Who is at the browser, and in which way the provider is out of order."""

    issuer: str = ""
    subject: str = "subject-of-ann"
    username: str = "ann@example.org"
    claims: dict[str, Any] = field(default_factory=dict)
    """Put over the right ones; None takes a claim away."""
    answers: str = "well"
    """``well``, ``denies``, ``no-id-token``, ``other-key``, ``no-json`` or ``fails``."""
    key: RSAKey = field(default_factory=lambda: RSAKey.generate_key(2048, {"use": "sig"}))
    codes: dict[str, dict[str, str]] = field(default_factory=dict)
    requests: list[dict[str, str]] = field(default_factory=list)
    """Queries with which browsers were sent here."""

    def id_token(self, nonce: str) -> str:
        now = int(time.time())
        claims = {
            "iss": self.issuer,
            "sub": self.subject,
            "aud": CLIENT_ID,
            "iat": now,
            "exp": now + 300,
            "nonce": nonce,
            "preferred_username": self.username,
        } | self.claims
        key = RSAKey.generate_key(2048) if self.answers == "other-key" else self.key
        header = {"alg": "RS256", "kid": self.key.thumbprint()}
        return jwt.encode(header, {k: v for k, v in claims.items() if v is not None}, key)


def make_app(provider: Provider) -> Flask:
    """The provider's four addresses."""
    app = Flask("oidc-provider")

    @app.get("/.well-known/openid-configuration")
    def discovery() -> ResponseReturnValue:
        if provider.answers == "fails":
            return "down", 503
        return jsonify(
            issuer=provider.issuer,
            authorization_endpoint=f"{provider.issuer}/authorize",
            token_endpoint=f"{provider.issuer}/token",
            jwks_uri=f"{provider.issuer}/keys",
            id_token_signing_alg_values_supported=["RS256"],
            code_challenge_methods_supported=["S256"],
        )

    @app.get("/keys")
    def keys() -> ResponseReturnValue:
        public = provider.key.as_dict(private=False)
        return jsonify(keys=[public | {"kid": provider.key.thumbprint()}])

    @app.get("/authorize")
    def authorize() -> ResponseReturnValue:
        asked = request.args.to_dict()
        provider.requests.append(asked)
        answer = {"state": asked["state"]}
        if provider.answers == "denies":
            answer |= {"error": "access_denied", "error_description": "<b>no</b>"}
        else:
            answer["code"] = secrets.token_urlsafe(16)
            provider.codes[answer["code"]] = asked
        query = "&".join(f"{key}={value}" for key, value in answer.items())
        return redirect(f"{asked['redirect_uri']}?{query}")

    @app.post("/token")
    def token() -> ResponseReturnValue:
        asked = provider.codes.pop(request.form.get("code", ""), None)
        if asked is None or not _client_is_known() or not _same_flow(asked):
            return jsonify(error="invalid_grant"), 400
        if provider.answers == "no-json":
            return "<html>"
        answer = {"access_token": secrets.token_urlsafe(16), "token_type": "Bearer"}
        if provider.answers != "no-id-token":
            answer["id_token"] = provider.id_token(asked["nonce"])
        return jsonify(answer)

    return app


def _client_is_known() -> bool:
    given = request.authorization
    return given is not None and (given.username, given.password) == (CLIENT_ID, CLIENT_SECRET)


def _same_flow(asked: dict[str, str]) -> bool:
    verifier = request.form.get("code_verifier", "").encode()
    challenge = base64.urlsafe_b64encode(hashlib.sha256(verifier).digest()).rstrip(b"=").decode()
    return (asked["code_challenge"], asked["code_challenge_method"], asked["redirect_uri"]) == (
        challenge,
        "S256",
        request.form.get("redirect_uri"),
    )


class RunningProvider:
    """The provider in a thread of its own, on a free port."""

    def __init__(self) -> None:
        self.provider = Provider()
        self._server: BaseWSGIServer = make_server(
            "127.0.0.1", 0, make_app(self.provider), threaded=True
        )
        self.provider.issuer = f"http://127.0.0.1:{self._server.server_port}"
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)

    def __enter__(self) -> Provider:
        self._thread.start()
        return self.provider

    def __exit__(self, *error: object) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()
