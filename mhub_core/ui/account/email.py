"""The person's e-mail address: whether it is confirmed, and how to take another one."""

from __future__ import annotations

import streamlit as st

from mhub_core.accounts import email_service, service
from mhub_core.accounts.records import User
from mhub_core.mail import service as mail
from mhub_core.ui import session
from mhub_core.ui.errors import FormPlaces, errors_shown
from mhub_core.ui.page import opened, plain, window


def confirm(token: str) -> None:
    """Draw the button that a link to confirm an address leads to: programs that look into mail open links, but press nothing."""
    with window("Confirm your e-mail address"), errors_shown():
        if st.button("Confirm the address", type="primary", key="confirm_address"):
            st.success(plain(f"{email_service.confirm(token)} is confirmed as your e-mail address."))


def own(user: User) -> None:
    """Draw the address, what is known of it, and the form to change it."""
    with errors_shown():
        is_confirmed = email_service.is_confirmed(user)
        with st.container(horizontal=True, vertical_alignment="center"):
            st.text(user.email)
            if mail.is_configured() or is_confirmed:
                st.caption("confirmed" if is_confirmed else "not confirmed yet")
        if mail.is_configured():
            if not is_confirmed and st.button("Send the confirmation link again", key="confirm_again"):
                email_service.send_again(user)
                st.success("The e-mail is on its way. Open the link in it within a week.")
            opened("Change your e-mail address", "change_email", lambda: _change(user), keeps=True)


def _change(user: User) -> None:
    places = FormPlaces()
    with st.form("email", border=False), errors_shown(places):
        email = st.text_input("New e-mail address", max_chars=service.MAX_EMAIL, autocomplete="email")
        places.under("email")
        password = st.text_input("Your password", type="password", autocomplete="current-password")
        places.under("password")
        places.above_button()
        if st.form_submit_button("Send a link to this address"):
            email_service.ask_to_change(user, email, password, session.address(), session.device_cookie())
            st.success("Open the link in the e-mail that was sent to the new address. Until then the old one stays.")
