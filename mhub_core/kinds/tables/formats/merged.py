"""Cells of a sheet that are merged: a workbook keeps their value in the first one only."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import polars as pl

from mhub_core.kinds.tables.formats.sheet_xml import column_number

_AREA = re.compile(r"^([A-Z]{1,3})(\d{1,7}):([A-Z]{1,3})(\d{1,7})$")


@dataclass(frozen=True)
class Downward:
    """Cells of one column that are merged over several rows, from 1, both ends included."""

    column: int
    first_row: int
    last_row: int


def downward(areas: Iterable[str]) -> list[Downward]:
    """Return those of some merged areas, such as `A2:A9`, that lie in one column: their value is meant for all their rows."""
    found = (match.groups() for area in areas if (match := _AREA.match(area)))
    return [Downward(column_number(left), int(top), int(end)) for left, top, right, end in found if left == right and top != end]


def filled(cells: pl.DataFrame, columns: Sequence[int], first_row: int, areas: Sequence[Downward]) -> pl.DataFrame:
    """Return cells with the value of merged ones in all their rows. `columns`: which of the sheet these are, from 1."""
    by_column: dict[int, list[Downward]] = defaultdict(list)
    for area in areas:
        by_column[area.column].append(area)
    for place, column in enumerate(columns):
        if column in by_column:
            values = cells.to_series(place).clone()
            for area in by_column[column]:
                top, end = area.first_row - first_row, min(area.last_row - first_row, len(values) - 1)
                if 0 <= top < end:
                    values = values.scatter(list(range(top + 1, end + 1)), values[top])
            cells = cells.with_columns(values.alias(cells.columns[place]))
    return cells


def sentences(number: int, num_downward: int) -> list[str]:
    """Say what became of so many merged areas, of which some lie in one column."""
    told = []
    if num_downward:
        areas = (
            "1 area of merged cells counts for all its"
            if num_downward == 1
            else f"{num_downward:,} areas of merged cells counts for all their"
        )
        told.append(f"The value of {areas} rows.")
    if number - num_downward:
        areas = (
            "1 area of merged cells has"
            if number - num_downward == 1
            else f"{number - num_downward:,} areas of merged cells have"
        )
        told.append(f"{areas} a value in the first cell only; the others count as missing.")
    return told
