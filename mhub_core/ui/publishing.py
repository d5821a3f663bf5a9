"""Says, before others can see a model, what they will know of the private data that it learned from."""

from __future__ import annotations

from collections.abc import Iterable

import streamlit as st

from mhub_core.accounts.records import User
from mhub_core.data.records import Column
from mhub_core.kinds.tables import dates
from mhub_core.models import publish_service
from mhub_core.models.records import LearnedFrom
from mhub_core.ui.dataset_words import counted
from mhub_core.ui.page import plain

_MOST = 12  # of names in a sentence


def draw(user: User, model_id: int, shares_data: bool) -> None:
    """Draw what becomes visible with this choice. Nothing where the model learned from public data alone."""
    for data in publish_service.list_private(user, model_id):
        draw_up = st.warning if shares_data else st.info
        draw_up("\n\n".join(_lines(data, shares_data)))


def _lines(data: LearnedFrom, shares_data: bool) -> list[str]:
    which = counted(len(data.versions), "version").split()[-1]
    numbers = ", ".join(map(str, data.versions[-_MOST:]))
    learned = f"**{which.capitalize()} {numbers} learned from private data.**"
    if not shares_data:
        return [
            f"{learned} Others see that {'it exists' if len(data.versions) == 1 else 'they exist'}, and the diagram with its "
            "number of inputs and outputs. They cannot predict with it or download it, and see nothing of the columns, classes, "
            "ranges and words of the data."
        ]
    told = [f"{learned} To predict, others see this of the data, and no rows:"]
    told += [f"- Columns: {_some(map(_column, data.columns), len(data.columns))}"] if data.columns else []
    told += [f"- Target: {plain(data.target)}"]
    told += [f"- Classes: {_some(map(plain, data.classes), len(data.classes))}"] if data.classes else []
    told += [f"- Words: {_some(map(plain, data.words), len(data.words))}"] if data.words else []
    return [told[0], "\n".join(told[1:]), "To leave this out, switch off “Let others predict with it”."]


def _column(column: Column) -> str:
    """Return a column with its range or its categories."""
    name = plain(column.name)
    if column.categories:
        return f"{name} ({_some(map(plain, column.categories), len(column.categories), 5)})"
    if column.minimum is None or column.maximum is None:
        return name
    written = dates.shown if column.kind == "date" else "{:g}".format
    return f"{name} ({written(column.minimum)} to {written(column.maximum)})"


def _some(words: Iterable[str], num: int, most: int = _MOST) -> str:
    shown = [word for word, _ in zip(words, range(most), strict=False)]
    return ", ".join(shown) + (f" and {num - most:,} more" if num > most else "")
