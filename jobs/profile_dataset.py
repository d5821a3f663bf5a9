"""The quick job that looks a dataset version through."""

from __future__ import annotations

from jobs.broker import NO_LIMIT, actor
from jobs.room import Room
from mhub_core.exploring import worker_service as exploring

room = Room(2)  # it takes a processor for seconds, and people wait for other answers


@actor("profile_dataset", seconds=NO_LIMIT)
@room
def profile_dataset(version_id: int) -> None:
    """Make the profile of a version; one that is made, or that somebody else makes, is left alone."""
    exploring.make_profile(version_id)
