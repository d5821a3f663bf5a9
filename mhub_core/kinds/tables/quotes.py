"""Cells of a line, and rows of several lines: what quotation marks mean, and what one that stands alone does not mean.

A quotation mark opens a cell only where it can close it again: right before a separator or the end of a line. One that never
closes is a letter, and so is one whose cell would run over lines that are rows by themselves.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

DOUBLED, BACKSLASH, NONE = "doubled", "backslash", "none"
MAX_CELL = 100_000
_MAX_LINES = 1000  # of one row
_MAX_TRIES = 8  # so many lines with quotation marks of which none closes the first, and nothing does
_ROWS_INSIDE = 0.8  # so many lines of a row that are rows by themselves, and it is no row
_NARROW_LINES = 20  # with two columns many lines of prose look like rows
_WITHIN = {DOUBLED: r'(?:[^"]|"")*', BACKSLASH: r'(?:[^"\\]|\\.|"")*'}


@dataclass(frozen=True)
class Row:
    """A row, with the physical lines that it takes, counted from 0. `lone`: a quotation mark in it was read as a letter."""

    cells: list[str]
    first_line: int
    num_lines: int = 1
    lone: bool = False


@lru_cache(maxsize=32)
def splitter(separator: str, quotes: str) -> Callable[[str], tuple[list[str], bool]]:
    """Return what splits a line into cells, and tells whether a quotation mark is open in it.

    Blanks around a cell are no part of it unless they are quoted.
    """
    if quotes == NONE:
        return lambda line: ([cell.strip() for cell in line.split(separator)], False)
    mark = re.escape(separator)
    blank = r"[^\S\n\t]*" if separator == "\t" else r"[^\S\n]*"
    cell = re.compile(rf'{blank}"({_WITHIN[quotes]})"{blank}(?={mark}|\Z)|([^{mark}]*)', re.DOTALL)
    undone = _undo_doubled if quotes == DOUBLED else _undo_backslash

    def split(line: str) -> tuple[list[str], bool]:
        if '"' not in line:
            return [cell.strip() for cell in line.split(separator)], False
        cells, at, is_open = [], 0, False
        while True:
            found = cell.match(line, at)
            assert found  # the second way matches nothing, too
            if found[2] is None:
                cells.append(undone(found[1]))
            else:
                cells.append(found[2].strip())
                is_open = is_open or cells[-1].startswith('"')
            at = found.end() + 1
            if at > len(line):
                return cells, is_open

    return split


def _undo_doubled(text: str) -> str:
    return text.replace('""', '"')


def _undo_backslash(text: str) -> str:
    return re.sub(r'\\(["\\])|""', lambda found: found[1] or '"', text)


def rows_of(lines: Sequence[str], separator: str, quotes: str, width: int | None, is_all: bool = True) -> Iterator[Row]:
    """Give the rows of physical lines; blank lines are none. `width` is how many cells a row has, None while nobody knows.

    Without `is_all` it ends before a row that may go on behind the last line.
    """
    split, at = splitter(separator, quotes), 0
    while at < len(lines):
        if not lines[at].strip(" \t\r\f\v" if separator != "\t" else " \r\f\v"):
            at += 1
            continue
        cells, is_open = split(lines[at])
        row = Row(cells, at, 1, is_open)
        if is_open:
            longer, ran_out = _over_lines(lines, at, split, width)
            if ran_out and not is_all:
                return
            row = longer or row
        yield row
        at += row.num_lines


def _over_lines(
    lines: Sequence[str], at: int, split: Callable[[str], tuple[list[str], bool]], width: int | None
) -> tuple[Row | None, bool]:
    """Return the row that begins in a line and ends in a later one, if there is one; and whether the lines ran out before."""
    length, inside, tries = len(lines[at]), 0, 0
    for end in range(at + 1, min(len(lines), at + _MAX_LINES)):
        length += len(lines[end]) + 1
        if length > MAX_CELL:
            return None, False
        if '"' not in lines[end]:
            inside += width is not None and len(split(lines[end])[0]) == width
            if width is not None and inside >= _too_many(width) and inside > _ROWS_INSIDE * (end - at):
                return None, False
            continue
        cells, is_open = split("\n".join(lines[at : end + 1]))
        if not is_open:
            believed = width is None or (len(cells) == width and not _are_rows(lines[at : end + 1], split, width))
            return (Row(cells, at, end + 1 - at) if believed else None), False
        tries += 1
        if tries == _MAX_TRIES:
            return None, False
    return None, len(lines) < at + _MAX_LINES


def _too_many(width: int) -> int:
    return _NARROW_LINES if width < 3 else 3


def _are_rows(lines: Sequence[str], split: Callable[[str], tuple[list[str], bool]], width: int) -> bool:
    """Return whether the lines of one row are rows themselves."""
    fit = [len(split(line)[0]) == width for line in lines]
    return swallows(len(lines), fit[0], sum(fit[1:-1]), fit[-1], width)


def swallows(num_lines: int, first: bool, inside: int, last: bool, width: int) -> bool:
    """Return whether a row of several lines is in truth many rows: of which lines have as many cells as a row needs.

    Two lines are two rows when both could be; of more, it is the lines between the first and the last that tell.
    """
    if width < 3 and num_lines < _NARROW_LINES:
        return False
    if num_lines == 2:
        return first and last
    return inside >= _ROWS_INSIDE * (num_lines - 2)


def well_quoted(data: np.ndarray, is_quote: np.ndarray, inside: np.ndarray, separator: int) -> bool:
    """Return whether every quotation mark opens or closes a cell, or is one of two. `data` uint8, with a line end behind it;
    `inside` bool: whether a byte lies within quotation marks, counted blindly."""
    at = np.flatnonzero(is_quote)
    if not len(at):
        return True
    opens = inside[at]  # the mark itself counts as inside when it opens
    before, after = data[np.maximum(at - 1, 0)], data[np.minimum(at + 1, len(data) - 1)]
    before[0] = 10 if at[0] == 0 else before[0]
    good_open = (before == separator) | (before == 10) | (before == 34)
    good_close = (after == separator) | (after == 10) | (after == 34)
    return bool(np.where(opens, good_open, good_close).all())
