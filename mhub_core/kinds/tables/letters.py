"""In which encoding a text file is written: found out from its beginning and, for UTF-8, from all of it."""

from __future__ import annotations

import codecs
from typing import BinaryIO

from mhub_core.errors import Invalid

_PIECE = 1 << 20
_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),  # begins as the next one does
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
# Which of four bytes are mostly zero, in a text whose letters take two or four bytes each and that does not say so.
_WIDE: dict[tuple[bool, ...], str] = {
    (False, True, False, True): "utf-16-le",
    (True, False, True, False): "utf-16-be",
    (False, True, True, True): "utf-32-le",
    (True, True, True, False): "utf-32-be",
}


def find_encoding(file: BinaryIO, head: bytes) -> tuple[str, list[str]]:
    """Return the encoding of a text file and what has to be said about it. Raises Invalid when it is no text."""
    zeros = tuple(head[place::4].count(0) > len(head) // 10 for place in range(4))
    found = next((encoding for bom, encoding in _BOMS if head.startswith(bom)), None) or _WIDE.get(zeros)
    if found:
        wide = found[:6].upper()
        return found, [] if wide == "UTF-8-" else [f"The file is written in {wide}; it was read as such."]
    if b"\0" in head:
        raise Invalid("This is not a text file.", "Plain text with one row per line.", "Save the table as CSV.")
    if _is_utf8(file):
        return "utf-8", []
    return "cp1252", ["The file is not UTF-8; it was read as Latin-1 (Windows). Check accented letters before you continue."]


def _is_utf8(file: BinaryIO) -> bool:
    decoder = codecs.getincrementaldecoder("utf-8")()
    file.seek(0)
    try:
        while piece := file.read(_PIECE):
            decoder.decode(piece)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True


def decode_head(head: bytes, encoding: str) -> str:
    """Decode a piece that may end within a letter."""
    return codecs.getincrementaldecoder(encoding)(errors="replace").decode(head)
