"""Links that stay on the page of a dataset."""

from __future__ import annotations

from mhub_core.datasets.records import DatasetVersion
from mhub_core.ui import address


def here(version: DatasetVersion, **query: object) -> dict[str, object]:
    """Return the query of a link to the page of this version, with more in it."""
    return {"id": version.dataset_id, "version": address.said("version") or None, **query}
