"""Files as one zip that is written while it is sent, so that no more than a piece is in memory; and how many at once."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable, Hashable, Iterator
from pathlib import Path
from threading import Lock
from typing import IO, Any, cast

from mhub_core.errors import Busy, MHubError

MAX_AT_ONCE = 10  # each keeps a file open for as long as its browser takes to read
_PIECE = 1 << 20
Content = bytes | Path | Iterator[bytes]
File = tuple[str, Content]


class Places:
    """So many downloads at once in this process, and one of each person."""

    def __init__(self, busy: str) -> None:
        self._busy, self._under_way, self._lock = busy, set[Hashable](), Lock()

    def hold(self, who: Hashable, begin: Callable[[], Iterator[bytes]]) -> Iterator[bytes]:
        """Return what `begin` gives. The place is free again when it is read, or when nobody reads on. Raises Busy."""
        with self._lock:
            if who in self._under_way or len(self._under_way) >= MAX_AT_ONCE:
                raise Busy(self._busy, mend="Try again when that download has finished.")
            self._under_way.add(who)
        try:
            return _Held(begin(), lambda: self._let_go(who))
        except BaseException:
            self._let_go(who)
            raise

    def _let_go(self, who: Hashable) -> None:
        with self._lock:
            self._under_way.discard(who)


class _Held:
    """Pieces, and what is done once when there are no more of them."""

    def __init__(self, pieces: Iterator[bytes], let_go: Callable[[], None]) -> None:
        self._pieces, self._let_go = pieces, let_go

    def __iter__(self) -> Iterator[bytes]:
        return self

    def __next__(self) -> bytes:
        try:
            return next(self._pieces)
        except BaseException:  # its end among them; all of it is raised on
            self._end()
            raise

    def __del__(self) -> None:
        self._end()

    def _end(self) -> None:
        let_go, self._let_go = self._let_go, lambda: None  # the place may be somebody else's by then
        let_go()


class _Sink(io.RawIOBase):
    """What a zip is written to: it holds what has not been taken yet, and cannot go back."""

    def __init__(self) -> None:
        self._held = bytearray()

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:
        taken = bytes(data)
        self._held += taken
        return len(taken)

    def take(self) -> bytes:
        """Return what was written since the last time."""
        taken, self._held = bytes(self._held), bytearray()
        return taken


def pieces(files: Iterator[File]) -> Iterator[bytes]:
    """Give a zip of files piece by piece; no more than a piece is in memory. What fails on the way ends it in words."""
    sink = _Sink()
    with zipfile.ZipFile(cast("IO[bytes]", sink), "w", allowZip64=True) as zipped:
        try:
            for name, content in files:
                packed = zipfile.ZIP_STORED if isinstance(content, Path) else zipfile.ZIP_DEFLATED  # blobs hardly shrink
                entry = zipfile.ZipInfo(name)
                entry.compress_type = packed
                with zipped.open(entry, "w", force_zip64=not isinstance(content, bytes)) as out:
                    for piece in _read(content):
                        out.write(piece)
                        yield sink.take()
        except MHubError as error:
            zipped.writestr("not-complete.txt", f"This archive is not complete: {error}\n")
    yield sink.take()


def _read(content: Content) -> Iterator[bytes]:
    if not isinstance(content, Path):
        yield from [content] if isinstance(content, bytes) else content
        return
    with content.open("rb") as file:
        while piece := file.read(_PIECE):
            yield piece
