"""The part of a page that says who may do what with a model, a dataset or a project."""

from __future__ import annotations

from functools import partial

import streamlit as st

from mhub_core.accounts.records import User
from mhub_core.sharing import service as sharing
from mhub_core.sharing.service import DATASET, MODEL, PROJECT
from mhub_core.ui.errors import errors_shown
from mhub_core.ui.page import go, opened, plain
from mhub_core.ui.sharing import belonging, levels, people

_LISTS = {MODEL: "Models", DATASET: "Datasets", PROJECT: "Projects"}


def draw(viewer: User | None, kind: str, thing_id: int, owner_id: int | None, owner_name: str, may_manage: bool) -> None:
    """Draw the sharing of a thing for who manages it, and for who was let in the way to leave."""
    if viewer is None:
        return
    if may_manage:
        is_own = viewer.is_admin or viewer.id == owner_id
        title = "Members: add, change, remove" if kind == PROJECT else "Share with people"
        opened(title, f"people_{kind}", partial(people.draw, viewer, kind, thing_id, is_own), icon=":material/group:")
        if kind != PROJECT:
            opened("Projects", f"belonging_{kind}", partial(belonging.draw, viewer, kind, thing_id), icon=":material/groups:")
    _leave(viewer, kind, thing_id, owner_name)


def _leave(viewer: User, kind: str, thing_id: int, owner_name: str) -> None:
    with errors_shown():
        level = sharing.get_grant(viewer, kind, thing_id)
        if level is None:
            return
        with st.container(horizontal=True, vertical_alignment="center"):
            st.write(plain(f"{owner_name} shares this {kind} with you: {levels.TITLES[level].lower()}."))
            with st.popover("Leave"):
                st.write(_leaving(kind, owner_name))
                if st.button("Yes, leave", key=f"leave_{kind}_{thing_id}", type="primary"):
                    sharing.revoke(viewer, kind, thing_id, viewer.id)
                    go(_LISTS[kind])


def _leaving(kind: str, owner_name: str) -> str:
    back = plain(f"Only {owner_name}, or somebody else who manages it, can let you in again.")
    if kind == PROJECT:
        return f"You no longer see what belongs to this project, and your own models and datasets leave it with you. {back}"
    return f"You can no longer use this {kind}, unless you see it for another reason. {back}"
