"""Large uploads: `POST /api/upload`, multipart, streamed to disk while it comes in, so that memory stays flat.

One part named `file` is stored as it is. Parts named `folder` become one uncompressed zip under the names they were
sent with; whoever reads that zip checks them as it checks any other.
"""

from __future__ import annotations

import asyncio
import tempfile
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path
from typing import IO

from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser, parse_options_header
from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response

from mhub_core import settings
from mhub_core.accounts import quota_service as quotas
from mhub_core.accounts import service as accounts
from mhub_core.accounts.records import SESSION_COOKIE, User
from mhub_core.errors import Invalid, SignInRequired, TooLarge
from mhub_core.server.folder_zip import FolderZip
from mhub_core.server.origin import require_same_origin
from mhub_core.storage import disk, troubles, uploads
from mhub_core.storage import service as storage

_PIECE = 1 << 20
_MAX_NAME = 500
# Threads of its own: a file store that is slow, or says nothing for a minute, must not take those that serve pages.
_storing = ThreadPoolExecutor(max_workers=16, thread_name_prefix="storing")
_coming: Counter[int] = Counter()  # bytes that each person is sending to this process


async def upload(request: Request) -> Response:
    """Answer `{"upload": receipt, "file_name", "num_bytes"}` once everything is stored. Raises MHubError."""
    require_same_origin(request)
    user = await _require_user(request)
    length = int(request.headers.get("content-length") or 0)
    _require_allowed(length)
    with _counted_as_coming(user, length):
        await run_in_threadpool(quotas.require_room, user, _coming[user.id])
        return await _receive(request, user)


@contextmanager
def _counted_as_coming(user: User, num_bytes: int) -> Iterator[None]:
    """Count an upload until it is stored: else all that a person sends at the same time would find the same room."""
    _coming[user.id] += num_bytes
    try:
        yield
    finally:
        _coming[user.id] -= num_bytes
        if not _coming[user.id]:
            del _coming[user.id]


async def _receive(request: Request, user: User) -> Response:
    folder = storage.incoming()
    with tempfile.NamedTemporaryFile(dir=folder, prefix="upload-", delete=False) as file:
        path = Path(file.name)
    receiver = None
    try:
        receiver = Receiver(request.headers.get("content-type", ""), path)
        async for piece in _pieces(request):
            await run_in_threadpool(receiver.feed, piece)
        file_name = await run_in_threadpool(receiver.close)
        num_bytes = path.stat().st_size
        await _require_user(request)  # who signed out everywhere meanwhile sends nothing any more
        take = partial(storage.take_file, path, user.id, partial(quotas.admit, user))
        key = await asyncio.get_running_loop().run_in_executor(_storing, take)
    except ClientDisconnect:
        return Response(status_code=400)  # nobody reads it: the upload was cancelled
    except OSError as error:
        raise troubles.disk(error) from error
    finally:
        if receiver:
            receiver.release()
        path.unlink(missing_ok=True)
    return JSONResponse(
        {"upload": uploads.seal(user.id, key, file_name, num_bytes), "file_name": file_name, "num_bytes": num_bytes}
    )


async def _require_user(request: Request) -> User:
    token = request.cookies.get(SESSION_COOKIE, "")
    user = await run_in_threadpool(accounts.get_session_user, token) if token else None
    if user is None:
        raise SignInRequired("Uploading files needs an account.", mend="Sign in, then upload the file again.")
    return user


def _require_allowed(num_bytes: int) -> None:
    limit = settings.number("MHUB_MAX_UPLOAD_MB")
    if num_bytes > limit * 1_000_000:
        raise TooLarge(
            f"The upload is larger than {limit:,} MB.", mend="Upload less, or ask the administrator for a higher limit."
        )


async def _pieces(request: Request) -> AsyncIterator[bytes]:
    """Give the body in pieces of about a megabyte, and stop at the limit whatever the request said about its length."""
    total, waiting = 0, bytearray()
    async for piece in request.stream():
        total += len(piece)
        _require_allowed(total)
        waiting += piece
        if len(waiting) >= _PIECE:
            await run_in_threadpool(disk.require_room)
            yield bytes(waiting)
            waiting.clear()
    yield bytes(waiting)


