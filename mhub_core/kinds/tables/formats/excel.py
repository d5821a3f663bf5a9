"""Workbooks: .xlsx and .xlsm of Excel, .xls of older ones, .ods of LibreOffice."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import polars as pl

from mhub_core.data.records import Option, Progress
from mhub_core.errors import Invalid
from mhub_core.kinds.tables import odd_rows
from mhub_core.kinds.tables.formats import grid, merged, workbook
from mhub_core.kinds.tables.formats.area import Area, read_area
from mhub_core.kinds.tables.formats.format import Head, Refusals, Whole
from mhub_core.kinds.tables.formats.kept import all_kept, refused
from mhub_core.kinds.tables.formats.outside import refused_as
from mhub_core.kinds.tables.formats.sheet_xml import Sheet, damaged

_OLD = b"\xd0\xcf\x11\xe0"
_HEAD_ROWS = 5_000
_NUM_DECIMALS = 9
_LEAST_CELLS = 4  # of a table
_HEADER = ((True, "names of columns"), (False, "the first row"))
_EXACT = 2**53  # whole numbers beyond it are rounded in the file already
_DECIMALS = r"^-?(0|[1-9][0-9]*)(\.[0-9]*[1-9])?$"  # as the library writes them, and a person may not: 007.10


class Excel:
    """Every cell comes as text; what the columns are is found out as for any other table."""

    name = "excel"
    words = "an Excel file"
    endings: tuple[str, ...] = (".xlsx", ".xlsm", ".xls", ".ods")
    head_is_enough = False
    reads_pieces = False

    def __init__(self, min_columns: int = 2) -> None:
        self._min_columns = min_columns

    def accepts(self, path: Path, head: bytes, file_name: str) -> bool:
        """Look into a zip. What is called .xls and is text, as some programs write it, is none."""
        if head.startswith(_OLD):
            return True
        if not head.startswith(b"PK"):
            return False
        if file_name.lower().endswith((*self.endings, ".xlsb")):
            return True
        parts = workbook.names(path)
        return any(name.endswith(("/workbook.xml", "/workbook.bin")) for name in parts) or (
            "content.xml" in parts and b"opendocument.spreadsheet" in head
        )

    def look(self, path: Path, chosen: dict[str, Any]) -> Head:
        """Read the first rows of one sheet."""
        copied = io.BytesIO()
        with _opened(path, copied, only_head=True) as book:
            name = book.sheet(chosen)
            table = book.table(name, chosen, _HEAD_ROWS, self._min_columns)
        share = book.seen.shares.get(name, 1.0) * book.share_of_rows
        notes = (*book.notes(name, table, share == 1.0), *refused(table.refusals, share < 1.0))
        return Head(table.frame, _options(book.names, name, chosen, table), notes, share)

    def read(self, path: Path, chosen: dict[str, Any], folder: Path, progress: Progress) -> Whole:
        """Read one sheet."""
        progress(0, 0, "Checking the workbook")
        with (folder / "workbook.zip").open("w+b") as copied:
            with _opened(path, copied, only_head=False) as book:
                progress(0, 0, "Reading the sheet")
                name = book.sheet(chosen)
                table = book.table(name, chosen, None, self._min_columns)
        (folder / "workbook.zip").unlink()
        return Whole(table.frame, table.refusals, book.notes(name, table, True))

    def long(self, path: Path, chosen: dict[str, Any], folder: Path, progress: Progress) -> None:
        """Such files are read at once."""


@dataclass(frozen=True)
class _Table:
    frame: pl.DataFrame
    layout: grid.Layout
    refusals: Refusals
    notes: tuple[str, ...]


@dataclass
class _Book:
    reader: Any  # of fastexcel, which says nothing of its types
    seen: workbook.Seen
    names: list[str]
    share_of_rows: float = 1.0

    def sheet(self, chosen: dict[str, Any]) -> str:
        """Return the chosen sheet, or the first one that may hold a table, else that is not empty. Raises Invalid."""
        wanted = chosen.get("sheet")
        if wanted is None:
            may_be = (name for least in (_LEAST_CELLS, 1) for name in self.names if self._num_cells(name) >= least)
            return next(may_be, self.names[0])
        if wanted not in self.names:
            told = f"There is no sheet {str(wanted)[:80]!r}."
            raise Invalid(told, f"One of: {', '.join(self.names[:20])[:400]}.", "Choose another sheet.")
        return str(wanted)

    def _num_cells(self, name: str) -> int:
        """Return how many cells of a sheet hold something, at the least; at most one where all stand in one column."""
        if name in self.seen.sheets:
            sheet = self.seen.sheets[name]
            return sheet.cells if sheet.columns > 1 else min(1, sheet.cells)
        first = self._cells(name, Area(), grid.LOOKED_AT)
        filled = sum(values.null_count() < first.height for values in first)
        return first.height * filled if filled > 1 else filled

    def table(self, name: str, chosen: dict[str, Any], num_rows: int | None, min_columns: int) -> _Table:
        """Return the table in the chosen range of a sheet, of its beginning or of all."""
        area = read_area(str(chosen.get("range") or ""))
        lines = self._cells(name, area, grid.LOOKED_AT, as_text=True).rows()
        found = grid.find(lines, chosen, from_first=bool(chosen.get("range")))
        below = replace(area, first_row=area.first_row + found.skipped)
        cells = self._cells(name, below, num_rows)
        cells = _with_all_digits(_with_plain_types(cells), lambda: self._cells(name, below, num_rows, as_numbers=True))
        frame, notes = grid.named(cells, found, min_columns)
        is_seen = cells.height < _HEAD_ROWS  # what a person is not shown before is not left out
        frame, refusals = all_kept(frame, odd_rows.leaves_totals(chosen) and is_seen)
        return _Table(frame, found, refusals, (*found.notes, *notes))

    def _cells(
        self, name: str, area: Area, num_rows: int | None, as_text: bool = False, as_numbers: bool = False
    ) -> pl.DataFrame:
        height = area.last_row - area.first_row + 1
        options = {"dtypes": "string"} if as_text else {"dtypes": "float"} if as_numbers else {"schema_sample_rows": None}
        with refused_as(damaged()):
            read = self.reader.load_sheet(
                name,
                header_row=None,
                skip_rows=area.first_row - 1,
                n_rows=height if num_rows is None else min(height, num_rows),
                use_columns=lambda column: area.first_column <= column.absolute_index + 1 <= area.last_column,
                whitespace_as_null=True,
                **options,
            )
            cells: pl.DataFrame = read.to_polars()
        if areas := merged.downward(self.seen.sheets.get(name, Sheet()).areas):
            columns = [column.absolute_index + 1 for column in read.selected_columns]
            cells = merged.filled(cells, columns, area.first_row, areas)
        is_whole = num_rows is None or cells.height < num_rows
        self.share_of_rows = 1.0 if is_whole else min(1.0, cells.height / max(1, min(height, read.total_height)))
        return cells

    def notes(self, name: str, table: _Table, is_whole: bool) -> tuple[str, ...]:
        """Return what a person should know of a sheet."""
        notes = [f"The sheet {name!r} of {len(self.names):,} is read."] if len(self.names) > 1 else []
        sheet = self.seen.sheets.get(name, Sheet())
        at_least = "" if is_whole else "At least "
        if sheet.errors:
            cells = "1 cell holds an error" if sheet.errors == 1 else f"{sheet.errors:,} cells hold an error"
            notes.append(f"{at_least}{cells}, such as #DIV/0!; these count as missing.")
        notes += merged.sentences(sheet.merged, len(merged.downward(sheet.areas)))
        return (*notes, *table.notes)


@contextmanager
def _opened(path: Path, copied: Any, only_head: bool) -> Iterator[_Book]:
    import fastexcel  # only where there is a workbook

    with path.open("rb") as file:
        is_old = file.read(len(_OLD)) == _OLD
    seen = workbook.Seen()
    if is_old:
        workbook.require_readable(path)
    else:
        if not (parts := workbook.names(path)):
            raise damaged()
        if any(name.endswith("/workbook.bin") for name in parts):
            raise Invalid("This is a binary Excel file (.xlsb).", "A .xlsx file.", "Save it as .xlsx in Excel.")
        seen = workbook.copy(path, copied, only_head)
        copied.flush()
    with refused_as(damaged()):
        source = path if is_old else copied.name if hasattr(copied, "name") else copied.getvalue()
        reader = fastexcel.read_excel(source)
        names = [name for name in reader.sheet_names if name]
    if not names:
        raise damaged()
    yield _Book(reader, seen, names)


def _with_plain_types(cells: pl.DataFrame) -> pl.DataFrame:
    """Return cells in which columns of whole numbers and of days are such: a workbook knows only numbers and moments."""
    return cells.with_columns(_plain_type(values) for values in cells)


def _plain_type(values: pl.Series) -> pl.Series:
    if values.dtype == pl.Float64 and bool(((values == values.round()) & (values.abs() <= _EXACT)).all()):
        return values.cast(pl.Int64)
    if values.dtype == pl.Datetime and bool((values == values.dt.truncate("1d")).all()):
        return values.cast(pl.Date)
    return values


def _with_all_digits(cells: pl.DataFrame, as_numbers: Callable[[], pl.DataFrame]) -> pl.DataFrame:
    """Return cells in which numbers among text have all their digits: as text they come with nine decimals."""
    texts = [place for place, values in enumerate(cells) if values.dtype == pl.String and values.str.contains(_DECIMALS).any()]
    if not texts:
        return cells
    numbers = as_numbers()
    for place in texts:
        exact, written = numbers.to_series(place), cells.to_series(place)
        rounded = written.cast(pl.Float64, strict=False)
        lost = written.str.contains(_DECIMALS) & (exact.round(_NUM_DECIMALS) == rounded) & (exact != rounded)
        pair = pl.DataFrame({"written": written, "exact": exact.cast(pl.String), "lost": lost.fill_null(False)})
        mended = pair.select(pl.when("lost").then("exact").otherwise("written")).to_series()
        cells = cells.with_columns(mended.alias(cells.columns[place]))
    return cells


def _options(names: list[str], name: str, chosen: dict[str, Any], table: _Table) -> tuple[Option, ...]:
    sheets = tuple((one, one) for one in names)
    area = Option("range", "Range", str(chosen.get("range") or ""), help="Such as A3:F200 or B:F. Empty: the whole sheet.")
    header = Option("header", "The first line contains", table.layout.has_header, _HEADER)
    odd = (*odd_rows.second_options(table.layout.second, chosen), *odd_rows.last_options(table.refusals.reasons, chosen))
    return (*([Option("sheet", "Sheet", name, sheets)] if len(names) > 1 else []), area, header, *odd)
