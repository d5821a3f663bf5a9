"""A file that is too long to lie in memory becomes a Parquet file of tidy columns, piece by piece.

Its types are guessed of its first rows. Columns whose type is certain from there are typed as they come (`simple`); the others,
and those that turn out to be otherwise, are read as a whole once more. So it becomes just what `types.tidy` makes of all rows.
"""

from __future__ import annotations

import queue
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

import polars as pl

from mhub_core.data.records import Progress
from mhub_core.kinds.tables import simple, types
from mhub_core.kinds.tables.formats.format import Long
from mhub_core.kinds.tables.held import Writer
from mhub_core.kinds.tables.sentences import Told
from mhub_core.kinds.tables.simple import Reader
from mhub_core.kinds.tables.types import Found

_AHEAD = 2  # pieces that are read while others are typed and written
Piece = TypeVar("Piece")


@dataclass
class Typed:
    """What was found out of the columns, what is to be said of them, and how many rows lack the target."""

    found: dict[str, Found] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    refused: int = 0


def write(long: Long, reading: dict[str, Any], target: str, path: Path, progress: Progress) -> Typed:
    """Write all rows that have a target into a Parquet file. `reading` as `types.tidy` takes it."""
    return _Typing(long, reading, target, path, progress).done()


class _Typing:
    def __init__(self, long: Long, reading: dict[str, Any], target: str, path: Path, progress: Progress) -> None:
        self._long, self._reading, self._target, self._path, self._progress = long, reading, target, path, progress
        self._names = long.first.columns
        first = types.tidy(long.first, reading)
        self._chosen = {name: one.chosen for name, one in first.found.items()}
        self._readers: dict[str, Reader | None] = {
            name: simple.reader_of(long.first[name], first.frame[name], first.found[name], self._chosen[name])
            for name in self._names
        }

    def done(self) -> Typed:
        while True:
            whole = self._read_whole()
            refused = self._write(whole)
            failed = [name for name, reader in self._readers.items() if reader and reader.failed]
            if not failed:
                return self._typed(whole, refused)
            for name in self._names:
                self._readers[name] = self._again(name)

    def _again(self, name: str) -> Reader | None:
        """Return what reads a column from the beginning."""
        reader = self._readers[name]
        if reader is None:
            return None
        return simple.again(reader, self._chosen[name]) if reader.failed else reader.afresh()

    def _read_whole(self) -> types.Tidy | None:
        """Return the columns that have no reader, of all rows."""
        names = [name for name, reader in self._readers.items() if reader is None]
        if not names:
            return None
        frame = pl.concat([piece.select(names) for piece in _ahead(self._long.pieces(self._progress))])
        chosen = {name: kind for name, kind in (self._reading.get("columns") or {}).items() if name in names}
        points = sum(reader.points for reader in self._readers.values() if reader)
        return types.tidy(frame, {**self._reading, "columns": chosen}, points)

    def _write(self, whole: types.Tidy | None) -> int:
        """Write the rows with a target, unless a reader fails, and return how many have none."""
        writer, row, refused, is_good = Writer(self._path), 0, 0, True
        for piece in _ahead(self._long.pieces(self._progress)):
            columns = [
                reader.take(piece[name]).alias(name) if reader else whole.frame[name].slice(row, piece.height)  # type: ignore[union-attr]
                for name, reader in self._readers.items()
            ]
            row += piece.height
            is_good = is_good and not any(reader.failed for reader in self._readers.values() if reader)
            if is_good:
                kept = pl.DataFrame(columns).filter(pl.col(self._target).is_not_null())
                refused += piece.height - kept.height
                writer.write(kept)
        for reader in self._readers.values():
            if reader:
                reader.end()
        writer.close()
        return refused

    def _typed(self, whole: types.Tidy | None, refused: int) -> Typed:
        told, convention = Told(), whole.convention if whole else types.convention_of(self._reading)
        found: dict[str, Found] = {}
        for name, reader in self._readers.items():
            found[name] = reader.found(convention) if reader else whole.found[name]  # type: ignore[union-attr]
            if reader:
                reader.tell(name, told)
        if whole:
            told.merge(whole.told, self._names)
        return Typed(found, told.sentences(), refused)


def _ahead(pieces: Iterator[Piece]) -> Iterator[Piece]:
    """Give pieces that a thread of their own reads a little ahead. What it raises is raised here."""
    waiting: queue.Queue[Piece | BaseException | None] = queue.Queue(_AHEAD)
    is_over = threading.Event()

    def put(what: Piece | BaseException | None) -> None:
        while not is_over.is_set():
            try:
                return waiting.put(what, timeout=0.1)
            except queue.Full:
                continue

    def read() -> None:
        try:
            for piece in pieces:
                put(piece)
                if is_over.is_set():
                    return
            put(None)
        except BaseException as error:
            put(error)

    threading.Thread(target=read, daemon=True).start()
    try:
        while (piece := waiting.get()) is not None:
            if isinstance(piece, BaseException):
                raise piece
            yield piece
    finally:
        is_over.set()
