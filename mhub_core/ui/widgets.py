"""The sign-in and sign-up forms: streamlit-authenticator's widgets over this hub's own accounts.

Of streamlit-authenticator 0.4.2 only the two forms are used. Everything it does behind them is replaced: its cookie can be
read by scripts and outlives a sign-out, its lockout lasts for ever, its mail goes through its author's server. It draws the
fields with `_Form`, so that each has a place for its problem, and a browser knows what to fill in.
"""

from __future__ import annotations

from collections.abc import Callable
from contextvars import ContextVar
from typing import Any

import streamlit as st
from streamlit_authenticator import Authenticate
from streamlit_authenticator.views import authentication_view

from mhub_core.accounts import joining, password_service, passwords, service
from mhub_core.errors import Invalid
from mhub_core.mail import service as mail
from mhub_core.ui import provider_buttons, session
from mhub_core.ui.errors import FormPlaces, errors_shown
from mhub_core.ui.text import plain

SIGN_IN_FIELDS = {"Username": "E-mail", "Password": "Password", "Login": "Sign in"}
SIGN_UP_FIELDS = {
    "First name": "First name",
    "Last name": "Last name (optional)",
    "Email": "E-mail",
    "Password": "Password",
    "Repeat password": "Repeat password",
    "Register": "Sign up",
}
# In the session state, when somebody has just become the administrator: on how many pages this is still said. It is two, because
# what the person wanted to do before they signed up may lead to the next page at once.
FIRST_ACCOUNT, _PAGES_TOLD = "first_account", 2
ADMINISTRATOR = (
    "**You are the administrator of this hub**, because yours is its first account. You can see and change everything on it. "
    "The page Administration (top right, under your name) lists all accounts, says who may sign up, creates password reset "
    "links, sets storage limits and names the hub."
)
PASSWORD_RULE = f"At least {passwords.MIN_LENGTH} characters, and not your name. Three or four unrelated words are a good choice."
# By the words over a field: its name in the problems that accounts.service finds, and what a browser may fill in.
_FIELDS = {
    "E-mail": ("email", "username"),
    "First name": ("name", "given-name"),
    "Last name (optional)": ("", "family-name"),
    "Password": ("password", "current-password"),
    "Repeat password": ("again", "new-password"),
}
_INVITATION = "invitation"  # in the session state: the token of the link with which somebody came
_places: ContextVar[FormPlaces] = ContextVar("places of the form that is being drawn")


class _Form:
    """A form, or a column of one, as the package draws it."""

    def __init__(self, place: Any) -> None:
        self._place = place

    def columns(self, count: int) -> list[_Form]:
        return [_Form(column) for column in self._place.columns(count)]

    def subheader(self, _words: str) -> None:
        """Draw nothing: the tab says what the form is for."""

    def text_input(self, label: str, **options: Any) -> str:
        name, fills = _FIELDS[label]
        is_new = "help" in options  # the package explains new passwords alone
        typed: str = self._place.text_input(label, **options | {"autocomplete": "new-password" if is_new else fills})
        _places.get().under(name or label, self._place)
        return typed

    def form_submit_button(self, label: str) -> bool:
        _places.get().above_button(self._place)
        pressed: bool = self._place.form_submit_button(label, type="primary")
        return pressed


class _Streamlit:
    """What the package's forms know as Streamlit."""

    def form(self, key: str, **options: Any) -> _Form:
        return _Form(st.form(key, **options))

    def __getattr__(self, name: str) -> Any:
        return getattr(st, name)


authentication_view.st = _Streamlit()


class _Accounts:
    """Stands where the package checks what was typed, one field after the other; asks accounts.service, which names all.

    Blanks around a password are dropped: a phone's keyboard adds them.
    """

    def login(self, email: str, password: str, *_limits: object, **_options: object) -> bool:
        missing = {name: "is missing" for name, typed in (("email", email), ("password", password)) if not typed.strip()}
        if missing:
            raise Invalid("Enter your e-mail address and your password.", problems=missing)
        session.begin(service.sign_in(email, password.strip(), session.address(), session.device_cookie()))
        return True

    def register_user(
        self, first_name: str, last_name: str, email: str, _username: str, password: str, again: str, *_more: object
    ) -> tuple[str, str, str]:
        name = f"{first_name} {last_name}".strip()
        user = service.sign_up(email, name, password.strip(), session.address(), again.strip(), invitation())
        session.begin(user)
        if user.is_admin:
            st.session_state[FIRST_ACCOUNT] = _PAGES_TOLD
        return email, email, name


class _NoCookie:
    """Stands where the package keeps its cookie. The session is this hub's own."""

    def get_cookie(self) -> None:
        return None

    def set_cookie(self) -> None:
        return None


class _Forms(Authenticate):  # type: ignore[misc]  # The package says nothing about its types.
    """The package's forms without its storage, its cookie, its checks and its waits."""

    def __init__(self) -> None:
        self.path, self.attrs = None, {"login_sleep_time": 0, "password_instructions": PASSWORD_RULE}
        self.cookie_controller, self.authentication_controller = _NoCookie(), _Accounts()


def invitation() -> str:
    """Return the invitation with which a person came, or nothing. It is kept while they look at other pages first."""
    if token := st.query_params.get("invite", ""):
        st.session_state[_INVITATION] = token
    return str(st.session_state.get(_INVITATION, ""))


def sign_in_and_up(key: str) -> None:
    """Draw both forms in tabs. After success the page starts again, with its person."""
    is_new = not service.has_accounts()
    first = "Sign up" if is_new or invitation() else None
    provider_buttons.draw(invitation())
    sign_in, sign_up, forgotten = st.tabs(["Sign in", "Sign up", "Forgot password?"], default=first)
    with sign_in:
        _run(lambda: _Forms().login(fields=SIGN_IN_FIELDS, key=f"{key}_sign_in"))
    with sign_up:
        _sign_up(is_new, f"{key}_sign_up")
    with forgotten:
        _forgotten(f"{key}_forgotten")


def _forgotten(key: str) -> None:
    """Draw the form that mails a link to set a new password, or who makes one where the hub sends no mail."""
    if not mail.is_configured():
        st.write("This hub does not send e-mail. Ask its administrator for a reset link, which lets you set a new password.")
        return
    places = FormPlaces()
    with st.form(key, border=False), errors_shown(places):
        email = st.text_input("E-mail of your account", max_chars=service.MAX_EMAIL, autocomplete="username")
        places.under("email")
        places.above_button()
        if st.form_submit_button("Send a link", type="primary"):
            password_service.mail_reset(email, session.address())
            st.success("If there is an account with this address, a link is on its way. It works once, within an hour.")


def _sign_up(is_new: bool, key: str) -> None:
    """Draw the form for a new account, or why this hub takes none."""
    refusal = None if is_new else joining.refusal(invitation())
    if refusal:
        st.info(" ".join(plain(words) for words in (refusal.happened, refusal.expected, refusal.mend) if words))
        return
    if is_new:
        st.write("This hub is new: its first account is the administrator’s.")
    options = {"captcha": False, "password_hint": False, "merge_username_email": True}
    _run(lambda: _Forms().register_user(fields=SIGN_UP_FIELDS, key=key, **options))


def _run(draw: Callable[[], object]) -> None:
    """Draw a form; what is wrong stands at its fields and above its button."""
    places = FormPlaces()
    _places.set(places)
    before = st.session_state.get(session.TOKEN)
    with errors_shown(places):
        draw()
    if st.session_state.get(session.TOKEN) != before:
        st.rerun()
