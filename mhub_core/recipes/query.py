"""SQL that a person writes over their own table, carried out by DuckDB in a process of its own.

A query sees two tables, `data` and `train`, and nothing else: one SELECT, no files, network, other databases, extensions or
settings. Time, memory and the size of the result are limited from outside, because DuckDB does not hold its own limits
everywhere. A result is measured before the caller reads it: a file of Parquet may be a thousandth of what it becomes.
"""

from __future__ import annotations

import tempfile
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import polars as pl

from mhub_core import sandbox, settings
from mhub_core.errors import Invalid, MHubError, TooLarge

_SECONDS, _ROWS_A_SECOND, _MOST_SECONDS = 10.0, 100_000, 120.0
_MEMORY, _ADDRESSES = 1_000_000_000, 3_500_000_000  # the libraries alone set 1.5 GB of addresses aside
_FILE_BYTES = 2 << 30
MOST_BYTES = 500_000_000  # of a result in memory, or so many times what the query was given
_TIMES = 2
_ANSWER = "One SELECT over the tables data and train."
_places = sandbox.Places(2, 20.0, "The hub is busy with other people's queries.")


def run(sql: str, train: pl.DataFrame, parts: Sequence[pl.DataFrame], most_bytes: int = MOST_BYTES) -> list[pl.DataFrame]:
    """Return what a query gives with each of some tables as `data`, and the training rows as `train`. The first table may be
    read by whoever asks; the others are test rows, of which no error says anything.

    Raises Invalid for a query that is not one SELECT or that fails, and TooLarge for one that takes too much or gives more than
    `most_bytes`.
    """
    seconds = min(_MOST_SECONDS, _SECONDS + sum(part.height for part in parts) / _ROWS_A_SECOND)
    limits = sandbox.Limits(_MEMORY, _ADDRESSES, int(seconds) + 1, None, seconds, _FILE_BYTES)
    with _places.taken(), tempfile.TemporaryDirectory(prefix="query-") as made:
        folder = Path(made)
        train.write_parquet(folder / "train.parquet")
        for place, part in enumerate(parts):
            part.write_parquet(folder / f"data{place}.parquet")
        most = max(most_bytes, _TIMES * int(sum(part.estimated_size() for part in parts)))
        try:
            sandbox.run("query_table", {"sql": sql, "parts": len(parts), "most_bytes": most}, limits, folder=folder)
        except sandbox.Broken as error:
            raise _told(error, seconds) from error
        return [_tidy(pl.read_parquet(folder / f"result{place}.parquet")) for place in range(len(parts))]


def _told(error: sandbox.Broken, seconds: float) -> MHubError:
    if isinstance(error, sandbox.TooLong):
        return TooLarge(f"The query took longer than {seconds:.0f} seconds.", mend="Simplify it, or let it look at fewer rows.")
    return too_much_memory()


def too_much_memory(what: str = "query", most_bytes: int = _MEMORY) -> TooLarge:
    """Return the error for a query, or a result, that takes more memory than it may."""
    told = f"The {what} takes more memory than the hub allows."
    return TooLarge(told, f"At most {most_bytes // 1_000_000:,} MB.", "Let it keep fewer rows or columns.")


def _tidy(frame: pl.DataFrame) -> pl.DataFrame:
    """Return a result with the types that tables have. Raises Invalid for a column of others."""
    return frame.select(_plain(frame[name]) for name in frame.columns)


def _plain(values: pl.Series) -> pl.Series:
    dtype = values.dtype
    if dtype == pl.Boolean:
        return values.cast(pl.String)
    if dtype == pl.String:
        return values.set((values == "").fill_null(False), None)
    if dtype.is_integer() and dtype not in (pl.UInt64, pl.Int128):
        return values.cast(pl.Int64)
    if dtype.is_numeric():
        floats = values.cast(pl.Float64).fill_nan(None)
        return floats.set((floats.abs() > 1e30).fill_null(False), None)
    if dtype in (pl.Date, pl.Datetime):
        return values.cast(pl.Datetime("us"))
    if dtype == pl.Null:
        return values.cast(pl.String)
    raise Invalid(
        f"The column {values.name!r} of the result holds {str(dtype).lower()[:60]}.",
        "Numbers, text and dates.",
        "Turn it into text with CAST(… AS VARCHAR), or leave it out.",
    )


# In the process itself


