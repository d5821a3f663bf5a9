"""A person's account: name, e-mail, password, other providers, signed-in browsers."""

import streamlit as st

from mhub_core.accounts import people_service as people
from mhub_core.accounts import quota_service as quotas
from mhub_core.accounts import service
from mhub_core.accounts.records import User
from mhub_core.ui import session
from mhub_core.ui.account import devices, email, passwords, providers
from mhub_core.ui.errors import FormPlaces, errors_shown
from mhub_core.ui.login import require_login
from mhub_core.ui.page import link, opened, page_setup, plain, window
from mhub_core.ui.person import leaving, profile


def change_name(user: User) -> None:
    """Draw the form that changes what a person is called."""
    places = FormPlaces()
    name = st.text_input("Name", user.name, max_chars=service.MAX_NAME, key="own_name", help="Everyone on this hub sees it.")
    places.under("name")
    places.above_button()
    if st.button("Change the name", key="change_name"):
        with errors_shown(places):
            people.rename(user, name)
            st.rerun()


page_setup("Account")
if "reset" in st.query_params:
    passwords.set_forgotten(st.query_params["reset"])
    st.stop()
is_visitor = session.get_viewer() is None  # who is not asked to sign in before they have read, or done, what they came for
if "confirm" in st.query_params:
    email.confirm(st.query_params["confirm"])
    if is_visitor:
        st.stop()
if "link" in st.query_params and is_visitor and providers.linking():
    st.stop()
user = require_login("Sign in to see your account.")

with window("You"):
    st.write(f"**{plain(user.name)}**" + (" · administrator" if user.is_admin else ""))
    email.own(user)
    profile.draw(user)
    with errors_shown():
        st.caption(f"Your files use {quotas.words(quotas.usage(user))}.")
    opened("Change your name", "rename", lambda: change_name(user), keeps=True)
    link("Notices", "What you are told in the hub and by mail")
    if user.is_admin:
        link("Administration", "Administration: people, new accounts, the name of the hub")
left, right = st.columns(2)
with left:
    passwords.own(user)
with right:
    devices.own(user)
    providers.own(user)
    leaving.draw(user)
