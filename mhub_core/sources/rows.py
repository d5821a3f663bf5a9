"""Rows of a query become a Parquet file, some at a time, so that memory stays flat. Types are those of the database."""

from __future__ import annotations

import datetime
import decimal
import json
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from mhub_core.data.records import Progress
from mhub_core.errors import Invalid, TooLarge
from mhub_core.sources.source import Limits

BATCH = 2_000
NUMBER, WHOLE, YES_NO, DAY, MOMENT, TEXT = pa.float64(), pa.int64(), pa.bool_(), pa.date32(), pa.timestamp("us"), pa.string()


@dataclass(frozen=True)
class Columns:
    """The names of the columns of an answer, and the type of each; None where only its values tell."""

    names: tuple[str, ...]
    types: tuple[pa.DataType | None, ...]


def write(columns: Columns, batches: Iterator[Sequence[Sequence[Any]]], path: Path, limits: Limits, progress: Progress) -> int:
    """Write all rows and return how many there are. Raises Invalid for none, TooLarge past a limit."""
    if len(columns.names) > limits.max_columns:
        raise TooLarge(f"The query gives {len(columns.names):,} columns.", f"At most {limits.max_columns:,}.", "Name fewer.")
    first = next(batches, [])
    if not first:
        raise Invalid("The query gives no row.", "At least one.", "Check the query.")
    types = [known or _type_of([row[place] for row in first]) for place, known in enumerate(columns.types)]
    schema = pa.schema(list(zip(_unique(columns.names), types, strict=True)))
    with pq.ParquetWriter(path, schema) as writer:
        done = _put(writer, schema, first)
        progress(done, 0, f"Reading rows: {done:,}")
        for batch in batches:
            done += _put(writer, schema, batch, done)
            progress(done, 0, f"Reading rows: {done:,}")
            if done > limits.max_rows:
                raise TooLarge(f"The query gives more than {limits.max_rows:,} rows.", mend="Add a LIMIT to the query.")
            if path.stat().st_size > limits.max_bytes:
                told = f"The rows take more than {limits.max_bytes // 1_000_000:,} MB."
                raise TooLarge(told, mend="Ask for fewer rows or columns.")
    return done


def _unique(names: Sequence[str]) -> list[str]:
    """Return names of which no two are the same: a join often gives `id` twice."""
    made: list[str] = []
    for name in names:
        number, free = 2, name
        while free in made:
            number, free = number + 1, f"{name}_{number}"
        made.append(free)
    return made


def _put(writer: pq.ParquetWriter, schema: pa.Schema, rows: Sequence[Sequence[Any]], before: int = 0) -> int:
    arrays = []
    for place, field in enumerate(schema):
        try:
            arrays.append(pa.array([_plain(row[place], field) for row in rows], field.type))
        except (pa.ArrowException, TypeError, ValueError, OverflowError):
            raise Invalid(
                f"The column {field.name[:80]!r} holds values of several types, or too large ones, about row {before + 1:,}.",
                "Values of one type in each column.",
                f"Write CAST({field.name[:80]} AS REAL) in the query for numbers, or CAST({field.name[:80]} AS TEXT).",
            ) from None
    writer.write_table(pa.Table.from_arrays(arrays, schema=schema))
    return len(rows)


def _type_of(values: Sequence[Any]) -> pa.DataType:
    kinds = {type(value) for value in values if value is not None}
    if kinds == {bool}:
        return YES_NO
    if kinds and kinds <= {int, bool}:
        return WHOLE
    if kinds and kinds <= {int, bool, float, decimal.Decimal}:
        return NUMBER
    if kinds == {datetime.date}:
        return DAY
    return MOMENT if kinds == {datetime.datetime} else TEXT


def _plain(value: Any, field: pa.Field) -> Any:
    if value is None:
        return None
    if isinstance(value, (bytes, memoryview)):
        told = f"The column {field.name[:80]!r} holds bytes, which are no text and no number."
        raise Invalid(told, mend="Leave it out of the query.")
    if field.type == TEXT:
        return value if isinstance(value, str) else _text(value)
    if field.type == NUMBER and not isinstance(value, str):
        return float(value)
    if field.type == WHOLE and value != int(value):  # Arrow would cut the decimals off
        raise ValueError("no whole number")
    if field.type == MOMENT and isinstance(value, datetime.datetime) and value.tzinfo:
        return value.astimezone(datetime.UTC).replace(tzinfo=None)
    return value


def _text(value: Any) -> str:
    with suppress(TypeError, ValueError):
        if isinstance(value, (dict, list)):
            return json.dumps(value, ensure_ascii=False)
    return str(value)
