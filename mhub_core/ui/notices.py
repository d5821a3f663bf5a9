"""A person's notifications in a list, and how they choose to be told."""

from __future__ import annotations

import html
from collections.abc import Sequence

import streamlit as st

from mhub_core.accounts.records import User
from mhub_core.mail import service as mail
from mhub_core.notices import service
from mhub_core.notices.records import Notice
from mhub_core.ui import links, words
from mhub_core.ui.errors import errors_shown

KINDS = {
    service.RUN_ENDED: ("A run of yours ended", "It finished, failed, or was stopped by the hub."),
    service.COMMENT: ("Comments", "Somebody commented on something of yours, or replied in a thread that you took part in."),
    service.MENTION: ("Mentions", "Somebody mentioned you by @ and your name in a comment."),
    service.INVITATION: ("Invitations", "Somebody shared a model, a dataset or a project with you."),
}


def show(notices: Sequence[Notice]) -> None:
    """Draw notifications as one list of links; a click on one marks it as read, see `static/bell.js`."""
    st.html(f"<ul class='mhub-notices'>{''.join(f'<li>{_line(one)}</li>' for one in notices)}</ul>")


def _line(notice: Notice) -> str:
    mark = "" if notice.is_read else "<span class='mhub-bell-new'>New</span> "
    at = f"<time>{words.moment(notice.created)}</time>"
    address = html.escape(links.address(notice.page, **notice.query), quote=True)
    state = "read" if notice.is_read else "unread"
    return f"<a class='{state}' data-notice='{notice.id}' href='{address}'>{mark}{html.escape(notice.words)}{at}</a>"


def choices(user: User) -> None:
    """Draw for each kind whether to tell of it in the hub, and by mail where the hub sends mail."""
    chosen = service.get_choices(user)
    for kind, (title, told) in KINDS.items():
        st.markdown(f"**{title}.** {told}")
        with st.container(horizontal=True):
            st.checkbox("In the hub", chosen[kind].in_hub, key=f"notices_hub_{kind}", on_change=_choose, args=(user, kind))
            if mail.is_configured():
                st.checkbox("By mail", chosen[kind].by_mail, key=f"notices_mail_{kind}", on_change=_choose, args=(user, kind))
    if mail.is_configured():
        st.caption("Mail goes to the address of your account.")


def _choose(user: User, kind: str) -> None:
    by_mail = st.session_state.get(f"notices_mail_{kind}", service.get_choices(user)[kind].by_mail)
    with errors_shown():
        service.choose(user, kind, st.session_state[f"notices_hub_{kind}"], by_mail)
