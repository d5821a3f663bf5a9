"""A query to a file of SQLite in the folder that the administrator opened for that. Nothing but SELECT is let through."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote

from sqlalchemy import URL

from mhub_core.errors import Forbidden, Invalid, MHubError
from mhub_core.sources import fetching, rows
from mhub_core.sources.rows import Columns
from mhub_core.sources.source import Limits

_ALLOWED = {sqlite3.SQLITE_SELECT, sqlite3.SQLITE_READ, sqlite3.SQLITE_FUNCTION, sqlite3.SQLITE_RECURSIVE}
_LOOKS_EVERY = 10_000  # steps of its machine


def problem(url: URL) -> str:
    """Return what is wrong with an address, or nothing."""
    if not url.database or url.query or url.host:
        return "must name a file: sqlite:///file.sqlite"
    return ""


def file_of(url: URL, limits: Limits) -> Path:
    """Return the file, which lies below the open folder, whatever links lead there. Raises Forbidden."""
    folder = Path(limits.folder).resolve() if limits.folder else None
    path = (folder / str(url.database)).resolve() if folder else None
    if folder is None or path is None or not path.is_relative_to(folder):
        raise Forbidden(
            "Files of SQLite on the hub's machine cannot be read from there.",
            "A file in the folder that the administrator opened (MHUB_SOURCE_FOLDER).",
            "Upload the table as a file.",
        )
    if not path.is_file():
        raise Invalid(f"There is no file {path.name[:200]!r}.", mend="Check its name.")
    return path


@contextmanager
def answer(url: URL, password: str, query: str, limits: Limits) -> Iterator[tuple[Columns, Iterator[Sequence[Sequence[Any]]]]]:
    """Give the columns and the rows of a query."""
    end = time.monotonic() + limits.seconds
    try:
        connection = sqlite3.connect(f"file:{quote(str(file_of(url, limits)))}?mode=ro", uri=True)
        try:
            connection.set_authorizer(lambda action, *_: sqlite3.SQLITE_OK if action in _ALLOWED else sqlite3.SQLITE_DENY)
            connection.set_progress_handler(lambda: time.monotonic() > end, _LOOKS_EVERY)
            cursor = connection.execute(query)
            names = tuple(str(one[0]) for one in cursor.description or ())
            yield Columns(names, (None,) * len(names)), _batches(cursor)
        finally:
            connection.close()
    except (sqlite3.Error, sqlite3.Warning) as error:
        raise _told(error, time.monotonic() > end, limits) from None


def _batches(cursor: sqlite3.Cursor) -> Iterator[Sequence[Sequence[Any]]]:
    while batch := cursor.fetchmany(rows.BATCH):
        yield batch


def _told(error: Exception, is_late: bool, limits: Limits) -> MHubError:
    if is_late:
        return fetching.too_long(limits)
    said = " ".join(str(error).split())[:300]
    return Invalid(f"The database refuses the query: {said}.", "One SELECT that only reads.", "Correct the query.")
