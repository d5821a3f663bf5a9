"""Rows that somebody gives to a model in a file, read as datasets are: any format, any way to write numbers and dates."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl

from mhub_core.data.records import Column, Option
from mhub_core.errors import Invalid, TooLarge
from mhub_core.kinds.kind import Opened
from mhub_core.kinds.tables import choosing, dates, marks, numbers, odd_rows, types
from mhub_core.kinds.tables.formats import registry as formats
from mhub_core.kinds.tables.formats.format import Format, Head, Refusals
from mhub_core.kinds.tables.sentences import Told

MAX_ROWS = 10_000
MAX_CELLS, MAX_BYTES = 500_000, 20_000_000  # the page keeps each cell as a value of its own: some 100 bytes and its letters
_WHICH = ("file", "sheet", "rows")  # options that say which of several tables is read
_MAX_TRIES = 20
_NAMED = 12
_NAMELESS = re.compile(r"^column_\d+$")
_ROW = re.compile(r"^row ([\d,]+)$")


@dataclass(frozen=True)
class Asked:
    """Rows of text, numbers, true and false, or points in time; what each is called; what has to be said; the guesses."""

    frame: pl.DataFrame
    names: list[str]
    notes: list[str]
    options: tuple[Option, ...]


def read(path: Path, file_name: str, columns: Sequence[Column], chosen: Mapping[str, Any]) -> Asked:
    """Return the rows of a file for a model that looks at these columns. Of several tables in it the one that has most of them.

    Raises Invalid for a file without any of the columns, of too many rows, or that is no table.
    """
    format, wanted = formats.asked_format_of(path, file_name), [column.name for column in columns]
    picked = dict(chosen) if all(map(_NAMELESS.match, wanted)) else {"header": True, **chosen}
    picked, head = _with_most(format, path, {**picked, "totals": False}, wanted)  # each row that is given has an answer
    picked, head, above = _second_line(format, path, picked, head, wanted)
    with tempfile.TemporaryDirectory(prefix="asked-") as folder:
        whole = format.read(path, picked, Path(folder), lambda *_: None)
    _require_rows(whole.frame, wanted)
    missing = [name for name in wanted if name not in whole.frame.columns]
    refusals = _below(whole.refusals, above)
    notes = [*whole.notes, *_left_out(refusals), *_lacking(missing)]
    options = tuple(option for option in head.options if option.name != "totals")
    return Asked(whole.frame, _numbered(whole.frame.height, refusals, above), notes, options)


def opened(path: Path, file_name: str, columns: Sequence[Column], chosen: Mapping[str, Any]) -> Opened:
    """Return the rows of a file as a model of tables takes them. Raises as `read` does, and for a choice that does not fit."""
    asked = read(path, file_name, columns, chosen)
    told = Told()
    convention = str(choosing.one_of(dict(chosen), "numbers", "How numbers are written", types.CONVENTIONS, "")) or None
    examples = _rows(asked, columns, convention, told)
    as_guessed = convention or (numbers.COMMA if told.commas else numbers.POINT)
    written = Option("numbers", "Numbers are written as", as_guessed, types.CONVENTIONS)
    return Opened(examples, asked.names, [*asked.notes, *told.sentences()], (*asked.options, written), shown(asked.frame))


def _rows(asked: Asked, columns: Sequence[Column], convention: str | None, told: Told) -> list[dict[str, Any]]:
    """Return what a model looks at. Numbers of text come with a decimal point, moments as text."""
    here = [one for one in columns if one.name in asked.frame.columns]
    frame = asked.frame.select(one.name for one in here)
    frame = frame.with_columns(_as_category(frame[one.name], one) for one in here if frame[one.name].dtype == pl.Boolean)
    words = [one.name for one in here if one.kind == "category"]
    frame = frame.with_columns(types.tidy(frame.select(words), {"columns": dict.fromkeys(words, "category")}).frame)
    frame = dates.in_words(frame).with_columns(pl.col(pl.String).str.strip_chars().fill_null(""))
    texts = [one for one in here if one.kind == "number" and frame[one.name].dtype == pl.String]
    return _with_points(frame, texts, convention, told).to_dicts()


def shown(frame: pl.DataFrame) -> list[dict[str, Any]]:
    """Return all columns of a file as plain values, to stand beside the predictions."""
    return dates.in_words(frame).to_dicts()


def _with_most(format: Format, path: Path, chosen: dict[str, Any], wanted: Sequence[str]) -> tuple[dict[str, Any], Head]:
    """Return which table of a file has most of the columns, with its beginning."""
    head = format.look(path, chosen)
    for option in head.options:
        if option.name in _WHICH and option.name not in chosen and not set(wanted) <= set(head.frame.columns):
            tried = [(head, chosen), *_tries(format, path, chosen, option)]
            head, chosen = max(tried, key=lambda one: len(set(wanted) & set(one[0].frame.columns)))  # of equals the first
    return chosen, head


def _tries(format: Format, path: Path, chosen: dict[str, Any], option: Option) -> list[tuple[Head, dict[str, Any]]]:
    found = []
    for value, _ in option.choices[:_MAX_TRIES]:
        picked = {**chosen, option.name: value}
        try:
            found.append((format.look(path, picked), picked))
        except Invalid:  # an empty sheet is not the one
            continue
    return found


def _second_line(
    format: Format, path: Path, picked: dict[str, Any], head: Head, wanted: Sequence[str]
) -> tuple[dict[str, Any], Head, int]:
    """Return what the second line is taken for, and how many rows that is above the others: it is a row, unless a person says
    that it is none, it is a rule, or the model's columns have their names from it."""
    second = next((option.value for option in head.options if option.name == "second"), odd_rows.ROW)
    if second == odd_rows.ROW:
        return picked, head, 0
    plain = {**picked, "second": odd_rows.ROW}
    row = format.look(path, plain)
    if second == odd_rows.LEFT_OUT and row.frame.height and odd_rows.is_rule(row.frame.row(0)):
        return picked, head, 0
    if "second" in picked:
        return picked, head, int(second == odd_rows.LEFT_OUT)
    is_needed = len(set(wanted) & set(head.frame.columns)) > len(set(wanted) & set(row.frame.columns))
    return (picked, head, 0) if is_needed else (plain, row, 0)


