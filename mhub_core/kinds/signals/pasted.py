"""Series for a prediction out of pasted numbers or a small file, read as datasets are."""

from __future__ import annotations

import io
import re
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from mhub_core.data.records import DataSpec
from mhub_core.errors import Invalid, TooLarge
from mhub_core.kinds.kind import Opened
from mhub_core.kinds.signals import gather
from mhub_core.kinds.signals.asking import MAX_SERIES
from mhub_core.kinds.signals.layout import LONG, WIDE, Layout
from mhub_core.kinds.tables import dialect, types
from mhub_core.kinds.tables.formats import registry as formats
from mhub_core.kinds.tables.formats.csv import Csv
from mhub_core.kinds.tables.formats.format import Refusals
from mhub_core.kinds.tables.lines import Changed, pieces
from mhub_core.kinds.tables.rows import batches

MAX_LETTERS = 200_000  # it is read in the process of the pages, where it holds up everybody
_NUMBERS = re.compile(r"^[\s\d.,;+\-eE]+$")
_WITH_COMMA = re.compile(r"^-?\d{1,15},\d+$")
_ONE = "series"  # the column that is added where all rows are one series


@dataclass(frozen=True)
class Read:
    """Series as `Series.check_inputs` takes them, what each is called, and what was read otherwise than it is written."""

    series: list[dict[str, list[float | None]]]
    names: list[str]
    notes: list[str]


def read(data: bytes, spec: DataSpec) -> Read:
    """Return the series of a text: one column or one line of numbers, a table with a column for each channel, or the layout of
    the file that the model was trained on. Raises Invalid for anything else, TooLarge for more than `MAX_LETTERS`."""
    if len(data) > MAX_LETTERS:
        raise TooLarge(f"This text has {len(data):,} bytes; at most {MAX_LETTERS:,} are read.", mend="Upload it as a file.")
    return _of_text(data, spec)


def _of_text(data: bytes, spec: DataSpec) -> Read:
    text = data.decode("utf-8-sig", "replace").strip()
    if not text:
        raise _unlike(spec, "There are no numbers.")
    if "\n" not in text and _NUMBERS.match(text):
        return _plain([_numbers(text)], spec)
    return _of_frame(*_frame(_with_separators(text).encode()), spec)


def opened(path: Path, file_name: str, spec: DataSpec, chosen: Mapping[str, Any]) -> Opened:
    """Return the series of a file in any format of tables. Raises as `read` does."""
    format = formats.asked_format_of(path, file_name)
    if format.name == Csv.name and not chosen:
        found = _of_text(path.read_bytes(), spec)  # in the sandbox
        return Opened(found.series, found.names, found.notes)
    head = format.look(path, dict(chosen))
    with tempfile.TemporaryDirectory(prefix="asked-") as folder:
        whole = format.read(path, dict(chosen), Path(folder), lambda *_: None)
    found = _of_frame(whole.frame, True, spec)
    return Opened(found.series, found.names, [*whole.notes, *_left_out(whole.refusals), *found.notes], head.options)


def _of_frame(frame: pl.DataFrame, has_header: bool, spec: DataSpec) -> Read:
    found, frame = _layout(frame, has_header, spec)
    tidy = types.tidy(frame, {"columns": dict.fromkeys(found.values, "number")})
    series = gather.find(tidy.frame, found, labelled=False)
    if len(series) > MAX_SERIES:
        raise Invalid(f"This file holds {len(series):,} series.", f"At most {MAX_SERIES:,}.", "Split it into several files.")
    channels = spec.input["channels"]
    told = [dict(zip(channels, _lists(one), strict=True)) for one in series]
    names = [name.capitalize() for name in series.names] if len(series) > 1 else ["Your series"]
    return Read(told, names, [*tidy.notes, *series.notes, *_left_out(series.refusals)])


def _left_out(refusals: Refusals) -> list[str]:
    """Tell of the rows that were left out, with the first of them."""
    if not refusals.count:
        return []
    what, why = refusals.examples[0]
    some = "1 row was" if refusals.count == 1 else f"{refusals.count:,} rows were"
    return [f"{some} left out. The first is {what}: {why}."]


def _lists(values: np.ndarray) -> list[list[float | None]]:
    return [[None if np.isnan(value) else value for value in line] for line in values.T.tolist()]


def _numbers(line: str) -> list[float | None]:
    """Return the numbers of one line; where blanks or semicolons stand between them, a comma is a decimal mark."""
    spaced = re.split(r"[;\t ]+", line.strip(" ;\t"))
    parts = (
        [part.replace(",", ".") for part in spaced]
        if len(spaced) > 1 and "," not in {p[-1:] for p in spaced}
        else line.split(",")
    )
    return [_number(part) for part in parts]


