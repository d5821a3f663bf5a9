"""Which row of a text file names its columns: what stands above it, whether it is a row itself, and what the names become."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from itertools import pairwise

from mhub_core.kinds.tables import dates, marks, numbers
from mhub_core.kinds.tables.quotes import Row

MAX_NAME = 80
_LOOKED_AT = 500
_MAX_ABOVE = 100
_NEARLY_ALL = 0.9
TEXT, _NUMBER, _DATE = "text", "number", "date"


def find_first(rows: Sequence[Row], lines: Sequence[str], width: int) -> int:
    """Return the index of the first row that belongs to the table: its header, or its first row where it has none.

    Above it may stand titles, notes and lines with `#`: they have another number of cells, or most of theirs are empty.
    """
    usual = _num_filled(rows[min(len(rows) - 1, len(rows) // 2)].cells)
    for index, row in enumerate(rows[:_MAX_ABOVE]):
        below = [one.cells for one in rows[index + 1 : index + 1 + _LOOKED_AT]]
        if not below:
            break
        if not _has_width(row.cells, width) and not (len(row.cells) == width - 1 and len(below[0]) == width):
            continue
        filled = _num_filled(row.cells)
        if filled <= width / 2 and filled < usual:
            continue
        is_note = lines[row.first_line].startswith("#") or len(row.cells) == width - 1
        if is_note and len(below) > 1 and names_columns(below[0], below[1:]):
            continue
        return index
    return 0


def _has_width(cells: Sequence[str], width: int) -> bool:
    return len(cells) >= width and not any(cells[width:])


def _num_filled(cells: Sequence[str]) -> int:
    return sum(1 for cell in cells if cell)


def names_columns(first: Sequence[str], below: Sequence[Sequence[str]]) -> bool:
    """Return whether the first row names the columns, by what it holds beside the rows below it."""
    if not below:
        return not any(map(numbers.looks_like, first))
    below = [row for row in below[:_LOOKED_AT] if len(row) >= len(first)]
    shift = 1 if below and Counter(map(len, below)).most_common(1)[0][0] == len(first) + 1 else 0
    kinds = [kind_of([row[index + shift] for row in below if index + shift < len(row)]) for index in range(len(first))]
    words = [cell for cell, kind in zip(first, kinds, strict=True) if kind != TEXT and is_word(cell)]
    if words:  # a word above numbers or dates
        return True
    counted = [cell for cell, kind in zip(first, kinds, strict=True) if kind != TEXT and cell]
    if any(
        kind == TEXT and _is_above_classes(cell, index + shift, below)
        for index, (cell, kind) in enumerate(zip(first, kinds, strict=True))
    ):
        return True
    if counted:
        return _only_counted(counted) and not (below and _only_counted([cell for cell in below[0] if numbers.looks_like(cell)]))
    return not _recurs(first, below)


def is_word(cell: str) -> bool:
    """Return whether a cell holds a word: neither a number, a date nor a mark for no value."""
    return bool(cell) and not marks.is_missing(cell) and not numbers.looks_like(cell) and not dates.looks_like(cell)


def kind_of(cells: Sequence[str]) -> str:
    """Return what nearly all of some cells are: numbers, dates or text."""
    known = [cell for cell in cells if not marks.is_missing(cell)]
    for kind, looks_like in ((_NUMBER, numbers.looks_like), (_DATE, dates.looks_like)):
        if known and sum(map(looks_like, known)) >= len(known) * _NEARLY_ALL:
            return kind
    return TEXT


def _only_counted(cells: Sequence[str]) -> bool:
    """Return whether cells go up in steps of one, as names do that were only counted, and as years do."""
    if len(cells) < 3 or not all(cell.isdecimal() for cell in cells):
        return False
    return all(int(after) - int(before) == 1 for before, after in pairwise(cells))


def _is_above_classes(cell: str, index: int, rest: Sequence[Sequence[str]]) -> bool:
    """Return whether a column's texts occur again and again, but not the first one."""
    texts = [row[index] for row in rest if index < len(row)]
    distinct = set(texts)
    return bool(cell) and len(texts) >= 10 and len(distinct) <= len(texts) / 3 and cell not in distinct


def _recurs(first: Sequence[str], rest: Sequence[Sequence[str]]) -> bool:
    """Return whether the first row's cells occur again in their own columns: then they are data, not names."""
    if len(rest) < 5:
        return False
    again = [any(index < len(row) and row[index] == cell for row in rest) for index, cell in enumerate(first) if cell]
    return sum(again) > len(again) / 2


def unique_names(cells: Sequence[str], warnings: list[str]) -> list[str]:
    """Return column names of bounded length, none empty, none twice. What was mended is added to `warnings`."""
    names: list[str] = []
    seen: set[str] = set()
    mended = []
    for number, cell in enumerate(cells, start=1):
        wanted = " ".join(cell.split())[:MAX_NAME] or f"column_{number}"
        name, suffix = wanted, 2
        while name in seen:
            name, suffix = f"{wanted}_{suffix}", suffix + 1
        if name != cell:
            mended.append(name)
        names.append(name)
        seen.add(name)
    if mended:
        some = ", ".join(mended[:5]) + (" ..." if len(mended) > 5 else "")
        count = "1 column name was" if len(mended) == 1 else f"{len(mended)} column names were"
        warnings.append(f"{count} empty, too long or not unique and changed: {some}.")
    return names
