"""A sheet becomes a table: which line names the columns, and which lines and columns hold nothing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import polars as pl

from mhub_core import settings
from mhub_core.errors import Invalid, TooLarge
from mhub_core.kinds.tables import odd_rows
from mhub_core.kinds.tables.header import names_columns, unique_names

LOOKED_AT = 50  # lines, to find the one with the names: the same in a preview and in the whole
_MOSTLY = 0.6

Line = Sequence[str | None]


@dataclass(frozen=True)
class Layout:
    """Where the table lies in a sheet: how many lines are above its rows, what its columns are called, and what the line below
    the names is."""

    skipped: int
    names: tuple[str, ...]
    has_header: bool
    notes: tuple[str, ...]
    second: str = odd_rows.ROW


def find(lines: Sequence[Line], chosen: dict[str, Any], from_first: bool) -> Layout:
    """Return where the table lies, by the first lines of a sheet as text, whose empty cells are None.

    `chosen`: what a person chose, among it whether there is a header. `from_first`: the first line is the first of the table;
    else lines above it that hold less are a title. Raises Invalid.
    """
    has_header = chosen.get("header")
    notes: list[str] = []
    if not any(map(any, lines)):
        raise _empty_sheet()
    start = 0 if from_first else _first_line(lines)
    if above := [line for line in lines[:start] if any(line)]:
        words = "; ".join(repr(" ".join(cell for cell in line if cell)[:60]) for line in above[:3])
        notes.append(f"{_counted(len(above), 'line')} above the table {_was(len(above))} skipped: {words}.")
    table = [[cell or "" for cell in line] for line in lines[start:]]
    header = has_header if isinstance(has_header, bool) else names_columns(table[0], table[1:])
    if header:
        second = odd_rows.second_line(table[0], table[1:], chosen)
        names = odd_rows.joined(table[0], table[1]) if second == odd_rows.NAMES and len(table) > 1 else table[0]
        notes += odd_rows.about_second(second, table[1]) if len(table) > 1 else []
        return Layout(start + 1 + (second != odd_rows.ROW), tuple(names), True, tuple(notes), second)
    notes.append("The first line is read as data, so the columns are called column_1, column_2 ...")
    return Layout(start, ("",) * len(lines[start]), False, tuple(notes))


def named(cells: pl.DataFrame, layout: Layout, min_columns: int) -> tuple[pl.DataFrame, tuple[str, ...]]:
    """Return the rows below the header with the names of the columns, and what was left out, in sentences.

    Lines that hold nothing are no rows. Raises Invalid or TooLarge.
    """
    notes: list[str] = []
    filled = [place for place, name in enumerate(layout.names) if name or _holds(cells.to_series(place))]
    if len(filled) > settings.number("MHUB_MAX_COLUMNS"):
        told = f"The table has {len(filled):,} columns."
        raise TooLarge(told, f"At most {settings.number('MHUB_MAX_COLUMNS'):,}.", "Remove columns that are not needed.")
    if len(filled) < min_columns:
        raise _one_column() if filled else _empty_sheet()
    wanted = [layout.names[place] for place in filled]
    names = unique_names(wanted, notes) if layout.has_header else [f"column_{n}" for n in range(1, len(filled) + 1)]
    rows = pl.DataFrame([cells.to_series(place).alias(name) for place, name in zip(filled, names, strict=True)])
    kept = rows.filter(~_empty(rows))
    if empty := rows.height - kept.height:
        notes.append(f"{_counted(empty, 'empty row')} {_was(empty)} left out.")
    if kept.height > settings.number("MHUB_MAX_ROWS"):
        raise TooLarge(f"The table has more than {settings.number('MHUB_MAX_ROWS'):,} rows.", mend="Upload only a part of it.")
    return kept, tuple(notes)


def _holds(values: pl.Series) -> bool:
    return values.null_count() < len(values)


def _empty_sheet() -> Invalid:
    return Invalid("The sheet is empty.", "A line of column names, and rows.", "Choose another sheet or range, or add the rows.")


def _one_column() -> Invalid:
    return Invalid(
        "The sheet has only one column with values.",
        "At least two columns are needed: one to learn from, and the target.",
        "Choose another sheet or range, or add the missing columns.",
    )


def _empty(cells: pl.DataFrame) -> pl.Expr:
    return pl.all_horizontal(pl.col(name).is_null() for name in cells.columns)


def _first_line(lines: Sequence[Line]) -> int:
    """Return the first line that holds about as much as most lines do: what is above it is a title."""
    filled = [sum(cell is not None for cell in line) for line in lines]
    usual = Counter(count for count in filled if count).most_common(1)[0][0]
    return next(place for place, count in enumerate(filled) if count >= max(2, _MOSTLY * usual) or count == max(filled))


def _counted(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def _was(number: int) -> str:
    return "was" if number == 1 else "were"
