"""Every format of tables: one line for each. The first that accepts a file reads it."""

from __future__ import annotations

import json
from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path
from typing import Any

from mhub_core.kinds.tables.formats.csv import Csv
from mhub_core.kinds.tables.formats.excel import Excel
from mhub_core.kinds.tables.formats.format import Format, Head
from mhub_core.kinds.tables.formats.json import Json
from mhub_core.kinds.tables.formats.json_lines import JsonLines
from mhub_core.kinds.tables.formats.packed import Packed
from mhub_core.kinds.tables.formats.parquet import Parquet
from mhub_core.kinds.tables.formats.text_files import TextFiles

_HEAD_BYTES = 4096
_ZIP = (b"PK\x03\x04", b"PK\x05\x06")
_OF_IMAGES = (".npz", ".tar", ".tgz", ".tar.gz", ".tar.bz2", ".tar.xz")


def format_of(path: Path, file_name: str) -> Format:
    """Return the format of a file, by its first bytes and its name."""
    return _of(FORMATS.values(), path, file_name)


def asked_format_of(path: Path, file_name: str) -> Format:
    """Return the format of a file of rows that are given to a model: a single column is enough for it."""
    packed = Packed(lambda inner, name: _of(_ASKED, inner, name), (*_ENDINGS, ".gz"))
    return _of((packed, *_ASKED), path, file_name)


def _of(formats: Iterable[Format], path: Path, file_name: str) -> Format:
    with path.open("rb") as file:
        head = file.read(_HEAD_BYTES)
    return next(one for one in formats if one.accepts(path, head, file_name))


def look(path: Path, file_name: str, chosen: dict[str, Any]) -> Head:
    """Return the beginning of a file, read as was chosen. Several kinds of data look at one upload: it is kept for the next.

    Raises Invalid or TooLarge.
    """
    facts = path.stat()
    return _look(path, (facts.st_mtime_ns, facts.st_size), file_name, json.dumps(chosen, sort_keys=True))


@lru_cache(maxsize=2)
def _look(path: Path, state: tuple[int, int], file_name: str, chosen: str) -> Head:
    return format_of(path, file_name).look(path, json.loads(chosen))


def holds_table(path: Path, file_name: str) -> bool:
    """Tell whether an upload is a table: anything but a zip of which no format says that it holds one, or arrays, or a tar."""
    if file_name.lower().endswith(_OF_IMAGES):
        return format_of(path, file_name).name == TextFiles.name
    with path.open("rb") as file:
        is_zip = file.read(4) in _ZIP or file_name.lower().endswith(".zip")
    return not is_zip or format_of(path, file_name).name != Csv.name


_PLAIN: tuple[Format, ...] = (
    Excel(),
    Parquet(),
    JsonLines(),
    Json(),
    Csv(),  # which takes what nobody else does, and says what is wrong with it
)
# For rows that are given to a model: one column may be all that it looks at, and a row without values is one, too.
_ASKED: tuple[Format, ...] = (Excel(1), Parquet(1), JsonLines(1), Json(1), Csv(1, keeps_empty=True))
_ENDINGS = tuple(ending for format in _PLAIN for ending in format.endings)
_PACKED: tuple[Format, ...] = (TextFiles(), Packed(format_of, (*_ENDINGS, ".gz")))
FORMATS: dict[str, Format] = {format.name: format for format in (*_PACKED, *_PLAIN)}
ENDINGS = (*_ENDINGS, *FORMATS[Packed.name].endings)