class Receiver:
    """Takes a multipart body piece by piece and writes what it carries to one file."""

    def __init__(self, content_type: str, path: Path) -> None:
        kind, options = parse_options_header(content_type)
        if kind != b"multipart/form-data" or not options.get(b"boundary"):
            raise Invalid("The request is not an upload.", "multipart/form-data with a boundary.")
        callbacks = {
            "on_part_begin": self._begin,
            "on_header_field": self._header_name,
            "on_header_value": self._header_value,
            "on_header_end": self._header_end,
            "on_headers_finished": self._open,
            "on_part_data": self._write,
            "on_part_end": self._close_part,
        }
        try:
            self._parser = MultipartParser(options[b"boundary"], callbacks)  # type: ignore[arg-type]
        except FormParserError as error:
            raise Invalid("The request is not an upload.", "A boundary of at most 256 letters.") from error
        self._path = path
        self._zip: FolderZip | None = None
        self._out: IO[bytes] | FolderZip | None = None
        self._file_name = ""
        self._num_files = 0
        self._begin()

    def feed(self, piece: bytes) -> None:
        """Write one piece of the body."""
        try:
            self._parser.write(piece)
        except FormParserError as error:
            raise Invalid("The upload is damaged.", mend="Upload it again.") from error

    def close(self) -> str:
        """Finish the file and return the name it had. Raises Invalid when nothing, or not all of it, was sent."""
        try:
            self._parser.finalize()
        except FormParserError as error:
            raise Invalid("The upload is not complete.", mend="Upload it again.") from error
        if not self._num_files:
            raise Invalid("The upload contains no file.", mend="Choose a file or a folder.")
        if self._out:
            raise Invalid("The upload is not complete.", mend="Upload it again.")
        if self._zip:
            self._zip.close()
        return self._file_name

    def release(self) -> None:
        """Close what an upload that broke off has left open. On a full disk that fails as writing did, which is told already."""
        with suppress(OSError, ValueError):
            self._close_part()
        with suppress(OSError, ValueError):
            if self._zip:
                self._zip.release()

    def _begin(self) -> None:
        self._headers: dict[bytes, bytes] = {}
        self._name = self._value = b""

    def _header_name(self, data: bytes, start: int, end: int) -> None:
        self._name += data[start:end]

    def _header_value(self, data: bytes, start: int, end: int) -> None:
        self._value += data[start:end]

    def _header_end(self) -> None:
        self._headers[self._name.lower()] = self._value
        self._name = self._value = b""

    def _open(self) -> None:
        _, options = parse_options_header(self._headers.get(b"content-disposition", b""))
        name = options.get(b"filename", b"").decode("utf-8", "replace")[:_MAX_NAME] or "file"
        self._num_files += 1
        if options.get(b"name") == b"folder" and (self._zip or self._num_files == 1):
            self._out = self._open_member(name)
        elif self._num_files == 1:
            self._file_name = name.replace("\\", "/").rsplit("/", 1)[-1]
            self._out = self._path.open("wb")
        else:
            raise Invalid(
                "The upload contains several files.", "Upload one file, or one folder of images.", "Put them into a zip file."
            )

    def _open_member(self, name: str) -> FolderZip:
        if self._zip is None:
            self._zip = FolderZip(self._path)
            self._file_name = f"{name.split('/')[0]} (folder)"
        most = 2 * settings.number("MHUB_MAX_IMAGES")
        if self._num_files > most:
            raise TooLarge(f"The folder contains more than {most:,} files.", mend="Upload only a part of it.")
        self._zip.begin(name)
        return self._zip

    def _write(self, data: bytes, start: int, end: int) -> None:
        if self._out:
            self._out.write(data[start:end])

    def _close_part(self) -> None:
        if isinstance(self._out, FolderZip):
            self._out.end()
        elif self._out:
            self._out.close()
        self._out = None
