"""What the model room tells other rooms. Frozen; graphs are plain JSON as in docs/builder.md."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from mhub_core.data.records import Column

KERAS = "keras"  # the kind of a model version that Keras builds from its graph
LEARNED_FROM = "dataset_version_id"  # in `serving`, once the run was deleted that knew it


@dataclass(frozen=True)
class VersionCard:
    """A version in the list of its model, without its design, of which a model may have hundreds.

    `serving` is missing for a viewer who may not know what the data look like that it learned from.
    """

    id: int
    model_id: int
    number: int
    model_key: str | None
    serving: dict[str, Any] | None
    run_id: int | None
    note: str
    created: datetime
    kind: str

    @property
    def trained(self) -> bool:
        """Whether it has weights, so that it can predict."""
        return self.model_key is not None

    @property
    def num_parameters(self) -> int | None:
        """The number of weights of a trained version."""
        return self.serving["num_parameters"] if self.serving else None


@dataclass(frozen=True)
class ModelVersion(VersionCard):
    """One immutable version: a design, and the weights when a run made it."""

    model_name: str
    owner_id: int
    graph: dict[str, Any]


@dataclass(frozen=True)
class ModelCard:
    """A model in a list."""

    id: int
    name: str
    description: str
    owner_id: int
    owner_name: str
    visibility: str
    latest_version_id: int
    num_versions: int
    trained: bool
    updated: datetime
    num_comments: int


@dataclass(frozen=True)
class Model:
    """A model with its versions, newest first. Who may not edit it gets the newest version's design as `draft`."""

    id: int
    owner_id: int
    owner_name: str
    name: str
    description: str
    visibility: str
    draft: dict[str, Any]
    draft_revision: int
    created: datetime
    updated: datetime
    shares_data: bool
    may_edit: bool
    may_manage: bool
    can_undo: bool
    can_redo: bool
    versions: tuple[VersionCard, ...]


@dataclass(frozen=True)
class LearnedFrom:
    """What trained versions of a model keep of the data that they learned from, by the numbers of the versions. `words`: those of
    texts that they know, the most frequent first."""

    versions: tuple[int, ...]
    target: str
    classes: tuple[str, ...]
    columns: tuple[Column, ...]
    words: tuple[str, ...] = ()


@dataclass(frozen=True)
class Draft:
    """A design that is being drawn, after a step back or forth."""

    graph: dict[str, Any]
    revision: int
    can_undo: bool
    can_redo: bool


@dataclass(frozen=True)
class Block:
    """A piece of a design that somebody keeps to use it again."""

    id: int
    name: str
    help: str
    graph: dict[str, Any]
