"""Takes the architecture out of a `.keras` file. Such a file is a zip; only its config.json is ever read."""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from pathlib import Path

from mhub_core.reading.records import Unreadable

CONFIG = "config.json"
MEMBERS = {CONFIG, "metadata.json", "model.weights.h5"}
MOST_BYTES = 8 * 1024 * 1024
MOST_TIMES = 200  # How often larger the config may be than it is in the zip.
_LARGEST_TABLE = 4_000  # Bytes of the list of members; three short names take 200.


def config_text(source: Path | bytes) -> str:
    """Return the text of config.json. Raises Unreadable for what is no `.keras` file, and for a hostile one."""
    file = io.BytesIO(source) if isinstance(source, bytes) else source.open("rb")
    try:
        with file:
            _check_table(file)
            with zipfile.ZipFile(file) as archive:
                return _bounded(archive, _config(archive)).decode("utf-8")
    except (zipfile.BadZipFile, NotImplementedError, ValueError, OSError, EOFError, RuntimeError, zlib.error) as error:
        raise _no_keras_file("it is damaged") from error
    except struct.error as error:
        raise _no_keras_file("it is damaged") from error


def _bounded(archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> bytes:
    """Return what a member holds; a file may lie about its size, so no more than this is ever unpacked."""
    with archive.open(info) as member:
        data = member.read(MOST_BYTES + 1)
    if len(data) > MOST_BYTES:
        raise _too_large()
    return data


def _check_table(file: io.BufferedIOBase) -> None:
    """Python reads the whole list of members into memory, so look at its size first."""
    end = zipfile._EndRecData(file)
    if not end:
        raise _no_keras_file("it is not a zip")
    if end[zipfile._ECD_SIZE] > _LARGEST_TABLE:
        raise _no_keras_file("it holds more files than such a file has")


def _config(archive: zipfile.ZipFile) -> zipfile.ZipInfo:
    infos = {info.filename: info for info in archive.infolist()}
    assets = next((name for name in infos if name.startswith("assets/")), None)
    if assets:
        told = "This model keeps a vocabulary in a file of its own, which is not read."
        raise Unreadable(told, mend="Give the layer its words as a list (vocabulary=[...]) and save the model again.")
    strange = next((name for name in infos if name not in MEMBERS), None)
    if strange is not None:
        raise _no_keras_file(f"it holds {strange[:80]!r}")
    if len(infos) != len(archive.infolist()) or CONFIG not in infos:
        raise _no_keras_file(f"it must hold {CONFIG} once")
    info = infos[CONFIG]
    if info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):  # Python unpacks the others without a bound.
        raise _no_keras_file("it is packed in a way that Keras does not use")
    if info.file_size > MOST_BYTES or info.file_size > MOST_TIMES * max(info.compress_size, 1):
        raise _too_large()
    return info


def _too_large() -> Unreadable:
    return _no_keras_file(f"its {CONFIG} is larger than that of any model")


def _no_keras_file(why: str) -> Unreadable:
    told = f"This is not a .keras file of a whole model: {why}."
    return Unreadable(told, "What model.save('model.keras') writes.", "Save the model again with Keras 3.")
