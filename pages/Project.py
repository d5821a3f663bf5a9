"""One project: its leaderboard, models, datasets, runs and members: `/Project?id=3`. `?join=CODE` leads into one."""

from functools import partial

import streamlit as st

from mhub_core.accounts.records import User
from mhub_core.projects import service as projects
from mhub_core.projects.records import Project
from mhub_core.sharing.records import Grant
from mhub_core.sharing.service import PROJECT
from mhub_core.ui import address, table
from mhub_core.ui.comments import discussion
from mhub_core.ui.dataset_words import counted
from mhub_core.ui.errors import shown_or_stopped
from mhub_core.ui.page import opened, page_setup, plain, query_id, window
from mhub_core.ui.projects import entry, form, join, ranks, things
from mhub_core.ui.sharing import levels, panel
from mhub_core.ui.text import without_images

FEW = 12  # members that are shown without being asked for
MEMBERS = (table.Column("Name", name=True), table.Column("Level"), table.Column("Since", number=True, wide_only=True))


def about(project: Project) -> None:
    """Draw whose it is, who can see it, and what it says about itself."""
    visible = "public" if project.visibility == "public" else "private"
    counts = f"{counted(project.num_members, 'member')}, {counted(project.num_models, 'model')}"
    told = f"by {project.owner_name} · {visible} · {counts}, {counted(project.num_datasets, 'dataset')}"
    st.caption(plain(told))
    st.markdown(without_images(project.description) or "*No description yet.*")


def members(project: Project) -> None:
    """Draw who is in it; of people who are not, nobody is told that."""
    if not project.members:
        st.write(f"{counted(project.num_members, 'member')}. Only members see who they are.")
        return
    if len(project.members) <= FEW:
        member_table(project)
        return
    opened(f"All {len(project.members):,} members", "all_members", partial(member_table, project), icon=":material/group:")


def member_table(project: Project) -> None:
    """Draw everyone who is in it."""
    table.show(MEMBERS, (member(one) for one in project.members))


def member(one: Grant) -> list[table.Cell]:
    """Return one of them as the cells of the table."""
    person = table.Link(one.person_name, "Person", one.person_id)
    return [person, levels.TITLES[one.level].lower(), f"{one.created:%Y-%m-%d}"]


def manage(user: User, project: Project) -> None:
    """Draw what who manages it can change."""
    panel.draw(user, PROJECT, project.id, project.owner_id, project.owner_name, True)
    opened("Take something out", "take_out", partial(things.take_out, user, project))
    opened("Name, description and visibility", "change", partial(form.change, project), keeps=True)
    if project.may_delete:
        opened("Delete this project", "remove", partial(form.delete, project))


viewer = page_setup("Project")
if code := address.value("join", "", address.words):
    join.draw(viewer, code)
    st.stop()
project_id = query_id()
with shown_or_stopped("Projects"):
    project = projects.require_project(viewer, project_id or 0)

with window(project.name, key="about"):
    about(project)
    if viewer and project.may_manage:
        opened("Invite with a code", "entry", partial(entry.draw, viewer, project.id, project.name), icon=":material/qr_code:")
with window("Leaderboard of this project", key="leaderboard"):
    ranks.draw(viewer, project)
left, right = st.columns(2)
with left:
    with window("Models"):
        things.list_models(viewer, project)
    with window("Datasets"):
        things.list_datasets(viewer, project)
with right:
    with window("Newest runs", key="runs"):
        things.list_runs(viewer, project)
    with window("Members"):
        members(project)
if viewer and project.is_member:
    with window("Your part", key="mine"):
        if project.may_edit:
            things.mine(viewer, project)
        if not project.may_manage:
            panel.draw(viewer, PROJECT, project.id, project.owner_id, project.owner_name, False)
if viewer and project.may_manage:
    with window("Manage"):
        manage(viewer, project)
discussion.draw(PROJECT, project.id)
