"""A zip or gzip that holds a table: the table is unpacked, bounded, and read as if it had come by itself."""

from __future__ import annotations

import gzip
import tempfile
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath
from typing import IO, Any

import polars as pl

from mhub_core import settings, zips
from mhub_core.data.records import Option, Progress
from mhub_core.errors import Invalid, TooLarge
from mhub_core.kinds.tables.formats.format import Format, Head, Long, Refusals, Whole

_PIECE = 1 << 20
_GZIP = b"\x1f\x8b"
_SIZE_BYTES = 4  # at the end of a gzip: how many bytes it unpacks to
_FILES = zips.Limits(10_000, 4_000_000, "At most 10,000 files in a zip.")
_HEAD_BYTES = 4 << 20  # unpacked for a look, where the beginning of a table is enough
_MAX_LOOK = 200 << 20  # unpacked for a look, where the whole file is needed
_MAX_TIMES = 4  # unpacked, at most so many times the largest upload
_MAX_RATIO, _RATIO_FROM = 200, 50 << 20  # as of zips
_ABOUT = (".md", ".pdf", ".html", ".rst", ".names", "")
_ABOUT_NAMES = ("readme", "license", "licence", "metadata", "citation")


@dataclass(frozen=True)
class _Inside:
    """A file in a zip or gzip, and how many bytes it says to have: that may be a lie, and a gzip counts only to 4 GB."""

    name: str
    size: int
    in_gzip: bool = False


class Packed:
    """`inner` finds the format of what is inside."""

    name = "packed"
    words = "a zip or gzip file with one table"
    endings: tuple[str, ...] = (".zip", ".gz")
    head_is_enough = False
    reads_pieces = False

    def __init__(self, inner: Callable[[Path, str], Format], table_endings: tuple[str, ...]) -> None:
        self._inner, self._table_endings = inner, table_endings

    def accepts(self, path: Path, head: bytes, file_name: str) -> bool:
        """Take a gzip, and a zip in which there are tables and no files of another kind."""
        if head.startswith(_GZIP):
            return True
        if not head.startswith(b"PK"):
            return False
        try:
            with zips.opened(path, _FILES) as archive:
                return bool(self._tables(archive))
        except (Invalid, TooLarge):
            return False

    def look(self, path: Path, chosen: dict[str, Any]) -> Head:
        """Look at the table inside."""
        files, wanted = self._find(path, chosen)
        with tempfile.TemporaryDirectory(prefix="unpacked-") as name:
            unpacked = Path(name) / "table"
            format = self._unpacked(path, wanted, unpacked, only_head=True)
            head = format.look(unpacked, chosen)
            size = unpacked.stat().st_size
        share = head.share * min(1.0, size / max(1, wanted.size))
        options = [Option("file", "File in the zip", wanted.name, tuple((one.name, one.name) for one in files))]
        notes = (f"The file {wanted.name!r} is read.",) if len(files) > 1 else ()
        own = tuple(options) if len(files) > 1 else ()
        return replace(head, options=(*own, *head.options), notes=(*notes, *head.notes), share=share)

    def read(self, path: Path, chosen: dict[str, Any], folder: Path, progress: Progress) -> Whole:
        """Read the table inside."""
        unpacked, format, notes = self._whole(path, chosen, folder, progress)
        whole = format.read(unpacked, chosen, folder, progress)
        unpacked.unlink()
        return replace(whole, notes=(*notes, *whole.notes))

    def long(self, path: Path, chosen: dict[str, Any], folder: Path, progress: Progress) -> Long | None:
        """Unpack a table that may be long."""
        _, wanted = self._find(path, chosen)
        if not wanted.in_gzip and wanted.size <= _HEAD_BYTES:
            return None
        unpacked, format, notes = self._whole(path, chosen, folder, progress)
        inner = format.long(unpacked, chosen, folder, progress)
        if inner is None:
            unpacked.unlink()
            return None
        return _Unpacked(inner, unpacked, notes)

    def _whole(
        self, path: Path, chosen: dict[str, Any], folder: Path, progress: Progress
    ) -> tuple[Path, Format, tuple[str, ...]]:
        """Unpack the table; return where it lies, its format, and which of several it is."""
        progress(0, 0, "Unpacking")
        files, wanted = self._find(path, chosen)
        unpacked = folder / "unpacked"
        format = self._unpacked(path, wanted, unpacked, only_head=False)
        return unpacked, format, (f"The file {wanted.name!r} is read.",) if len(files) > 1 else ()

    def _find(self, path: Path, chosen: dict[str, Any]) -> tuple[list[_Inside], _Inside]:
        """Return the tables inside, and the chosen one or the largest. Raises Invalid or TooLarge."""
        with path.open("rb") as file:
            if file.read(2) == _GZIP:
                file.seek(max(0, path.stat().st_size - _SIZE_BYTES))
                size = int.from_bytes(file.read(_SIZE_BYTES), "little")
                only = _Inside(_name_in_gzip(path), size, in_gzip=True)
                return [only], only
        with zips.opened(path, _FILES) as archive:
            files = [_Inside(info.filename, info.file_size) for info in self._tables(archive)]
        wanted = chosen.get("file") or max(files, key=lambda one: one.size).name
        found = next((one for one in files if one.name == wanted), None)
        if found is None:
            names = ", ".join(one.name for one in files)[:400]
            raise Invalid(f"The zip has no table {str(wanted)[:80]!r}.", f"One of: {names}.", "Choose another file.")
        return files, found

    def _tables(self, archive: zipfile.ZipFile) -> list[zipfile.ZipInfo]:
        """Return the tables in a zip; none when there are files of another kind, such as images."""
        infos = [info for info in archive.infolist() if not info.is_dir() and not _is_hidden(info.filename)]
        about = [info for info in infos if _tells_about(info.filename)]
        tables = [info for info in infos if info not in about]
        return tables if all(info.filename.lower().endswith(self._table_endings) for info in tables) else []

    def _unpacked(self, path: Path, wanted: _Inside, target: Path, only_head: bool) -> Format:
        """Unpack one file, of one whose beginning is enough only that, and return its format."""
        with _opened(path, wanted) as file, target.open("wb") as out:
            is_enough = None
            for piece in _pieces(file, path.stat().st_size):
                out.write(piece)
                if only_head and is_enough is None and out.tell() >= _HEAD_BYTES:
                    out.flush()
                    is_enough = self._inner(target, wanted.name).head_is_enough
                if is_enough:
                    break
                if only_head and out.tell() > _MAX_LOOK:
                    raise _too_large_to_look()
        format = self._inner(target, wanted.name)
        if isinstance(format, Packed):
            raise Invalid(
                "There is a zip or gzip file inside of this one.",
                "One that holds the table itself.",
                "Unpack it and upload the table.",
            )
        return format


