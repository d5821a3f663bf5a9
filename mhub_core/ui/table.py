"""A plain table of text and links: drawn by the browser itself, read by screen readers, and quick for the server."""

from __future__ import annotations

import html
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import streamlit as st

from mhub_core.ui import links


@dataclass(frozen=True)
class Column:
    """One column. `number`: set to the right. `wide_only`: left out where there is only the width of a phone.

    `name`: long names that stay readable there, so that the rest of the table is scrolled to. `head`: HTML in place of the title,
    such as a link that sorts. `sorted`: whether the rows stand "ascending" or "descending" by this column.
    """

    title: str
    number: bool = False
    wide_only: bool = False
    name: bool = False
    head: str = ""
    sorted: str = ""

    def to_html(self) -> str:
        """Return the cell at the head of the column."""
        order = f" aria-sort='{self.sorted}'" if self.sorted else ""
        return f"<th scope='col'{order}{self.classes()}>{self.head or html.escape(self.title)}</th>"

    def classes(self) -> str:
        """Return the CSS classes of its cells."""
        names = ["number"] * self.number + ["wide-only"] * self.wide_only + ["name"] * self.name
        return f" class='{' '.join(names)}'" if names else ""


@dataclass(frozen=True)
class Link:
    """A cell that leads to a page of the hub, such as `Link("Small net", "Run", id=7)`.

    `narrow`: what stands below it where there is only the width of a phone, instead of a column that is `wide_only`. `name`: as
    what the id stands in the address of the page.
    """

    text: str
    page: str
    id: int
    narrow: str = ""
    name: str = "id"

    def to_html(self) -> str:
        """Return the link; its text is shown as it was typed."""
        below = f"<span class='narrow-only'>{html.escape(self.narrow)}</span>" if self.narrow else ""
        return links.to_html(self.page, self.text, **{self.name: self.id}) + below


@dataclass(frozen=True)
class Explained:
    """A cell with a sentence below it that says what it means."""

    text: str
    help: str

    def to_html(self) -> str:
        """Return both, as they were typed."""
        return html.escape(self.text) + (f"<small>{html.escape(self.help)}</small>" if self.help else "")


@dataclass(frozen=True)
class Tick:
    """A cell with a box to tick a row by, see `ui.ticks`. `name` is what a screen reader calls it."""

    id: int
    name: str

    def to_html(self) -> str:
        """Return the box."""
        return f"<input type='checkbox' class='mhub-tick' value='{self.id}' aria-label='{html.escape(self.name, quote=True)}'>"


@dataclass(frozen=True)
class To:
    """A cell that leads to a page by more than an id, such as `To("Age", "Dataset", (("id", 7), ("column", "Age")))`."""

    text: str
    page: str
    query: tuple[tuple[str, object], ...]

    def to_html(self) -> str:
        """Return the link; its text is shown as it was typed."""
        return links.to_html(self.page, self.text, **dict(self.query))


@dataclass(frozen=True)
class Bars:
    """A cell with a small bar for each number from 0 to 1, which says at a glance how values lie."""

    heights: tuple[float, ...]

    def to_html(self) -> str:
        """Return the bars. Screen readers pass them over: the figures beside say the same."""
        bars = "".join(f"<i style='height: {max(4.0, 100 * height):.0f}%'></i>" for height in self.heights)
        return f"<span class='mhub-bars' aria-hidden='true'>{bars}</span>"


TICKS = Column(
    "", head="<input type='checkbox' class='mhub-tick-all' aria-label='Tick all on this page'>"
)  # over a column of ticks
Cell = str | Link | Explained | Tick | To | Bars


def to_html(columns: Sequence[Column], rows: Iterable[Sequence[Cell]], caption: str = "") -> str:
    """Return a table as HTML. Every cell is escaped here."""
    head = "".join(column.to_html() for column in columns)
    classes = [column.classes() for column in columns]
    body = "".join(
        "<tr>" + "".join(f"<td{mark}>{_cell(cell)}</td>" for mark, cell in zip(classes, row, strict=True)) + "</tr>"
        for row in rows
    )
    words = f"<caption>{html.escape(caption)}</caption>" if caption else ""
    return f"<div class='mhub-table'><table>{words}<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>"


def _cell(cell: Cell) -> str:
    return html.escape(cell) if isinstance(cell, str) else cell.to_html()


def show(columns: Sequence[Column], rows: Iterable[Sequence[Cell]], caption: str = "") -> None:
    """Draw a table."""
    st.html(to_html(columns, rows, caption))
