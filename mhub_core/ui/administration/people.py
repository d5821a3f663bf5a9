"""Everyone with an account, and what an administrator may do with one of them."""

from __future__ import annotations

import streamlit as st

from mhub_core.accounts import password_service
from mhub_core.accounts import people_service as people
from mhub_core.accounts import quota_service as quotas
from mhub_core.accounts.records import Person, User
from mhub_core.ui import address, finder, session, table, words
from mhub_core.ui.errors import FormPlaces, errors_shown
from mhub_core.ui.page import plain, window

Column = table.Column
COLUMNS = (Column("Name", name=True), Column("E-mail"), Column("Storage", number=True), Column("Joined", wide_only=True))


def everyone(admin: User) -> None:
    """Draw who has an account on this hub; a click on a name opens what can be done."""
    with window("People"), errors_shown():
        found = address.kept("search", "", address.words, "people", finder.first_page)
        search = st.text_input("Search names and e-mail addresses", max_chars=address.MAX_LETTERS, **found)
        page = address.value("page", 1, address.whole_number(1, finder.MAX_PAGE))
        shown = people.list_people(admin, search, finder.PER_PAGE + 1, (page - 1) * finder.PER_PAGE)
        table.show(COLUMNS, (_row(person) for person in shown[: finder.PER_PAGE]))
        finder.turn_page("people", len(shown), page)


def _row(person: Person) -> list[table.Cell]:
    told = ", ".join(_states(person))
    name = table.Link(person.user.name + (f" ({told})" if told else ""), "Administration", person.user.id)
    return [name, person.user.email, quotas.words(person.usage), f"{person.joined:%Y-%m-%d}"]


def _states(person: Person) -> list[str]:
    return ["administrator"] * person.user.is_admin + ["disabled"] * person.disabled


def one(admin: User, person_id: int) -> None:
    """Draw one person with what can be done."""
    with errors_shown():
        person = people.require_person(admin, person_id)
        with window(person.user.name, key="person"):
            told = ", ".join([*_states(person), "e-mail confirmed" if person.confirmed else "e-mail not confirmed"])
            st.write(plain(f"{person.user.email} · {told} · joined {words.moment(person.joined)}"))
            st.write(f"Files: {quotas.words(person.usage)}")
            with st.container(horizontal=True):
                _switches(admin, person)
            _reset_link(admin, person)
            _quota(admin, person)


def _switches(admin: User, person: Person) -> None:
    """Draw the buttons that make somebody an administrator, and disable the account."""
    user = person.user
    words_of_rank = "Take back administrator" if user.is_admin else "Make administrator"
    help_of_rank = None if user.is_admin else "Administrators see and change everything on this hub."
    if st.button(words_of_rank, key="person_rank", help=help_of_rank):
        people.set_administrator(admin, user.id, not user.is_admin)
        st.rerun()
    effect = "Signed out at once and kept out. Queued runs wait until the account is enabled; started ones continue."
    if st.button("Enable the account" if person.disabled else "Disable the account", key="person_disable", help=effect):
        people.set_disabled(admin, user.id, not person.disabled)
        st.rerun()


def _reset_link(admin: User, person: Person) -> None:
    if st.button("Create a password reset link", key="person_reset"):
        token = password_service.issue_reset(admin, person.user.email)
        st.code(f"{session.hub_address()}/Account?reset={token}", language=None, wrap_lines=True)
        st.caption("The link works once and expires after a day. Give it only to this person.")


def _quota(admin: User, person: Person) -> None:
    places = FormPlaces()
    with st.form("quota", border=False), errors_shown(places):
        help_text = "Leave it empty to use the hub's default limit. Administrators have none."
        gigabytes = st.number_input("Storage limit in gigabytes", 0, 1_000_000, None, placeholder="default limit", help=help_text)
        places.above_button()
        if st.form_submit_button("Set the limit"):
            quotas.set_quota(admin, person.user.email, None if gigabytes is None else gigabytes * 1000)
            st.success("The storage limit is set.")
