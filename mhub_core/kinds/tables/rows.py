"""The rows of a text file, batch by batch: every row is kept, or refused with its number and why.

Most of a file is looked at as one array of bytes. What that cannot decide (quotation marks that stand alone, backslashes) is
read line by line.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field

import numpy as np
import polars as pl

from mhub_core.errors import Invalid
from mhub_core.kinds.tables import quotes
from mhub_core.kinds.tables.lines import Changed
from mhub_core.kinds.tables.scan import Scanned, scan

_MAX_LINE = 16 << 20


@dataclass(frozen=True)
class Shape:
    """How rows are written: `width` cells in the file, of which the first `num_columns` are columns and the others empty.

    Rows begin behind the first `start` lines. `keeps_empty`: a row without any value is a row, too.
    """

    separator: str
    quotes: str
    width: int
    num_columns: int
    start: int = 0
    keeps_empty: bool = False


@dataclass(frozen=True)
class Refused:
    """A row that is not used: the number of the row and of the line, both from 1, why, and how it is written."""

    row: int
    line: int
    why: str
    written: str = ""


@dataclass
class Batch:
    """Rows as text, `(rows, num_columns)`, and those that were refused between them."""

    frame: pl.DataFrame
    refused: list[Refused] = field(default_factory=list)


def batches(pieces: Iterable[bytes], shape: Shape, changed: Changed, is_whole: bool = True) -> Iterator[Batch]:
    """Give all rows of the pieces. Unless they are the whole file, a row that nothing ends is left out.

    Raises Invalid for a cell that is too long.
    """
    reader, rest = _Reader(shape, changed), b""
    for piece in pieces:
        rest, batch = reader.take(rest + piece, False)
        if len(rest) > _MAX_LINE:
            raise too_long(reader.line + 1)
        yield batch
    if is_whole and rest:
        yield reader.take(rest if rest.endswith(b"\n") else rest + b"\n", True)[1]
    elif len(rest) > quotes.MAX_CELL:  # of a head; no table has such rows
        require_short(quotes.splitter(shape.separator, shape.quotes)(rest.decode("utf-8", "replace"))[0], reader.line + 1)


def require_short(cells: Iterable[str], line: int) -> None:
    """Raise Invalid for a cell that is too long, in a row that begins in this line, from 1."""
    if any(len(cell) > quotes.MAX_CELL for cell in cells):
        raise too_long(line)


def too_long(line: int) -> Invalid:
    """Return the error for a cell that is too long."""
    return Invalid(
        f"A cell of the row that begins in line {line:,} is longer than {quotes.MAX_CELL:,} characters.",
        "Shorter cells. A quotation mark that is opened and never closed makes one long cell of all that follows.",
        "Shorten that cell, or close the quotation mark.",
    )


class _Reader:
    """Counts rows and lines over the pieces of a file."""

    def __init__(self, shape: Shape, changed: Changed) -> None:
        self._shape, self._changed = shape, changed
        self._schema = {f"{number}": pl.String for number in range(shape.width)}
        self._to_skip, self._row, self.line = shape.start, 0, 0

    def take(self, data: bytes, is_last: bool) -> tuple[bytes, Batch]:
        """Return what is left over, and the rows of the other bytes."""
        data = self._without_head(data)
        if self._to_skip:
            return data, Batch(self._named(self._frame([])))
        found = scan(data, self._shape.separator, self._shape.quotes, self._shape.width)
        left = len(data) - found.end if found else 0
        if found is None or left > 2 * quotes.MAX_CELL or (is_last and left):  # the last: a quotation mark is open to the end
            return self._line_by_line(data, is_last)
        return data[found.end :], self._at_once(data, found)

    def _without_head(self, data: bytes) -> bytes:
        while self._to_skip and (end := data.find(b"\n")) >= 0:
            data, self._to_skip, self.line = data[end + 1 :], self._to_skip - 1, self.line + 1
        return data

    def _at_once(self, data: bytes, found: Scanned) -> Batch:
        parts, done, refused = [], 0, []
        is_row, is_kept = np.ones(len(found.starts), bool), np.ones(len(found.starts), bool)
        for at in map(int, np.flatnonzero((found.cells != self._shape.width) | (found.ends - found.starts > quotes.MAX_CELL))):
            start, end, line = int(found.starts[at]), int(found.ends[at]), self.line + 1 + found.line_of(at)
            text = data[start:end].decode().split("\n")
            row = next(quotes.rows_of(text, self._shape.separator, self._shape.quotes, self._shape.width), None)
            cells = self._fitted(row.cells, line) if row else None
            is_row[at], is_kept[at] = row is not None, cells is not None
            if row and cells is None:
                refused.append((at, line, self._why(row.cells), "\n".join(text)))
            parts += [data[done:start], self._written(cells) if cells else b""]
            done = end + 1
        numbers = self._row + np.cumsum(is_row)
        frame = self._parsed(b"".join([*parts, data[done : found.end]]))
        kept, first_line = np.flatnonzero(is_kept), self.line + 1
        self._row, self.line = self._row + int(is_row.sum()), self.line + found.num_lines
        told = [Refused(int(numbers[at]), line, why, written) for at, line, why, written in refused]
        if not parts and not self._may_be_odd(data, found):
            return Batch(self._named(frame), told)
        return self._checked(frame, numbers[kept], lambda index: first_line + found.line_of(int(kept[index])), told)

    def _may_be_odd(self, data: bytes, found: Scanned) -> bool:
        """Return whether rows of the right length may have no value, or one behind the columns. Without a quotation mark, a row
        that is longer than its separators has a value."""
        shape = self._shape
        return shape.width > shape.num_columns or b'"' in data or bool((found.ends - found.starts < shape.width).any())

    def _line_by_line(self, data: bytes, is_last: bool) -> tuple[bytes, Batch]:
        whole = data if is_last else data[: data.rfind(b"\n") + 1]
        lines = whole.decode().removesuffix("\n").split("\n") if whole else []
        taken, numbers, at_lines, refused, done = [], [], [], [], 0
        for row in quotes.rows_of(lines, self._shape.separator, self._shape.quotes, self._shape.width, is_last):
            line, done = self.line + row.first_line + 1, row.first_line + row.num_lines
            self._row += 1
            self._changed.lone_quotes += row.lone and row.num_lines == 1
            cells = self._fitted(row.cells, line)
            if cells is None:
                written = "\n".join(lines[row.first_line : row.first_line + row.num_lines])
                refused.append(Refused(self._row, line, self._why(row.cells), written))
            else:
                taken.append([cell or None for cell in cells])
                numbers.append(self._row)
                at_lines.append(line)
        done = len(lines) if is_last else done
        rest = data[sum(len(line.encode()) + 1 for line in lines[:done]) :]
        self.line += done
        return rest, self._checked(self._frame(taken), np.array(numbers, np.int64), at_lines.__getitem__, refused)

    def _fitted(self, cells: list[str], line: int) -> list[str] | None:
        """Return a row with as many cells as there are in the file, None when it has others."""
        require_short(cells, line)
        shape, columns = self._shape, self._shape.num_columns
        if len(cells) < columns or any(cells[columns:]):
            return None
        return cells[:columns] + [""] * (shape.width - columns)

    def _why(self, cells: list[str]) -> str:
        return f"has {len(cells)} cell{'s' if len(cells) != 1 else ''} instead of {self._shape.num_columns}"

    def _written(self, cells: list[str]) -> bytes:
        if self._shape.quotes == quotes.NONE:
            return f"{self._shape.separator.join(cells)}\n".encode()
        return (self._shape.separator.join('"' + cell.replace('"', '""') + '"' for cell in cells) + "\n").encode()

    def _written_again(self, row: tuple[str | None, ...]) -> str:
        return self._shape.separator.join(cell or "" for cell in row)

    def _parsed(self, data: bytes) -> pl.DataFrame:
        if not data.strip(b"\n"):
            return self._frame([])
        mark = None if self._shape.quotes == quotes.NONE else '"'
        form = {"separator": self._shape.separator, "quote_char": mark, "schema": self._schema}
        return pl.read_csv(io.BytesIO(data), has_header=False, infer_schema=False, **form)  # type: ignore[arg-type]

    def _frame(self, taken: list[list[str | None]]) -> pl.DataFrame:
        return pl.DataFrame(taken, schema=self._schema, orient="row")

    def _named(self, frame: pl.DataFrame) -> pl.DataFrame:
        return frame.select(frame.columns[: self._shape.num_columns])

    def _checked(self, frame: pl.DataFrame, numbers: np.ndarray, line_of: Callable[[int], int], refused: list[Refused]) -> Batch:
        """Refuse rows with more cells than there are columns, and those without a value."""
        columns = self._shape.num_columns
        has_value = pl.any_horizontal(pl.all().str.len_bytes().fill_null(0) > 0)
        surplus = pl.any_horizontal(pl.nth(range(columns, self._shape.width)).str.strip_chars().str.len_bytes().fill_null(0) > 0)
        masks = (
            frame.select(
                surplus=surplus if self._shape.width > columns else pl.lit(False),
                empty=pl.lit(False) if self._shape.keeps_empty else ~has_value,
            )
            if frame.height
            else None
        )
        if masks is None or not (masks["surplus"].any() or masks["empty"].any()):
            return Batch(self._named(frame), refused)
        too_many = self._why([""] * self._shape.width)
        told = [
            Refused(int(numbers[at]), line_of(at), too_many if more else "has no values", self._written_again(frame.row(at)))
            for at, (more, empty) in enumerate(masks.iter_rows())
            if more or empty
        ]
        kept = frame.filter(~(masks["surplus"] | masks["empty"]))
        return Batch(self._named(kept), sorted(refused + told, key=lambda one: one.row))
