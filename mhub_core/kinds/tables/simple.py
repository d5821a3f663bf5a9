"""Columns of text whose type is certain from their first cells, so that they can be typed piece by piece.

Each reader takes cells exactly as `types.tidy` would take the whole column, and gives up (`failed`) at the first piece of which
that is not certain; then the column has to be read as a whole. What the first cells cannot decide has no reader.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections import Counter
from dataclasses import dataclass, field
from typing import Protocol

import polars as pl

from mhub_core.kinds.tables import dates, marks, numbers
from mhub_core.kinds.tables.numbers import LARGEST, POINT
from mhub_core.kinds.tables.plain import PlainTexts
from mhub_core.kinds.tables.sentences import Told
from mhub_core.kinds.tables.types import SAMPLE, Found, may_be_numbers

_NOT_WHOLE = "[.eE]"
_AGAIN_NUMBER, _AS_A_WHOLE = "number", "whole"


class Reader(Protocol):
    """Types the cells of one column. `failed` is empty, or says how to go on: with another reader, or as a whole."""

    dtype: pl.DataType
    failed: str
    points: int  # how many of the first cells are certain to have a decimal point

    def take(self, raw: pl.Series) -> pl.Series:
        """Return a piece typed."""

    def tell(self, name: str, told: Told) -> None:
        """Say what was read otherwise than it is written."""

    def found(self, convention: str) -> Found:
        """Return what was found out; `convention` is that of the file."""

    def end(self) -> None:
        """All pieces were taken: what only the last could tell is known."""

    def afresh(self) -> Reader:
        """Return a reader like this one that has taken nothing yet."""


@dataclass
class _Marks:
    """Counts which marks were taken for no value."""

    counts: Counter[str] = field(default_factory=Counter)

    def add(self, texts: pl.Series) -> None:
        counts = texts.alias("mark").value_counts(name="cells")
        self.counts.update({mark: cells for mark, cells in counts.iter_rows() if mark not in marks.USUAL})

    def tell(self, name: str, told: Told) -> None:
        if self.counts:
            told.marks[name] = dict(sorted(self.counts.items(), key=lambda one: (-one[1], one[0])))


class Words:
    """Text that is neither numbers nor dates."""

    dtype: pl.DataType = pl.String()
    points = 0

    def __init__(self, chosen: str | None) -> None:
        self.failed = ""
        self._chosen, self._marks, self._composed = chosen, _Marks(), 0
        self._missing = pl.Series(sorted(marks.ANYWHERE))
        self._plain = PlainTexts()

    def take(self, raw: pl.Series) -> pl.Series:
        """Return the cells without outer blanks, null for no value."""
        if self._plain.are_all(raw):
            return raw
        texts, num_composed = marks.composed(raw.str.strip_chars())
        self._composed += num_composed
        gone = texts.is_in(self._missing.implode()).fill_null(False)
        if not gone.any():
            return texts
        self._marks.add(texts.filter(gone))
        return texts.set(gone, None)

    def tell(self, name: str, told: Told) -> None:
        """Say which marks there are."""
        self._marks.tell(name, told)
        if self._composed:
            told.composed[name] = self._composed

    def found(self, convention: str) -> Found:
        """Nothing is known of words."""
        return Found(self._chosen)

    def end(self) -> None:
        """Nothing is open."""

    def afresh(self) -> Words:
        """Begin again."""
        return Words(self._chosen)


class _Cells(ABC):
    """What readers of numbers and of dates have in common: nearly all cells can be read at once, and the others one by one."""

    failed = ""

    def __init__(self, chosen: str | None) -> None:
        self._chosen, self._marks = chosen, _Marks()
        self._among = pl.Series(sorted(marks.AMONG_NUMBERS))

    @abstractmethod
    def _read(self, raw: pl.Series) -> pl.Series:
        """Return the values of cells that can be read at once, null for others."""

    def _mend(self, raw: pl.Series, values: pl.Series) -> tuple[pl.Series, pl.Series]:
        """Return the values with those of cells that need a second look, and the cells that are neither value nor mark."""
        at = (values.is_null() & raw.is_not_null()).arg_true()
        texts = raw.gather(at).str.strip_chars()
        is_mark = texts.str.to_lowercase().is_in(self._among.implode())
        self._marks.add(texts.filter(is_mark))
        read = self._read(texts).set(is_mark, None)
        self._look_at(texts)
        return values.scatter(at, read), texts.filter(~is_mark & read.is_null())

    def _look_at(self, texts: pl.Series) -> None:
        """Give up for what is written unusually."""

    def tell(self, name: str, told: Told) -> None:
        """Say which marks there are."""
        self._marks.tell(name, told)

    def end(self) -> None:
        """Nothing is open."""


class Numbers(_Cells):
    """Numbers as programs write them. `is_whole`: int64 without leading zeros, else float64."""

    def __init__(self, chosen: str | None, points: int, is_whole: bool) -> None:
        super().__init__(chosen)
        self.dtype: pl.DataType = pl.Int64() if is_whole else pl.Float64()
        self.points = points
        self._is_whole, self._has_point, self._wild = is_whole, False, 0

    def _read(self, raw: pl.Series) -> pl.Series:
        values = raw.cast(self.dtype, strict=False)
        return values if self._is_whole else values.fill_nan(None)

    def take(self, raw: pl.Series) -> pl.Series:
        """Return the numbers."""
        values = self._read(raw)
        if values.null_count() != raw.null_count():
            values, lost = self._mend(raw, values)
            if len(lost):
                self.failed = _AGAIN_NUMBER if self._is_whole and _are_numbers(lost) else _AS_A_WHOLE
        self._look_at(raw)
        return values if self._is_whole else self._float(raw, values)

    def _look_at(self, texts: pl.Series) -> None:
        if self._is_whole and not self.failed:
            zeros = texts.filter(texts.str.starts_with("0").fill_null(False))
            if int(zeros.str.len_bytes().max() or 1) > 1:  # type: ignore[arg-type]
                self.failed = _AS_A_WHOLE  # it may hold codes, such as 007

    def _float(self, raw: pl.Series, values: pl.Series) -> pl.Series:
        self._has_point = self._has_point or bool(raw.str.contains(_NOT_WHOLE).any())
        if float(values.abs().max() or 0.0) <= LARGEST:  # type: ignore[arg-type]
            return values
        wild = (values.abs() > LARGEST).fill_null(False)
        self._wild += int(wild.sum())
        return values.set(wild, None)

    def tell(self, name: str, told: Told) -> None:
        """Say which marks there are, and how many numbers are beyond any measure."""
        super().tell(name, told)
        if self._wild:
            told.wild[name] = self._wild

    def found(self, convention: str) -> Found:
        """Return the convention where it is unusual."""
        return Found(self._chosen, None, None if self.points or convention == POINT else convention, ())

    def end(self) -> None:
        """Whole numbers that are too long for int64 need a word; and a mark with an e makes floats of whole numbers."""
        if not self._is_whole and not self._has_point:
            self.failed = _AS_A_WHOLE
        if self._is_whole and any(set(mark) & set("eE.") for mark in self._marks.counts):
            self.failed = _AGAIN_NUMBER

    def afresh(self) -> Numbers:
        """Begin again."""
        return Numbers(self._chosen, self.points, self._is_whole)


class Dates(_Cells):
    """Dates that can be read in one way alone."""

    dtype: pl.DataType = pl.Datetime("us")
    points = 0

    def __init__(self, chosen: str | None, written: dates.Written) -> None:
        super().__init__(chosen)
        self._written = written

    def _read(self, raw: pl.Series) -> pl.Series:
        return dates.parse(raw, self._written)

    def take(self, raw: pl.Series) -> pl.Series:
        """Return the dates."""
        values = self._read(raw)
        if values.null_count() != raw.null_count():
            values, lost = self._mend(raw, values)
            self.failed = _AS_A_WHOLE if len(lost) else self.failed
        if self._written.has_times and dates.have_zones(raw):
            self.failed = _AS_A_WHOLE
        return values

    def found(self, convention: str) -> Found:
        """Return how they are written."""
        return Found(self._chosen, written={"form": self._written.form, "has_times": self._written.has_times})

    def afresh(self) -> Dates:
        """Begin again."""
        return Dates(self._chosen, self._written)


def _are_numbers(texts: pl.Series) -> bool:
    """Tell whether cells that are no int64 are numbers of which some have a point or a power."""
    is_read = texts.cast(pl.Float64, strict=False).is_not_null().all()
    return bool(is_read) and bool(texts.str.contains(_NOT_WHOLE).any())


def reader_of(raw: pl.Series, typed: pl.Series, found: Found, chosen: str | None) -> Reader | None:
    """Return what reads a column that begins with these cells. `typed` and `found` are what `types.tidy` makes of them."""
    texts = raw.str.strip_chars()
    known = marks.without(texts, among_numbers=True).drop_nulls()
    if len(known) < SAMPLE:
        return None
    if typed.dtype == pl.String:
        return Words(chosen) if chosen in ("category", "ignored") or _are_words(known, raw.name) else None
    if typed.dtype == pl.Datetime:
        return _dates(known, found, chosen)
    said = numbers.plain_evidence(texts)
    is_plain = texts.cast(pl.Float64, strict=False).null_count() <= len(texts) - len(known)
    if not is_plain or said.open or found.unit or dates.are_compact(known.head(SAMPLE), raw.name):
        return None
    return Numbers(chosen, said.points, typed.dtype == pl.Int64)


def again(reader: Reader, chosen: str | None) -> Reader | None:
    """Return another reader for a column whose first one failed, None for none."""
    return Numbers(chosen, reader.points, is_whole=False) if reader.failed == _AGAIN_NUMBER else None


def _are_words(known: pl.Series, name: str) -> bool:
    return not may_be_numbers(known.head(SAMPLE)) and dates.form_of(known, name) is None


def _dates(known: pl.Series, found: Found, chosen: str | None) -> Reader | None:
    form = dates.form_of(known, known.name)
    if form is None or form[1] is not None or dates.are_compact(known, known.name) or dates.have_zones(known):
        return None
    return Dates(chosen, dates.Written(form[0], has_times=bool((found.written or {}).get("has_times"))))
