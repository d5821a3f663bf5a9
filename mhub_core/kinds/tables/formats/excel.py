"""Workbooks: .xlsx and .xlsm of Excel, .xls of older ones, .ods of LibreOffice."""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import polars as pl

from mhub_core.data.records import Option, Progress
from mhub_core.errors import Invalid
from mhub_core.kinds.tables.formats import grid, workbook
from mhub_core.kinds.tables.formats.format import Head, Refusals, Whole
from mhub_core.kinds.tables.formats.outside import refused_as
from mhub_core.kinds.tables.formats.sheet_xml import Sheet, column_number, damaged

_OLD = b"\xd0\xcf\x11\xe0"
_HEAD_ROWS = 5_000
_NUM_DECIMALS = 9
_HEADER = ((True, "names of columns"), (False, "the first row"))
_EXACT = 2**53  # whole numbers beyond it are rounded in the file already
_DECIMALS = r"^-?(0|[1-9][0-9]*)(\.[0-9]*[1-9])?$"  # as the library writes them, and a person may not: 007.10
_LAST_ROW, _LAST_COLUMN = 1_048_576, 16_384
_RANGE = re.compile(r"\$?([A-Z]{1,3})\$?([0-9]{1,7})?(?::\$?([A-Z]{1,3})\$?([0-9]{1,7})?)?$")


@dataclass(frozen=True)
class _Range:
    """Rows and columns from 1, both ends included."""

    first_row: int = 1
    last_row: int = _LAST_ROW
    first_column: int = 1
    last_column: int = _LAST_COLUMN


class Excel:
    """Every cell comes as text; what the columns are is found out as for any other table."""

    name = "excel"
    words = "an Excel file"
    endings: tuple[str, ...] = (".xlsx", ".xlsm", ".xls", ".ods")
    head_is_enough = False
    reads_pieces = False

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
            table = book.table(name, chosen, _HEAD_ROWS)
        share = book.seen.shares.get(name, 1.0) * book.share_of_rows
        return Head(table.frame, _options(book.names, name, chosen, table), book.notes(name, table, share == 1.0), share)

    def read(self, path: Path, chosen: dict[str, Any], folder: Path, progress: Progress) -> Whole:
        """Read one sheet."""
        progress(0, 0, "Checking the workbook")
        with (folder / "workbook.zip").open("w+b") as copied:
            with _opened(path, copied, only_head=False) as book:
                progress(0, 0, "Reading the sheet")
                name = book.sheet(chosen)
                table = book.table(name, chosen, None)
        (folder / "workbook.zip").unlink()
        return Whole(table.frame, Refusals(), book.notes(name, table, True))

    def long(self, path: Path, chosen: dict[str, Any], folder: Path, progress: Progress) -> None:
        """Such files are read at once."""


@dataclass(frozen=True)
class _Table:
    frame: pl.DataFrame
    has_header: bool
    notes: tuple[str, ...]


@dataclass
class _Book:
    reader: Any  # of fastexcel, which says nothing of its types
    seen: workbook.Seen
    names: list[str]
    share_of_rows: float = 1.0

    def sheet(self, chosen: dict[str, Any]) -> str:
        """Return the chosen sheet, or the first one that is not empty. Raises Invalid."""
        wanted = chosen.get("sheet")
        if wanted is None:
            seen = self.seen.sheets
            filled = (
                name for name in self.names if (seen[name].cells if name in seen else self._cells(name, _Range(), 1).height)
            )
            return next(filled, self.names[0])
        if wanted not in self.names:
            told = f"There is no sheet {str(wanted)[:80]!r}."
            raise Invalid(told, f"One of: {', '.join(self.names[:20])[:400]}.", "Choose another sheet.")
        return str(wanted)

    def table(self, name: str, chosen: dict[str, Any], num_rows: int | None) -> _Table:
        """Return the table in the chosen range of a sheet, of its beginning or of all."""
        area = read_range(str(chosen.get("range") or ""))
        header = chosen.get("header")
        lines = self._cells(name, area, grid.LOOKED_AT, as_text=True).rows()
        found = grid.find(lines, header if isinstance(header, bool) else None, from_first=bool(chosen.get("range")))
        below = replace(area, first_row=area.first_row + found.skipped)
        cells = self._cells(name, below, num_rows)
        cells = _with_all_digits(_with_plain_types(cells), lambda: self._cells(name, below, num_rows, as_numbers=True))
        frame, notes = grid.named(cells, found)
        return _Table(frame, found.has_header, (*found.notes, *notes))

    def _cells(
        self, name: str, area: _Range, num_rows: int | None, as_text: bool = False, as_numbers: bool = False
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
        if sheet.merged:
            areas = "1 area of merged cells has" if sheet.merged == 1 else f"{sheet.merged:,} areas of merged cells have"
            notes.append(f"{areas} a value in the first cell only; the others count as missing.")
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
    header = Option("header", "The first line contains", table.has_header, _HEADER)
    return (*([Option("sheet", "Sheet", name, sheets)] if len(names) > 1 else []), area, header)


def read_range(written: str) -> _Range:
    """Return the range that a person wrote, such as `A3:F200`, `B:F` or `A3`. Raises Invalid."""
    if not written.strip():
        return _Range()
    found = _RANGE.match(written.strip().upper())
    if found:
        first, top, last, bottom = found.groups()
        area = _Range(
            int(top or 1), int(bottom or _LAST_ROW), column_number(first), column_number(last) if last else _LAST_COLUMN
        )
        if 0 < area.first_row <= area.last_row <= _LAST_ROW and area.first_column <= area.last_column <= _LAST_COLUMN:
            return area
    raise Invalid(
        f"{written[:40]!r} is not a range of cells.",
        "The first and the last cell, such as A3:F200, or columns, such as B:F.",
        "Correct the range, or leave it empty to read the whole sheet.",
    )
