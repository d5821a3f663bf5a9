"""What an administrator sets for the whole hub: who may sign up, what is new is visible to, name and welcome; and its mail."""

from __future__ import annotations

from dataclasses import asdict

import streamlit as st

from mhub_core.accounts import email_service, hub_service, joining
from mhub_core.accounts.records import CLOSED, INVITED, OPEN, HubSettings, User
from mhub_core.mail import service as mail
from mhub_core.ui import session
from mhub_core.ui.errors import FormPlaces, errors_shown
from mhub_core.ui.login import SEEN
from mhub_core.ui.page import plain, window

JOINING = {OPEN: "Everyone who reaches this hub", INVITED: "People with an invitation link", CLOSED: "Nobody new"}
VISIBILITIES = {"private": "Only its owner", "public": "Everyone"}


def invite(admin: User) -> None:
    """Draw the link for those who are invited, where that is how people join."""
    with errors_shown():
        if joining.way() != INVITED:
            return
        with window("Invitation"):
            st.write("One link is enough for a whole class.")
            if st.button("Create an invitation link"):
                st.code(f"{session.hub_address()}/?invite={joining.invite(admin)}", language=None, wrap_lines=True)
                st.caption(f"Whoever has this link can make an account within {joining.INVITATION_DAYS} days.")


def settings(admin: User) -> None:
    """Draw the settings of the hub. What another administrator changed since they were drawn is not overwritten."""
    places = FormPlaces()
    with window("The hub"), errors_shown(places):
        seen = HubSettings(**st.session_state.setdefault(SEEN, asdict(hub_service.current())))
        fixed = hub_service.fixed()
        with st.form("hub", border=False):
            chosen = _fields(seen, fixed, places)
            places.above_button()
            pressed = st.form_submit_button("Save", type="primary")
        for name in fixed.values():
            st.caption(f"The environment sets `{name}`, which wins over this page.")
        if pressed:
            hub_service.save(admin, seen, chosen)
            st.session_state[SEEN] = asdict(hub_service.current())
            st.success("Saved. Every page shows it within a few seconds.")


def _fields(seen: HubSettings, fixed: dict[str, str], places: FormPlaces) -> HubSettings:
    sign_up = st.selectbox(
        "Who may make an account",
        list(JOINING),
        list(JOINING).index(seen.sign_up),
        JOINING.__getitem__,
        key="hub_sign_up",
        disabled="sign_up" in fixed,
    )
    places.under("sign_up")
    domains = st.text_input(
        "Allowed e-mail domains",
        seen.domains,
        hub_service.MAX_DOMAINS,
        key="hub_domains",
        placeholder="any",
        help="Separated by commas, such as school.edu. Accounts that exist stay.",
        disabled="domains" in fixed,
    )
    places.under("domains")
    visibility = st.radio(
        "New models and datasets are visible to",
        list(VISIBILITIES),
        list(VISIBILITIES).index(seen.visibility),
        VISIBILITIES.__getitem__,
        key="hub_visibility",
        help="What forms propose. Everyone can choose otherwise for each thing.",
        horizontal=True,
    )
    name = st.text_input("Name of the hub", seen.name, hub_service.MAX_NAME, key="hub_name")
    places.under("name")
    welcome = st.text_area(
        "Welcome on the start page (Markdown)",
        seen.welcome,
        120,
        hub_service.MAX_WELCOME,
        key="hub_welcome",
        placeholder="Empty: what M-Hub is for",
    )
    places.under("welcome")
    return HubSettings(sign_up, domains, visibility, name, welcome)


def letters(admin: User) -> None:
    """Draw whether the hub sends mail, and what of it could not be sent lately."""
    with window("E-mail"), errors_shown():
        if not mail.is_configured():
            st.write("This hub does not send e-mail. To change that, set `MHUB_SMTP_URL` and `MHUB_MAIL_FROM`.")
            return
        st.write("This hub sends e-mail: to confirm addresses and to recover passwords.")
        if st.button("Send a test e-mail to yourself", key="mail_test"):
            email_service.send_test(admin)
            st.success(plain(f"It is on its way to {admin.email}. If it does not arrive, reload this page in a minute."))
        for one in email_service.list_unsent(admin):
            end = "given up" if one.is_given_up else "will be tried again"
            st.warning(plain(f"“{one.subject}” to {one.to}: {one.trouble} ({end})"))
