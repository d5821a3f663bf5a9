"""Each tab belongs to the browser that opened it.

Streamlit lets whoever names a session go on with it, signed in as its person, and send files into it; and that name stands in
the addresses of uploads, which proxies write into their logs. So each browser is known by a signed cookie that no script reads
(`accounts.devices`), Streamlit is told whose a connection is, and does the rest: one from elsewhere begins a session of its own.
"""

from __future__ import annotations

import secrets

from starlette.requests import HTTPConnection
from starlette.responses import Response
from starlette.types import Scope
from streamlit.runtime import Runtime, get_instance

from mhub_core.accounts import devices
from mhub_core.accounts.devices import DEVICE_COOKIE
from mhub_core.errors import Forbidden
from mhub_core.server.origin import is_https

COOKIE_SECONDS = 400 * 24 * 3600  # the longest that browsers allow
_HEADER = b"x-mhub-browser"  # which .streamlit/config.toml tells Streamlit to believe, and to compare when a tab comes back


def greet(connection: HTTPConnection, answer: Response) -> None:
    """Give a browser that has none the cookie that it is known by."""
    if devices.read(connection.cookies.get(DEVICE_COOKIE, "")) is None:
        secure = is_https(connection)
        answer.set_cookie(DEVICE_COOKIE, devices.new(), COOKIE_SECONDS, httponly=True, samesite="lax", secure=secure)


def named(scope: Scope) -> Scope:
    """Return what a tab connects with, naming its browser to Streamlit. What the tab itself says of that is dropped."""
    others = [(name, value) for name, value in scope["headers"] if name.lower() != _HEADER]
    return {**scope, "headers": [*others, (_HEADER, _name(HTTPConnection(scope)).encode())]}


def require_own_tab(connection: HTTPConnection, session_id: str) -> None:
    """Raise Forbidden for a session that another browser opened."""
    runtime: Runtime = get_instance()
    found = runtime._session_mgr.get_session_info(session_id)
    if found and not found.session.matches_user_info({"browser": _name(connection)}):
        raise Forbidden("This tab was opened by another browser.", mend="Reload the page and choose the file again.")


def _name(connection: HTTPConnection) -> str:
    """Return the name of a browser; of one without the cookie a new one each time, so that it never is another one's."""
    device = devices.read(connection.cookies.get(DEVICE_COOKIE, ""))
    return device.name if device else secrets.token_urlsafe()
