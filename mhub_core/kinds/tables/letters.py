"""In which encoding a text file is written: found out from its beginning and, for UTF-8, from all of it."""

from __future__ import annotations

import codecs
import re
from typing import Any, BinaryIO

from mhub_core.errors import Invalid
from mhub_core.kinds.tables import choosing, old_letters

_PIECE = 1 << 20
_FEW_CONTROLS = 0.01
_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
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
_OTHER_FORMATS = {
    b"PK\x03\x04": "a zip or Excel file",
    b"%PDF": "a PDF",
    b"\xd0\xcf\x11\xe0": "an old Excel file",
    b"\x89PNG": "an image",
    b"\xff\xd8\xff": "an image",
    b"PAR1": "a Parquet file",
    b"\x1f\x8b": "a gzip file",
    b"\x93NUMPY": "a NumPy array, which the hub reads as .npz together with its labels",
    b"Rar!": "a RAR archive",
    b"7z\xbc\xaf": "a 7z archive",
    b"\x89HDF": "an HDF5 file",
    b"SQLite format 3": "an SQLite database",
}
_WEB_PAGE = re.compile(rb"\s*(?:<!doctype html|<html|<table|<\?xml)", re.IGNORECASE)
_CONTROLS = bytes({*range(32)} - set(b"\t\n\v\f\r\x1a\x1b"))  # which no text has but by mistake
ENCODINGS: tuple[tuple[str, str], ...] = (
    ("utf-8", "UTF-8"),
    ("cp1252", "Windows, Western Europe (Latin-1)"),
    ("iso8859-15", "Latin-9, Western Europe with €"),
    ("cp1250", "Windows, Central Europe"),
    ("cp1251", "Windows, Cyrillic"),
    ("cp1253", "Windows, Greek"),
    ("cp1254", "Windows, Turkish"),
    ("cp1255", "Windows, Hebrew"),
    ("koi8-r", "KOI8-R, Russian"),
    ("mac-roman", "Mac OS Roman"),
    ("cp437", "DOS"),
    ("cp850", "DOS, Western Europe"),
    ("shift_jis", "Shift JIS, Japanese"),
    ("euc-jp", "EUC-JP, Japanese"),
    ("gb18030", "GB 18030, Chinese"),
    ("big5", "Big5, Chinese"),
    ("euc-kr", "EUC-KR, Korean"),
    ("utf-16", "UTF-16"),
    ("utf-16-le", "UTF-16, little endian"),
    ("utf-16-be", "UTF-16, big endian"),
    ("utf-32", "UTF-32"),
    ("utf-32-le", "UTF-32, little endian"),
    ("utf-32-be", "UTF-32, big endian"),
)


def find_encoding(file: BinaryIO, head: bytes, chosen: dict[str, Any] | None = None) -> tuple[str, list[str]]:
    """Return the encoding of a text file and what has to be said about it. A byte order mark stays in UTF-8.

    Raises Invalid when it is no text.
    """
    if chosen and "encoding" in chosen:
        return str(choosing.one_of(chosen, "encoding", "The encoding", ENCODINGS, "")), []
    zeros = tuple(head[place::4].count(0) > len(head) // 10 for place in range(4))
    found = next((encoding for bom, encoding in _BOMS if head.startswith(bom)), None) or _WIDE.get(zeros)
    if found:
        return found, [] if found == "utf-8" else [f"The file is written in {found[:6].upper()}; it was read as such."]
    if len(head) - len(head.translate(None, _CONTROLS)) > len(head) * _FEW_CONTROLS:
        raise Invalid("This is not a text file.", "Plain text with one row per line.", "Save the table as CSV.")
    if _is_utf8(file):
        return "utf-8", []
    guessed = old_letters.guess(head)
    words = "Latin-1 (Windows)" if guessed == old_letters.WEST else dict(ENCODINGS)[guessed]
    return guessed, [f"The file is not UTF-8; it was read as {words}. Check accented letters before you continue."]


def _is_utf8(file: BinaryIO) -> bool:
    decoder = codecs.getincrementaldecoder("utf-8")()
    file.seek(0)
    try:
        while piece := file.read(_PIECE):
            if not piece.isascii() or decoder.getstate()[0]:
                decoder.decode(piece)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True


def decode_head(head: bytes, encoding: str) -> str:
    """Decode a piece that may end within a letter."""
    return codecs.getincrementaldecoder(encoding)(errors="replace").decode(head)


def refuse_other_formats(head: bytes) -> None:
    """Raise Invalid for a file that begins as other formats do."""
    for magic, words in _OTHER_FORMATS.items():
        if head.startswith(magic):
            raise Invalid(f"This is {words}, not a CSV file.", "Plain text with one row per line.", "Save the table as CSV.")
    if _WEB_PAGE.match(head.removeprefix(codecs.BOM_UTF8)):
        raise Invalid(
            "This is a web page, or another file of tags, not a CSV file.",
            "Plain text with one row per line.",
            "Download the file itself, not the page that shows it; perhaps you have to sign in there first. A table that a "
            "program saved in this way is opened in a spreadsheet, and saved as .xlsx.",
        )
