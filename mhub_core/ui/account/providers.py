"""Other providers with which a person signs in: the question for a password once, and the list of those linked."""

from __future__ import annotations

import streamlit as st

from mhub_core.accounts import identity_service
from mhub_core.accounts import providers as known
from mhub_core.accounts.identity_service import LINK_COOKIE
from mhub_core.accounts.records import User
from mhub_core.ui import session, words
from mhub_core.ui.errors import FormPlaces, errors_shown
from mhub_core.ui.page import plain, window


def linking() -> bool:
    """Draw the form in which somebody who came from a provider gives the password of their account here, once.

    Returns whether there is such a person.
    """
    cookie = st.context.cookies.get(LINK_COOKIE)
    arrival = identity_service.waiting(cookie) if isinstance(cookie, str) else None
    if arrival is None or not isinstance(cookie, str):
        return False
    title, places = known.title_of(arrival.provider), FormPlaces()
    with window(f"Link your account to {title}"), st.form("link", border=False), errors_shown(places):
        st.write(
            plain(f"There is already an account for {arrival.email}. Give its password once; from then on {title} is enough.")
        )
        password = st.text_input("Password of your account here", type="password", autocomplete="current-password")
        places.above_button()
        if st.form_submit_button("Link and sign in", type="primary"):
            session.begin(identity_service.link(cookie, password.strip(), session.address(), session.device_cookie()))
            st.rerun()
        st.caption("No password yet, or forgotten? Sign in the way you did before and set one, or choose “Forgot password?”.")
    return True


def own(user: User) -> None:
    """Draw the providers that are linked to an account, each with the way to unlink it."""
    with errors_shown():
        found = identity_service.list_identities(user)
        if not found and not known.configured():
            return
        with window("Sign in with other providers"):
            for one in found:
                with st.container(horizontal=True, vertical_alignment="center"):
                    title = known.title_of(one.provider)
                    st.write(plain(f"{title} as {one.email}, since {words.moment(one.since)}"))
                    if st.button("Unlink", key=f"unlink_{one.provider}", help=f"You can then no longer sign in with {title}."):
                        identity_service.unlink(user, one.provider)
                        st.rerun()
            linked = {one.provider for one in found}
            if missing := " or ".join(provider.title for provider in known.configured() if provider.key not in linked):
                st.caption(plain(f"To link {missing}: sign out, and sign in with it under the same e-mail address."))
