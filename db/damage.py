"""A SQLite file that is damaged: how it is noticed, and what a person is told."""

from __future__ import annotations

import shlex
import sqlite3
import time
from contextlib import closing
from pathlib import Path

from mhub_core import settings
from mhub_core.errors import Damaged

CHECK_SECONDS = 5.0  # of a large file only a part is looked at
_DAMAGED = (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)
_PREFIX = "sqlite:///"


def path() -> Path | None:
    """Return the file of the configured database; None for one on a server."""
    url = settings.database_url()
    return Path(url.removeprefix(_PREFIX)) if url.startswith(_PREFIX) else None


def means_damage(error: BaseException | None) -> bool:
    """Tell whether an error of the driver says that the file is damaged, or that it is none of SQLite's."""
    return (getattr(error, "sqlite_errorcode", None) or 0) & 0xFF in _DAMAGED


def repair(file: Path) -> str:
    """Return the commands that save what can be read of a damaged file.

    They move what SQLite keeps beside the file with it: the new file must not meet the old one's last changes. Debian's sqlite3
    cannot ".recover"; its ".dump" reads past damaged pages too, and takes all back in its last line.
    """
    folder, name = shlex.quote(str(file.parent)), shlex.quote(file.name)
    read = f'sqlite3 damaged/{name} ".recover" > saved.sql'
    else_read = f"sqlite3 damaged/{name} .dump | sed 's/^ROLLBACK.*/COMMIT;/' > saved.sql"
    return f"cd {folder} && mkdir damaged && mv {name}* damaged && {{ {read} || {else_read}; }} && sqlite3 {name} < saved.sql"


def damaged(found: str = "") -> Damaged:
    """Return the error for people. `found`: what SQLite says of the file."""
    file = path() or Path("mhub.sqlite")
    said = f" SQLite says: {found}." if found else ""
    return Damaged(
        f"The database file {file} is damaged.{said}",
        "It holds everything but the files of datasets and models.",
        "Stop the hub. Put a backup in its place; or keep the damaged file and save what can be read, with the program sqlite3: "
        f"{repair(file)}",
    )


def check(seconds: float = CHECK_SECONDS) -> None:
    """Look through the file of the database for so long. Raises Damaged. One that is not there yet, or busy, passes."""
    file = path()
    if file is None or not file.exists():
        return
    end = time.monotonic() + seconds
    try:
        with closing(sqlite3.connect(f"{file.absolute().as_uri()}?mode=rw", uri=True, timeout=1)) as connection:
            connection.set_progress_handler(lambda: time.monotonic() > end, 10_000)
            [found] = connection.execute("PRAGMA quick_check(1)").fetchone()
    except sqlite3.DatabaseError as error:
        if means_damage(error):
            raise damaged(str(error)) from error
        return
    if found != "ok":
        raise damaged(" ".join(found.split()))
