"""Fetching as the sandbox runs it: a process of its own, which can be ended whatever a server does."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from mhub_core.data.records import Progress
from mhub_core.sources.registry import require_source
from mhub_core.sources.source import Limits


def fetch_json(asked: dict[str, Any], folder: Path, progress: Progress) -> dict[str, Any]:
    """Fetch into the folder, and return what the file is called."""
    limits = Limits.from_json(asked["limits"])
    name = require_source(asked["source"]).fetch(asked["config"], asked["secret"], folder, limits, progress)
    return {"file_name": name}
