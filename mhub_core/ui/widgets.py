"""The sign-in and sign-up forms: streamlit-authenticator's widgets over this hub's own accounts.

Of streamlit-authenticator 0.4.2 only the two forms are used. Everything it does behind them is replaced: its cookie can be
read by scripts and outlives a sign-out, its lockout lasts for ever, its mail goes through its author's server.
"""

from __future__ import annotations

from typing import Any

import streamlit as st
from streamlit_authenticator import Authenticate
from streamlit_authenticator.controllers import AuthenticationController
from streamlit_authenticator.utilities import RegisterError

from mhub_core.accounts import passwords, service
from mhub_core.errors import Invalid, MHubError
from mhub_core.ui import session
from mhub_core.ui.errors import show_error

SIGN_IN_FIELDS = {"Form name": "Sign in", "Username": "E-mail", "Password": "Password", "Login": "Sign in"}
SIGN_UP_FIELDS = {
    "Form name": "Sign up",
    "First name": "First name",
    "Last name": "Last name (optional)",
    "Email": "E-mail",
    "Password": "Password",
    "Repeat password": "Repeat password",
    "Register": "Sign up",
}
FIRST_ACCOUNT = "first_account"  # in the session state, until the next page: the person has just become the administrator
ADMINISTRATOR = (
    "This is the first account on this hub, so you are its administrator: you can see and change everything on it, and your "
    "account page (top right) lets you create password reset links and set storage limits."
)
LABELS = {"email": "E-mail", "name": "First name", "password": "Password"}  # of what accounts.service finds wrong
PASSWORD_RULE = f"At least {passwords.MIN_LENGTH} characters, and not your name. Three or four unrelated words are a good choice."


class _Anything:
    """Lets every field through: accounts.service checks them all and names all problems at once."""

    def __getattr__(self, name: str) -> Any:
        return lambda *_arguments, **_options: True


class _Accounts:
    """Stands where the package keeps its dictionary of credentials; asks accounts.service instead."""

    def login(self, username: str, password: str, *_limits: object, **_options: object) -> bool:
        if not username or not password:
            raise Invalid("Enter your e-mail address and your password.")
        session.begin(service.sign_in(username, password, session.address(), session.device_cookie()))
        return True

    def register_user(
        self, first_name: str, last_name: str, email: str, _username: str, password: str, *_more: object
    ) -> tuple[str, str, str]:
        name = f"{first_name} {last_name}".strip()
        user = service.sign_up(email, name, password, session.address())
        session.begin(user)
        if user.is_admin:
            st.session_state[FIRST_ACCOUNT] = True
        return email, email, name


class _NoCookie:
    """Stands where the package keeps its cookie. The session is this hub's own."""

    def get_cookie(self) -> None:
        return None

    def set_cookie(self) -> None:
        return None


class _Forms(Authenticate):  # type: ignore[misc]  # The package says nothing about its types.
    """The package's forms without its storage, its cookie and its waits."""

    def __init__(self) -> None:
        self.path, self.attrs = None, {"login_sleep_time": 0, "password_instructions": PASSWORD_RULE}
        self.cookie_controller = _NoCookie()
        self.authentication_controller = AuthenticationController({"usernames": {}}, _Anything(), auto_hash=False)
        self.authentication_controller.authentication_model = _Accounts()


def sign_in_and_up(key: str) -> None:
    """Draw both forms in tabs. After success the page starts again, with its person."""
    sign_in, sign_up, forgotten = st.tabs(["Sign in", "Sign up", "Forgot password?"])
    with sign_in:
        _run(lambda: _Forms().login(fields=SIGN_IN_FIELDS, key=f"{key}_sign_in"))
    with sign_up:
        options = {"captcha": False, "password_hint": False, "merge_username_email": True}
        _run(lambda: _Forms().register_user(fields=SIGN_UP_FIELDS, key=f"{key}_sign_up", **options))
    with forgotten:
        st.write("This hub does not send e-mail. Ask its administrator for a reset link, which lets you set a new password.")


def _run(form: Any) -> None:
    """Draw a form; what went wrong stands above it, in the words of its fields."""
    place = st.container()
    before = st.session_state.get(session.TOKEN)
    try:
        form()
    except RegisterError as error:
        with place:
            show_error(Invalid(str(error) + "."))
    except MHubError as error:
        error.problems = {LABELS.get(name, name): words for name, words in error.problems.items()}
        with place:
            show_error(error)
    if st.session_state.get(session.TOKEN) != before:
        st.rerun()
