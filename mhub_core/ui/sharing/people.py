"""The people whom a thing is shared with: add, change, remove, hand over."""

from __future__ import annotations

from collections import Counter

import streamlit as st

from mhub_core.accounts.records import User
from mhub_core.projects import invite_service
from mhub_core.sharing import owner_service
from mhub_core.sharing import service as sharing
from mhub_core.sharing.records import Grant
from mhub_core.sharing.service import PROJECT
from mhub_core.ui import table
from mhub_core.ui.dataset_words import counted
from mhub_core.ui.errors import FormPlaces, errors_shown
from mhub_core.ui.page import plain
from mhub_core.ui.sharing import levels

_HEAD = (table.Column("Person", name=True), table.Column("Level"), table.Column("Since", number=True, wide_only=True))


def draw(user: User, kind: str, thing_id: int, is_own: bool) -> None:
    """Draw who has which level, and the forms that change that. `is_own`: whether the user owns the thing."""
    with errors_shown():
        grants = sharing.list_grants(user, kind, thing_id)
        if grants and kind != PROJECT:  # the page of a project shows its members anyway
            table.show(_HEAD, (_row(one) for one in grants), f"Shared with {counted(len(grants), 'person', 'people')}")
        _add(user, kind, thing_id, len(grants))
        if grants:
            _change(user, kind, thing_id, grants, is_own)


def _row(grant: Grant) -> list[table.Cell]:
    return [grant.person_name, levels.TITLES[grant.level].lower(), f"{grant.created:%Y-%m-%d}"]


def _add(user: User, kind: str, thing_id: int, num: int) -> None:
    """Draw the form that shares a thing with one more person; after that its field is another, empty one."""
    places, key = FormPlaces(), f"share_{kind}_{thing_id}"
    who = st.text_input("Share with", max_chars=254, key=f"{key}_who_{num}", placeholder="Name or e-mail address")
    places.under("who")
    level = levels.choose(kind, "What this person can do", f"{key}_level")
    places.above_button()
    if st.button("Share", type="primary", key=f"{key}_add"):
        with errors_shown(places):
            name = invite_service.invite(user, kind, thing_id, who, level)
            st.toast(plain(f"Shared with {name}."))
            st.rerun()


def _change(user: User, kind: str, thing_id: int, grants: list[Grant], is_own: bool) -> None:
    """Draw what can be done with somebody who is among them already."""
    key = f"change_{kind}_{thing_id}"
    names = _names(grants)
    person_id = st.selectbox("Change for", list(names), format_func=names.__getitem__, key=f"{key}_who")
    now = next(one.level for one in grants if one.person_id == person_id)
    level = levels.choose(kind, f"{plain(names[person_id])} can", f"{key}_level_{person_id}_{now}", now)
    with st.container(horizontal=True):
        if st.button("Change", key=f"{key}_set", disabled=level == now):
            with errors_shown():
                sharing.grant(user, kind, thing_id, person_id, level)
                st.rerun()
        with st.popover("Remove"):
            st.write(_removal(kind, names[person_id]))
            if st.button("Yes, remove this person", key=f"{key}_remove_{person_id}", type="primary"):
                with errors_shown():
                    sharing.revoke(user, kind, thing_id, person_id)
                    st.rerun()
        if is_own:
            _hand_over(user, kind, thing_id, person_id, names[person_id])


def _hand_over(user: User, kind: str, thing_id: int, person_id: int, name: str) -> None:
    with st.popover("Hand over"):
        st.write(
            plain(
                f"{name} becomes the owner of this {kind}, and can delete it. You can still manage it, until {name} changes that."
            )
        )
        if owner_service.leaves_behind(user, kind, thing_id):
            told = (
                "The hub forgets its source, with the password or key. Nobody can refresh this dataset then; its versions stay."
            )
            st.write(told)
        if st.button("Yes, hand it over", key=f"hand_over_{kind}_{thing_id}_{person_id}", type="primary"):
            with errors_shown():
                invite_service.hand_over(user, kind, thing_id, person_id)
                st.rerun()


def _removal(kind: str, name: str) -> str:
    told = plain(f"{name} can no longer use what this {kind} shares.")
    if kind != PROJECT:
        return told
    return (
        f"{told} Their own models and datasets leave the project with them. With the join code they could come back: "
        "renew it, or switch it off."
    )


def _names(grants: list[Grant]) -> dict[int, str]:
    """Return what each person is called; two of one name are told apart by their numbers."""
    times = Counter(one.person_name for one in grants)
    return {
        one.person_id: one.person_name if times[one.person_name] == 1 else f"{one.person_name} (no. {one.person_id})"
        for one in grants
    }
