"""All runs that one may see: searched, narrowed, sorted, and ticked to do something with several. `/Runs?model=7&sort=name`."""

from functools import partial

import streamlit as st

from mhub_core.runs import find_service
from mhub_core.runs.found import RunPage
from mhub_core.ui import finder
from mhub_core.ui.errors import shown_or_stopped
from mhub_core.ui.page import link, opened, page_setup, window
from mhub_core.ui.pager import pager
from mhub_core.ui.runs import asked, listing, several

viewer = page_setup("Runs")


def find(words: str, mine: bool, page: int) -> tuple[asked.Asked, RunPage]:
    """Return what was asked for and what was found; the first page where the address names one that is not there."""
    wanted = asked.read(words, mine, page)
    with shown_or_stopped():
        found = find_service.find(viewer, wanted.query)
        return find(words, mine, 1) if page > 1 and not found.runs else (wanted, found)


def nothing() -> None:
    """Say why the list is empty, and what to do."""
    if asked.is_filtered():
        st.info("No run matches. Change the search, or clear the filters.")
        return
    st.info("No run has been made public yet." if viewer is None else "There is no run that you can see yet.")
    link("Train", "Train a model")


words, mine, page = finder.asked("runs", viewer, "Name, notes, model or dataset")
wanted, found = find(words, mine, page)
opened("Filters and columns", "runs_filters", partial(asked.form, viewer, wanted, found.runs), icon=":material/tune:")
if asked.is_filtered():
    with st.container(horizontal=True, vertical_alignment="center"):
        if said := asked.told(wanted, found.runs):
            st.write(f"Only {said}.")
        st.button("Clear the search and all filters", key="runs_clear", on_click=asked.clear)
if not found.runs:
    nothing()
else:
    with window("Runs", key="runs"):
        several.bar(viewer, found.runs)
        st.html(listing.to_html(wanted, found.runs))
        st.caption(listing.summary(wanted.query, found))
        pager("runs", found.total, asked.PER_PAGE)
