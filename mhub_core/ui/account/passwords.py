"""The forms of passwords: change it, set a first one, and set one anew by a link."""

from __future__ import annotations

import streamlit as st

from mhub_core.accounts import password_service
from mhub_core.accounts.records import User
from mhub_core.ui import session
from mhub_core.ui.errors import FormPlaces, errors_shown
from mhub_core.ui.page import window
from mhub_core.ui.widgets import PASSWORD_RULE


def _two_passwords(places: FormPlaces) -> tuple[str, str]:
    """Draw two fields for a new password and return what they hold."""
    new = st.text_input("New password", type="password", help=PASSWORD_RULE, autocomplete="new-password")
    places.under("password")
    again = st.text_input("Repeat the new password", type="password", autocomplete="new-password")
    places.under("again")
    places.above_button()
    return new, again


def set_forgotten(token: str) -> None:
    """Draw the form that a reset link leads to."""
    places = FormPlaces()
    with window("Set a new password"), st.form("reset", border=False), errors_shown(places):
        new, again = _two_passwords(places)
        if st.form_submit_button("Set the password", type="primary"):
            password_service.reset_password(token, new, again)
            st.success("Your password is set. Sign in with it.")


def own(user: User) -> None:
    """Draw the form for who is signed in: to change the password, or to set a first one."""
    with errors_shown():
        (_change if password_service.has_password(user) else _set_first)(user)


def _change(user: User) -> None:
    places = FormPlaces()
    with window("Change your password"), st.form("change", border=False), errors_shown(places):
        old = st.text_input("Current password", type="password", autocomplete="current-password")
        places.under("old")
        new, again = _two_passwords(places)
        if st.form_submit_button("Change the password"):
            password_service.change_password(user, old, new, session.address(), session.device_cookie(), again)
            session.begin(user)
            st.success("Your password is changed. All other devices are signed out.")


def _set_first(user: User) -> None:
    places = FormPlaces()
    with window("Set a password"), st.form("first", border=False), errors_shown(places):
        st.write("You sign in with another provider. With a password you can also sign in without it.")
        new, again = _two_passwords(places)
        if st.form_submit_button("Set the password"):
            password_service.set_first_password(user, new, again)
            session.begin(user)
            st.success("Your password is set. All other devices are signed out.")
