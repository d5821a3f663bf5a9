"""Signing in with another provider: `GET /api/sign-in/google` sends a browser there, `.../back` is where it comes back.

What has to be the same on both ways (state, nonce, PKCE verifier) stands in a signed cookie for ten minutes, so that nobody can
have another person come back as them.
"""

from __future__ import annotations

import hmac
import html
import secrets
from dataclasses import asdict, dataclass
from urllib.parse import urlsplit

from itsdangerous import BadSignature, URLSafeTimedSerializer
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from mhub_core import settings
from mhub_core.accounts import identity_service, providers, service
from mhub_core.accounts.identity_service import LINK_COOKIE, LINK_SECONDS, MustLink
from mhub_core.accounts.providers import Provider
from mhub_core.accounts.records import User
from mhub_core.errors import Forbidden, Invalid, MHubError, NotFound
from mhub_core.server import provider_client
from mhub_core.server.answers import plain_page
from mhub_core.server.limits import address_of
from mhub_core.server.origin import is_https
from mhub_core.server.provider_client import Asked
from mhub_core.server.session import keep_session
from mhub_core.ui.pages import BY_ADDRESS, IN_MENU, START

COOKIE = "mhub_sign_in"
_PATH, _SECONDS, _LONGEST = "/api/sign-in", 600, 3000
_MAX_NEXT, _MAX_INVITATION, _MAX_CODE = 500, 300, 2000
_PAGES = {f"/{name}" for name in IN_MENU + BY_ADDRESS if name != START} | {"/"}


@dataclass(frozen=True)
class _Way:
    """What somebody took along: to which provider, what it will be told from, where they go on, and who invited them."""

    provider: str
    asked: Asked
    next: str
    invitation: str


async def leave(request: Request) -> Response:
    """`GET /api/sign-in/{provider}?next=/Model?id=7`: send the browser to a provider."""
    try:
        if request.headers.get("sec-fetch-site", "same-origin") not in ("same-origin", "none"):
            raise Forbidden("This sign-in was started by a foreign page.", mend="Open the hub and press the button there.")
        provider = _require(request)
        _require_own_address(request)
        asked = Asked(secrets.token_urlsafe(24), secrets.token_urlsafe(24), secrets.token_urlsafe(48))
        invitation = request.query_params.get("invite", "")[:_MAX_INVITATION]
        way = _Way(provider.name, asked, path_of_ours(request.query_params.get("next", "")), invitation)
        answer: Response = RedirectResponse(await provider_client.leave(provider, asked), 303)
        _keep(request, answer, COOKIE, _signer().dumps(asdict(way)), _SECONDS, _PATH)
    except MHubError as error:
        answer = _refused(error)
    answer.headers["Cache-Control"] = "no-store"
    return answer


async def come_back(request: Request) -> Response:
    """`GET /api/sign-in/{provider}/back?code=..&state=..`: sign in whom the provider has named."""
    try:
        answer = await _signed_in(request)
    except MustLink as error:
        answer = RedirectResponse("/Account?link=1", 303)
        _keep(request, answer, LINK_COOKIE, error.token, LINK_SECONDS, "/")
    except MHubError as error:
        answer = _refused(error)
    answer.delete_cookie(COOKIE, _PATH, httponly=True, samesite="lax", secure=_is_secure(request))
    answer.headers["Cache-Control"] = "no-store"
    return answer


async def _signed_in(request: Request) -> Response:
    provider, way = _require(request), _way(request)
    if way is None or way.provider != provider.name or not _is_same(way.asked.state, request.query_params.get("state", "")):
        raise Invalid(
            "This sign-in was not started in this browser, or it took too long.",
            "A sign-in ends in the browser in which it was started, within ten minutes.",
            "Try again.",
        )
    if "error" in request.query_params:
        raise Invalid(f"{provider.title} did not sign you in.", mend="Try again, or sign in with a password.")
    code = request.query_params.get("code", "")
    if not 0 < len(code) <= _MAX_CODE:
        raise Invalid(f"{provider.title} sent no code.", mend="Try again, or sign in with a password.")
    user, is_first = await _arrive(request, provider, code, way)
    answer = RedirectResponse("/Administration" if is_first else way.next, 303)
    ticket = await run_in_threadpool(service.issue_ticket, user.id)
    await keep_session(request, answer, ticket, _is_secure(request))
    return answer


async def _arrive(request: Request, provider: Provider, code: str, way: _Way) -> tuple[User, bool]:
    """Return who came back, and whether theirs is the hub's first account."""
    address = address_of(request.scope)
    attempt = await run_in_threadpool(identity_service.count_try, address)
    arrival = await provider_client.come_back(provider, code, way.asked)
    is_first = not await run_in_threadpool(service.has_accounts)
    return await run_in_threadpool(identity_service.arrive, arrival, address, way.invitation, [attempt]), is_first


def path_of_ours(text: str) -> str:
    """Return a path of the hub to go on at. What leads anywhere else is the start page."""
    try:
        parts = urlsplit(text)
    except ValueError:
        return "/"
    is_ours = not parts.scheme and not parts.netloc and parts.path in _PAGES
    if not is_ours or len(text) > _MAX_NEXT or "\\" in text or not (text.isascii() and text.isprintable()):
        return "/"
    return f"{parts.path}?{parts.query}" if parts.query else parts.path


def _require(request: Request) -> Provider:
    provider = providers.find(request.path_params["provider"])
    if provider is None:
        raise NotFound("This hub has no such way to sign in.", mend="Sign in with a password.")
    return provider


def _require_own_address(request: Request) -> None:
    """Raise Invalid where the browser called the hub otherwise: it would come back to another host, without our cookie."""
    if request.headers.get("host", "").lower() != urlsplit(settings.address()).netloc.lower():
        told = "Signing in with another provider works under the hub's own address only."
        raise Invalid(told, mend=f"Open {settings.address()} and sign in there.")


def _way(request: Request) -> _Way | None:
    try:
        said = _signer().loads(request.cookies.get(COOKIE, "")[:_LONGEST], max_age=_SECONDS)
    except BadSignature:
        return None
    return _Way(**{**said, "asked": Asked(**said["asked"])})


def _is_same(kept: str, given: str) -> bool:
    return hmac.compare_digest(kept.encode(), given.encode())


def _keep(request: Request, answer: Response, name: str, value: str, seconds: int, path: str) -> None:
    answer.set_cookie(name, value, seconds, path=path, httponly=True, samesite="lax", secure=_is_secure(request))


def _is_secure(request: Request) -> bool:
    return settings.address().startswith("https://") or is_https(request)


def _refused(error: MHubError) -> Response:
    words = " ".join(html.escape(part) for part in (error.expected, error.mend) if part)
    body = f"<h1>{html.escape(error.happened)}</h1><p>{words}</p><p><a href='/'>Go to the start page of the hub</a></p>"
    return plain_page("Not signed in", body, error.status)


def _signer() -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(settings.secret_key(), salt="sign in with a provider")
