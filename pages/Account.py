"""A person's account: password, sessions; for the administrator, reset links for those who forgot theirs."""

import streamlit as st

from mhub_core.accounts import quota_service as quotas
from mhub_core.accounts import service
from mhub_core.accounts.records import User
from mhub_core.errors import Invalid
from mhub_core.ui import session
from mhub_core.ui.errors import errors_shown, shown_or_stopped
from mhub_core.ui.login import require_login
from mhub_core.ui.page import page_setup, plain, window
from mhub_core.ui.widgets import PASSWORD_RULE


def two_passwords() -> tuple[str, str]:
    """Draw two fields for a new password and return what they hold."""
    new = st.text_input("New password", type="password", help=PASSWORD_RULE, autocomplete="new-password")
    return new, st.text_input("Repeat the new password", type="password", autocomplete="new-password")


def require_same(new: str, again: str) -> None:
    """Raise Invalid when the two new passwords differ."""
    if new != again:
        raise Invalid("The two new passwords are different.", mend="Type the same password in both fields.")


def set_forgotten_password(token: str) -> None:
    """Draw the form that a reset link leads to."""
    with window("Set a new password"), errors_shown(), st.form("reset", border=False):
        new, again = two_passwords()
        if st.form_submit_button("Set the password", type="primary"):
            require_same(new, again)
            service.reset_password(token, new)
            st.success("Your password is set. Sign in with it.")
    st.stop()


def change_password(user: User) -> None:
    """Draw the form that changes the password. All other sign-ins end."""
    with window("Change your password"), errors_shown(), st.form("change", border=False):
        old = st.text_input("Current password", type="password", autocomplete="current-password")
        new, again = two_passwords()
        if st.form_submit_button("Change the password"):
            require_same(new, again)
            service.change_password(user, old, new, session.address(), session.device_cookie())
            session.begin(user)
            st.success("Your password is changed. All other devices are signed out.")


def sign_out_everywhere(user: User) -> None:
    """Draw the button that ends every session."""
    with window("Sign out everywhere"):
        st.write("Signs you out on every device and in every browser, including this one.")
        if st.button("Sign out everywhere"):
            with shown_or_stopped():
                service.sign_out_everywhere(user)
            session.forget()
            st.rerun()


def make_reset_link(admin: User) -> None:
    """Draw the administrator's form for reset links."""
    with window("Create a password reset link"), errors_shown(), st.form("issue", border=False):
        st.write("The link works once and expires after a day. Give it only to the owner of this e-mail address.")
        email = st.text_input("E-mail address of the account")
        if st.form_submit_button("Create a reset link"):
            token = service.issue_reset(admin, email)
            st.code(f"{session.hub_address()}/Account?reset={token}", language=None, wrap_lines=True)


def set_quota(admin: User) -> None:
    """Draw the administrator's form for the room that somebody's files may take."""
    with window("Change a person's storage limit"), errors_shown(), st.form("quota", border=False):
        email = st.text_input("E-mail address of the account", key="quota_email")
        gigabytes = st.number_input(
            "Gigabytes",
            0,
            1_000_000,
            value=None,
            placeholder="default limit",
            help="Leave it empty to use the hub's default limit.",
        )
        if st.form_submit_button("Set the limit"):
            quotas.set_quota(admin, email, None if gigabytes is None else gigabytes * 1000)
            st.success("The storage limit is set.")


page_setup("Account")
if "reset" in st.query_params:
    set_forgotten_password(st.query_params["reset"])
user = require_login("Sign in to see your account.")

with window("You"):
    st.write(f"**{plain(user.name)}**" + (" · administrator" if user.is_admin else ""))
    st.text(user.email)
    with errors_shown():
        st.caption(f"Your files take {quotas.words(quotas.usage(user))}.")
left, right = st.columns(2)
with left:
    change_password(user)
with right:
    sign_out_everywhere(user)
    if user.is_admin:
        make_reset_link(user)
        set_quota(user)
