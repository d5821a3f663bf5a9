"""A person's account: name, password, signed-in browsers; for administrators, everyone else's: reset links, storage limits."""

import streamlit as st

from mhub_core.accounts import joining, service
from mhub_core.accounts import password_service as passwords
from mhub_core.accounts import people_service as people
from mhub_core.accounts import quota_service as quotas
from mhub_core.accounts import session_service as sessions
from mhub_core.accounts.records import Person, User
from mhub_core.ui import address, finder, session, table, words
from mhub_core.ui.errors import FormPlaces, errors_shown, shown_or_stopped
from mhub_core.ui.login import require_login
from mhub_core.ui.page import opened, page_setup, plain, window
from mhub_core.ui.widgets import PASSWORD_RULE

Column = table.Column
JOINING = {
    joining.OPEN: "Everyone who reaches this hub can make an account. The setting `MHUB_SIGN_UP` can limit that.",
    joining.INVITED: "People need an invitation to make an account. One link is enough for a whole class.",
    joining.CLOSED: "This hub takes no new accounts. The setting `MHUB_SIGN_UP` can change that.",
}
PEOPLE = (Column("Name"), Column("E-mail"), Column("Storage", number=True), Column("Joined", wide_only=True))


def two_passwords(places: FormPlaces) -> tuple[str, str]:
    """Draw two fields for a new password and return what they hold."""
    new = st.text_input("New password", type="password", help=PASSWORD_RULE, autocomplete="new-password")
    places.under("password")
    again = st.text_input("Repeat the new password", type="password", autocomplete="new-password")
    places.under("again")
    places.above_button()
    return new, again


def set_forgotten_password(token: str) -> None:
    """Draw the form that a reset link leads to."""
    places = FormPlaces()
    with window("Set a new password"), st.form("reset", border=False), errors_shown(places):
        new, again = two_passwords(places)
        if st.form_submit_button("Set the password", type="primary"):
            passwords.reset_password(token, new, again)
            st.success("Your password is set. Sign in with it.")
    st.stop()


def change_password(user: User) -> None:
    """Draw the form that changes the password. All other sign-ins end."""
    places = FormPlaces()
    with window("Change your password"), st.form("change", border=False), errors_shown(places):
        old = st.text_input("Current password", type="password", autocomplete="current-password")
        places.under("old")
        new, again = two_passwords(places)
        if st.form_submit_button("Change the password"):
            passwords.change_password(user, old, new, session.address(), session.device_cookie(), again)
            session.begin(user)
            st.success("Your password is changed. All other devices are signed out.")


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


def browsers(user: User) -> None:
    """Draw where the person is signed in, each with the way to sign out there."""
    with errors_shown():
        found = sessions.list_sessions(user, session.tokens())
        for one in found:
            with st.container(horizontal=True, vertical_alignment="center"):
                used = "this browser" if one.is_this else f"last used {words.moment(one.seen)}"
                st.write(plain(f"{one.browser} · {used} · signed in {words.moment(one.since)}"))
                if not one.is_this and st.button("Sign out there", key=f"end_{one.id[:16]}"):
                    sessions.end_session(user, one.id)
                    st.rerun()
        if len(found) == sessions.MOST:
            st.caption(f"The {sessions.MOST} that were used last.")


def sign_out_everywhere(user: User) -> None:
    """Draw where the person is signed in, and the button that ends every session."""
    with window("Signed-in browsers"):
        opened("Where you are signed in", "browsers", lambda: browsers(user), icon=":material/devices:")
        st.write("Signs you out on every device and in every browser, including this one.")
        if st.button("Sign out everywhere"):
            with shown_or_stopped():
                service.sign_out_everywhere(user)
            session.forget()
            st.rerun()


def invite(admin: User) -> None:
    """Draw who may make an account, and the administrator's link for those who are invited."""
    with window("New accounts"), errors_shown():
        st.write(JOINING[joining.way()])
        if joining.way() == joining.INVITED and st.button("Create an invitation link"):
            st.code(f"{session.hub_address()}/?invite={joining.invite(admin)}", language=None, wrap_lines=True)
            st.caption(f"Whoever has this link can make an account within {joining.INVITATION_DAYS} days.")


def make_reset_link(admin: User) -> None:
    """Draw the administrator's form for reset links."""
    places = FormPlaces()
    with window("Create a password reset link"), st.form("issue", border=False), errors_shown(places):
        st.write("The link works once and expires after a day. Give it only to the owner of this e-mail address.")
        email = st.text_input("E-mail address of the account")
        places.above_button()
        if st.form_submit_button("Create a reset link"):
            token = passwords.issue_reset(admin, email)
            st.code(f"{session.hub_address()}/Account?reset={token}", language=None, wrap_lines=True)


def set_quota(admin: User) -> None:
    """Draw the administrator's form for the room that somebody's files may take."""
    places = FormPlaces()
    with window("Change a person's storage limit"), st.form("quota", border=False), errors_shown(places):
        email = st.text_input("E-mail address of the account", key="quota_email")
        gigabytes = st.number_input(
            "Gigabytes",
            0,
            1_000_000,
            value=None,
            placeholder="default limit",
            help="Leave it empty to use the hub's default limit.",
        )
        places.above_button()
        if st.form_submit_button("Set the limit"):
            quotas.set_quota(admin, email, None if gigabytes is None else gigabytes * 1000)
            st.success("The storage limit is set.")


def everyone(admin: User) -> None:
    """Draw who has an account on this hub, for an administrator."""
    found = address.kept("search", "", address.words, "people", finder.first_page)
    search = st.text_input("Search names and e-mail addresses", max_chars=address.MAX_LETTERS, **found)
    page = address.value("page", 1, address.whole_number(1, finder.MAX_PAGE))
    with errors_shown():
        shown = people.list_people(admin, search, finder.PER_PAGE + 1, (page - 1) * finder.PER_PAGE)
        table.show(PEOPLE, (person_row(person) for person in shown[: finder.PER_PAGE]))
        finder.turn_page("people", len(shown), page)


def person_row(person: Person) -> list[table.Cell]:
    """Return somebody as the cells of the columns `PEOPLE`."""
    name = person.user.name + (" (administrator)" if person.user.is_admin else "")
    return [name, person.user.email, quotas.words(person.usage), f"{person.joined:%Y-%m-%d}"]


page_setup("Account")
if "reset" in st.query_params:
    set_forgotten_password(st.query_params["reset"])
user = require_login("Sign in to see your account.")

with window("You"):
    st.write(f"**{plain(user.name)}**" + (" · administrator" if user.is_admin else ""))
    st.text(user.email)
    with errors_shown():
        st.caption(f"Your files use {quotas.words(quotas.usage(user))}.")
    opened("Change your name", "rename", lambda: change_name(user), keeps=True)
left, right = st.columns(2)
with left:
    change_password(user)
with right:
    sign_out_everywhere(user)
    if user.is_admin:
        invite(user)
        make_reset_link(user)
        set_quota(user)
if user.is_admin:
    opened("Everyone with an account", "everyone", lambda: everyone(user), icon=":material/group:")
