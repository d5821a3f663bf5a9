"""Several runs beside each other: `/Compare?runs=3,7,9`."""

import streamlit as st

from mhub_core.accounts.records import User
from mhub_core.data.csv_file import csv_text
from mhub_core.runs import compare_service
from mhub_core.runs.records import Comparison
from mhub_core.ui import address, session
from mhub_core.ui.compare import choose, curves, numbers, pair, tables, told
from mhub_core.ui.errors import shown_or_stopped
from mhub_core.ui.page import page_setup, window

LOOK_SECONDS = 2.0
viewer = page_setup("Compare")
run_ids = choose.asked()


def name(by: User | None, found: Comparison) -> list[told.Told]:
    """Name the runs; those that differ in the seed alone are one, unless somebody wants to see each."""
    return told.tell(by, found.runs) if shows_each() else told.fold(by, found.runs)


def shows_each() -> bool:
    """Return whether each seed stands for itself."""
    return address.value("seeds", False, address.flag)


def outcome(found: Comparison, named: list[told.Told]) -> None:
    """Draw what changes while some of the runs go on."""
    with window("Curves"):
        curves.draw(found, named)
    with window("Scores"):
        tables.scores(named)


@st.fragment(run_every=LOOK_SECONDS)
def moving() -> None:
    """Draw it again and again. When none of the runs goes on any more, the whole page is drawn again."""
    now_viewer = session.get_viewer()
    found = compare_service.compare(now_viewer, run_ids)
    outcome(found, name(now_viewer, found))
    if not any(run.is_active for run in found.runs):
        st.rerun()


with shown_or_stopped():
    compared = compare_service.compare(viewer, run_ids)

with window("Runs to compare", key="runs"):
    choose.draw(viewer, compared.runs)
    if compared.missing:
        gone = ", ".join(map(str, compared.missing))
        st.warning(f"Not shown, because they do not exist or are private: {gone}.")
    if len(told.lines_of(compared.runs)) < len(compared.runs):
        st.toggle("Show each seed by itself", **address.kept("seeds", False, address.flag, "compare"))
    if len(compared.runs) < 2:
        st.write(
            f"Choose 2 to {compare_service.MAX_RUNS} runs: their curves, scores, settings and layers are then shown side by side."
        )

if compared.runs:
    named, each = name(viewer, compared), told.tell(viewer, compared.runs)
    if any(run.is_active for run in compared.runs):
        moving()
    else:
        outcome(compared, named)
    with window("Settings that differ", key="settings"):
        tables.settings(named)
        file_name = f"compared-runs-{'-'.join(str(run.id) for run in compared.runs[:5])}.csv"
        st.download_button("Download as CSV", csv_text(*tables.as_table(each)), file_name=file_name, on_click="ignore")
    if len(compared.runs) >= 2:
        with window("Two runs in detail", key="pair"):
            pair.draw(each)
    if len(compared.runs) >= numbers.MIN_RUNS:
        with window("What the scores depend on", key="numbers"):
            numbers.draw(each)
