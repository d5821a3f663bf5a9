"""A real provider of accounts on this machine: it speaks OpenID Connect, and OAuth 2 as GitHub does, and checks what it is told.

Everybody who is sent to it is `person`. `wrong` names what it does wrong.
"""

from __future__ import annotations

import asyncio
import base64
import hashlib
import secrets
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlencode

import uvicorn
from joserfc import jwt
from joserfc.jwk import KeySet, RSAKey
from joserfc.jws import JWSRegistry
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from tests.services import free_port, wait_until

CLIENT_ID, SECRET = "the hub", "a secret of the hub"
_KEY = RSAKey.generate_key(2048, {"kid": "one", "use": "sig"})
OTHER_KEY = RSAKey.generate_key(2048, {"kid": "one", "use": "sig"})
_HEAD = {"alg": "RS256", "kid": "one", "of our own": "as some providers add"}
_REGISTRY = JWSRegistry(strict_check_header=False)


class Provider:
    """What it knows, and what it was asked for. `person`: the claims of who signs in."""

    def __init__(self) -> None:
        self.port = free_port()
        self.issuer = f"http://127.0.0.1:{self.port}"
        self.person: dict[str, Any] = {"sub": "ada-1", "email": "ada@school.example", "email_verified": True, "name": "Ada L."}
        self.wrong: dict[str, Any] = {}
        self.asked: list[str] = []
        self._codes: dict[str, dict[str, str]] = {}
        self._tokens: set[str] = set()
        self.app = Starlette(
            routes=[
                Route("/.well-known/openid-configuration", self.discovery),
                Route("/authorize", self.authorize),
                Route("/token", self.token, methods=["POST"]),
                Route("/keys", self.keys),
                Route("/userinfo", self.userinfo),
                Route("/api/user", self.github_user),
                Route("/api/user/emails", self.github_emails),
            ]
        )

    async def discovery(self, _request: Request) -> Response:
        self.asked.append("discovery")
        said = {
            "issuer": self.issuer,
            "authorization_endpoint": f"{self.issuer}/authorize",
            "token_endpoint": f"{self.issuer}/token",
            "jwks_uri": f"{self.issuer}/keys",
            "userinfo_endpoint": f"{self.issuer}/userinfo",
        }
        return JSONResponse(said | self.wrong.get("discovery", {}))

    async def authorize(self, request: Request) -> Response:
        """Send everybody back with a code; a real one would ask for a password first."""
        given = dict(request.query_params)
        assert (given["client_id"], given["response_type"], given["code_challenge_method"]) == (CLIENT_ID, "code", "S256")
        code = secrets.token_urlsafe(8)
        self._codes[code] = given
        return RedirectResponse(f"{given['redirect_uri']}?{urlencode({'code': code, 'state': given['state']})}", 302)

    async def token(self, request: Request) -> Response:
        self.asked.append("token")
        await asyncio.sleep(self.wrong.get("seconds", 0))
        if "bytes" in self.wrong:
            return Response(b"{" + b" " * self.wrong["bytes"], media_type="application/json")
        given = dict(await request.form())
        asked = self._codes.pop(str(given.get("code")), None)  # a code is good once
        if asked is None or given["redirect_uri"] != asked["redirect_uri"] or not self._is_hub(request, given):
            return JSONResponse({"error": "invalid_grant"}, 400)
        digest = hashlib.sha256(str(given.get("code_verifier")).encode()).digest()
        if base64.urlsafe_b64encode(digest).rstrip(b"=").decode() != asked["code_challenge"]:
            return JSONResponse({"error": "invalid_grant", "error_description": "PKCE"}, 400)
        self._tokens.add(access := secrets.token_urlsafe(8))
        return JSONResponse({"access_token": access, "token_type": "Bearer"} | self._id_token(asked))

    def _is_hub(self, request: Request, given: dict[str, Any]) -> bool:
        basic = base64.b64encode(f"{CLIENT_ID}:{SECRET}".encode()).decode()
        by_form = (given.get("client_id"), given.get("client_secret")) == (CLIENT_ID, SECRET)
        return by_form or request.headers.get("authorization") == f"Basic {basic}"

    def _id_token(self, asked: dict[str, str]) -> dict[str, str]:
        if "nonce" not in asked:
            return {}  # who does not ask for OpenID Connect
        now = int(time.time())
        claims = {"iss": self.issuer, "aud": CLIENT_ID, "iat": now, "exp": now + 60, "nonce": asked["nonce"], **self.person}
        claims |= self.wrong.get("claims", {})
        claims = {name: value for name, value in claims.items() if value is not None}
        return {"id_token": jwt.encode(_HEAD, claims, self.wrong.get("key", _KEY), registry=_REGISTRY)}

    async def keys(self, _request: Request) -> Response:
        others = [{"kty": "new", "kid": "two"}, {"kty": "RSA", "use": "enc", "kid": "three", "n": "AQAB", "e": "AQAB"}]
        return JSONResponse({"keys": [*others, *KeySet([_KEY]).as_dict(private=False)["keys"]]})

    async def userinfo(self, request: Request) -> Response:
        return JSONResponse(self.person | self.wrong.get("userinfo", {})) if self._knows(request) else Response(status_code=401)

    async def github_user(self, request: Request) -> Response:
        return JSONResponse({"id": 7, "login": "ada", "name": None}) if self._knows(request) else Response(status_code=401)

    async def github_emails(self, request: Request) -> Response:
        if not self._knows(request):
            return Response(status_code=401)
        main = {"email": self.person["email"], "primary": True, "verified": self.person["email_verified"]}
        return JSONResponse([{"email": "old@elsewhere.example", "primary": False, "verified": True}, main])

    def _knows(self, request: Request) -> bool:
        return request.headers.get("authorization", "").removeprefix("Bearer ") in self._tokens


@contextmanager
def provider() -> Iterator[Provider]:
    """Run a provider until the block ends."""
    found = Provider()
    server = uvicorn.Server(uvicorn.Config(found.app, port=found.port, log_level="error", lifespan="off"))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    try:
        wait_until(lambda: server.started)
        yield found
    finally:
        server.should_exit = server.force_exit = True
        thread.join(10)
