"""What the columns of a table are, found out from their text: numbers, dates or words. One rule for all formats.

Nothing is read otherwise than it is written without being told: which mark was a decimal mark, what counts as missing, what
is no number. A person can choose the type of each column, the convention of numbers and the order of dates.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import polars as pl

from mhub_core.data.records import Option
from mhub_core.errors import Invalid
from mhub_core.kinds.tables import choosing, dates, marks, numbers
from mhub_core.kinds.tables.numbers import LARGEST
from mhub_core.kinds.tables.sentences import Told

KINDS = ("number", "category", "date", "ignored")
CONVENTIONS: tuple[tuple[str, str], ...] = (
    (numbers.POINT, "1,234.56 (decimal point)"),
    (numbers.COMMA, "1.234,56 (decimal comma)"),
)
_NEARLY_ALL = 0.95
_HALF = 0.5
SAMPLE = 1000
_EXACT_DIGITS = 15


@dataclass(frozen=True)
class Found:
    """What was found out of a column while it was read. `chosen`: the kind that a person gave it."""

    chosen: str | None = None
    unit: str | None = None
    convention: str | None = None
    marks: tuple[str, ...] = ()
    written: dict[str, Any] | None = None


@dataclass(frozen=True)
class Tidy:
    """A frame of numbers (int64, float64), datetimes and text, missing values as null; what was found out of each column; the
    guesses that can be changed, and what was read otherwise than it is written."""

    frame: pl.DataFrame
    found: dict[str, Found]
    options: tuple[Option, ...]
    told: Told
    convention: str  # of the file

    @property
    def notes(self) -> list[str]:
        """What was read otherwise than it is written, in sentences."""
        return self.told.sentences()


def tidy(frame: pl.DataFrame, reading: dict[str, Any] | None = None, points: int = 0) -> Tidy:
    """Return the columns of a frame as what they are. `reading` is what a person chose: "numbers" the convention, "dates" the
    order, "columns" a kind for each column. `points`: how many cells of other columns of the file are certain to have a decimal
    point. Raises Invalid for a choice that does not fit."""
    return _Typing(frame, reading or {}, points).done()


def convention_of(reading: dict[str, Any]) -> str:
    """Return the convention of a file of which no cell tells another one."""
    return str(choosing.one_of(reading, "numbers", "How numbers are written", CONVENTIONS, "") or numbers.POINT)


@dataclass
class _Texts:
    """A column of text that may hold numbers. `plain`: all of it is written as programs do."""

    texts: pl.Series
    plain: pl.Series | None = None
    parts: numbers.Parts | None = None
    evidence: numbers.Evidence = field(default_factory=numbers.Evidence)


class _Typing:
    def __init__(self, frame: pl.DataFrame, reading: dict[str, Any], points: int) -> None:
        self._frame, self._told, self._points = frame, Told(), points
        self._kinds = _chosen_kinds(frame, reading)
        self._convention = choosing.one_of(reading, "numbers", "How numbers are written", CONVENTIONS, "") or None
        self._order = choosing.one_of(reading, "dates", "The order of dates", dates.ORDERS, "") or None
        self._found: dict[str, Found] = {}
        self._has_open_dates = False
        self._of_file: str = numbers.POINT

    def done(self) -> Tidy:
        looked = {name: self._look(self._frame[name]) for name in self._frame.columns}
        self._of_file = self._find_convention([one for one in looked.values() if one])
        has_text = any(looked.values())
        series = []
        for name in self._frame.columns:
            one = looked.pop(name)  # what is done needs no memory any more
            series.append((self._typed(name, one) if one else self._of_type(self._frame[name])).alias(name))
        options = [Option("numbers", "Numbers are written as", self._of_file, CONVENTIONS)] if has_text else []
        if self._has_open_dates:
            options.append(Option("dates", "Dates", self._order or dates.DAY_FIRST, dates.ORDERS))
        found = {name: self._found.get(name, Found(self._kinds.get(name))) for name in self._frame.columns}
        return Tidy(pl.DataFrame(series), found, tuple(options), self._told, self._of_file)

    # Columns of text

    def _look(self, values: pl.Series) -> _Texts | None:
        """Return a column of text with what it says about the convention of numbers; None for one that is no text."""
        if values.dtype.is_numeric() or values.dtype.is_temporal():
            return None
        if values.dtype == pl.Boolean:
            return _Texts(values.cast(pl.String)) if self._kinds.get(values.name) != "number" else None
        texts = values.cast(pl.String).str.strip_chars()
        texts = texts.set((texts == "").fill_null(False), None)
        if self._kinds.get(values.name) in ("category", "ignored", "date"):
            return _Texts(texts)
        plain = texts.cast(pl.Float64, strict=False)
        if plain.null_count() == texts.null_count():
            return _Texts(texts, plain, None, numbers.plain_evidence(texts))
        known = marks.without(texts, among_numbers=True).drop_nulls()
        if self._kinds.get(values.name) != "number" and not may_be_numbers(known.head(SAMPLE)):
            return _Texts(texts)
        if plain.null_count() == len(texts) - len(known):
            return _Texts(texts, plain, None, numbers.plain_evidence(texts))
        parts = numbers.take_apart(texts)
        return _Texts(texts, None, parts, numbers.evidence(parts.number))

    def _find_convention(self, columns: list[_Texts]) -> str:
        if self._convention:
            return str(self._convention)
        points, commas = (sum(getattr(one.evidence, name) for one in columns) for name in ("points", "commas"))
        return numbers.COMMA if commas > points + self._points else numbers.POINT

    def _typed(self, name: str, one: _Texts) -> pl.Series:
        chosen = self._kinds.get(name)
        if chosen == "date":
            return self._require_dates(name, one.texts)
        is_compact = chosen is None and one.plain is not None and dates.are_compact(one.texts, name)
        if chosen not in ("category", "ignored") and (one.plain is not None or one.parts is not None) and not is_compact:
            found = self._numbers(name, one, chosen)
            if found is not None:
                return found
        found = self._dates(name, one.texts, None) if chosen is None else None
        return found if found is not None else self._words(name, one.texts)

    def _words(self, name: str, texts: pl.Series) -> pl.Series:
        texts, num_composed = marks.composed(texts)
        if num_composed:
            self._told.composed[name] = num_composed
        words = marks.without(texts, among_numbers=False)
        if gone := marks.told(texts, words):
            self._told.marks[name] = gone
        return words

    def _numbers(self, name: str, one: _Texts, chosen: str | None) -> pl.Series | None:
        """Return the numbers of a column of text; None when it holds words rather."""
        if chosen is None and (coded := numbers.leading_zeros(one.texts)):
            self._told.codes[name] = coded
            return None
        convention = self._convention_of(one.evidence)
        if one.plain is not None and (convention == numbers.POINT or not one.evidence.open):
            values, unit, is_whole = one.plain, "", not one.texts.str.contains("[.eE]").any()
        else:
            parts = one.parts or numbers.take_apart(one.texts)
            unit, other_unit = numbers.unit_of(parts)
            values = numbers.read(parts, convention).set(other_unit, None)
            is_whole = numbers.is_whole(parts, convention)
        texts, gone = self._without_marks(one.texts, values, chosen)
        known, lost = len(texts) - texts.null_count(), texts.filter(values.is_null() & texts.is_not_null())
        if chosen is None and (not known or len(lost) > known * (1 - _NEARLY_ALL)):
            if known and known - len(lost) >= known * _HALF:
                self._told.nearly[name] = (known - len(lost), known, str(lost[0]))
            return None
        if not known:
            return values
        values = values.set(texts.is_null(), None)
        self._tell(name, one.evidence, convention, unit, gone, lost, texts)
        extra = tuple(mark for mark in gone if not marks.is_missing(mark))
        self._found[name] = Found(chosen, unit or None, convention if convention != numbers.POINT else None, extra)
        return self._whole_or_not(values.alias(name), texts, is_whole)

    def _convention_of(self, evidence: numbers.Evidence) -> str:
        """Return the convention of a column: what is certain of its cells, else what was chosen, else that of the file."""
        is_torn = bool(evidence.points and evidence.commas)
        if self._convention and is_torn:
            return str(self._convention)
        return evidence.certain or self._of_file

    def _without_marks(self, texts: pl.Series, values: pl.Series, chosen: str | None) -> tuple[pl.Series, dict[str, int]]:
        """Return the cells with null for no value: the marks that people use, and one word that alone stands among numbers."""
        after = marks.without(texts, among_numbers=True)
        left = after.filter(values.is_null() & after.is_not_null())
        if 2 <= len(left) <= (len(after) - after.null_count()) * _HALF and left.str.to_lowercase().n_unique() == 1:
            if not left.head(1).str.contains(r"^[^\p{L}]*\d").any():  # "- m2" stands for no area, "12:30" for something
                after = after.set((values.is_null() & after.is_not_null()), None)
        return after, marks.told(texts, after)

    def _tell(
        self,
        name: str,
        evidence: numbers.Evidence,
        convention: str,
        unit: str,
        gone: dict[str, int],
        lost: pl.Series,
        texts: pl.Series,
    ) -> None:
        if len(lost):
            self._told.lost[name] = (len(lost), str(lost[0]), "numbers")
        if gone:
            self._told.marks[name] = gone
        if unit:
            self._told.units[name] = unit
        if convention == numbers.COMMA and (evidence.commas or evidence.open):
            self._told.commas.append(name)
        if evidence.open and evidence.is_all_open and not self._convention:
            example = str(texts.filter(texts.str.contains(r"\d[.,]\d{3}\D*$").fill_null(False))[0])
            self._told.open[name] = (evidence.open, example, numbers.value_of(example, convention))

    def _whole_or_not(self, values: pl.Series, texts: pl.Series, is_whole: bool) -> pl.Series:
        if is_whole:
            whole = values.cast(pl.Int64, strict=False)
            if whole.null_count() == values.null_count():
                exact = texts.cast(pl.Int64, strict=False)  # of more digits than a float holds
                return exact.alias(values.name) if exact.null_count() == values.null_count() else whole
            digits = int(texts.str.count_matches(r"\d").max() or 0)  # type: ignore[arg-type]
            if digits > _EXACT_DIGITS:
                self._told.rounded[values.name] = digits
        return self._without_wild(values)

    # Dates

    def _require_dates(self, name: str, texts: pl.Series) -> pl.Series:
        values = self._dates(name, texts, "date")
        if values is None:
            raise Invalid(
                f"The column {name!r} holds no dates that can be read.",
                "Dates such as 2024-05-31, 31.05.2024, 05/31/2024 or 31 May 2024, all written in one way.",
                "Choose another type for this column.",
            )
        return values

    def _dates(self, name: str, texts: pl.Series, chosen: str | None) -> pl.Series | None:
        known = marks.without(texts, among_numbers=True)
        found = dates.find(known, name if chosen is None else "date", str(self._order or "") or None)
        if found is None:
            return None
        written, values = found
        if lost := values.null_count() - known.null_count():
            self._told.lost[name] = (lost, str(known.filter(values.is_null() & known.is_not_null())[0]), "dates")
        if gone := marks.told(texts, known):
            self._told.marks[name] = gone
        if written.is_open:
            self._has_open_dates = True
            self._told.open_dates[name] = (str(known.drop_nulls()[0]), str(self._order or dates.DAY_FIRST))
        if written.has_zones:
            self._told.zones.append(name)
        facts = {"form": written.form, "has_times": written.has_times}
        self._found[name] = Found(chosen, written=facts)
        return values

    # Columns that come with a type

    def _of_type(self, values: pl.Series) -> pl.Series:
        chosen = self._kinds.get(values.name)
        if values.dtype.is_temporal():
            return self._temporal(values, chosen)
        if chosen == "date":
            return self._require_dates(values.name, _as_words(values))
        if chosen == "category":
            return _as_words(values)
        if values.dtype.is_integer():
            whole = values.cast(pl.Int64, strict=False)
            return whole if whole.null_count() == values.null_count() else self._without_wild(values.cast(pl.Float64))
        return self._without_wild(values.cast(pl.Float64))

    def _temporal(self, values: pl.Series, chosen: str | None) -> pl.Series:
        if values.dtype == pl.Duration:
            return values.dt.total_microseconds().cast(pl.Float64) / 1e6
        if values.dtype == pl.Time or chosen == "category":
            return values.cast(pl.String)
        if isinstance(values.dtype, pl.Datetime) and values.dtype.time_zone:
            values = values.dt.convert_time_zone("UTC").dt.replace_time_zone(None)
            self._told.zones.append(values.name)
        moments = values.cast(pl.Datetime("us"))
        if chosen == "number":
            return dates.days_of(moments)
        self._found[values.name] = Found(chosen, written={"form": dates.ISO, "has_times": values.dtype != pl.Date})
        return moments

    def _without_wild(self, values: pl.Series) -> pl.Series:
        """Return numbers whose mean and deviation are numbers too: what is not finite, or far beyond any measure, is missing."""
        wild = (~values.is_nan() & (values.abs() > LARGEST)).fill_null(False)
        if wild.any():
            self._told.wild[values.name] = int(wild.sum())
        return values.set((wild | values.is_nan()).fill_null(False), None)


def _chosen_kinds(frame: pl.DataFrame, reading: dict[str, Any]) -> dict[str, str]:
    chosen = reading.get("columns") or {}
    if not isinstance(chosen, dict):
        raise Invalid("The types of columns cannot be read.", "A type for each name of a column.", "Choose the types again.")
    for name, kind in chosen.items():
        if name not in frame.columns:
            told = ", ".join(map(repr, frame.columns[:10]))
            raise Invalid(f"There is no column {str(name)[:80]!r}.", f"One of {told}.", "Choose types for these columns.")
        if kind not in KINDS:
            raise Invalid(
                f"A column cannot be {str(kind)[:40]!r}.", f"One of {', '.join(KINDS)}.", f"Choose another type for {name!r}."
            )
    return chosen


def may_be_numbers(texts: pl.Series) -> bool:
    """Return whether many of some cells are numbers in whatever convention."""
    return int(numbers.take_apart(texts).number.is_not_null().sum()) >= max(1, len(texts) * _HALF)


def _as_words(values: pl.Series) -> pl.Series:
    """Return numbers as words: 1 for 1.0, too."""
    if values.dtype.is_float():
        return pl.Series(values.name, [None if value is None else f"{value:.15g}" for value in values], pl.String)
    return values.cast(pl.String)
