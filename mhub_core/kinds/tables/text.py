"""A CSV file as people have them, read into clean rows: any common encoding and separator, with or without a header.

Everything found out on the way (the encoding, a missing header, rows of the wrong width) is told in plain sentences.
"""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path

from mhub_core import settings
from mhub_core.errors import Invalid, TooLarge
from mhub_core.kinds.tables import letters
from mhub_core.kinds.tables.formats.format import Refusals

HEAD_BYTES = 256 * 1024
_SEPARATORS = (",", ";", "\t", "|")
_SEPARATOR_WORDS = {",": "comma", ";": "semicolon", "\t": "tab", "|": "bar"}
_OTHER_FORMATS = {
    b"PK\x03\x04": "a zip or Excel file",
    b"%PDF": "a PDF",
    b"\xd0\xcf\x11\xe0": "an old Excel file",
    b"\x89PNG": "an image",
    b"\xff\xd8\xff": "an image",
    b"PAR1": "a Parquet file",
    b"\x1f\x8b": "a gzip file",
}
_MAX_NAME = 80
_MAX_CELL = 100_000


@dataclass
class Layout:
    """How a text file is written, found out from its head (and, for the encoding, from all of it)."""

    encoding: str
    separator: str
    names: tuple[str, ...]
    has_header: bool
    decimal_comma: bool
    warnings: list[str] = field(default_factory=list)


def inspect(path: Path) -> tuple[Layout, list[list[str]]]:
    """Return the layout of a file and the clean rows of its head. Raises Invalid when it is no table."""
    with path.open("rb") as file:
        head = file.read(HEAD_BYTES)
        whole = not file.read(1)
        _refuse_other_formats(head)
        encoding, warnings = letters.find_encoding(file, head)
    text = letters.decode_head(head, encoding)
    if not text.strip():
        raise Invalid(
            "The file is empty.", "A CSV file with a line of column names and rows.", "Save it again and upload that file."
        )
    lines = text if whole else text[: max(text.rfind("\n"), text.rfind("\r")) + 1] or text
    separator = _find_separator(lines)
    rows = list(_clean_rows(_lines(text), separator))  # to the very end, so that a cell without one is noticed
    if lines != text and len(rows) > 1:
        rows.pop()
    layout = _find_names(rows, encoding, separator, warnings)
    body = rows[1:] if layout.has_header else rows
    layout.decimal_comma = separator == ";" and has_decimal_commas(body)
    right = [row for row in body if len(row) == len(layout.names)]
    return layout, [with_points(row) for row in right] if layout.decimal_comma else right


def read_rows(data: bytes) -> tuple[list[str], list[list[str]]]:
    """Return the column names and the rows of a small file whose first line names the columns, read as `inspect` reads.

    Raises Invalid when it is no table, has no rows, or has a row of another length than its first line.
    """
    _refuse_other_formats(data)
    encoding, _ = letters.find_encoding(io.BytesIO(data), data)
    text = data.decode(encoding, "replace").replace("\0", "")
    separator = _find_separator(text, min_columns=1)
    numbered = [(number, row) for number, row in _numbered_rows(_lines(text), separator) if row not in ([], [""])]
    if len(numbered) < 2:
        raise Invalid(
            "This file has no rows.", "The first line must contain the column names, and each further line one row.", "Add a row."
        )
    (_, first), *others = numbered
    for number, row in others:
        if len(row) != len(first):
            raise Invalid(f"Line {number} has {len(row)} values.", f"{len(first)}, as the first line.", "Correct that line.")
    rows = [row for _, row in others]
    decimal_comma = separator == ";" and has_decimal_commas(rows)
    return unique_names(first, []), [with_points(row) for row in rows] if decimal_comma else rows


def _refuse_other_formats(head: bytes) -> None:
    for magic, words in _OTHER_FORMATS.items():
        if head.startswith(magic):
            raise Invalid(f"This is {words}, not a CSV file.", "Plain text with one row per line.", "Save the table as CSV.")


def _find_separator(text: str, min_columns: int = 2) -> str:
    """Return the separator that gives the most lines the same number of cells, more than one unless one is enough."""
    lines = list(islice(_lines(text), 200))

    def score(separator: str) -> tuple[float, int]:
        widths = Counter(len(row) for row in _clean_rows(lines, separator))
        width, count = max(widths.items(), key=lambda item: (item[1], item[0]), default=(0, 0))
        return (count / max(1, widths.total()) if width > 1 else 0.0, width)

    best = max(_SEPARATORS, key=score)
    if score(best)[0] == 0.0 and min_columns > 1:
        raise Invalid(
            "The file has only one column.",
            "At least two columns are needed: one to learn from, and the target. Cells are separated by comma, semicolon, "
            "tab or vertical bar.",
            "Check the separator, or add the missing columns.",
        )
    return best


def _lines(text: str) -> Iterable[str]:
    """Split at line ends only; `str.splitlines` also splits at letters that may stand in a cell."""
    return io.StringIO(text, newline="")


def _clean_rows(lines: Iterable[str], separator: str) -> Iterator[list[str]]:
    """Give the rows that are not blank, each cell without outer blanks. Raises Invalid for a quote that never ends."""
    return (row for _, row in _numbered_rows(lines, separator) if any(row))


