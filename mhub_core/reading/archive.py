"""Takes the architecture out of a `.keras` file. Such a file is a zip; only its config.json is ever read."""

from __future__ import annotations

import zipfile
from pathlib import Path

from mhub_core import zips
from mhub_core.errors import MHubError
from mhub_core.reading.records import Unreadable

CONFIG = "config.json"
MEMBERS = {CONFIG, "metadata.json", "model.weights.h5"}
MAX_BYTES = 8 * 1024 * 1024
MAX_RATIO = 200  # How much larger the config may be than it is in the zip.
_LIMITS = zips.Limits(max_members=40, max_table_bytes=4_000, expected="Three files: " + ", ".join(sorted(MEMBERS)) + ".")


def config_text(source: Path | bytes) -> str:
    """Return the text of config.json. Raises Unreadable for what is no `.keras` file, and for a hostile one."""
    try:
        with zips.opened(source, _LIMITS) as archive:
            data = zips.read(archive, _config(archive), MAX_BYTES)
        return data.decode("utf-8")
    except Unreadable:
        raise
    except UnicodeDecodeError as error:
        raise _no_keras_file("it is damaged.") from error
    except MHubError as error:
        raise _no_keras_file(error.happened) from error


def _config(archive: zipfile.ZipFile) -> zipfile.ZipInfo:
    infos = {info.filename: info for info in archive.infolist()}
    assets = next((name for name in infos if name.startswith("assets/")), None)
    if assets:
        told = "This model keeps a vocabulary in a separate file, which the importer cannot see."
        raise Unreadable(told, mend="Give the layer its words as a list (vocabulary=[...]) and save the model again.")
    strange = next((name for name in infos if name not in MEMBERS), None)
    if strange is not None:
        raise _no_keras_file(f"it holds {strange[:80]!r}.")
    if len(infos) != len(archive.infolist()) or CONFIG not in infos:
        raise _no_keras_file(f"it must hold {CONFIG} once.")
    info = infos[CONFIG]
    if info.file_size > MAX_BYTES or info.file_size > MAX_RATIO * max(info.compress_size, 1):
        raise _no_keras_file(f"its {CONFIG} is larger than that of any model.")
    return info


def _no_keras_file(why: str) -> Unreadable:
    told = f"This is not a .keras file of a whole model: {why}"
    return Unreadable(told, "It must be a file written by model.save('model.keras').", "Save the model again with Keras 3.")
