"""The quick job that turns an upload into arrays."""

from __future__ import annotations

from jobs.broker import NO_LIMIT, actor
from mhub_core.datasets import worker_service as datasets


@actor("prepare_dataset", seconds=NO_LIMIT)
def prepare_dataset(version_id: int) -> None:
    """Prepare a dataset version; one that is done, or that somebody else prepares, is left alone."""
    datasets.prepare(version_id)
