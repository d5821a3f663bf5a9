"""A model's answer: in full for one example; for many at once a table and a file."""

from __future__ import annotations

import streamlit as st

from mhub_core.data.csv_file import csv_text
from mhub_core.evaluation.records import Prediction
from mhub_core.ui import pictures, table
from mhub_core.ui.kinds.view import Given
from mhub_core.ui.page import plain
from mhub_core.ui.tasks.registry import require_view

_MAX_SHOWN = 200
_MAX_NAMES = 5  # in a sentence


def show(prediction: Prediction, given: Given) -> None:
    """Draw the answer to one example in full, or many as a table; and what could not be read."""
    for place, problem in prediction.problems.items():
        st.warning(plain(f"{given.names[place]} was skipped. {problem}"))
    _notes(prediction, given)
    given = given.only([place for place in range(len(given.names)) if place not in prediction.problems])
    if len(given.names) == 1:
        view, seen = require_view(prediction.data.task), next(iter(prediction.seen), None)
        view.answer(prediction.answers[0], prediction.data, given, seen)
    else:
        _overlays(prediction, given)
        _many(prediction, given)
    st.caption(f"The prediction took {max(1, round(prediction.milliseconds)):,} ms.")


def _notes(prediction: Prediction, given: Given) -> None:
    """Say what was changed of the examples, each sentence once."""
    for note in dict.fromkeys(prediction.notes.values()):
        names = [given.names[place] for place, one in prediction.notes.items() if one == note]
        more = f" and {len(names) - _MAX_NAMES} more" if len(names) > _MAX_NAMES else ""
        st.info(plain(note if len(given.names) == 1 else f"{', '.join(names[:_MAX_NAMES])}{more}: {note}"))


def _overlays(prediction: Prediction, given: Given) -> None:
    """Draw answers that have a place in their pictures there."""
    view, data = require_view(prediction.data.task), prediction.data
    told = zip(prediction.seen, prediction.answers, given.names, strict=False)
    shown = [(png, over, name) for png, answer, name in told if (over := view.overlay(answer, data))]
    if shown:
        view.legend(data)
        pictures.figures(shown, view.OPACITY, large=True)


def _many(prediction: Prediction, given: Given) -> None:
    view = require_view(prediction.data.task)
    first, *others = view.COLUMNS
    columns = [table.Column("Input"), table.Column(first), *(table.Column(title, number=True) for title in others)]
    told = list(zip(given.names, prediction.answers, strict=True))
    table.show(columns, [(name, *view.cells(answer, prediction.data)) for name, answer in told[:_MAX_SHOWN]])
    if len(told) > _MAX_SHOWN:
        st.caption(f"Showing the first {_MAX_SHOWN} of {len(told):,}; the CSV file contains all of them.")
    st.download_button(
        "Download the predictions (CSV)", _csv(prediction, given), "predictions.csv", "text/csv", on_click="ignore"
    )


def _csv(prediction: Prediction, given: Given) -> str:
    """Return the predictions, behind the cells of the rows that were given."""
    view = require_view(prediction.data.task)
    names = list(given.shown[0]) if given.shown else []
    beside = [["" if cell is None else str(cell) for cell in row.values()] for row in given.shown] or [[]] * len(given.names)
    told = zip(given.names, beside, prediction.answers, strict=True)
    rows = ((name, *cells, *view.csv_cells(answer, prediction.data)) for name, cells, answer in told)
    return csv_text(["input", *names, *view.csv_head(prediction.data)], rows)
