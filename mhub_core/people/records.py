"""What the people room tells."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True)
class Profile:
    """A person as everybody who may know of them sees them. The e-mail address is not part of that."""

    id: int
    name: str
    joined: datetime


@dataclass(frozen=True)
class Owned:
    """A model or a dataset of a person that the viewer may see."""

    kind: str  # model | dataset
    id: int
    name: str
    description: str
    visibility: str
