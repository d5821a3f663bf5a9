"""`GET /api/account/archive`: everything that is a person's, as one zip that is written while it is sent."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator
from pathlib import Path
from threading import Lock
from typing import IO, Any, cast

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import StreamingResponse

from mhub_core.accounts import service
from mhub_core.accounts.records import SESSION_COOKIE, User
from mhub_core.errors import Busy, MHubError
from mhub_core.people import export_service
from mhub_core.people.export_service import File
from mhub_core.sharing import policy

MAX_AT_ONCE = 10  # each keeps a file open for as long as its browser takes to read
_PIECE = 1 << 20
_HEADERS = {"Content-Disposition": 'attachment; filename="m-hub-account.zip"', "Cache-Control": "no-store"}
_under_way: set[int] = set()
_lock = Lock()


async def archive(request: Request) -> StreamingResponse:
    """Answer with the archive of the holder of the session. Raises SignInRequired, and Busy while one is sent already."""
    person = policy.require_signed_in(await run_in_threadpool(_holder, request.cookies.get(SESSION_COOKIE, "")))
    with _lock:
        if person.id in _under_way or len(_under_way) >= MAX_AT_ONCE:
            raise Busy("An archive is being downloaded already.", mend="Try again when that download has finished.")
        _under_way.add(person.id)
    return StreamingResponse(_Pieces(person), headers=_HEADERS, media_type="application/zip")


def _holder(token: str) -> User | None:
    return service.get_session_user(token) if token else None


class _Pieces:
    """The bytes of an archive. The place is free again when they are read, or when nobody reads on."""

    def __init__(self, person: User) -> None:
        self._person, self._pieces = person, pieces(export_service.files(person))

    def __iter__(self) -> Iterator[bytes]:
        return self

    def __next__(self) -> bytes:
        try:
            return next(self._pieces)
        except BaseException:  # its end among them; all of it is raised on
            self._let_go()
            raise

    def __del__(self) -> None:
        self._let_go()

    def _let_go(self) -> None:
        with _lock:
            _under_way.discard(self._person.id)


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
                packed = zipfile.ZIP_DEFLATED if isinstance(content, bytes) else zipfile.ZIP_STORED  # blobs hardly shrink
                entry = zipfile.ZipInfo(name)
                entry.compress_type = packed
                with zipped.open(entry, "w", force_zip64=isinstance(content, Path)) as out:
                    for piece in _read(content):
                        out.write(piece)
                        yield sink.take()
        except MHubError as error:
            zipped.writestr("not-complete.txt", f"This archive is not complete: {error}\n")
    yield sink.take()


def _read(content: bytes | Path) -> Iterator[bytes]:
    if isinstance(content, bytes):
        yield content
        return
    with content.open("rb") as file:
        while piece := file.read(_PIECE):
            yield piece
