"""What the room of projects hands out."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from mhub_core.sharing.records import Grant


@dataclass(frozen=True)
class ProjectCard:
    """A project in a list."""

    id: int
    name: str
    description: str
    owner_id: int
    owner_name: str
    visibility: str
    num_members: int
    num_models: int
    num_datasets: int


@dataclass(frozen=True)
class Project:
    """A project as its viewer may know it. `level` is how far they may go.

    `members` is empty for who is none of them; the owner comes first, with the level "own".
    """

    id: int
    owner_id: int
    owner_name: str
    name: str
    description: str
    visibility: str
    created: datetime
    level: str
    is_member: bool
    members: tuple[Grant, ...]
    num_members: int
    num_models: int
    num_datasets: int
    may_edit: bool
    may_manage: bool
    may_delete: bool


@dataclass(frozen=True)
class Entry:
    """The way into a project by its code, for who manages it. `code` is empty where there never was one."""

    code: str
    level: str
    is_open: bool


@dataclass(frozen=True)
class Offer:
    """What a code leads to, for who holds it."""

    project_id: int
    name: str
    owner_name: str
    level: str
    is_member: bool