def _numbered_rows(lines: Iterable[str], separator: str) -> Iterator[tuple[int, list[str]]]:
    """Give every row with the number of the line that it ends on, from 1, each cell without outer blanks."""
    csv.field_size_limit(_MAX_CELL)
    reader, last = csv.reader(lines, delimiter=separator, skipinitialspace=True), 0
    try:
        for row in reader:
            yield (last := reader.line_num), [cell.strip() for cell in row]
    except csv.Error as error:
        raise Invalid(
            f"A cell of the row that begins in line {last + 1:,} is longer than {_MAX_CELL:,} characters.",
            "Shorter cells. A quotation mark that is opened and never closed makes one long cell of all that follows.",
            "Shorten that cell, or close the quotation mark.",
        ) from error


def is_number(cell: str) -> bool:
    """Return whether a cell is a number, with a point or a comma."""
    try:
        float(cell.replace(",", ".", 1))
    except ValueError:
        return False
    return True


def has_decimal_commas(rows: list[list[str]]) -> bool:
    """Return whether most cells with a comma are numbers, as many countries write them."""
    cells = [cell for row in rows[:200] for cell in row if "," in cell]
    return bool(cells) and sum(is_number(cell) for cell in cells) > len(cells) / 2


def _find_names(rows: list[list[str]], encoding: str, separator: str, warnings: list[str]) -> Layout:
    first, rest = rows[0], rows[1:]
    if len(first) > settings.number("MHUB_MAX_COLUMNS"):
        raise TooLarge(
            f"The table has {len(first):,} columns.",
            f"At most {settings.number('MHUB_MAX_COLUMNS'):,}.",
            "Remove columns that are not needed.",
        )
    has_header = not any(is_number(cell) for cell in first) and not _recurs(first, rest)
    if has_header:
        names = unique_names(first, warnings)
    else:
        width = Counter(map(len, rows)).most_common(1)[0][0]
        names = [f"column_{number}" for number in range(1, width + 1)]
        warnings.append("The first line looks like data, not like column names, so the columns are called column_1, column_2 ...")
    if separator != ",":
        warnings.append(f"The cells are separated by {_SEPARATOR_WORDS[separator]}s.")
    return Layout(encoding, separator, tuple(names), has_header, False, warnings)


def _recurs(first: list[str], rest: list[list[str]]) -> bool:
    """Return whether the first row's cells occur again in their own columns: then they are data, not names."""
    if len(rest) < 5:
        return False
    again = [any(index < len(row) and row[index] == cell for row in rest[:500]) for index, cell in enumerate(first) if cell]
    return sum(again) > len(again) / 2


def unique_names(cells: list[str], warnings: list[str]) -> list[str]:
    """Return column names of bounded length, none empty, none twice. What was mended is added to `warnings`."""
    names: list[str] = []
    mended = 0
    for number, cell in enumerate(cells, start=1):
        wanted = " ".join(cell.split())[:_MAX_NAME] or f"column_{number}"
        name, suffix = wanted, 2
        while name in names:
            name, suffix = f"{wanted}_{suffix}", suffix + 1
        mended += name != cell
        names.append(name)
    if mended:
        warnings.append(f"{mended} column names were empty, too long or not unique and were changed.")
    return names


def write_clean(path: Path, layout: Layout, target: Path, report: Callable[[int, int, str], None]) -> Refusals:
    """Write a plain UTF-8 CSV of all rows of the right width, and return the others. Memory stays flat.

    Raises TooLarge for too many rows.
    """
    refusals, limit, size = Refusals(), settings.number("MHUB_MAX_ROWS"), path.stat().st_size
    with path.open("rb") as raw, target.open("w", encoding="utf-8", newline="") as out:
        writer = csv.writer(out)
        writer.writerow(layout.names)
        for number, row in enumerate(_right_rows(raw, layout, refusals), start=1):
            if number > limit:
                raise TooLarge(f"The table has more than {limit:,} rows.", mend="Upload only a part of it.")
            if number % 50_000 == 0:
                report(raw.tell(), size, "Reading rows")
            writer.writerow(with_points(row) if layout.decimal_comma else row)
    if refusals.count:
        rows = "1 row was" if refusals.count == 1 else f"{refusals.count:,} rows were"
        layout.warnings.append(f"{rows} skipped because of too few or too many cells.")
    return refusals


def _right_rows(raw: io.BufferedReader, layout: Layout, refusals: Refusals) -> Iterator[list[str]]:
    lines = io.TextIOWrapper(raw, encoding=layout.encoding, errors="replace", newline="")
    rows = _clean_rows((line.replace("\0", "") for line in lines), layout.separator)
    for number, row in enumerate(islice(rows, int(layout.has_header), None), start=1):
        if len(row) == len(layout.names):
            yield row
        else:
            refusals.add(f"row {number:,}", f"has {len(row)} cells instead of {len(layout.names)}")
    lines.detach()


def with_points(row: list[str]) -> list[str]:
    """Return a row whose numbers are written with a point."""
    return [cell.replace(",", ".") if is_number(cell) else cell for cell in row]
