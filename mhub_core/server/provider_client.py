"""What the hub asks of other providers of accounts, by Authlib: where to send people, and who came back.

Each answer is bounded in time and size. Nothing is asked before somebody presses a button.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import httpx2
from authlib.integrations.base_client import OAuthError
from authlib.integrations.httpx_client import AsyncOAuth2Client
from authlib.oidc.core import CodeIDToken
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet
from joserfc.jws import JWSRegistry

from mhub_core.accounts import providers
from mhub_core.accounts.providers import Provider
from mhub_core.accounts.records import Arrival
from mhub_core.errors import Invalid, MHubError, Unavailable

SECONDS = 10.0  # for all that is asked of a provider while somebody waits
MAX_BYTES = 300_000  # of one answer
KEPT_SECONDS = 3600.0  # how long it is believed what a provider says of itself
_DISCOVERY = "/.well-known/openid-configuration"
# With keys that anybody may know. A shared secret would be the client's, and "none" nobody's.
_ALGORITHMS = ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA"]
_SIGNATURES = JWSRegistry(algorithms=_ALGORITHMS, strict_check_header=False)  # some add words of their own to the header
_said: dict[str, tuple[float, dict[str, Any]]] = {}  # by issuer: until when, and what it said of itself
_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Asked:
    """What a browser took along to a provider, to be told from all other ones (RFC 6749, RFC 7636, OpenID Connect Core)."""

    state: str
    nonce: str
    verifier: str


async def leave(provider: Provider, asked: Asked) -> str:
    """Return the address at the provider to which somebody is sent. Raises Unavailable."""
    async with _told(provider), _client(provider) as client:
        if not provider.issuer:
            client.scope = "read:user user:email"
            address = providers.GITHUB.authorize
            extra = {}
        else:
            address = (await _discover(client, provider))["authorization_endpoint"]
            extra = {"nonce": asked.nonce}
        found, _ = client.create_authorization_url(address, state=asked.state, code_verifier=asked.verifier, **extra)
        return str(found)


async def come_back(provider: Provider, code: str, asked: Asked) -> Arrival:
    """Exchange the code with which somebody came back, and return who they are. Raises Invalid and Unavailable."""
    async with _told(provider), _client(provider) as client:
        return await (_by_openid if provider.issuer else _by_github)(client, provider, code, asked)


async def _by_github(client: AsyncOAuth2Client, provider: Provider, code: str, asked: Asked) -> Arrival:
    await client.fetch_token(providers.GITHUB.token, code=code, code_verifier=asked.verifier)
    person = _json(await client.get(f"{providers.GITHUB.api}/user"))
    emails = _json(await client.get(f"{providers.GITHUB.api}/user/emails"))
    main = next((one for one in emails if one["primary"] and one["verified"] is True), None)
    name = str(person.get("name") or person["login"])
    return Arrival(provider.key, str(int(person["id"])), str(main["email"]) if main else "", main is not None, name)


async def _by_openid(client: AsyncOAuth2Client, provider: Provider, code: str, asked: Asked) -> Arrival:
    said = await _discover(client, provider)
    methods = said.get("token_endpoint_auth_methods_supported", ["client_secret_basic"])
    if "client_secret_basic" in methods:
        client.token_endpoint_auth_method = "client_secret_basic"
    token = await client.fetch_token(said["token_endpoint"], code=code, code_verifier=asked.verifier)
    keys = _that_sign(_json(await client.request("GET", said["jwks_uri"], withhold_token=True)))
    signed = jwt.decode(token["id_token"], keys, registry=_SIGNATURES)
    wanted: Any = {"iss": {"essential": True, "value": said["issuer"]}, "aud": {"essential": True, "value": provider.client_id}}
    about = {"nonce": asked.nonce, "client_id": provider.client_id, "access_token": token["access_token"]}
    claims = CodeIDToken(signed.claims, signed.header, wanted, about)
    claims.validate(leeway=60)
    person: dict[str, Any] = dict(claims)
    if "email" not in person and providers.is_safe(said.get("userinfo_endpoint")):
        more = _json(await client.get(said["userinfo_endpoint"]))
        person = {**more, **person} if more["sub"] == person["sub"] else person
    is_verified = person.get("email_verified") is True
    return Arrival(provider.key, str(person["sub"]), str(person.get("email", "")), is_verified, str(person.get("name", "")))


def _that_sign(said: dict[str, Any]) -> KeySet:
    """Return the keys of a provider that may have signed a token; others, also of kinds of the future, are passed over."""
    ours = [key for key in said["keys"] if key.get("use", "sig") == "sig" and key.get("kty") in ("RSA", "EC", "OKP")]
    return KeySet.import_key_set({"keys": ours})


async def _discover(client: AsyncOAuth2Client, provider: Provider) -> dict[str, Any]:
    """Return what an OpenID Connect provider says of itself (OpenID Connect Discovery 1.0)."""
    until, said = _said.get(provider.issuer, (0.0, {}))
    if time.monotonic() < until:
        return dict(said)
    said = _json(await client.request("GET", provider.issuer + _DISCOVERY, withhold_token=True))
    needed = ("authorization_endpoint", "token_endpoint", "jwks_uri")
    if said["issuer"].rstrip("/") != provider.issuer or not all(providers.is_safe(said[name]) for name in needed):
        raise ValueError("what the provider says of itself is not of this issuer, or names addresses without TLS")
    _said[provider.issuer] = (time.monotonic() + KEPT_SECONDS, dict(said))
    return dict(said)


def _json(answer: httpx2.Response) -> Any:
    answer.raise_for_status()
    return answer.json()


def _client(provider: Provider) -> AsyncOAuth2Client:
    return AsyncOAuth2Client(
        provider.client_id,
        provider.secret,
        token_endpoint_auth_method="client_secret_post",
        scope="openid email profile",
        redirect_uri=provider.back,
        code_challenge_method="S256",
        timeout=SECONDS,
        follow_redirects=False,
        headers={"Accept": "application/json", "Accept-Encoding": "identity", "User-Agent": "M-Hub"},
        event_hooks={"response": [_bound]},
    )


async def _bound(response: httpx2.Response) -> None:
    """Let an answer be read as far as an honest one goes."""
    if response.headers.get("content-encoding", "identity") != "identity":  # packed, a small one may be huge
        raise _TooLarge
    response.stream = _Bounded(response.stream)


class _TooLarge(Exception):
    """Raised when a provider answers without end."""


class _Bounded(httpx2.AsyncByteStream):
    def __init__(self, stream: Any) -> None:
        self._stream = stream

    async def __aiter__(self) -> AsyncIterator[bytes]:
        num_bytes = 0
        async for piece in self._stream:
            num_bytes += len(piece)
            if num_bytes > MAX_BYTES:
                raise _TooLarge
            yield piece

    async def aclose(self) -> None:
        await self._stream.aclose()


@asynccontextmanager
async def _told(provider: Provider) -> AsyncIterator[None]:
    """End in time, and raise what goes wrong with a provider in words; the log has the details."""
    try:
        async with asyncio.timeout(SECONDS):
            yield
    except MHubError:
        raise
    except (OAuthError, JoseError) as error:
        _log.warning("%s did not vouch for somebody: %r", provider.title, error)
        told = f"{provider.title} did not confirm this sign-in."
        raise Invalid(told, "A sign-in is confirmed once, within ten minutes.", "Try again.") from error
    except (httpx2.HTTPError, TimeoutError, OSError, _TooLarge) as error:
        _log.warning("%s did not answer: %r", provider.title, error)
        told = f"{provider.title} did not answer, or not in time."
        raise Unavailable(told, mend="Try again in a moment, or sign in with a password.") from error
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        _log.warning("%s gave an answer that was not understood: %r", provider.title, error)
        told = f"The answer of {provider.title} was not understood."
        raise Unavailable(told, mend="Sign in with a password, or tell the administrator: the hub's log has details.") from error
