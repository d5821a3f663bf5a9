"""What browsers are told with every answer, and the door for foreign pages."""

from __future__ import annotations

from starlette.datastructures import MutableHeaders
from starlette.requests import HTTPConnection
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from mhub_core.server.origin import is_known_host, is_same_origin

# Streamlit's front end needs inline scripts and styles, and its components come as blobs.
# What matters is that nothing is fetched from elsewhere or sent there, and that no foreign page frames ours.
POLICY = "; ".join(
    (
        "default-src 'self'",
        "script-src 'self' 'unsafe-inline' blob:",
        "style-src 'self' 'unsafe-inline'",
        "img-src 'self' data: blob:",
        "media-src 'self' data: blob:",
        "font-src 'self' data:",
        "connect-src 'self'",
        "worker-src 'self' blob:",
        "frame-src 'self' blob:",
        "object-src 'none'",
        "base-uri 'self'",
        "form-action 'self'",
        "frame-ancestors 'self'",
    )
)
HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
    "Cross-Origin-Opener-Policy": "same-origin",
}


_FOREIGN_NAME = """This hub is not set up to be reached under the host name in your browser's address bar.

Open it as localhost, or under the address it was started with. The person who runs the hub can allow other names with the setting
MHUB_ALLOWED_HOSTS.
"""


# Streamlit lets foreign pages read what it serves, and its upload route names a fixed one of them that may send our cookie
# along. The hub's own pages need no leave, because they are of its own origin.
_FOREIGN = "access-control-"
# How many people use the hub, and how, is nobody's business; and its accounts are its own, not those of Streamlit's sign-in.
_CLOSED = ("/_stcore/metrics", "/auth/", "/oauth2callback")


class Guard:
    """Adds the headers to every answer, and lets foreign pages do nothing: names of ours that are foreign and WebSockets that
    foreign pages open with our person's cookie are refused.

    Streamlit checks WebSockets too, but lets in any port of this machine, and asks a server on the internet for its own
    address.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in HEADERS.items():
                    headers.setdefault(name, value)
                for name in {name for name in headers if name.startswith(_FOREIGN)}:
                    del headers[name]
            await send(message)

        if scope["type"] == "websocket" and not _may_connect(HTTPConnection(scope)):
            await send({"type": "websocket.close", "code": 1008, "reason": "foreign origin"})
            return
        if scope["type"] == "http" and scope["path"].startswith(_CLOSED):
            await PlainTextResponse("There is nothing here.", 404)(scope, receive, send_with_headers)
            return
        if scope["type"] == "http" and not is_known_host(HTTPConnection(scope)):
            await PlainTextResponse(_FOREIGN_NAME, 421)(scope, receive, send_with_headers)
            return

        await self.app(scope, receive, send_with_headers)


def _may_connect(connection: HTTPConnection) -> bool:
    # Programs that are no browsers send no Origin, and no cookie that a foreign page could borrow.
    return is_known_host(connection) and ("origin" not in connection.headers or is_same_origin(connection))
