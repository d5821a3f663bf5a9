"""All projects that one may see, with a search; the ways to a new one and into one that somebody invites to."""

from functools import partial

import streamlit as st

from mhub_core.projects import service as projects
from mhub_core.projects.records import ProjectCard
from mhub_core.ui import cards, finder, links
from mhub_core.ui.dataset_words import counted
from mhub_core.ui.errors import shown_or_stopped
from mhub_core.ui.finder import PER_PAGE
from mhub_core.ui.page import opened, page_setup
from mhub_core.ui.projects import form, join
from mhub_core.ui.text import summary

viewer = page_setup("Projects")


def card(project: ProjectCard) -> str:
    """Return one project as a small window."""
    facts = (
        cards.by(None, project.owner_id, project.owner_name, project.visibility),
        counted(project.num_members, "member"),
        counted(project.num_models, "model"),
        project.visibility,
    )
    text = summary(project.description, 160) or "No description yet."
    return cards.to_html(project.name, text, " · ".join(facts), [links.to_html("Project", "Open", id=project.id)])


st.write(
    "A project is a class, a team or a topic: its members see each other’s models, datasets and runs, with a leaderboard of "
    "their own."
)
opened("Join with a code", "join_by_hand", join.by_hand, icon=":material/login:", keeps=True)
opened("New project", "new_project", partial(form.create, viewer), icon=":material/add:", keeps=True)

words, mine, page = finder.asked("projects", viewer, "Name or description", with_shared=True)
shared = finder.wants_shared(viewer)
with shown_or_stopped():
    found = projects.list_projects(viewer, words, mine, shared, PER_PAGE + 1, (page - 1) * PER_PAGE)

if not found:
    none = "There is no project that you can see yet."
    none = "You have no project yet." if mine else "You are in no project of another person yet." if shared else none
    empty = "No project matches this search." if words else f"{none} Create one above, or join one with a code."
    st.info(empty if page == 1 else "There are no more.")
cards.show(card(project) for project in found[:PER_PAGE])
finder.turn_page("projects", len(found), page)
