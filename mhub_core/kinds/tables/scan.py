"""Where the rows of a piece of text begin and end and how many cells they have, found in one array of bytes."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from mhub_core.kinds.tables import quotes

_LINE_END, _QUOTE = 10, 34


@dataclass(frozen=True)
class Scanned:
    """Rows of `data[:end]`: the bytes from `starts` to `ends`, int64 `(rows,)`, and how many `cells` each has."""

    starts: np.ndarray
    ends: np.ndarray
    cells: np.ndarray
    line_ends: np.ndarray
    end: int

    @property
    def num_lines(self) -> int:
        """How many physical lines the rows take."""
        return int(np.searchsorted(self.line_ends, self.end))

    def line_of(self, row: int) -> int:
        """Return the physical line, from 0, in which a row begins."""
        return int(np.searchsorted(self.line_ends, self.starts[row]))


def scan(data: bytes, separator: str, quoting: str, width: int) -> Scanned | None:
    """Return the rows of a piece of UTF-8, or None where it takes more than counting to find them."""
    letters = np.frombuffer(data, np.uint8)
    is_separator, is_end = letters == ord(separator), letters == _LINE_END
    line_ends = np.flatnonzero(is_end)
    if quoting == quotes.NONE or b'"' not in data:
        return _rows(line_ends, is_separator, line_ends)
    if quoting == quotes.BACKSLASH and b"\\" in data:
        return None
    is_quote = letters == _QUOTE
    inside = (np.cumsum(is_quote, dtype=np.uint8) & 1).astype(bool)  # a sum that wraps stays odd or even
    if not _well_quoted(letters, is_quote, inside, ord(separator)):
        return None
    found = _rows(np.flatnonzero(is_end & ~inside), is_separator & ~inside, line_ends)
    is_sparse = int(is_quote.sum()) < len(line_ends)  # where most rows have some, one that stands alone is noticed above
    return None if _swallows(found, is_separator, width, is_sparse) else found


def _rows(ends: np.ndarray, is_separator: np.ndarray, line_ends: np.ndarray) -> Scanned:
    starts = np.concatenate([[0], ends[:-1] + 1]).astype(np.int64) if len(ends) else ends
    cells = np.diff(_num_before(is_separator, ends), prepend=0) + 1
    return Scanned(starts, ends, cells, line_ends, int(ends[-1]) + 1 if len(ends) else 0)


def _num_before(mask: np.ndarray, places: np.ndarray) -> np.ndarray:
    """Return how many are true before each place: counted 64 at a time, which takes a third of listing them."""
    packed, words = np.packbits(mask, bitorder="little"), np.zeros(len(mask) // 64 + 1, "<u8")
    words.view(np.uint8)[: len(packed)] = packed
    before: np.ndarray = np.concatenate([[0], np.cumsum(np.bitwise_count(words), dtype=np.int64)])
    earlier = (np.uint64(1) << (places & 63).astype(np.uint64)) - np.uint64(1)
    return np.asarray(before[places >> 6] + np.bitwise_count(words[places >> 6] & earlier))


def _well_quoted(letters: np.ndarray, is_quote: np.ndarray, inside: np.ndarray, separator: int) -> bool:
    """Return whether every quotation mark opens or closes a cell, or is one of two within."""
    at = np.flatnonzero(is_quote)
    opens = inside[at]  # the mark itself counts as inside when it opens
    before, after = letters[np.maximum(at - 1, 0)], letters[np.minimum(at + 1, len(letters) - 1)]
    good_open = (before == separator) | (before == _LINE_END) | (before == _QUOTE) | (at == 0)
    good_close = (after == separator) | (after == _LINE_END) | (after == _QUOTE) | (at == len(letters) - 1)
    return bool(np.where(opens, good_open, good_close).all())


def _swallows(found: Scanned, is_separator: np.ndarray, width: int, is_sparse: bool) -> bool:
    """Return whether a row over several lines is none, or, where quotation marks are sparse, in truth many rows."""
    first, last = np.searchsorted(found.line_ends, found.starts), np.searchsorted(found.line_ends, found.ends)
    long = np.flatnonzero(last > first)
    if not len(long) or not is_sparse:
        return bool((found.cells[long] != width).any())
    if (found.cells[long] != width).any():
        return True
    fits = np.diff(_num_before(is_separator, found.line_ends), prepend=0) + 1 == width
    before = np.concatenate([[0], np.cumsum(fits)])
    inside = before[last[long]] - before[first[long] + 1]
    return any(
        quotes.swallows(int(num_lines), bool(one), int(within), bool(other), width)
        for num_lines, one, within, other in zip(
            last[long] - first[long] + 1, fits[first[long]], inside, fits[last[long]], strict=True
        )
    )
