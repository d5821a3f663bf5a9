"""A zip or tar of text files as a table: the text of each file, its label, its name and, where folders say it, its split.

What names mean is read as it is of images: the label is the name of a folder, is told by a file of labels, or begins the file
name.
"""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import polars as pl

from mhub_core import settings
from mhub_core.data.records import Option, Progress
from mhub_core.data.splits import MIN_ROWS
from mhub_core.errors import Invalid, TooLarge
from mhub_core.kinds.pictures import archive as archives
from mhub_core.kinds.pictures import labels, ways
from mhub_core.kinds.pictures.archive import Archive, File
from mhub_core.kinds.pictures.paths import ENDINGS, Entry, entries
from mhub_core.kinds.pictures.places import Placed, place
from mhub_core.kinds.pictures.ways import PREFIX, Way
from mhub_core.kinds.tables import choosing, letters
from mhub_core.kinds.tables.formats.format import Head, Long, Refusals, Whole

TEXT, LABEL, FILE, SPLIT = "text", "label", "file", "split"
_CLASS_FROM = "class_from"
_ENDING = ".txt"
_MAX_BYTES = 4 << 20  # of one file; the words of a text are looked at up to a bound anyhow
_MAX_LETTERS = 200_000
_MEMORY_SHARE = 0.2  # of what a preparation may take, for all texts together
_LOOKED_AT = 400
_PACKED = (b"PK\x03\x04", b"\x1f\x8b")


@dataclass(frozen=True)
class _Found:
    """The text files of an archive, the ways that tell their labels, the likeliest first, and how many files are not used."""

    texts: list[Placed]
    ways: list[Way]
    num_others: int


