"""A database file that is damaged is said to be, in words that mend it."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy import select
from starlette.applications import Starlette
from starlette.testclient import TestClient

from db import damage, engine, migrate
from db.tables.models import ModelRow
from mhub_core import settings
from mhub_core.errors import Damaged
from mhub_core.models import service as models
from mhub_core.server.app import ROUTES
from tests import many_rows

NUM = 2000
PAGE = 4096


@pytest.fixture
def file(database: Path) -> Path:
    """The file of a hub with some thousand rows, closed."""
    many_rows.fill(NUM)
    for write in (True, False):
        engine.engine(write).dispose()
    return damage.path()


def overwrite(file: Path, start: int, num_bytes: int) -> None:
    """Do to a file what a bad disk does."""
    with file.open("r+b") as handle:
        handle.seek(start)
        handle.write(b"\xa5" * num_bytes)


def damage_a_table(file: Path) -> None:
    """Spoil pages in the middle, and leave what the file begins with."""
    overwrite(file, file.stat().st_size // 2 // PAGE * PAGE, 20 * PAGE)


def run(*command: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, *command], cwd=settings.ROOT, capture_output=True, text=True)


def test_a_sound_file_and_one_that_is_not_there_yet_pass(file: Path):
    damage.check()
    file.unlink()
    damage.check()
    assert not file.exists()


def test_a_file_that_is_no_database_is_said_with_its_place_and_how_to_repair_it(file: Path):
    overwrite(file, 0, 2 * PAGE)

    with pytest.raises(Damaged) as told, engine.reading() as session:
        session.scalars(select(ModelRow.id)).all()

    assert str(file) in told.value.happened
    assert '".recover" > saved.sql' in told.value.mend


def test_damaged_pages_are_found_before_anything_is_upgraded_and_nothing_is_touched(file: Path):
    damage_a_table(file)
    before = file.read_bytes()

    seen = run("-m", "db.migrate")

    assert seen.returncode == migrate.DAMAGED
    assert seen.stderr.startswith(f"The database file {file} is damaged.")
    assert "Traceback" not in seen.stderr
    assert file.read_bytes() == before


def test_up_says_it_in_one_message_and_does_not_start(file: Path, monkeypatch):
    damage_a_table(file)

    seen = run("-m", "tests.launcher.small_hub", "supervise", "up", "web")

    assert seen.returncode == 1
    assert f"mhub: The database file {file} is damaged." in seen.stderr
    assert '".recover" > saved.sql' in seen.stderr


def test_status_says_how_to_repair_it_also_when_nothing_runs(file: Path):
    damage_a_table(file)

    assert damage.repair(file) in run("-m", "jobs.status").stdout


@pytest.mark.usefixtures("broker")
def test_health_says_it_without_telling_strangers_where_the_file_lies(file: Path):
    overwrite(file, 0, 2 * PAGE)

    answer = TestClient(Starlette(routes=ROUTES)).get("/api/health")

    assert answer.status_code == 503
    assert "the database is damaged" in answer.json()["status"]
    assert str(file.parent) not in answer.text


@pytest.mark.skipif(not shutil.which("sqlite3"), reason="needs the program sqlite3")
def test_what_the_message_says_saves_what_can_be_read(file: Path):
    damage_a_table(file)

    subprocess.run(["sh", "-c", damage.repair(file)], check=True, capture_output=True)

    damage.check()
    migrate.upgrade()
    assert models.list_models(None)
    assert (file.parent / "damaged" / file.name).exists()
