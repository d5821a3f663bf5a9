"""The projects that a model or a dataset belongs to: put it into one, take it out."""

from __future__ import annotations

import streamlit as st

from mhub_core.accounts.records import User
from mhub_core.projects import service as projects
from mhub_core.sharing import belonging_service as belonging
from mhub_core.sharing import policy
from mhub_core.sharing.records import Belonging
from mhub_core.ui.errors import errors_shown
from mhub_core.ui.page import link, plain
from mhub_core.ui.sharing import levels


def draw(user: User, kind: str, thing_id: int) -> None:
    """Draw the projects of a thing, and the form that adds one."""
    with errors_shown():
        found = belonging.list_projects_of(user, kind, thing_id)
        for one in found:
            _row(user, kind, thing_id, one)
        known = {one.id for one in found}
        offered = {project_id: name for project_id, name in projects.list_joined(user, policy.EDIT) if project_id not in known}
        if offered:
            _add(user, kind, thing_id, offered)
        elif not found:
            st.write("You are not in a project yet. A project lets a class or a team see each other’s models and runs.")
            link("Projects", "Create or join a project")


def _row(user: User, kind: str, thing_id: int, one: Belonging) -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        if one.name:
            link("Project", one.name, id=one.id)
        else:
            st.write(plain(f"A private project of {one.owner_name}"))
        st.caption(f"Its members can {one.level} this {kind}, as far as they may in the project.")
        if st.button("Take it out", key=f"take_out_{kind}_{thing_id}_{one.id}"):
            belonging.take_out(user, kind, thing_id, one.id)
            st.rerun()


def _add(user: User, kind: str, thing_id: int, offered: dict[int, str]) -> None:
    key = f"belong_{kind}_{thing_id}"
    project_id = st.selectbox("Put it into the project", list(offered), format_func=offered.__getitem__, key=f"{key}_project")
    level = levels.choose(kind, "What its members can do", f"{key}_level")
    if st.button("Put it into the project", key=f"{key}_add"):
        belonging.put(user, kind, thing_id, project_id, level)
        st.rerun()
