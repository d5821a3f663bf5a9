"""How a version of each kind of data is looked through: one line for each."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from mhub_core.data.records import DataSpec, Progress
from mhub_core.exploring import images, series, table, texts
from mhub_core.exploring.records import Profile

PROFILES: dict[str, Callable[[dict[str, Path], DataSpec, Progress], Profile]] = {
    "images": images.profile,
    "series": series.profile,
    "table": table.profile,
    "text": texts.profile,
}
