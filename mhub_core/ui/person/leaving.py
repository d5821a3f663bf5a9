"""The parts of the account in which a person takes along what is theirs, and leaves."""

from __future__ import annotations

import streamlit as st

from mhub_core.accounts.records import User
from mhub_core.people import leaving_service as leaving
from mhub_core.people.records import Leaving
from mhub_core.ui import session
from mhub_core.ui.dataset_words import counted
from mhub_core.ui.errors import FormPlaces, errors_shown
from mhub_core.ui.page import opened, plain, window

_ARCHIVE = "<a class='mhub-link' href='api/account/archive' download='m-hub-account.zip'>Download all that is yours</a>"
_MOST_NAMED = 10


def draw(user: User) -> None:
    """Draw the way to one's data, and out."""
    with window("Your data"):
        st.write(
            "Your models with their versions and weights, your datasets with the files you uploaded, your runs with their curves,"
            " and your account, as one zip file."
        )
        st.html(_ARCHIVE)
        opened("Delete your account", "delete_account", lambda: _form(user), icon=":material/delete_forever:")


def _form(user: User) -> None:
    places = FormPlaces()
    with errors_shown(places):
        told = leaving.preview(user)
        st.write(
            f"You own {counted(told.num_models, 'model')}, {counted(told.num_datasets, 'dataset')},"
            f" {counted(told.num_projects, 'project')} and {counted(told.num_runs, 'run')}."
            " Runs that are still training are stopped. This cannot be undone."
        )
        hands_over, keeps_public = _shared(told), _public(told)
        st.caption(
            "Other people's results stay: a dataset from which their models learned is kept without your name. The sources"
            " of your datasets are deleted with their passwords and keys, so nobody can refresh these datasets any more."
        )
        password = st.text_input("Your password", type="password", autocomplete="current-password", key="leave_password")
        places.under("password")
        word = st.text_input(f"Type {leaving.WORD} to confirm", key="leave_word", autocomplete="off")
        places.under("word")
        places.above_button()
        if st.button("Delete my account", key="leave"):
            given = (password, word, session.address(), session.device_cookie())
            leaving.leave(user, *given, hands_over=hands_over, keeps_public=keeps_public)
            session.forget()
            st.rerun()


def _shared(told: Leaving) -> bool:
    """Ask what becomes of what others have permissions on."""
    if not told.handed_over:
        return True
    named = [f"- {plain(one.name)} → {plain(one.to_name)}" for one in told.handed_over[:_MOST_NAMED]]
    more = len(told.handed_over) - len(named)
    hand_over = "Give each to the person with the highest permission on it"
    chosen = st.radio("What you shared with people", (hand_over, "Delete it"), key="leave_shared")
    st.markdown("\n".join([*named, *([f"- {more} more"] if more else [])]))
    return chosen == hand_over


def _public(told: Leaving) -> bool:
    """Ask what becomes of what is public."""
    if not told.num_public:
        return True
    keep = f"Keep it under the name “{leaving.LEFT}”"
    label = f"What is public ({counted(told.num_public, 'thing')})"
    return st.radio(label, (keep, "Delete it"), key="leave_public") == keep
