"""A person as others see them: `/Person?id=7`."""

from datetime import UTC, datetime

import streamlit as st

from mhub_core.charts.activity import activity
from mhub_core.people import service as people
from mhub_core.people.records import Owned, Profile
from mhub_core.ui import cards, charts, links
from mhub_core.ui.dataset_words import counted
from mhub_core.ui.errors import shown_or_stopped
from mhub_core.ui.page import link, page_setup, query_id, window
from mhub_core.ui.person import card as person_card
from mhub_core.ui.text import summary, without_images

PAGES = {"model": "Model", "dataset": "Dataset"}


def card(thing: Owned) -> str:
    """Return a model or a dataset as a small window."""
    text = summary(thing.description, 160) or "No description yet."
    return cards.to_html(thing.name, text, thing.visibility, [links.to_html(PAGES[thing.kind], "Open", id=thing.id)])


def year(person: Profile) -> None:
    """Draw on which days of the last year the person did something that the viewer can see."""
    with shown_or_stopped():
        counts = people.activity(viewer, person.id)
    if counts:
        told = f"{counted(sum(counts.values()), 'run, version or dataset', 'runs, versions and datasets')} in the last year"
        with window("Activity"):
            charts.show(activity(counts, datetime.now(UTC).date()), f"{told}, on {counted(len(counts), 'day')}.")
            st.caption(f"{told}.")


viewer = page_setup("Person")
with shown_or_stopped():
    person = people.require_person(viewer, query_id() or 0)
    owned = {kind: people.list_owned(viewer, person.id, kind, people.MAX_OWNED + 1) for kind in PAGES}
with window("Person"):
    st.html(person_card.to_html(person))
    if person.about:
        st.markdown(without_images(person.about))
    if viewer and viewer.id == person.id:
        link("Account", "Change what is shown here")
year(person)
for kind, things in owned.items():
    if things:
        st.subheader(f"{PAGES[kind]}s")
        cards.show(card(thing) for thing in things[: people.MAX_OWNED])
        if len(things) > people.MAX_OWNED:
            st.caption(f"The newest {people.MAX_OWNED}.")
if not any(owned.values()):
    st.info("This person has no models or datasets that you can see.")
