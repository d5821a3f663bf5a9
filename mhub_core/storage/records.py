"""What the storage room tells other rooms."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True)
class Artifact:
    """A blob that a run or a model version left. Only a checkpoint has an `epoch`."""

    id: int
    run_id: int | None
    version_id: int | None
    role: str
    epoch: int | None
    key: str
    created: datetime
