"""Bring the database to the newest form: `python -m db.migrate`."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config

from mhub_core import settings


def config() -> Config:
    """Return Alembic's configuration for the configured database."""
    alembic = Config()
    alembic.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    return alembic


def upgrade() -> None:
    """Apply all migrations that the database lacks. Several processes may call this at once."""
    settings.home().mkdir(parents=True, exist_ok=True, mode=0o700)
    command.upgrade(config(), "head")


if __name__ == "__main__":
    upgrade()
