"""A model's answer: in full for one example; for many at once a table and a file."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence

import streamlit as st

from mhub_core.evaluation.records import Prediction
from mhub_core.ui import pictures, table
from mhub_core.ui.kinds.view import Given
from mhub_core.ui.tasks.registry import require_view

_MAX_SHOWN = 200


def show(prediction: Prediction, given: Given, seen: Sequence[bytes | None]) -> None:
    """Draw the answer to one example in full, or many as a table. `seen`: the first examples as PNG, if pictures."""
    if len(given.names) == 1:
        require_view(prediction.data.task).answer(prediction.answers[0], prediction.data, given, next(iter(seen), None))
    else:
        _overlays(prediction, given, seen)
        _many(prediction, given)
    st.caption(f"The network took {prediction.milliseconds:.1f} ms.")


def _overlays(prediction: Prediction, given: Given, seen: Sequence[bytes | None]) -> None:
    """Draw answers that have a place in their pictures there."""
    view, data = require_view(prediction.data.task), prediction.data
    told = zip(seen, prediction.answers, given.names, strict=False)
    shown = [(png, over, name) for png, answer, name in told if png and (over := view.overlay(answer, data))]
    if shown:
        view.legend(data)
        pictures.figures(shown, large=True)


def _many(prediction: Prediction, given: Given) -> None:
    view = require_view(prediction.data.task)
    first, *others = view.COLUMNS
    columns = [table.Column("What"), table.Column(first), *(table.Column(title, number=True) for title in others)]
    told = list(zip(given.names, prediction.answers, strict=True))
    table.show(columns, [(name, *view.cells(answer, prediction.data)) for name, answer in told[:_MAX_SHOWN]])
    if len(told) > _MAX_SHOWN:
        st.caption(f"The first {_MAX_SHOWN} of {len(told):,}; the file holds all.")
    st.download_button("Download the answers (CSV)", _csv(prediction, given), "answers.csv", "text/csv", on_click="ignore")


def _csv(prediction: Prediction, given: Given) -> str:
    view, file = require_view(prediction.data.task), io.StringIO()
    writer = csv.writer(file)
    writer.writerow(["what", *view.csv_head(prediction.data)])
    for name, answer in zip(given.names, prediction.answers, strict=True):
        writer.writerow([name, *view.csv_cells(answer, prediction.data)])
    return file.getvalue()
