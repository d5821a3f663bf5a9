"""Write docs/access.md: what `test_access` measures, in an empty hub of its own."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path


def main() -> None:
    """Build the world in a temporary folder, ask, write."""
    with tempfile.TemporaryDirectory() as folder:
        os.environ |= {"MHUB_HOME": str(Path(folder) / "home"), "DATABASE_URL": "", "REDIS_URL": "", "STORAGE_URL": ""}
        from db import migrate
        from mhub_core.settings import ROOT
        from tests.access.table import TABLE, of, page
        from tests.access.test_access import found
        from tests.access.world import WHO, build

        Path(os.environ["MHUB_HOME"]).mkdir(mode=0o700)
        migrate.upgrade()
        world = build()
        measured = {
            (name, who, one): found(verb, who, one, world) for name, verb in TABLE.items() for who in WHO for one in of(verb)
        }
        (ROOT / "docs" / "access.md").write_text(page(measured), encoding="utf-8")


if __name__ == "__main__":
    main()
