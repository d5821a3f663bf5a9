"""Which rows of a table are kept while it is read in pieces: not those that repeat its header, and no totals at its end."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import polars as pl

from mhub_core.kinds.tables import odd_rows
from mhub_core.kinds.tables.formats.format import Refusals
from mhub_core.kinds.tables.rows import Refused


class Rows:
    """Numbers the rows of all pieces. Where totals are left out, which is of short tables alone, all are held back to the end."""

    def __init__(self, names: Sequence[str], separator: str, refusals: Refusals, leaves_totals: bool) -> None:
        self._names, self._separator, self._refusals, self._leaves_totals = names, separator, refusals, leaves_totals
        self._seen, self.kept = 0, 0
        self._held, self._numbers = pl.DataFrame(schema=dict.fromkeys(names, pl.String)), np.zeros(0, np.int64)

    def take(self, frame: pl.DataFrame, refused: Sequence[Refused] = ()) -> pl.DataFrame:
        """Return the rows of a piece that are kept, and those that were held back. `refused`: those left out of it already."""
        for one in refused:
            self._refusals.add(f"row {one.row:,}", one.why, one.written)
        numbers = self._numbered(frame.height, refused)
        if (again := odd_rows.repeats(frame, self._names)) is not None:
            self._refuse(frame, numbers, np.flatnonzero(again.to_numpy()).tolist(), odd_rows.REPEATED)
            frame, numbers = frame.filter(~again), numbers[~again.to_numpy()]
        self.kept += frame.height
        if not self._leaves_totals:
            return frame
        if self._held.height:
            frame, numbers = pl.concat([self._held, frame]), np.concatenate([self._numbers, numbers])
        self._held, self._numbers = frame, numbers
        return frame[:0]

    def end(self) -> pl.DataFrame:
        """Return the rows that were held back, without those that hold totals."""
        last = odd_rows.totals(self._held) if self._leaves_totals else []
        self._refuse(self._held, self._numbers, last, odd_rows.TOTALS)
        self.kept -= len(last)
        is_row = np.ones(self._held.height, bool)
        is_row[last] = False
        return self._held.filter(pl.Series(is_row, dtype=pl.Boolean))

    def _numbered(self, height: int, refused: Sequence[Refused]) -> np.ndarray:
        """Return which rows of the file these are, from 1, int64 `(height,)`."""
        first, self._seen = self._seen + 1, self._seen + height + len(refused)
        if not refused:
            return np.arange(first, first + height)
        return np.setdiff1d(np.arange(first, self._seen + 1), [one.row for one in refused])

    def _refuse(self, frame: pl.DataFrame, numbers: np.ndarray, places: Sequence[int], why: str) -> None:
        for place in places:
            cells = ("" if cell is None else str(cell) for cell in frame.row(place))
            self._refusals.add(f"row {int(numbers[place]):,}", why, self._separator.join(cells))


def all_kept(frame: pl.DataFrame, leaves_totals: bool) -> tuple[pl.DataFrame, Refusals]:
    """Return the rows of a whole table that are kept, and the others."""
    refusals = Refusals()
    rows = Rows(frame.columns, "\t", refusals, leaves_totals)
    first = rows.take(frame)
    return pl.concat([first, rows.end()]) if leaves_totals else first, refusals


def refused(refusals: Refusals, is_part: bool) -> tuple[str, ...]:
    """Say in a preview what the report of a whole file says row by row."""
    if not refusals.count:
        return ()
    what, why = refusals.examples[0]
    number = "1 row" if refusals.count == 1 else f"{refusals.count:,} rows"
    rows = f"Of the first rows {refusals.count:,}" if is_part else number
    return (f"{rows} {'is' if refusals.count == 1 else 'are'} left out; {what} {why}.",)
