"""What the people room tells."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True)
class Profile:
    """A person as everybody who may know of them sees them. The e-mail address is not part of that."""

    id: int
    name: str
    about: str  # Markdown of theirs
    picture: str  # changes with their image; empty without one
    joined: datetime


@dataclass(frozen=True)
class Owned:
    """A model or a dataset of a person that the viewer may see."""

    kind: str  # model | dataset
    id: int
    name: str
    description: str
    visibility: str


@dataclass(frozen=True)
class HandedOver:
    """A model, a dataset or a project that another person gets when its owner leaves."""

    kind: str  # model | dataset | project
    id: int
    name: str
    to_name: str


@dataclass(frozen=True)
class Leaving:
    """What a person owns, and what becomes of it when they leave. `num_public`: of those that nobody else gets."""

    num_models: int
    num_datasets: int
    num_projects: int
    num_runs: int
    handed_over: tuple[HandedOver, ...]
    num_public: int