class TextFiles:
    """One text in each file."""

    name = "text_files"
    words = "a zip of text files in folders"
    endings: tuple[str, ...] = ()
    head_is_enough = False
    reads_pieces = False

    def accepts(self, path: Path, head: bytes, file_name: str) -> bool:
        """Take a zip or tar of text files whose folders, or a table beside them, tell two labels or more; none with images."""
        if not head.startswith(_PACKED) and not file_name.lower().endswith(".tar"):
            return False
        facts = path.stat()
        return _accepts(path, facts.st_mtime_ns, facts.st_size)

    def look(self, path: Path, chosen: dict[str, Any]) -> Head:
        """Read some files from all over the archive."""
        with archives.opened(path, _LIMIT_WORDS) as archive:
            found = _find(archive, chosen)
            way = _way(found, chosen)
            some = found.texts[:: max(1, len(found.texts) // _LOOKED_AT)]
            rows, refusals = _read(archive, some, way, lambda *_: None)
        offered = tuple((one.value, one.words) for one in found.ways)
        options = [Option(_CLASS_FROM, "What tells the label", way.value, offered)] if len(offered) > 1 else []
        share = len(some) / len(found.texts)
        return Head(_frame(rows), (*options, *way.options), _notes(found, way, refusals), share, _split_column(rows))

    def read(self, path: Path, chosen: dict[str, Any], folder: Path, progress: Progress) -> Whole:
        """Read all files; one that is no text, or without a label, is a refused row."""
        with archives.opened(path, _LIMIT_WORDS) as archive:
            found = _find(archive, chosen)
            way = _way(found, chosen)
            rows, refusals = _read(archive, found.texts, way, progress)
        return Whole(_frame(rows), refusals, _notes(found, way, Refusals()), _split_column(rows))

    def long(self, path: Path, chosen: dict[str, Any], folder: Path, progress: Progress) -> Long | None:
        """There are no pieces."""
        return None


_LIMIT_WORDS = "At most {:,} text files."


@lru_cache(maxsize=8)
def _accepts(path: Path, changed: int, size: int) -> bool:
    """Ask once for a file: several kinds of data look at one upload."""
    try:
        with archives.opened(path, _LIMIT_WORDS) as archive:
            visible = entries(archive.files)
            if any(entry.ending in ENDINGS for entry in visible) or sum(map(_is_text, visible)) < MIN_ROWS:
                return False
            return any(way.value != PREFIX for way in _find(archive, {}).ways)
    except (Invalid, TooLarge):  # another format says what is wrong
        return False


def _is_text(entry: Entry) -> bool:
    return entry.ending == _ENDING and not entry.tells_about


def _find(archive: Archive, chosen: dict[str, Any]) -> _Found:
    visible = entries(archive.files)
    placed = place([entry for entry in visible if _is_text(entry)], shown=_is_text)
    others = [entry for entry in visible if not _is_text(entry)]
    found = ways.folder_ways(placed)
    found += [ways.labels_way(one) for one in labels.find(archive, others, placed, chosen)]
    if by_prefix := ways.prefix_way(placed):
        found.append(by_prefix)
    used = {way.value for way in found}
    return _Found(placed, found, sum(f"file {entry.name}" not in used and not entry.tells_about for entry in others))


def _way(found: _Found, chosen: dict[str, Any]) -> Way:
    if not found.ways:
        raise Invalid(
            "The archive does not tell the labels of its texts.",
            "A folder for each label, or a CSV file with the name and the label of each text.",
            "Sort the texts into folders, such as good/1.txt and bad/1.txt.",
        )
    offered = tuple((one.value, one.words) for one in found.ways)
    asked = choosing.one_of(chosen, _CLASS_FROM, "What tells the label", offered, offered[0][0])
    return next(one for one in found.ways if one.value == asked)


_Row = tuple[str, str, str, str | None]  # text, label, file, split


def _read(archive: Archive, texts: Sequence[Placed], way: Way, progress: Progress) -> tuple[list[_Row], Refusals]:
    refusals, rows, by_file = Refusals(), [], {text.entry.file: text for text in texts}
    room = settings.number("MHUB_PREPARE_MEMORY_MB") * 1e6 * _MEMORY_SHARE
    for number, (file, content) in enumerate(_contents(archive, list(by_file))):
        if number % 1_000 == 0:
            progress(number, len(by_file), "Reading texts")
        placed = by_file[file]
        label, text = way.class_of(placed), content if isinstance(content, Invalid) else _decoded(content)
        if isinstance(text, Invalid) or not label or placed.is_outside:
            why = text.happened if isinstance(text, Invalid) else way.missing
            refusals.add(file.name[:200], "lies beside the folders of the splits" if placed.is_outside else why)
            continue
        rows.append((text, label, placed.entry.name, placed.split))
        room -= len(text)
        if room < 0:
            most = settings.number("MHUB_PREPARE_MEMORY_MB") * _MEMORY_SHARE
            raise TooLarge("The texts are too long to be held together.", f"At most {most:,.0f} MB.", "Upload fewer of them.")
    return rows, refusals


def _contents(archive: Archive, files: list[File]) -> Iterator[tuple[File, bytes | Invalid]]:
    """Give the bytes of each file, or why it cannot be read."""
    large = Invalid(f"This file is larger than {_MAX_BYTES >> 20} MB.")
    yield from ((file, large) for file in files if file.num_bytes > _MAX_BYTES)
    yield from archive.read([file for file in files if file.num_bytes <= _MAX_BYTES])


def _decoded(content: bytes) -> str | Invalid:
    try:
        encoding, _ = letters.find_encoding(io.BytesIO(content), content[:4096])
    except Invalid as error:
        return error
    return content.decode(encoding, "replace").removeprefix("\ufeff").replace("\0", "")[:_MAX_LETTERS].strip()


def _frame(rows: list[_Row]) -> pl.DataFrame:
    frame = pl.DataFrame(rows, {name: pl.String for name in (TEXT, LABEL, FILE, SPLIT)}, orient="row")
    return frame if _split_column(rows) else frame.drop(SPLIT)


def _split_column(rows: list[_Row]) -> str:
    return SPLIT if any(row[3] for row in rows) else ""


def _notes(found: _Found, way: Way, refusals: Refusals) -> tuple[str, ...]:
    told = [*way.notes]
    if found.num_others:
        told.append(f"Not used, because they are no {_ENDING} files: {found.num_others:,} files.")
    if refusals.count:
        what, why = refusals.examples[0]
        told.append(f"{refusals.count:,} of the files that were looked at cannot be used. The first is {what}: {why}")
    return tuple(told)
