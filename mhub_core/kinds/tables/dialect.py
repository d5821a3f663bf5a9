"""How a text file holds its table, found out from its head: encoding, separator, quotation marks, header. Each can be chosen."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, BinaryIO

from mhub_core import settings
from mhub_core.data.records import Option
from mhub_core.errors import Invalid, TooLarge
from mhub_core.kinds.tables import choosing, letters, odd_rows, separating
from mhub_core.kinds.tables.forms import FORMULA, Form
from mhub_core.kinds.tables.header import find_first, names_columns, unique_names
from mhub_core.kinds.tables.lines import Changed, pieces
from mhub_core.kinds.tables.quotes import Row, rows_of
from mhub_core.kinds.tables.rows import Shape, require_short

HEAD_BYTES = 256 * 1024
_HEADER: tuple[tuple[bool, str], ...] = ((True, "names of columns"), (False, "the first row"))
_MAX_SKIPPED = 10_000
_INSTRUCTION = re.compile(r'^"?sep=(.)"?$', re.IGNORECASE)
INDEX = "index"
_LOOKED_AT = 200  # rows


@dataclass(frozen=True)
class Dialect:
    """How a text file is read: its encoding, the form of its lines, the shape of its rows, the names of the columns; `options`
    are the guesses, each of which can be changed, `notes` what was found, in sentences."""

    encoding: str
    form: Form
    shape: Shape
    names: tuple[str, ...]
    has_header: bool
    options: tuple[Option, ...]
    notes: tuple[str, ...]


def find(file: BinaryIO, chosen: dict[str, Any], min_columns: int = 2, keeps_empty: bool = False) -> Dialect:
    """Return how a file is read. `chosen` counts more than what is found. Raises Invalid when it is no table so.

    `keeps_empty`: a row without any value is a row, too.
    """
    file.seek(0)
    head = file.read(HEAD_BYTES)
    whole = not file.read(1)
    letters.refuse_other_formats(head)
    encoding, notes = letters.find_encoding(file, head, chosen)
    text = b"".join(pieces(file, encoding, Changed(), None if whole else HEAD_BYTES)).decode()
    if not text.strip():
        expected = "A table with a line of column names and rows."
        raise Invalid("The file is empty.", expected, "Save it again and upload that file.")
    lines = text.split("\n")
    if len(lines) > 1 and (not whole or not lines[-1]):
        lines.pop()
    return _find(_Head(lines, whole, min_columns, keeps_empty), encoding, chosen, notes)


@dataclass(frozen=True)
class _Head:
    """The first lines of a file, whether they are all, and how many columns a table needs."""

    lines: Sequence[str]
    is_whole: bool
    min_columns: int
    keeps_empty: bool


def _find(head: _Head, encoding: str, chosen: dict[str, Any], notes: list[str]) -> Dialect:
    instruction = _INSTRUCTION.match(head.lines[0])
    told = instruction[1] if instruction and any(instruction[1] == one for one, _ in separating.SEPARATORS) else None
    way = separating.find(head.lines[1:] if told and len(head.lines) > 1 else head.lines, chosen, told, head.min_columns)
    lines, width = way.form.lines(head.lines), way.width
    rows = list(rows_of(lines, way.mark, way.quotes, width, head.is_whole)) or [Row(lines[:1], 0)]
    for row in rows:
        require_short(row.cells, row.first_line + 1)
    form = replace(way.form, has_formulas=any(re.match(FORMULA, cell) for row in rows[:_LOOKED_AT] for cell in row.cells))
    notes += ['Cells such as ="5" are read as 5, without the sign for a formula.'] if form.has_formulas else []
    rows = rows[1:] if told and len(rows) > 1 else rows
    above = rows[find_first(rows, lines, width)].first_line
    skip = choosing.whole(chosen, "skip", "The number of lines above the header", _MAX_SKIPPED, above)
    used = [row for row in rows if row.first_line >= skip]
    if not used:
        raise Invalid(
            f"There is no row below the first {skip:,} lines.", "Fewer lines above the header.", "Choose a smaller number."
        )
    first, below = used[0].cells, [row.cells for row in used[1:]]
    has_header = bool(choosing.one_of(chosen, "header", "The first line", _HEADER, names_columns(first, below)))
    body = below if has_header else [first, *below]
    notes += _about_above(head.lines[:skip], told, rows, skip, has_header)
    second = odd_rows.second_line(first, body, chosen) if has_header else odd_rows.ROW
    if second != odd_rows.ROW and body:
        notes += odd_rows.about_second(second, form.cells(body[0]))
        first, body = odd_rows.joined(first, body[0]) if second == odd_rows.NAMES else first, body[1:]
    names, num_columns, width = _columns(form.cells(first) if has_header else None, body, width, notes)
    notes += [] if told else way.notes()
    if "header" not in chosen and not has_header:
        notes.append("The first line looks like data, not like column names, so the columns are called column_1, column_2 ...")
    start = used[0].first_line + (used[0].num_lines if has_header else 0)
    start = used[1].first_line + used[1].num_lines if second != odd_rows.ROW and len(used) > 1 else start
    options = (
        Option("encoding", "Encoding", encoding, letters.ENCODINGS),
        Option("separator", "Separator of cells", way.separator, separating.SEPARATORS),
        Option("quotes", "Quotation marks", way.quoting, separating.QUOTES),
        Option("skip", "Lines above the header", skip, (), "They are left out."),
        Option("header", "The first line contains", has_header, _HEADER),
        *odd_rows.second_options(second, chosen),
    )
    shape = Shape(way.mark, way.quotes, width, num_columns, start, head.keeps_empty)
    return Dialect(encoding, form, shape, tuple(names), has_header, options, tuple(notes))


def _about_above(lines: Sequence[str], told: str | None, rows: Sequence[Row], skip: int, has_header: bool) -> list[str]:
    """Say what stands above the table and is left out."""
    notes = [f"The first line, {lines[0].strip()[:20]!r}, is an instruction and no row."] if told and lines else []
    left_out = [line.strip() for line in lines[bool(told) :] if line.strip()]
    if left_out:
        count = "1 line above the table is" if len(left_out) == 1 else f"{len(left_out):,} lines above the table are"
        notes.append(
            f"{count} left out: {'; '.join(repr(line[:60]) for line in left_out[:3])}{' ...' if len(left_out) > 3 else ''}."
        )
    last = next((row for row in reversed(rows) if row.first_line < skip), None)
    if last and len(last.cells) > 1 and not has_header:
        have = len(next(row for row in rows if row.first_line >= skip).cells)
        notes.append(
            f"Line {last.first_line + 1:,} has {len(last.cells)} cells and the rows have {have}, so it cannot be the header."
        )
    return notes


def _columns(header: list[str] | None, body: Sequence[list[str]], width: int, notes: list[str]) -> tuple[list[str], int, int]:
    """Return the names, how many columns there are, and how many cells a row has in the file."""
    width = max(Counter(map(len, body)).most_common(1)[0][0] if body else 0, width if header is None else 0) or len(header or ())
    if header is None:
        cells, width = [f"column_{number}" for number in range(1, width + 1)], width
    else:
        cells = _bare_names(header, notes)
    _require_few(len(cells))
    empty = {index for index in range(width) if not any(row[index] for row in body if index < len(row))}
    while len(cells) > 1 and not cells[-1] and (len(cells) > width or len(cells) - 1 in empty):
        cells.pop()
    if len(cells) == width - 1 and width - 1 not in empty and header is not None:
        notes.append(
            f"The header has {len(cells)} cells and the rows have {width}: the first column holds names or numbers of rows."
        )
        cells.insert(0, INDEX if INDEX not in cells else "")
    elif header is not None and not cells[0] and INDEX not in cells:
        notes.append(f"The first column has no name; it is called {INDEX!r}.")
        cells[0] = INDEX
    if len(cells) > width or any(index not in empty for index in range(len(cells), width)):
        raise Invalid(
            f"The header has {len(cells)} cells, but most rows have {width}.",
            "A name for each column.",
            "Correct the header, or check the separator. A cell that contains the separator needs quotation marks around it.",
        )
    if len(cells) < width:
        count = "An empty cell" if width - len(cells) == 1 else f"{width - len(cells)} empty cells"
        notes.append(f"{count} at the end of each row {'was' if width - len(cells) == 1 else 'were'} left out.")
    return unique_names(cells, notes), len(cells), width


def _bare_names(header: list[str], notes: list[str]) -> list[str]:
    """Return the names of columns without the single quotes around all of them, as some programs of statistics write them."""
    named = [cell for cell in header if cell]
    if not named or not all(len(cell) > 2 and cell[0] == cell[-1] == "'" for cell in named):
        return list(header)
    notes.append("The single quotes around the names of the columns were left out.")
    return [cell[1:-1] for cell in header]


def _require_few(number: int) -> None:
    limit = settings.number("MHUB_MAX_COLUMNS")
    if number > limit:
        raise TooLarge(f"The table has {number:,} columns.", f"At most {limit:,}.", "Remove columns that are not needed.")
