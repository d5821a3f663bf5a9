"""What a person was told, and how they choose to be told: `/Notices`."""

import streamlit as st

from mhub_core.notices import service
from mhub_core.ui import address, finder, notices
from mhub_core.ui.errors import errors_shown, shown_or_stopped
from mhub_core.ui.finder import PER_PAGE
from mhub_core.ui.login import require_login
from mhub_core.ui.page import page_setup, window

page_setup("Notifications")
user = require_login("Sign in to see your notifications.")
page = address.value("page", 1, address.whole_number(1, finder.MAX_PAGE))
with shown_or_stopped():
    latest = service.list_notices(user, PER_PAGE + 1, (page - 1) * PER_PAGE)

with window("Notifications"):
    if latest.num_unread and st.button("Mark all as read"):
        with errors_shown():
            service.mark_read(user)
            st.rerun()
    if latest.notices:
        notices.show(latest.notices[:PER_PAGE])
    elif page > 1:
        st.write("There are no more.")
    else:
        st.write("Nothing yet. You are told here when a run of yours ends, and when somebody comments, mentions or invites you.")
    finder.turn_page("notices", len(latest.notices), page)
with window("What you are notified about"), shown_or_stopped():
    notices.choices(user)
