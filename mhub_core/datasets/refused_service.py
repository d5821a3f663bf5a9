"""Which rows of an upload were left out, and why: all of them, where the report names only the first."""

from __future__ import annotations

import json

from mhub_core.accounts.records import User
from mhub_core.datasets import service as datasets
from mhub_core.storage import service as storage


def refused_rows(viewer: User | None, version_id: int) -> list[tuple[str, str, str]]:
    """Return which, why, and what was written there, of at most `formats.format.MAX_KEPT` refused rows.

    Empty for a version without any. Raises NotFound when the version does not exist or its dataset is private.
    """
    report = datasets.require_version(viewer, version_id).report or {}
    if not (key := report.get("refused_rows")):
        return []
    rows = json.loads(storage.local_path(key).read_text("utf-8"))
    return [(str(what), str(why), str(written)) for what, why, written in rows]
