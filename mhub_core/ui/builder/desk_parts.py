"""What lies on the desk of somebody who draws, in four parts. All of it is plain JSON, for the session to keep."""

from __future__ import annotations

from typing import Any, TypedDict

from mhub_core.graphs.walk import Graph

AFTER, BEFORE, LOOSE = "after", "before", "loose"


class Content(TypedDict):
    """What is drawn."""

    name: str  # of the model
    graph: Graph  # the whole design


class View(TypedDict):
    """How somebody looks at it: what is open, what is selected, what the fields and the diagram are to show."""

    inside: list[str]  # the way to the sub-model that is open: ids of nodes
    selected: str | None  # the layer whose form is open
    chosen: list[str]  # several layers, for what is done to all of them
    several: bool  # the list view has check boxes
    found: str | None  # the layer whose page of a long list was turned to
    edge: list[str] | None  # the connection that is selected: the ids of its two ends
    asked: list[Any] | None  # what is to be done with which own block, until it is answered
    place: str  # where the palette puts a new layer
    arranged: bool | None  # whether the diagram is as `layout` makes it; None: not known
    batch_size: int
    fit: bool | str  # what the diagram is to bring into view, see flow_bridge
    generation: int  # counts up when the fields of the form are to show what the design holds, not what was typed


class Mended(TypedDict):
    """What the doctor did last, and the design that came of it."""

    words: str
    graph: Graph


class Told(TypedDict):
    """What the desk says of what was done last."""

    said: str  # one sentence above the diagram
    error: dict[str, Any] | None
    problems: dict[str, str]  # of fields, told beside these
    mended: Mended | None
    in_vain: Graph | None  # the design for which no repair could be looked for


class Sync(TypedDict):
    """How the desk stands to the database and to the worker."""

    revision: int  # of the draft that the database has
    can_undo: bool
    can_redo: bool
    version: int | None  # the one that was just made of the design
    unsaved: bool  # the database does not have what is on screen
    conflict: bool  # ... and it has what another tab saved meanwhile
    away: bool  # the worker did not answer in time


class Desk(TypedDict):
    """The desk of one model."""

    model_id: int
    may_edit: bool
    content: Content
    view: View
    told: Told
    sync: Sync


def first_view(generation: int, before: View | None) -> View:
    """Return how a design is looked at first. Where somebody stood `before`, and what they had set, stays."""
    view = View(
        inside=[],
        selected=None,
        chosen=[],
        several=False,
        found=None,
        edge=None,
        asked=None,
        place=AFTER,
        arranged=None,
        batch_size=32,
        fit=True,
        generation=generation,
    )
    if before is not None:
        view["inside"], view["several"], view["place"] = before["inside"], before["several"], before["place"]
        view["batch_size"] = before["batch_size"]
    return view


def nothing_told() -> Told:
    """Return what the desk says before anything was done."""
    return Told(said="", error=None, problems={}, mended=None, in_vain=None)
