"""What a killed process left unfinished goes after the grace period, and what is being written stays."""

from __future__ import annotations

import os
import time
from datetime import timedelta

from mhub_core.storage import artifact_service as artifacts
from mhub_core.storage import service as storage

DAYS = 3 * 24 * 3600


def test_unfinished_files_and_folders_go_when_nobody_has_written_to_them_for_long(database):
    old, young = storage.incoming() / "upload-old", storage.incoming() / "prepare-1-young"
    dead = storage.incoming() / "prepare-2-dead"
    for folder in (young, dead):
        folder.mkdir()
        (folder / "x.npy").write_bytes(b"half")
    old.write_bytes(b"half")
    long_ago = time.time() - DAYS
    for path in (old, dead / "x.npy", dead, young):  # of the young one a file is being written
        os.utime(path, (long_ago, long_ago))

    artifacts.collect()

    assert [path.name for path in storage.incoming().iterdir()] == [young.name]
    assert storage.clear_incoming(timedelta(0)) == 1 and not list(storage.incoming().iterdir())
