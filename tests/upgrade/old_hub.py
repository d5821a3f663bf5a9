"""A hub as release 0.1 left it: its database and its blobs, brought into a test's home and to the newest form.

`hub-0.1.zip` was made with the code of 0.1 itself (commit 8b7160c): three built-in sets, a private table, images of which
one was refused, an upload too small to use, one that waits; three models of Anna and one of Ben; seven runs, among them one
that failed and one that waits. `expected.json` holds what the verbs of that release said of them.
"""

from __future__ import annotations

import json
import os
import sqlite3
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

import psycopg2
from psycopg2.extras import Json

from mhub_core import settings
from mhub_core.storage import stores

HERE = Path(__file__).parent
EXPECTED: dict[str, Any] = json.loads((HERE / "expected.json").read_text())
REVISION = "0004"  # the newest migration of release 0.1


def unpack(home: Path) -> None:
    """Lay the old database into a home and its blobs into the store: the folder there, or wherever the tests keep files."""
    with zipfile.ZipFile(HERE / "hub-0.1.zip") as archive:
        archive.extractall(home)
    store = stores.current()
    for blob in [path for path in (home / "blobs").rglob("*") if path.is_file()]:
        if store.num_bytes(blob.name) is None:
            store.put(blob, blob.name)


def upgrade(revision: str = "head", **environment: str) -> None:
    """Bring the database that the environment names to a revision, in a process of its own."""
    program = f"from alembic import command; from db.migrate import config; command.upgrade(config(), {revision!r})"
    subprocess.run([sys.executable, "-c", program], check=True, env={**os.environ, **environment}, cwd=settings.ROOT)


def copy_rows(sqlite_file: Path, postgres_url: str) -> None:
    """Copy every row of the old SQLite database into an empty PostgreSQL database of the same revision."""
    old = sqlite3.connect(sqlite_file)
    new = psycopg2.connect(postgres_url)
    with new, new.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")  # rows come in any order, as in a restored backup
        for (table,) in old.execute("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'"):
            if table != "alembic_version":
                _copy_table(old, cursor, table)
    new.close()
    old.close()


def _copy_table(old: sqlite3.Connection, cursor: Any, table: str) -> None:
    cursor.execute("SELECT column_name, data_type FROM information_schema.columns WHERE table_name = %s", (table,))
    types = dict(cursor.fetchall())
    rows = old.execute(f'SELECT * FROM "{table}"')
    names = [column[0] for column in rows.description]
    columns, places = ", ".join(f'"{name}"' for name in names), ", ".join(["%s"] * len(names))
    for row in rows:
        values = [_value(value, types[name]) for name, value in zip(names, row, strict=True)]
        cursor.execute(f'INSERT INTO "{table}" ({columns}) VALUES ({places})', values)
    if "id" in names and types["id"] in ("integer", "bigint"):
        cursor.execute(f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), coalesce(max(id), 1)) FROM \"{table}\"")


def _value(value: Any, data_type: str) -> Any:
    if value is None:
        return None
    if data_type in ("json", "jsonb"):
        return Json(json.loads(value))
    if data_type == "boolean":
        return bool(value)
    if data_type.startswith("timestamp"):
        return f"{value}+00"
    return value
