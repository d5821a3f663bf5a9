"""Several runs beside each other: `/Compare?runs=3,7,9`."""

import streamlit as st

from mhub_core.runs import compare_service
from mhub_core.runs.records import Comparison
from mhub_core.ui import session
from mhub_core.ui.compare import choose, curves, numbers, pair, tables, told
from mhub_core.ui.csv_file import csv_text
from mhub_core.ui.errors import shown_or_stopped
from mhub_core.ui.page import page_setup, window

LOOK_SECONDS = 2.0
viewer = page_setup("Compare")
run_ids = choose.asked()


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
    outcome(found, told.tell(now_viewer, found.runs))
    if not any(run.is_active for run in found.runs):
        st.rerun()


with shown_or_stopped():
    compared = compare_service.compare(viewer, run_ids)

with window("Runs to compare", key="runs"):
    choose.draw(viewer, compared.runs)
    if compared.missing:
        gone = ", ".join(map(str, compared.missing))
        st.warning(f"Not shown, because they do not exist or are private: {gone}.")
    if len(compared.runs) < 2:
        st.write(
            f"Choose 2 to {compare_service.MAX_RUNS} runs: their curves, scores, settings and layers are then shown side by side."
        )

if compared.runs:
    named = told.tell(viewer, compared.runs)
    if any(run.is_active for run in compared.runs):
        moving()
    else:
        outcome(compared, named)
    with window("Settings that differ", key="settings"):
        tables.settings(named)
        name = f"compared-runs-{'-'.join(str(run.id) for run in compared.runs[:5])}.csv"
        st.download_button("Download as CSV", csv_text(*tables.as_table(named)), file_name=name, on_click="ignore")
    if len(compared.runs) >= 2:
        with window("Two runs in detail", key="pair"):
            pair.draw(named)
    if len(compared.runs) >= numbers.MIN_RUNS:
        with window("What the scores depend on", key="numbers"):
            numbers.draw(named)
