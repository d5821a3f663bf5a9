"""Which runs are compared: `/Compare?runs=3,7,9`."""

from __future__ import annotations

import streamlit as st

from mhub_core.accounts.records import User
from mhub_core.runs import service as runs
from mhub_core.runs.compare_service import MAX_RUNS
from mhub_core.runs.records import Run, RunCard
from mhub_core.ui import address, words

_KEY = "compare_runs"
_MOST = 200  # of the newest runs are offered


def asked() -> list[int]:
    """Return the ids that the address names, at most as many as can be compared."""
    return address.ids(address.said("runs"))[:MAX_RUNS]


def draw(viewer: User | None, shown: tuple[Run, ...]) -> None:
    """Draw the choice of the runs: those that are compared, and the newest others on the same data."""
    labels = {run.id: _label(run) for run in shown}
    of_data = {run.dataset_id for run in shown}
    for card in runs.list_runs(viewer, limit=_MOST, folded=False):
        if not of_data or card.dataset_id in of_data:
            labels.setdefault(card.id, _label(card))
    if not labels:
        st.info("There are no runs to compare yet. Train a model first, then come back here.")
        return
    st.session_state[_KEY] = [run.id for run in shown]

    def changed() -> None:
        address.put("runs", ",".join(map(str, st.session_state[_KEY])))

    st.multiselect(
        "Runs",
        list(labels),
        format_func=labels.__getitem__,
        key=_KEY,
        on_change=changed,
        max_selections=MAX_RUNS,
        placeholder="Choose runs to compare",
    )


def _label(run: Run | RunCard) -> str:
    named = [run.name] if run.name else []
    return " · ".join([str(run.id), *named, words.model_on(run.model_name, run.dataset_name), words.STATES[run.state].lower()])
