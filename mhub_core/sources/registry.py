"""Every source of data: one line for each."""

from __future__ import annotations

from mhub_core.errors import Invalid
from mhub_core.sources.bucket import Bucket
from mhub_core.sources.database import Database
from mhub_core.sources.source import Source
from mhub_core.sources.web import Web

SOURCES: dict[str, Source] = {source.name: source for source in (Web(), Bucket(), Database())}


def require_source(name: str) -> Source:
    """Return a source by name. Raises Invalid for one that this release does not know."""
    if name not in SOURCES:
        raise Invalid(f"This release knows no source {str(name)[:40]!r}.", f"One of: {', '.join(SOURCES)}.", "Choose another.")
    return SOURCES[name]
