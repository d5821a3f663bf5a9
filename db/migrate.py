"""Bring the database to the newest form: `python -m db.migrate`."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from alembic import command
from alembic.config import Config

from db import damage
from mhub_core import settings
from mhub_core.errors import Damaged

DAMAGED = os.EX_DATAERR


def config() -> Config:
    """Return Alembic's configuration for the configured database."""
    alembic = Config()
    alembic.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    return alembic


def upgrade() -> None:
    """Apply all migrations that the database lacks. Several processes may call this at once."""
    settings.home().mkdir(parents=True, exist_ok=True, mode=0o700)
    command.upgrade(config(), "head")


def main() -> None:
    """Upgrade, unless the file is damaged: then say so in one line, with the code for it, and touch nothing."""
    try:
        damage.check()
    except Damaged as error:
        print(error, file=sys.stderr)
        sys.exit(DAMAGED)
    upgrade()


if __name__ == "__main__":
    main()