def _number(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None


def _plain(lines: list[list[float | None]], spec: DataSpec) -> Read:
    if len(spec.input["channels"]) != len(lines):
        raise _unlike(spec, f"This is one line of {len(lines[0]):,} numbers.")
    return Read([dict(zip(spec.input["channels"], lines, strict=True))], ["Your series"], [])


def _with_separators(text: str) -> str:
    """Return a text whose cells stand between blanks alone with tabs between them, and a column of numbers with a decimal comma
    with points: it is one unless what stands before the commas counts the lines."""
    lines = text.split()
    if all(map(_WITH_COMMA.match, lines)):
        before = [int(line.split(",")[0]) for line in lines]
        return text if all(after - one == 1 for one, after in pairwise(before)) else text.replace(",", ".")
    if any(mark in text for mark in ",;\t|") or not re.search(r"\S +\S", text):
        return text
    return "\n".join(re.sub(r" +", "\t", line.strip()) for line in text.splitlines())


def _frame(data: bytes) -> tuple[pl.DataFrame, bool]:
    file, changed = io.BytesIO(data), Changed()
    found = dialect.find(file, {}, min_columns=1, keeps_empty=True)
    parts = list(batches(found.form.pieces(pieces(file, found.encoding, changed)), found.shape, changed))
    for refused in (one for part in parts for one in part.refused):
        raise Invalid(f"Line {refused.line} {refused.why}.", "As many cells as in the other lines.", "Correct that line.")
    frame = found.form.frame(pl.concat([part.frame for part in parts]))
    frame.columns = list(found.names)
    return frame, found.has_header


def _layout(frame: pl.DataFrame, has_header: bool, spec: DataSpec) -> tuple[Layout, pl.DataFrame]:
    """Return how a frame holds series, and the frame with the columns that this takes."""
    told, channels, names = spec.input["layout"], spec.input["channels"], frame.columns
    if told["form"] == WIDE and len(set(told["values"]) & set(names)) > len(told["values"]) / 2:
        lost = [pl.lit(None, pl.String).alias(name) for name in told["values"] if name not in names]
        return Layout(WIDE, tuple(told["values"]), ""), frame.with_columns(lost)
    if set(channels) & set(names):
        lost = [pl.lit(None, pl.String).alias(name) for name in channels if name not in names]
        return _long(frame.with_columns(lost), tuple(channels), told["id"], told["time"])
    columns = _columns_of_numbers(frame, has_header, told)
    if len(columns) == len(channels) + 1 and _rises(frame[columns[0]]):
        return _long(frame, tuple(columns[1:]), "", columns[0])
    if len(columns) == len(channels):
        return _long(frame, tuple(columns), "", "")
    if len(channels) == 1 and len(columns) > 1:
        return Layout(WIDE, tuple(columns), ""), frame
    raise _unlike(spec, f"This has {len(columns):,} columns of numbers." if columns else "There are no numbers in this.")


def _columns_of_numbers(frame: pl.DataFrame, has_header: bool, told: dict[str, str]) -> list[str]:
    others = (told["id"], told["time"]) if has_header else ()
    return [
        name for name in frame.columns if name not in others and types.tidy(frame.select(name)).frame[name].dtype.is_numeric()
    ]


def _rises(values: pl.Series) -> bool:
    numbers = types.tidy(values.to_frame()).frame.to_series()
    return len(numbers) > 1 and bool((numbers.diff().drop_nulls() > 0).all()) and not numbers.null_count()


def _long(frame: pl.DataFrame, values: tuple[str, ...], id: str, time: str) -> tuple[Layout, pl.DataFrame]:
    if not id or id not in frame.columns:
        id = next(name for name in (_ONE, f"{_ONE} ", f"{_ONE}  ") if name not in frame.columns)
        frame = frame.with_columns(pl.lit("1").alias(id))
    return Layout(LONG, values, "", id, time if time in frame.columns else ""), frame


def _unlike(spec: DataSpec, happened: str) -> Invalid:
    channels, steps = spec.input["channels"], spec.input_shape[0]
    one = f"One column or one line of numbers in the order of time, about {steps:,} of them"
    several = f"A table with a row for each step, about {steps:,} of them, and the columns {', '.join(channels[:10])}"
    told = one if len(channels) == 1 else several
    return Invalid(happened, f"{told}; or a file in the layout that the model was trained on.", "Check what you pasted.")
