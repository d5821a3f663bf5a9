"""The XML of a workbook's sheets, read before any library does: how far the cells reach, and what no honest file holds.

A library makes room for the whole rectangle that the cells span, so one cell in the last row of 1.5 KB asks for gigabytes.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from xml.parsers import expat

from mhub_core.errors import Invalid, TooLarge

MAX_CELLS = 20_000_000
MAX_TEXT = 100_000
_MAX_CELL_BYTES = 4 * MAX_TEXT
_LETTERS = re.compile(r"[A-Z]{1,3}$")
_VALUES = frozenset(("v", "is"))  # what a cell of .xlsx holds when it is not empty
_IN_CELLS = frozenset(("t", "r", "f", "rPr", "rPh", "phoneticPr"))
_FORBIDDEN = (b"<!DOCTYPE", b"<!ENTITY")
_LONGEST_MARK = 16
_MAX_AREAS = 10_000


@dataclass
class Sheet:
    """What was seen of the cells: the last row and column with a value, from 1, cells with an error, and merged ones."""

    rows: int = 0
    columns: int = 0
    cells: int = 0
    errors: int = 0
    merged: int = 0
    areas: list[str] = field(default_factory=list)  # the first thousands of merged ones, such as A2:A9


class Walker:
    """Reads the XML of sheets piece by piece. Raises Invalid or TooLarge as soon as something is not as it should be."""

    def __init__(self, is_open_document: bool = False) -> None:
        self.sheet = Sheet()
        self.row_end = 0  # the byte behind the last row that is whole
        self.tail = b""  # what closes all that is open there
        self.is_cut = False
        self._outer: list[str] = []  # elements that are open around the rows
        self._row = self._column = self._repeated = self._fed = 0
        self._cell_start = 0  # the byte at which the last cell began, or what stands outside of cells
        self._known_columns: dict[str, int] = {}
        self._parser = parser = expat.ParserCreate()
        parser.StartElementHandler = self._start_ods if is_open_document else self._start
        parser.StartDoctypeDeclHandler = self._doctype

    def feed(self, piece: bytes, final: bool = False) -> None:
        """Read one piece."""
        try:
            self._parser.Parse(piece, final)
        except expat.ExpatError as error:
            raise damaged() from error
        self._fed += len(piece)
        if self._fed - self._cell_start > _MAX_CELL_BYTES + len(piece):
            raise large_cell()

    def _doctype(self, *_: object) -> None:
        raise hostile()

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        local = name if ":" not in name else name.rpartition(":")[2]
        if local in _VALUES:
            self._reach()
        elif local == "c":
            self._next()
            self._place(attributes.get("r"))
            if attributes.get("t") == "e":
                self.sheet.errors += 1
        elif local == "row":
            self._next()
            if self.tail:
                self.row_end = self._parser.CurrentByteIndex
            number = attributes.get("r", "")
            self._row, self._column = int(number) if number.isdecimal() and len(number) < 8 else self._row + 1, 0
        elif local not in _IN_CELLS:
            self._next()
            self._start_outside(name, local, attributes)

    def _start_outside(self, name: str, local: str, attributes: dict[str, str]) -> None:
        if local == "mergeCell":
            self.sheet.merged += 1
            if len(self.sheet.areas) < _MAX_AREAS:
                self.sheet.areas.append(attributes.get("ref", "")[:40])
        elif not self.tail and local in ("worksheet", "sheetData"):
            self._outer.append(name)
            if local == "sheetData":
                self.tail = "".join(f"</{name}>" for name in reversed(self._outer)).encode()

    def _next(self) -> None:
        """Note that a cell ended."""
        at = self._parser.CurrentByteIndex
        if at - self._cell_start > _MAX_CELL_BYTES:
            raise large_cell()
        self._cell_start = at

    def _place(self, reference: str | None) -> None:
        if not reference:
            self._column += 1
            return
        letters = reference.rstrip("0123456789")
        if letters not in self._known_columns:
            if not _LETTERS.match(letters):
                raise damaged()
            self._known_columns[letters] = column_number(letters)
        self._column, self._row = self._known_columns[letters], int(reference[len(letters) :][:8] or 0)

    def _start_ods(self, name: str, attributes: dict[str, str]) -> None:
        if name == "table:table":
            self._next()
            self._row = self._column = 0
        elif name == "table:table-row":
            self._column = 0
            self._row += _times(attributes, "table:number-rows-repeated")
        elif name in ("table:table-cell", "table:covered-table-cell"):
            self._next()
            self._column += _times(attributes, "table:number-columns-repeated")
            if "office:value-type" in attributes:
                self._reach()

    def _reach(self) -> None:
        sheet = self.sheet
        sheet.cells += 1
        if self._row > sheet.rows or self._column > sheet.columns:
            sheet.rows, sheet.columns = max(sheet.rows, self._row), max(sheet.columns, self._column)
            if sheet.rows * sheet.columns > MAX_CELLS:
                raise TooLarge(
                    f"The cells of a sheet reach to row {sheet.rows:,} and column {sheet.columns:,}.",
                    f"At most {MAX_CELLS:,} cells in that rectangle, empty ones included.",
                    "Delete what is far below or to the right of the table, or save a large table as CSV or Parquet.",
                )


def checked(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """Give the pieces of XML that holds no sheet, such as texts and formats. Raises Invalid for what no honest file holds."""
    before, run = b"", 0
    for piece in pieces:
        both = before + piece
        if any(mark in both for mark in _FORBIDDEN) or b"\0" in piece or b"sheetData" in both:
            raise hostile()
        first, *others = piece.split(b"<")
        if max(run + len(first), *map(len, others), 0) > MAX_TEXT:
            raise large_cell()
        run = len(others[-1]) if others else run + len(first)
        before = both[-_LONGEST_MARK:]
        yield piece


def walked(pieces: Iterable[bytes], walker: Walker, num_bytes: int | None) -> Iterator[bytes]:
    """Give the pieces of a sheet while a walker looks at them. With `num_bytes` only its rows up to about there."""
    given = bytearray()
    for piece in pieces:
        walker.feed(piece)
        given += piece
        if num_bytes is None:
            yield bytes(given)
            given.clear()
        elif walker.row_end > num_bytes:
            walker.is_cut = True
            yield bytes(given[: walker.row_end]) + walker.tail
            return
    walker.feed(b"", final=True)
    yield bytes(given)


def column_number(letters: str) -> int:
    """Return which column A, B ... AA is, from 1."""
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - ord("A") + 1
    return number


def _times(attributes: dict[str, str], name: str) -> int:
    told = attributes.get(name, "1")
    return int(told) if told.isdecimal() and len(told) < 9 else 1


def damaged() -> Invalid:
    """Return the error for a workbook that cannot be read."""
    return Invalid(
        "The Excel file is damaged, or it is not a workbook.",
        "A complete .xlsx, .xls or .ods file.",
        "Open it in Excel or LibreOffice and save it again, or save the sheet as CSV.",
    )


def hostile() -> Invalid:
    """Return the error for XML with definitions of its own, with which a small file becomes an endless one."""
    return Invalid(
        "The Excel file contains definitions that no spreadsheet program writes.",
        "A workbook as Excel or LibreOffice saves it.",
        "Open it and save it again, or save the sheet as CSV.",
    )


def large_cell() -> TooLarge:
    """Return the error for a cell that no spreadsheet program allows."""
    return TooLarge(
        f"A cell of the workbook is longer than {MAX_TEXT:,} characters.",
        "Excel itself allows 32,767.",
        "Shorten that cell, or leave out its column.",
    )
