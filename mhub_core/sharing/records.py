"""What the sharing room tells other rooms."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True)
class Grant:
    """The level that a person was given on somebody else's thing."""

    person_id: int
    person_name: str
    level: str
    created: datetime