def answer(asked: dict[str, Any], folder: Path, progress: sandbox.Progress) -> dict[str, Any]:
    """Carry a query out on the tables in a folder, as the sandbox runs it."""
    import duckdb  # here, so that the web process does not load it

    left = asked["most_bytes"]
    for place in range(asked["parts"]):
        try:
            left = _query(asked["sql"], folder, place, left)
        except (duckdb.Error, OSError) as error:  # OSError: what DuckDB says while a result is read, by way of Arrow
            raise _in_words(error, is_test=place > 0) from None
        if left < 0:
            raise too_much_memory("result of the query", asked["most_bytes"])
    return {}


def _in_words(error: Exception, is_test: bool) -> MHubError:
    """Return why a query failed. DuckDB quotes values, and a query can have it say any: of test rows it is not passed on."""
    import duckdb

    said = (str(error).splitlines() or [""])[0][:300]
    if isinstance(error, duckdb.OutOfMemoryException) or said.startswith("Out of Memory"):
        return too_much_memory()
    if is_test:
        told = "The query works on the training rows and fails on the test rows, whose values stay hidden."
        return Invalid(told, "A query that works on any rows.", "Have it take other values too, as with TRY_CAST and NULLIF.")
    if isinstance(error, duckdb.PermissionException):
        told = "A query cannot open files, addresses, other databases or extensions, and changes no settings."
        return Invalid(told, _ANSWER, "Take that out of the query.")
    return Invalid(f"The query cannot be carried out: {said}", _ANSWER, "Correct the query.")


def _query(sql: str, folder: Path, place: int, left: int) -> int:
    """Write the result of one table, and return how many bytes of memory are left for others: less than 0 ends it early."""
    import duckdb
    import pyarrow.dataset
    from pyarrow import parquet

    config: dict[str, str | bool | int | float | list[str]] = {
        "enable_external_access": "false",
        "python_enable_replacements": "false",
        "autoinstall_known_extensions": "false",
        "autoload_known_extensions": "false",
        "allow_community_extensions": "false",
        "temp_directory": "",
        "memory_limit": f"{_MEMORY // 2_000_000}MB",
        "threads": "1",  # so that the rows of a result always come in the same order
    }
    with duckdb.connect(":memory:", config=config) as connection:
        _require_select(connection.extract_statements(sql))
        for name, file in (("train", "train.parquet"), ("data", f"data{place}.parquet")):
            connection.register(name, pyarrow.dataset.dataset(folder / file))
        connection.execute("SELECT setseed(0.42)")  # so that random() gives the same again
        connection.execute("SET lock_configuration = true")
        reader: Any = connection.sql(sql).to_arrow_reader(50_000)
        _require_columns(reader.schema.names)
        most, rows = settings.number("MHUB_MAX_ROWS"), 0
        with parquet.ParquetWriter(folder / f"result{place}.parquet", reader.schema) as writer:
            for batch in reader:
                rows += batch.num_rows
                if rows > most:
                    raise TooLarge(f"The result has more than {most:,} rows.", mend="Add a LIMIT or a condition.")
                left -= _num_bytes(batch)
                if left < 0:
                    break
                writer.write_batch(batch)
    return left


def _num_bytes(batch: Any) -> int:
    """Return how much memory a batch takes as a table: a truth value and a missing one become text."""
    from pyarrow.types import is_floating, is_integer, is_temporal

    cell = [8 if is_integer(one) or is_floating(one) or is_temporal(one) else 16 for one in batch.schema.types]
    return sum(max(column.nbytes, size * batch.num_rows) for column, size in zip(batch.columns, cell, strict=True))


def _require_select(statements: list[Any]) -> None:
    if len(statements) != 1:
        told = "The query is empty." if not statements else f"These are {len(statements)} statements."
        raise Invalid(told, _ANSWER, "Write one.")
    kind = str(statements[0].type).rpartition(".")[2]
    if kind != "SELECT":
        raise Invalid(f"This is a statement of the kind {kind.replace('_', ' ')}, which is not allowed.", _ANSWER, "Write one.")


def _require_columns(names: list[str]) -> None:
    most = settings.number("MHUB_MAX_COLUMNS")
    if len(names) > most:
        raise TooLarge(f"The result has {len(names):,} columns.", f"At most {most:,}.", "Name those that you need.")
    if twice := next((name for name, num in Counter(names).items() if num > 1), None):
        told = f"The result has {names.count(twice)} columns with the name {twice[:80]!r}."
        raise Invalid(told, "Each name once.", "Give them different names with AS, or name the columns that you need.")
