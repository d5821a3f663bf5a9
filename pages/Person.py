"""A person as others see them: `/Person?id=7`."""

import streamlit as st

from mhub_core.people import service as people
from mhub_core.people.records import Owned
from mhub_core.ui import cards, links
from mhub_core.ui.errors import shown_or_stopped
from mhub_core.ui.page import page_setup, plain, query_id, window
from mhub_core.ui.text import summary

PAGES = {"model": "Model", "dataset": "Dataset"}


def card(thing: Owned) -> str:
    """Return a model or a dataset as a small window."""
    text = summary(thing.description, 160) or "No description yet."
    return cards.to_html(thing.name, text, thing.visibility, [links.to_html(PAGES[thing.kind], "Open", id=thing.id)])


viewer = page_setup("Person")
with shown_or_stopped():
    person = people.require_person(viewer, query_id() or 0)
    owned = {kind: people.list_owned(viewer, person.id, kind) for kind in PAGES}
with window("Person"):
    st.write(f"**{plain(person.name)}**")
    st.caption(f"Joined {person.joined:%Y-%m-%d}.")
for kind, things in owned.items():
    if things:
        st.subheader(f"{PAGES[kind]}s")
        cards.show(card(thing) for thing in things)
if not any(owned.values()):
    st.info("This person has published nothing yet.")
