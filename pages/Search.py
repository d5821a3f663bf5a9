"""All that a search finds: `/Search?q=iris&kind=model&page=2`. The search in the bar leads here."""

import streamlit as st

from mhub_core.accounts.records import User
from mhub_core.finding import service as finding
from mhub_core.finding.records import FoundPage
from mhub_core.ui import address, finder, found
from mhub_core.ui.errors import shown_or_stopped
from mhub_core.ui.page import page_setup, window
from mhub_core.ui.pager import pager

PER_PAGE = 24
EVERYTHING = "all"
HINTS = """
- All words must appear in the name or the text of one thing. Try fewer words.
- A word is found by its beginning: `net` finds *network*, `work` does not.
- Case and accents make no difference.
"""


def nothing(viewer: User | None) -> None:
    """Say that nothing was found, and what may help."""
    st.info("Nothing that you can see holds all of these words.")
    st.markdown(HINTS)
    if viewer is None:
        st.write("Without signing in you find only what is public.")


def label(page: FoundPage, kind: str) -> str:
    """Return a filter with how much is found by it."""
    count = page.total if kind == EVERYTHING else page.counts[kind]
    return f"{'All' if kind == EVERYTHING else found.many(kind)} ({count})"


viewer = page_setup("Search")
words = st.text_input(
    "Search everything",
    placeholder="Models, datasets, projects, runs and people",
    max_chars=address.MAX_LETTERS,
    **address.kept("q", "", address.words, "search", finder.first_page),
)
if not words.strip():
    st.caption("Press / on any page to search.")
    st.stop()
with shown_or_stopped():
    everything = finding.find(viewer, words, PER_PAGE)
if not everything.total:
    nothing(viewer)
    st.stop()
kinds = [EVERYTHING, *(kind for kind in finding.KINDS if everything.counts[kind])]
kept = address.kept("kind", EVERYTHING, address.one_of(kinds), "search", finder.first_page)
kind = st.segmented_control(
    "Kind", kinds, format_func=lambda one: label(everything, one), required=True, label_visibility="collapsed", **kept
)
chosen = () if kind == EVERYTHING else (kind,)
with window("Results"):
    rows = st.container()
    offset = pager("search", everything.total if kind == EVERYTHING else everything.counts[kind], PER_PAGE)
    with rows, shown_or_stopped():
        page = finding.find(viewer, words, PER_PAGE, offset, chosen) if offset or chosen else everything
        st.html(found.to_html(page.things))
    if page.is_cut:
        st.caption(f"Of each kind at most {finding.MOST} are listed: the newest that match.")
