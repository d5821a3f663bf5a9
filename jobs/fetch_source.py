"""The quick job that fetches data from the web, from S3 or from a database."""

from __future__ import annotations

from jobs.broker import NO_LIMIT, actor
from jobs.room import Room
from mhub_core.datasets import fetch_service

room = Room(4)


@actor("fetch_source", seconds=NO_LIMIT)
@room
def fetch_source(fetch_id: int) -> None:
    """Fetch what somebody asked for; what is done, or what somebody else fetches, is left alone."""
    fetch_service.run(fetch_id)
