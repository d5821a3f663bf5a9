"""The forms of a project: what it is called and says, who can see that; delete it."""

from __future__ import annotations

import streamlit as st

from mhub_core.accounts.records import User
from mhub_core.projects import service as projects
from mhub_core.projects.records import Project
from mhub_core.sharing import policy
from mhub_core.ui import session
from mhub_core.ui.errors import FormPlaces, errors_shown
from mhub_core.ui.page import go

VISIBILITIES = {
    policy.PRIVATE: "Only its members",
    policy.PUBLIC: "Everyone. Of what belongs to it, others see only what is public itself.",
}


def create(viewer: User | None) -> None:
    """Draw the form for a new project."""
    places = FormPlaces()
    name, description, visibility = _fields("new_project", places, "", "", policy.PRIVATE)
    if st.button("Create the project", type="primary", key="new_project_create"):
        with errors_shown(places):
            go("Project", id=projects.create(policy.require_signed_in(viewer), name, description, visibility))


def change(project: Project) -> None:
    """Draw the form that changes one."""
    places = FormPlaces()
    fields = _fields(f"project_{project.id}", places, project.name, project.description, project.visibility)
    if st.button("Save", type="primary", key=f"project_save_{project.id}"):
        with errors_shown(places):
            projects.update(session.require_user(), project.id, *fields)
            st.rerun()


def _fields(key: str, places: FormPlaces, name: str, description: str, visibility: str) -> tuple[str, str, str]:
    name = st.text_input("Name", name, max_chars=projects.MAX_NAME, key=f"{key}_name")
    places.under("name")
    description = st.text_area("Description (Markdown)", description, height=140, key=f"{key}_description")
    places.under("description")
    place = list(VISIBILITIES).index(visibility)
    chosen: str = st.radio(
        "Who can see the project", list(VISIBILITIES), place, format_func=VISIBILITIES.__getitem__, key=f"{key}_visibility"
    )
    places.above_button()
    return name, description, chosen


def delete(project: Project) -> None:
    """Ask once more before a project is deleted."""
    st.write(
        "The models, datasets and runs of this project stay with their owners. Members no longer see those of each other, except "
        "for what is public or shared with them by name."
    )
    sure = st.checkbox("Yes, delete this project", key=f"project_sure_{project.id}")
    if st.button("Delete the project", disabled=not sure, key=f"project_delete_{project.id}"):
        with errors_shown():
            projects.delete(session.require_user(), project.id)
            go("Projects")
