"""The list of runs as a table: its heads sort it."""

from __future__ import annotations

from collections.abc import Sequence

from mhub_core.runs.found import NEWEST, FoundRun, RunPage, RunQuery
from mhub_core.runs.order_service import MOST_COUNTED, MOST_SORTED
from mhub_core.ui import address, links, table
from mhub_core.ui.dataset_words import counted
from mhub_core.ui.runs import columns
from mhub_core.ui.runs.asked import FILTERS, Asked

_KEPT = (*FILTERS, "columns", "seeds")  # what a click on a head leaves as it is


def to_html(asked: Asked, runs: Sequence[FoundRun]) -> str:
    """Return one page of runs, each row with a box to tick it by."""
    shown = [(name, columns.find(name)) for name in asked.columns]
    kept = {one: address.said(one) or None for one in _KEPT}
    heads = [_head(name, column, asked, runs, kept) for name, column in shown]
    rows = [[table.Tick(run.id, f"Tick run {run.id}"), *(column.cell(run) for _, column in shown)] for run in runs]
    return table.to_html([table.TICKS, *heads], rows)


def _head(
    name: str, column: columns.RunColumn, asked: Asked, runs: Sequence[FoundRun], kept: dict[str, str | None]
) -> table.Column:
    """Return a column whose title is a link that sorts by it; once more, the other way round."""
    # Each run is told by the score that ranks it: all are sorted by that of most of them.
    sort = columns.main_score(runs) if name == "score" else column.sort
    wide_only = columns.is_wide_only(name, asked.columns)
    if not sort:
        return table.Column(column.title, column.number, wide_only)
    is_sorted = asked.query.sort == sort
    descends = asked.query.descending
    chosen = {"sort": None if sort == NEWEST else sort, "down": int(not descends) if is_sorted else None}
    arrow = (" ▼" if descends else " ▲") if is_sorted else ""
    order = ("descending" if descends else "ascending") if is_sorted else ""
    head = links.to_html("Runs", f"{column.title}{arrow}", **kept, **chosen)
    return table.Column(column.title, column.number, wide_only, name == "name", head, order)


def summary(query: RunQuery, found: RunPage) -> str:
    """Return how many runs there are, and what the list leaves out."""
    if found.is_cut:
        parts = [f"Sorted: the newest {MOST_SORTED:,} runs. Narrow the list with a filter to reach older ones."]
    else:
        parts = [f"{'More than ' if found.total == MOST_COUNTED else ''}{counted(found.total, 'run')}."]
    if ":" in query.sort:
        parts.append(f"Runs without “{columns.title(query.sort)}” are left out.")
    return " ".join(parts)
