"""The bytes of a text file as UTF-8 with plain line ends, piece by piece. What had to be left out or replaced is counted."""

from __future__ import annotations

import codecs
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

_PIECE = 4 << 20
_UNKNOWN = "\ufffd".encode()


@dataclass
class Changed:
    """What is not in the table as it is in the file."""

    zeros: int = 0
    unknown: int = 0  # bytes that are no letter in the encoding
    lone_quotes: int = 0

    def sentences(self) -> list[str]:
        """Return what has to be said about it."""
        told = []
        if self.zeros:
            told.append(f"{_counted(self.zeros, 'NUL byte')} in the file, which no text has, {_were(self.zeros)} left out.")
        if self.unknown:
            told.append(
                f"{_counted(self.unknown, 'letter')} could not be decoded and {_were(self.unknown)} replaced by �. "
                "Choose another encoding if that is wrong."
            )
        if self.lone_quotes:
            told.append(
                f"A quotation mark that nothing closes was read as a letter in {_counted(self.lone_quotes, 'row')}, "
                "so that no row is lost."
            )
        return told


def _counted(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def _were(number: int) -> str:
    return "was" if number == 1 else "were"


def pieces(file: BinaryIO, encoding: str, changed: Changed, limit: int | None = None) -> Iterator[bytes]:
    """Give the file, or its first `limit` bytes, as UTF-8 without a byte order mark, with `\\n` at the end of each line."""
    file.seek(0)
    left, pending = limit if limit is not None else -1, b""
    decoder = None if encoding in ("utf-8", "utf-8-sig") else codecs.getincrementaldecoder(encoding)("replace")
    strict, first = codecs.getincrementaldecoder("utf-8")("replace"), True
    while left:
        raw = file.read(min(_PIECE, left) if left > 0 else _PIECE)
        if not raw:
            break
        left = left - len(raw) if left > 0 else left
        data = _utf8(raw, decoder or strict, decoder is None)
        if first and data:
            data, first = data.removeprefix(codecs.BOM_UTF8), False
        data = pending + data
        data, pending = (data[:-1], b"\r") if data.endswith(b"\r") else (data, b"")
        yield _plain(data, changed)
    end = (decoder or strict).decode(b"", final=limit is None).encode()
    yield _plain(pending + end, changed)


def _utf8(raw: bytes, decoder: codecs.IncrementalDecoder, is_utf8: bool) -> bytes:
    if is_utf8 and raw.isascii() and not decoder.getstate()[0]:
        return raw
    return decoder.decode(raw).encode("utf-8", "replace")


def _plain(data: bytes, changed: Changed) -> bytes:
    if b"\0" in data:
        changed.zeros += data.count(b"\0")
        data = data.replace(b"\0", b"")
    if not data.isascii():
        changed.unknown += data.count(_UNKNOWN)
    return data.replace(b"\r\n", b"\n").replace(b"\r", b"\n") if b"\r" in data else data
