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


@dataclass(frozen=True)
class Belonging:
    """That a model or dataset belongs to a project, told from either side: `kind`, `id` and `name` are the other one's.

    `level`: up to which members reach the thing. A project that the reader may not see has no name.
    """

    kind: str
    id: int
    name: str
    owner_name: str
    level: str
