"""Who is looking: reads the session cookie, and hands a new session to the browser.

A script cannot set a cookie, so after a sign-in a small component sends the one-time ticket to `POST /api/session`,
which does. Until the browser next connects, the page itself remembers the token in the session state.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from urllib.parse import urlparse

import streamlit as st

from mhub_core.accounts import service
from mhub_core.accounts.devices import DEVICE_COOKIE
from mhub_core.accounts.records import SESSION_COOKIE, User
from mhub_core.sharing import policy

TOKEN = "session_token"
_ERRAND = "session_errand"  # what the browser has yet to send, and when it was asked to
_ERRAND_SECONDS = 50

_JAVASCRIPT = """
const sent = window.mhubErrands ??= new Set();
export default function ({ data }) {
  if (!data || sent.has(data.id)) return;
  sent.add(data.id);
  // The start page is another one for who is signed in. Other pages stay where somebody was.
  if (location.pathname === "/") document.querySelector('[data-testid="stMain"]')?.scrollTo(0, 0);
  fetch(data.path, {
    method: "POST", credentials: "same-origin", keepalive: true, // so that leaving the page at once does not stop it
    headers: { "Content-Type": "application/json" }, body: JSON.stringify({ ticket: data.ticket }),
  }).then(() => dispatchEvent(new Event("mhub-session"))); // for what the bar at the top shows of a person
}
"""


def get_viewer() -> User | None:
    """Return who is signed in on this page, or None for a visitor."""
    token = st.session_state.get(TOKEN)
    if token and (user := service.get_session_user(token)):
        return user
    st.session_state.pop(TOKEN, None)
    cookie = _cookie()
    return service.get_session_user(cookie) if cookie else None


def viewer_later() -> Callable[[], User | None]:
    """Return what tells who is signed in whenever it is called, also without a page, as Streamlit calls a deferred download."""
    mine = tokens()
    return lambda: next((user for token in mine if (user := service.get_session_user(token))), None)


def tokens() -> list[str]:
    """Return the tokens under which this browser may be signed in: of the page and of the cookie."""
    return [token for token in (st.session_state.get(TOKEN), _cookie()) if token]


def require_user() -> User:
    """Return who is signed in on this page. Raises SignInRequired for a visitor."""
    return policy.require_signed_in(get_viewer())


def device_cookie() -> str:
    """Return what the browser keeps to be known by, or nothing."""
    return _cookie(DEVICE_COOKIE) or ""


def _cookie(name: str = SESSION_COOKIE) -> str | None:
    value = st.context.cookies.get(name)
    return value if isinstance(value, str) else None  # without a browser, as under AppTest, it is no text


def begin(user: User) -> None:
    """Sign a person in on this page at once, and have the browser fetch its cookie."""
    ticket = service.issue_ticket(user.id)
    st.session_state[TOKEN] = service.token_of(ticket)
    st.session_state[_ERRAND] = {"path": "/api/session", "ticket": ticket, "id": time.time()}


def end() -> None:
    """Sign out on this page, and have the browser drop its cookie."""
    for token in (st.session_state.pop(TOKEN, None), _cookie()):
        if token:
            service.sign_out(token)
    forget()


def forget() -> None:
    """Have the browser drop its cookie, whose session has ended."""
    st.session_state.pop(TOKEN, None)
    st.session_state[_ERRAND] = {"path": "/api/session/end", "ticket": "", "id": time.time()}


def carry_ticket_to_browser() -> None:
    """Draw the component that sends what is to be sent, for as long as the ticket lives."""
    errand = st.session_state.get(_ERRAND)
    if errand and time.time() - errand["id"] < _ERRAND_SECONDS:
        st.components.v2.component("mhub_session", js=_JAVASCRIPT)(data=errand, key="session_errand_component")


def address() -> str:
    """Return where the browser is, for throttling. Streamlit gives none for this machine itself."""
    found = st.context.ip_address
    return found if isinstance(found, str) else "this machine"


def hub_address() -> str:
    """Return how the browser calls this hub, such as `http://lab:8501`."""
    url = urlparse(st.context.url or "")
    return f"{url.scheme}://{url.netloc}"
