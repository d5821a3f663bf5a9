"""Which addresses are pages of the hub. Streamlit answers every address that it does not know with its start page."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from starlette.requests import HTTPConnection
from starlette.responses import HTMLResponse
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send
from streamlit import file_util

from mhub_core import settings
from mhub_core.server import browsers
from mhub_core.server.answers import plain_page
from mhub_core.ui.pages import BY_ADDRESS, IN_MENU

_OF_STREAMLIT = ("/_stcore/", "/static/", "/app/static/", "/media/", "/component/")
_STATIC = settings.ROOT / "static"
_NOTHING = """<h1>There is no page at this address</h1><p>The page may have been renamed, or the address mistyped.</p>
<p><a href="/">Go to the start page of the hub</a></p>"""


class Addresses:
    """Answers for the hub's pages, and says where no page is.

    `routes` are what the hub answers besides.
    """

    def __init__(self, app: ASGIApp, routes: Sequence[Route]) -> None:
        self.app, self._routes = app, routes
        folder = Path(file_util.get_static_dir())
        self._pages = {f"/{name}" for name in IN_MENU + BY_ADDRESS if name != "Start"} | {"/"}
        self._files = {f"/{file.name}" for file in folder.iterdir() if file.is_file()}
        self._html = _with_charts(_with_ours((folder / "index.html").read_text()), folder)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] not in ("GET", "HEAD"):
            await self.app(scope, receive, send)
        elif scope["path"] in self._pages:
            answer = HTMLResponse(self._html, headers={"Cache-Control": "no-cache"})
            browsers.greet(HTTPConnection(scope), answer)
            await answer(scope, receive, send)
        elif self._is_known(scope["path"]):
            await self.app(scope, receive, send)
        else:
            await plain_page("No page here", _NOTHING, 404)(scope, receive, send)

    def _is_known(self, path: str) -> bool:
        if path.startswith(_OF_STREAMLIT) or path in self._files or any(route.path_regex.match(path) for route in self._routes):
            return True
        return path.rstrip("/") in self._pages  # it is led to the address without a slash at its end


def _with_ours(html: str) -> str:
    """Put our name, our script and our styles into Streamlit's page: in the script of a page they would cost at every click."""
    at_end = (
        "corner.js",
        "search.js",
        "bell.js",
        "comments.js",
        "drawing.js",
        "mhub.css",
        "builder.css",
        "search.css",
        "told.css",
    )
    for ours, before in (("first.js", "<script"), *((name, "</body>") for name in at_end)):
        content = (_STATIC / ours).read_text()
        tag = "script" if ours.endswith(".js") else "style"
        html = html.replace(before, f"<{tag}>{content}</{tag}>\n    {before}", 1)
    return html.replace("<title>Streamlit</title>", "<title>M-Hub</title>")


# The part of the front end that draws charts takes a third of a second to start, which nobody should wait for at the first chart:
# it starts when the page stands and the browser has nothing to do.
_CHARTS_AHEAD = """addEventListener("load", () => {
  const start = () => navigator.connection?.saveData || import("/static/js/%s").catch(() => {});
  setTimeout(() => (window.requestIdleCallback ?? setTimeout)(start), 1000);
});"""


def _with_charts(html: str, folder: Path) -> str:
    """Let a page that stands load what draws charts."""
    files = sorted((folder / "static" / "js").glob("ArrowVegaLiteChart.*.js"))
    return html.replace("</body>", f"<script>{_CHARTS_AHEAD % files[0].name}</script>\n    </body>", 1) if files else html
