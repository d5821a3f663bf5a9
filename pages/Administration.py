"""For administrators: people, who may make an account, how the hub looks, its mail."""

import streamlit as st

from mhub_core.ui.administration import hub, people
from mhub_core.ui.login import require_login
from mhub_core.ui.page import page_setup, query_id, window

page_setup("Administration")
user = require_login("Sign in as an administrator to see this page.")
if not user.is_admin:
    with window("Administration"):
        st.write("This page is for administrators of this hub. Ask one of them for what you need.")
    st.stop()

st.caption("Administrators can see and change everything on this hub.")
left, right = st.columns([1.3, 1])
with left:
    if (person_id := query_id()) is not None:
        people.one(user, person_id)
    people.everyone(user)
with right:
    hub.settings(user)
    hub.invite(user)
    hub.letters(user)
