"""Blobs in a bucket of Amazon S3, or of any server that speaks its protocol.

A blob is uploaded as a whole or not at all, by the protocol; which server it is makes no difference: nothing here needs more than
PUT (in parts when large), GET, HEAD, LIST and DELETE.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta
from functools import lru_cache
from pathlib import Path
from urllib.parse import parse_qsl, unquote, urlparse

import obstore
from obstore.exceptions import BaseError
from obstore.store import S3Store

from mhub_core import look, settings
from mhub_core.errors import MHubError, NotFound, Unavailable
from mhub_core.storage import cache, troubles
from mhub_core.storage.backend import is_key, name_of

READ_SECONDS = 10  # of silence; a call is made three times
DELETE_SECONDS = 2  # for the row of the blob is held meanwhile, which on SQLite is all of the database
WRITE_SECONDS = 60  # the answer comes only when a part is stored, also over a slow line
_PIECE = 8 << 20
_MAX_PARTS = 9_000  # S3 takes 10,000
_AT_ONCE = 4
_EXAMPLE = "STORAGE_URL=s3://bucket/prefix?endpoint=https://host:9000&region=us-east-1"
_ADDRESS = "Every machine of the hub must reach it; `mhub status` shows its address."
_TRY_LATER = "Nothing is lost. Try again, and tell the administrator if it happens again."
_FULL = {"XMinioStorageFull", "InsufficientCapacity", "InsufficientStorage", "QuotaExceeded", "XAmzQuotaExceeded"}
_first_user = 0


class Bucket:
    """The file store at `s3://bucket/prefix?endpoint=&region=`. Without an endpoint it is Amazon's."""

    def __init__(self, url: str) -> None:
        parts = urlparse(url)
        asked = dict(parse_qsl(parts.query, keep_blank_values=True))
        if not parts.netloc or asked.keys() - {"endpoint", "region"}:
            raise Unavailable("STORAGE_URL does not name an S3 bucket that this hub understands.", _EXAMPLE)
        endpoint = urlparse(asked.get("endpoint", ""))
        if "@" in parts.netloc or "@" in endpoint.netloc:
            raise Unavailable("STORAGE_URL holds a secret.", "AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY hold it.", _EXAMPLE)
        if "endpoint" in asked and (endpoint.scheme not in ("http", "https") or not endpoint.netloc):
            raise Unavailable("The endpoint in STORAGE_URL is not a server address.", "http:// or https://.", _EXAMPLE)
        self._bucket, self._prefix = parts.netloc, unquote(parts.path).strip("/")
        self._endpoint, self._region = asked.get("endpoint", "").rstrip("/"), asked.get("region") or "us-east-1"

    def where(self) -> str:
        """Return the bucket and its server."""
        return f"s3://{self._bucket}/{self._prefix} at {self._endpoint or 'Amazon, ' + self._region}"

    def check(self) -> None:
        """Raise Unavailable when the bucket cannot be listed. One small answer: nothing lies below the name that is asked for."""
        with self._in_words():
            next(iter(obstore.list(self._client(READ_SECONDS), "none")), None)

    def incoming(self) -> Path:
        """Return a folder beside the cache."""
        folder = cache.work_folder() / "incoming"
        with troubles.disk_in_words():
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        return folder

    def put(self, path: Path, key: str) -> None:
        """Upload a file unless it is there already, and see that all of it arrived."""
        size = path.stat().st_size
        if self.num_bytes(key) == size:
            return
        piece = max(_PIECE, size // _MAX_PARTS)
        with self._in_words():
            obstore.put(self._client(WRITE_SECONDS), name_of(key), path, chunk_size=piece, max_concurrency=_AT_ONCE)
        if self.num_bytes(key) != size:
            raise Unavailable("The file store did not keep the file that it took.", "", _TRY_LATER)

    def local_path(self, key: str) -> None:
        """Return None: the bucket is elsewhere."""

    def open(self, key: str) -> tuple[int, Iterator[bytes]]:
        """Return the size and the pieces of a blob. A connection that breaks midway is taken up again. Raises NotFound."""
        with self._in_words(key):
            found = obstore.get(self._client(READ_SECONDS), name_of(key))
            return found.meta["size"], self._pieces(found, key)

    def _pieces(self, found: obstore.GetResult, key: str) -> Iterator[bytes]:
        with self._in_words(key):
            for piece in found.stream(_PIECE):
                yield bytes(piece)

    def num_bytes(self, key: str) -> int | None:
        """Return the size of a blob, or None."""
        with self._in_words():
            try:
                return obstore.head(self._client(READ_SECONDS), name_of(key))["size"]
            except FileNotFoundError:
                return None

    def list_keys(self) -> Iterator[str]:
        """Give every key, a thousand with each call."""
        with self._in_words():
            for objects in obstore.list(self._client(READ_SECONDS)):
                names = (found["path"].rpartition("/")[2] for found in objects)
                yield from (name for name in names if is_key(name))

    def delete(self, key: str) -> None:
        """Remove a blob."""
        with suppress(NotFound), self._in_words(key):
            obstore.delete(self._client(DELETE_SECONDS), name_of(key))

    def _client(self, seconds: int) -> S3Store:
        name, secret = settings.text("AWS_ACCESS_KEY_ID"), settings.text("AWS_SECRET_ACCESS_KEY")
        if not name or not secret:
            expected = "AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY in the environment or in .env."
            raise Unavailable(
                "Files are stored on S3, but the hub has no credentials for it.", expected, "Tell the administrator."
            )
        _refuse_a_fork()
        look.forget()  # no transaction of a page lasts while it waits for an answer
        return _client(self._bucket, self._prefix, self._endpoint, self._region, name, secret, seconds)

    @contextmanager
    def _in_words(self, key: str = "") -> Iterator[None]:
        """Raise what the client raises in words: NotFound for the key, or Unavailable."""
        try:
            yield
        except (BaseError, ValueError, OSError) as error:
            raise self._words(error, key) from error

    def _words(self, error: Exception, key: str) -> MHubError:
        status, code, said = _told(error)
        is_absent = isinstance(error, FileNotFoundError)
        if is_absent and key and code != "NoSuchBucket":
            return troubles.missing(key)
        if is_absent or code == "NoSuchBucket":
            expected = "The bucket must already exist; the hub does not create it."
            return Unavailable(f"The file store has no bucket {self._bucket}.", expected, "Create it, or correct STORAGE_URL.")
        if status == 507 or code in _FULL:
            return Unavailable("The file store is full.", "", "Ask the administrator for more space; none of your data is lost.")
        if status in (401, 403):
            expected = "AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY must belong to an account that can read and write there."
            return Unavailable(
                f"The file store refuses this hub's credentials ({code or status}).", expected, "Tell the administrator."
            )
        if "InvalidCertificate" in str(error):
            expected = "It needs a certificate that this machine trusts, or http:// for a server without one."
            return Unavailable("The certificate of the file store is not trusted.", expected, "Tell the administrator.")
        if "error sending request" in said:
            return Unavailable("The file store does not answer.", _ADDRESS, _TRY_LATER)
        return Unavailable(f"The file store failed: {said}", _ADDRESS, _TRY_LATER)


def _told(error: Exception) -> tuple[int, str, str]:
    """Return the HTTP status, the code of S3 and the gist of an error: its text goes on for pages."""
    text = str(error).partition("\n\nDebug source")[0]
    status, code = re.search(r"status code: (\d+)", text), re.search(r"<Code>(\w+)</Code>", text)
    gist = re.sub(r"\s+", " ", text.rpartition(" - ")[2]).strip()[:200]
    return int(status[1]) if status else 0, code[1] if code else "", gist


@lru_cache(maxsize=16)
def _client(bucket: str, prefix: str, endpoint: str, region: str, name: str, secret: str, seconds: int) -> S3Store:
    return S3Store(
        bucket,
        prefix=prefix or None,
        region=region,
        access_key_id=name,
        secret_access_key=secret,
        virtual_hosted_style_request=not endpoint,
        config={"endpoint": endpoint} if endpoint else {},
        client_options={
            "allow_http": endpoint.startswith("http://"),
            "connect_timeout": "5s",
            "read_timeout": f"{seconds}s",
            "timeout": "1day",  # of a whole answer, which may be large: silence is what counts
        },
        retry_config={
            "max_retries": 2,
            "retry_timeout": timedelta(seconds=4 * seconds),
            "backoff": {"init_backoff": timedelta(milliseconds=300), "max_backoff": timedelta(seconds=3), "base": 3},
        },
    )


def _refuse_a_fork() -> None:
    """A process forked from one that has used the client would wait for ever, for threads that a fork does not copy."""
    global _first_user
    _first_user = _first_user or os.getpid()
    if _first_user != os.getpid():
        raise Unavailable(
            "A forked process cannot use the file store.", "A process that is started afresh, by spawn or forkserver."
        )