class _Unpacked:
    """A long table that was unpacked."""

    def __init__(self, inner: Long, path: Path, notes: tuple[str, ...]) -> None:
        self.first = inner.first
        self._inner, self._path, self._notes = inner, path, notes

    def pieces(self, progress: Progress) -> Iterator[pl.DataFrame]:
        """Give all rows."""
        yield from self._inner.pieces(progress)

    @property
    def refusals(self) -> Refusals:
        """The rows that were left out."""
        return self._inner.refusals

    @property
    def notes(self) -> tuple[str, ...]:
        """Which file it is, and what was found."""
        return (*self._notes, *self._inner.notes)

    def close(self) -> None:
        """Remove the unpacked file."""
        self.first = self.first.clear()
        self._inner.close()
        self._path.unlink()


@contextmanager
def _opened(path: Path, wanted: _Inside) -> Iterator[IO[bytes] | gzip.GzipFile]:
    if wanted.in_gzip:
        with gzip.open(path, "rb") as file:
            yield file
        return
    with zips.opened(path, _FILES) as archive, archive.open(wanted.name) as member:
        yield member


def _pieces(file: IO[bytes] | gzip.GzipFile, packed: int) -> Iterator[bytes]:
    """Give what is unpacked piece by piece. Raises Invalid when it is damaged, TooLarge when it has no end."""
    total = 0
    try:
        while piece := file.read(_PIECE):
            total += len(piece)
            _require_bounded(total, packed)
            yield piece
    except (zipfile.BadZipFile, zlib.error, OSError, EOFError) as error:
        raise Invalid(
            "The packed file is damaged or not complete.", "A complete zip or gzip file.", "Create it again."
        ) from error


def _require_bounded(unpacked: int, packed: int) -> None:
    """Count what really comes out: a gzip that is not complete says any size."""
    most = _MAX_TIMES * settings.number("MHUB_MAX_UPLOAD_MB") * 1_000_000
    if unpacked > most or (unpacked > _RATIO_FROM and unpacked > _MAX_RATIO * packed):
        raise TooLarge(
            f"Unpacked, the table takes {unpacked / 1e6:,.0f} MB or more out of {packed / 1e6:,.1f} MB.",
            f"At most {most / 1e6:,.0f} MB, and at most {_MAX_RATIO} times its own size.",
            "Upload only a part of it, or save it as Parquet.",
        )


def _too_large_to_look() -> TooLarge:
    return TooLarge(
        "The table in this zip or gzip file is too large to be looked at.",
        f"At most {_MAX_LOOK >> 20} MB of Excel, JSON or Parquet; CSV and JSON Lines may be larger.",
        "Unpack it, and upload the table itself.",
    )


def _name_in_gzip(path: Path) -> str:
    """Return which name a gzip keeps of what it holds, empty when it keeps none."""
    with path.open("rb") as file:
        head = file.read(512)
    if not head[3:4] or not head[3] & 8 or head[3] & 4:
        return ""
    return head[10:].partition(b"\0")[0].decode("latin-1")[:200]


def _is_hidden(name: str) -> bool:
    parts = PurePosixPath(name).parts
    return not parts or any(part.startswith(".") or part == "__MACOSX" for part in parts)


def _tells_about(name: str) -> bool:
    """Tell whether a file is one for people about the data, such as README.md."""
    path = PurePosixPath(name)
    return path.suffix.lower() in _ABOUT or path.name.lower().partition(".")[0] in _ABOUT_NAMES