def _require_rows(frame: pl.DataFrame, wanted: Sequence[str]) -> None:
    if frame.is_empty():
        expected = "The first line must contain the column names, and each further line one row."
        raise Invalid("This file has no rows.", expected, "Add a row.")
    if frame.height > MAX_ROWS:
        raise Invalid(f"This file has {frame.height:,} rows.", f"At most {MAX_ROWS:,}.", "Split it into several files.")
    cells, num_bytes = frame.height * frame.width, int(frame.estimated_size())
    if cells > MAX_CELLS or num_bytes > MAX_BYTES:
        happened = f"This file has {cells:,} cells, of {num_bytes / 1e6:,.1f} MB in all."
        expected = f"At most {MAX_CELLS:,} cells and {MAX_BYTES / 1e6:.0f} MB."
        raise TooLarge(happened, expected, "Split it into several files, or leave out columns that the model does not look at.")
    if not set(wanted) & set(frame.columns):
        raise Invalid(
            "This file has none of the model's columns.",
            f"Column names such as {', '.join(wanted[:8])}.",
            "Put the column names into the first line.",
        )


def _lacking(missing: Sequence[str]) -> list[str]:
    if not missing:
        return []
    more = " ..." if len(missing) > _NAMED else ""
    return [f"Missing in the file, so treated as unknown: {', '.join(missing[:_NAMED])}{more}"]


def _left_out(refusals: Refusals) -> list[str]:
    told = [f"{what.capitalize()} was left out: it {why}." for what, why in refusals.examples]
    more = refusals.count - len(told)
    return told + ([f"{more:,} more rows were left out."] if more > 0 else [])


def _below(refusals: Refusals, above: int) -> Refusals:
    """Return refused rows with numbers that count those above the first."""
    counted = Refusals(refusals.count)
    for what, why, cells in refusals.rows:
        found = _ROW.match(what)
        counted.rows.append((f"row {int(found[1].replace(',', '')) + above:,}" if found else what, why, cells))
    return counted


def _numbered(height: int, refusals: Refusals, above: int) -> list[str]:
    """Return what rows are called: by their numbers in the file, in which those that were left out are counted."""
    gone = {int(found[1].replace(",", "")) for what, _, _ in refusals.rows if (found := _ROW.match(what))}
    kept = (number for number in range(1 + above, above + height + len(gone) + 1) if number not in gone)
    return [f"Row {number}" for number in kept][:height]


def _as_category(values: pl.Series, column: Column) -> pl.Series:
    """Return true and false as the dataset writes them, such as TRUE."""
    written = {name.lower(): name for name in column.categories}
    return pl.Series(
        values.name, [None if one is None else written.get(str(one).lower(), str(one).lower()) for one in values], pl.String
    )


def _with_points(frame: pl.DataFrame, columns: Sequence[Column], chosen: str | None, told: Told) -> pl.DataFrame:
    """Return the frame with the numbers of these columns, which are text, as programs write them.

    What is certain of a column's cells in this file decides, then what was chosen, then those of its other columns, then how the
    dataset was written.
    """
    parts = {one.name: numbers.take_apart(marks.without(frame[one.name], among_numbers=True)) for one in columns}
    seen = {name: numbers.evidence(one.number) for name, one in parts.items()}
    points, commas = sum(one.points for one in seen.values()), sum(one.commas for one in seen.values())
    of_file = None if points == commas else numbers.POINT if points > commas else numbers.COMMA
    written = []
    for one in columns:
        convention = seen[one.name].certain or chosen or of_file or one.convention or numbers.POINT
        _tell(one.name, frame[one.name], seen[one.name], convention, chosen, told)
        values = numbers.read(parts[one.name], convention)
        cells = [cell if value is None else _plain(value) for cell, value in zip(frame[one.name], values, strict=True)]
        written.append(pl.Series(one.name, cells, pl.String))
    return frame.with_columns(written)


def _tell(name: str, cells: pl.Series, evidence: numbers.Evidence, convention: str, chosen: str | None, told: Told) -> None:
    if convention == numbers.COMMA and (evidence.commas or evidence.open):
        told.commas.append(name)
    if evidence.open and evidence.is_all_open and not chosen:
        example = str(cells.filter(cells.str.contains(r"\d[.,]\d{3}\D*$"))[0])
        told.open[name] = (evidence.open, example, numbers.value_of(example, convention))


def _plain(value: float) -> str:
    return str(int(value)) if value.is_integer() and abs(value) < 2**53 else repr(value)
