"""A workbook is opened: the parts of the zip that a reader of cells needs, checked one by one and copied into a zip of ours."""

from __future__ import annotations

import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import IO
from xml.etree import ElementTree

from mhub_core import zips
from mhub_core.errors import Invalid, TooLarge
from mhub_core.kinds.tables.formats.sheet_xml import Sheet, Walker, checked, damaged, walked

_PIECE = 1 << 18
_PARTS = zips.Limits(5_000, 2_000_000, "At most 5,000 parts in a workbook.")
_LEFT_OUT = ("docProps", "customXml", "media", "drawings", "charts", "theme", "pivotCache", "pivotTables", "embeddings")
_HEAD_BYTES = 4 << 20  # of the rows of each sheet; all sheets together four times as much
_MAX_SMALL = 1 << 20  # of the list of sheets
_MAX_OPEN_DOCUMENT = 400 << 20
_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")


@dataclass
class Seen:
    """What was seen of each sheet, by its name, and how much of it was copied. Empty for old files, which are no zip."""

    sheets: dict[str, Sheet] = field(default_factory=dict)
    shares: dict[str, float] = field(default_factory=dict)


def names(path: Path) -> list[str]:
    """Return the names of the parts of a zip, none when it is no zip that can be opened."""
    try:
        with zips.opened(path, _PARTS) as archive:
            return archive.namelist()
    except (Invalid, TooLarge):
        return []


def require_readable(path: Path) -> None:
    """Raise Invalid for an old file, which is no zip, that is kept under a password."""
    with path.open("rb") as file:
        before = b""
        while piece := file.read(_PIECE):
            if _ENCRYPTED in before + piece:
                raise protected()
            before = piece[-len(_ENCRYPTED) :]


def copy(path: Path, out: IO[bytes], only_head: bool) -> Seen:
    """Write the checked parts of a workbook into a zip of ours; of long sheets only the beginning, if that is enough.

    Raises Invalid or TooLarge.
    """
    with zips.opened(path, _PARTS) as archive, zipfile.ZipFile(out, "w") as copied:
        infos = [info for info in archive.infolist() if not info.is_dir()]
        if any(info.filename == "content.xml" for info in infos):
            _copy_open_document(archive, copied)
            return Seen()
        return _copy_parts(archive, copied, infos, only_head)


def _copy_parts(archive: zipfile.ZipFile, copied: zipfile.ZipFile, infos: list[zipfile.ZipInfo], only_head: bool) -> Seen:
    infos = [info for info in infos if _is_needed(info.filename)]
    sheets = [info for info in infos if _is_sheet(info.filename)]
    most = min(_HEAD_BYTES, 4 * _HEAD_BYTES // max(1, len(sheets))) if only_head else None
    seen, of_part = Seen(), _names_of_parts(archive)
    for info in infos:
        pieces = _pieces(archive, info)
        walker = Walker()
        with copied.open(info.filename, "w", force_zip64=True) as target:
            for piece in walked(pieces, walker, most) if _is_sheet(info.filename) else checked(pieces):
                target.write(piece)
        if name := of_part.get(info.filename):
            seen.sheets[name] = walker.sheet
            seen.shares[name] = min(1.0, walker.row_end / max(1, info.file_size)) if walker.is_cut else 1.0
    return seen


def _copy_open_document(archive: zipfile.ZipFile, copied: zipfile.ZipFile) -> None:
    """Copy an .ods, whose sheets all lie in one part."""
    if archive.getinfo("content.xml").file_size > _MAX_OPEN_DOCUMENT:
        raise TooLarge("The sheets of this .ods file are too large.", "At most 400 MB.", "Save the table as CSV or .xlsx.")
    for name in ("mimetype", "META-INF/manifest.xml", "content.xml"):
        if name not in archive.namelist():
            continue
        pieces = _pieces(archive, archive.getinfo(name))
        with copied.open(name, "w", force_zip64=True) as target:
            for piece in walked(pieces, Walker(is_open_document=True), None) if name == "content.xml" else checked(pieces):
                if b"encryption-data" in piece:
                    raise protected()
                target.write(piece)


def _is_needed(name: str) -> bool:
    return name.endswith((".xml", ".rels")) and not set(PurePosixPath(name).parts).intersection(_LEFT_OUT)


def _is_sheet(name: str) -> bool:
    return PurePosixPath(name).parent.name == "worksheets"


def _pieces(archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> Iterator[bytes]:
    try:
        with archive.open(info) as file:
            while piece := file.read(_PIECE):
                yield piece
    except (zipfile.BadZipFile, OSError, EOFError, zlib.error) as error:
        raise damaged() from error


def _names_of_parts(archive: zipfile.ZipFile) -> dict[str, str]:
    """Return the name of the sheet that each part holds, as far as the workbook tells it in the usual way."""
    try:
        book, rels = (_small(archive, name) for name in ("xl/workbook.xml", "xl/_rels/workbook.xml.rels"))
    except (KeyError, Invalid, ElementTree.ParseError):
        return {}
    targets = {one.get("Id"): one.get("Target", "") for one in rels.iter()}
    sheets = [one for one in book.iter() if one.tag.rpartition("}")[2] == "sheet"]
    ids = {one.get("name", ""): next((v for k, v in one.items() if k.rpartition("}")[2] == "id"), None) for one in sheets}
    parts = {name: targets.get(known, "") for name, known in ids.items()}
    return {target.lstrip("/") if target.startswith("/") else f"xl/{target}": name for name, target in parts.items()}


def _small(archive: zipfile.ZipFile, name: str) -> ElementTree.Element:
    return ElementTree.fromstring(b"".join(checked([zips.read(archive, archive.getinfo(name), _MAX_SMALL)])))


def protected() -> Invalid:
    """Return the error for a workbook that only opens with a password."""
    return Invalid(
        "The Excel file is protected by a password.",
        "A file that opens without one.",
        "Open it, save it without a password, and upload that file.",
    )
