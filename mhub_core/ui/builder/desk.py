"""What lies on the desk of somebody who draws: the design, which part of it is open, what is selected. And how it changes.

The desk is plain JSON in the session, one for each model. Every change goes through `change`, which saves the draft at once as
one step more, so that nothing is lost on a reload and undo reaches back across tabs; a draft that another tab saved meanwhile is
not overwritten unasked. What is done to it by buttons and keys is in `actions`, by the fields of a layer's form in `arguments`;
undo, versions and the choice between two tabs are in `saving`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import streamlit as st

from mhub_core import queue
from mhub_core.catalog import catalog
from mhub_core.errors import Conflict, MHubError, Unavailable
from mhub_core.graphs import edit, layout, walk
from mhub_core.graphs import service as graphs
from mhub_core.graphs.walk import Graph
from mhub_core.models import service as models
from mhub_core.models.records import Model
from mhub_core.ui import flow_bridge, session

Desk = dict[str, Any]
AFTER, BEFORE, LOOSE = "after", "before", "loose"
FACTS_SECONDS = 1.0  # A warm worker answers in a tenth of that.
MOST_ARRANGED = 200  # Larger diagrams are laid out when somebody asks for it, not at every change.
KEPT = ("view", "inside", "batch_size", "several", "place")


def lay_out(model: Model) -> Desk:
    """Return the desk of a model: the one in this session, or a new one when there is none, or a newer draft or person.

    A newer draft does not take the place of a design that is not saved yet: then somebody has to decide.
    """
    desk = st.session_state.get(_key(model.id))
    if desk is None or desk["may_edit"] != model.may_edit:
        return lay_anew(model)
    desk["name"] = model.name
    if desk["revision"] != model.draft_revision:
        if not desk["unsaved"]:
            return lay_anew(model)
        desk["conflict"] = True
    return desk


def lay_anew(model: Model) -> Desk:
    """Put the draft of the database onto the desk, which stays the same dictionary: who holds it sees what is new."""
    desk = st.session_state.setdefault(_key(model.id), {})
    kept = {name: desk[name] for name in KEPT if name in desk}
    desk.update(_at_first() | kept | {"model_id": model.id, "name": model.name, "may_edit": model.may_edit})
    desk.update(revision=model.draft_revision, generation=model.draft_revision, can_undo=model.can_undo, can_redo=model.can_redo)
    put(desk, model.draft)
    return desk


def _at_first() -> Desk:
    return {
        "inside": [],  # the way to the sub-model that is open: ids of nodes
        "selected": None,  # the layer whose form is open
        "chosen": [],  # several layers, for what is done to all of them
        "several": False,  # the list view has check boxes
        "found": None,  # the layer whose page of a long list was turned to
        "edge": None,
        "asked": None,  # what is to be done with which own block, until it is answered
        "place": AFTER,
        "arranged": None,  # whether the diagram is as `layout` makes it; None: not known
        "batch_size": 32,
        "fit": True,  # what the diagram is to bring into view, see flow_bridge
        "view": None,
        "said": "",
        "mended": None,  # what the doctor did last, and the design that came of it
        "in_vain": None,  # the design for which no repair could be looked for
        "error": None,
        "problems": {},
        "version": None,  # the one that was just made of the design
        "unsaved": False,  # the database does not have what is on screen
        "conflict": False,  # ... and it has what another tab saved meanwhile
        "away": False,
    }


def require(model_id: int) -> Desk:
    """Return the desk that this session has laid out."""
    return st.session_state[_key(model_id)]


def _key(model_id: int) -> str:
    return f"desk_{model_id}"


def graph(desk: Desk) -> Graph:
    """Return the design that is on screen: the whole, or the sub-model that is open."""
    return edit.inside(desk["graph"], desk["inside"]) if desk["inside"] else desk["graph"]


def targets(desk: Desk) -> list[str]:
    """Return the layers that an action concerns: those that are chosen, or the one whose form is open."""
    return list(desk["chosen"]) or [desk["selected"]] * bool(desk["selected"])


@contextmanager
def told(desk: Desk) -> Iterator[None]:
    """What goes wrong inside lies on the desk in words."""
    desk.update(error=None, problems={}, said="")
    try:
        yield
    except MHubError as error:
        desk["error"] = queue.error_to_json(error)


def tell_beside_fields(desk: Desk, form: str = "") -> None:
    """Have the problems of fields stand beside these, and nowhere else. What is no field's stays above the diagram.

    `form` comes before their names, where fields of several forms on screen have the same ones.
    """
    problems = desk["error"]["problems"] if desk["error"] else {}
    if problems:
        desk.update(error=None, problems={f"{form}{name}": words for name, words in problems.items()})


def change(model_id: int, function: Callable[..., Any], *arguments: Any, **options: Any) -> bool:
    """Change the open design by one of `edit`'s functions and save it. True: it worked; else the desk says in words what did not.

    A function that returns ids beside the design has these selected.
    """
    desk = require(model_id)
    with told(desk):
        before = graph(desk)
        result = function(before, *arguments, **options)
        after, touched = result if isinstance(result, tuple) else (result, None)
        by_hand = function is edit.set_positions or options.get("position") is not None
        after = _keep_arranged(desk, before, after, by_hand)
        if after != before:
            keep(desk, edit.with_inside(desk["graph"], desk["inside"], after) if desk["inside"] else after)
        if touched is not None:
            choose(desk, touched if isinstance(touched, list) else [touched])
            desk["fit"] = desk["fit"] or (not by_hand and next(iter(targets(desk)), False))
        return True
    return False


def _keep_arranged(desk: Desk, before: Graph, after: Graph, by_hand: bool) -> Graph:
    """What was laid out stays so until somebody moves a layer by hand."""
    if by_hand:
        desk["arranged"] = False
    if by_hand or len(after["nodes"]) > MOST_ARRANGED or _skeleton(before) == _skeleton(after):
        return after
    if desk["arranged"] is None:
        desk["arranged"] = layout.arrange(before) == before
    return layout.arrange(after) if desk["arranged"] else after


def _skeleton(design: Graph) -> Any:
    return [node["id"] for node in design["nodes"]], design["edges"]


def put(desk: Desk, whole: Graph) -> None:
    """Put a design on the desk; what is open and what is selected must still be in it."""
    desk["graph"] = whole
    while desk["inside"] and not _is_there(whole, desk["inside"]):
        desk["inside"] = desk["inside"][:-1]
    shown = graph(desk)
    ids = walk.nodes_by_id(shown)
    desk["selected"] = desk["selected"] if desk["selected"] in ids else None
    desk["chosen"] = [node_id for node_id in desk["chosen"] if node_id in ids]
    edges = [[edge["source"], edge["target"]] for edge in shown["edges"]]
    desk["edge"] = desk["edge"] if desk["edge"] in edges else None


def _is_there(whole: Graph, path: list[str]) -> bool:
    try:
        edit.inside(whole, path)
    except MHubError:
        return False
    return True


def keep(desk: Desk, whole: Graph) -> None:
    """Save a design and put it on the desk. Raises Invalid for one that is refused, which is not put there.

    A newer draft of another tab is not overwritten: the desk says so until somebody decides. While the database is away the
    design stays here, not saved: the next change, or whatever needs it to be saved, tries again.
    """
    try:
        revision = models.save_draft(session.get_viewer(), desk["model_id"], whole, desk["revision"])
    except Conflict:
        desk.update(unsaved=True, conflict=True)
    except Unavailable as error:
        desk.update(unsaved=True, error=queue.error_to_json(error))
    else:
        desk.update(revision=revision, unsaved=False, conflict=False)
    desk.update(can_undo=True, can_redo=False)
    put(desk, whole)


def select(model_id: int, node_id: str | None, edge: tuple[str, str] | None = None) -> None:
    """Open the form of a layer, or of a connection, or none: in any case of no several layers."""
    desk = require(model_id)
    desk.update(selected=node_id, edge=list(edge) if edge else None, chosen=[], several=False, error=None, problems={}, said="")


def choose(desk: Desk, node_ids: list[str]) -> None:
    """Take several layers as chosen; one alone has its form open instead."""
    ids = walk.nodes_by_id(graph(desk))
    found = [node_id for node_id in dict.fromkeys(node_ids) if node_id in ids]
    alone = len(found) == 1 and not desk["several"]
    desk.update(selected=found[0] if alone else None, chosen=[] if alone else found, edge=None)


def open_inside(model_id: int, path: list[str]) -> None:
    """Show the design inside a sub-model; an empty path is the whole."""
    desk = require(model_id)
    if _is_there(desk["graph"], path):
        desk.update(
            inside=list(path), selected=None, chosen=[], edge=None, arranged=None, fit=True, error=None, problems={}, said=""
        )


def names_inside(desk: Desk) -> list[str]:
    """Return the names of the sub-models that are open, from the outermost."""
    path = desk["inside"]
    return [edit.require_node(edit.inside(desk["graph"], path[:depth]), path[depth])["name"] for depth in range(len(path))]


def add(model_id: int, class_name: str, **where: Any) -> None:
    """Add a layer at a place as `edit.add_node` takes it. Without one it goes where the palette says.

    That is onto the selected connection, after or before the selected layer, at the end, or loose.
    """
    desk = require(model_id)
    before = graph(desk)
    if change(model_id, edit.add_node, class_name, **(where or place(desk, class_name))) and graph(desk) != before:
        desk.update(edge=None, fit=not where.get("position"))


def place(desk: Desk, class_name: str = "") -> dict[str, str | None]:
    """Return where the palette puts a new layer, as `edit.add_node` takes it."""
    design = graph(desk)
    block = catalog.get_block("layer", class_name)
    if desk["place"] == LOOSE or not design["nodes"] or (block and block.role == "input"):
        return {}
    if desk["edge"]:
        return {"after": desk["edge"][0], "before": desk["edge"][1]}
    if desk["selected"]:
        return {desk["place"]: desk["selected"]}
    ends = walk.outputs(design)
    if len(ends) != 1:
        return {}
    # The last layer is the answer of the model: what is added goes in front of it.
    return {"before": ends[0]} if walk.incoming(design)[ends[0]] else {"after": ends[0]}


def show(model_id: int, node_id: str) -> None:
    """Open the form of a layer and bring it into view."""
    select(model_id, node_id)
    require(model_id)["fit"] = node_id


def fit(model_id: int) -> None:
    """Show all of the diagram."""
    require(model_id)["fit"] = flow_bridge.WHOLE


def facts(desk: Desk) -> dict[str, Any] | None:
    """Return the live facts of the open design, or None while they are awaited: its worker is away, or it is very large.

    After one vain wait they are not waited for here again, so that drawing goes on: `is_worker_back` asks.
    """
    if desk["away"]:
        return None
    try:
        found = graphs.facts_soon(graph(desk), FACTS_SECONDS)
    except MHubError:
        found = None
    desk["away"] = found is None
    return found


def is_worker_back(desk: Desk) -> bool:
    """Ask the worker again."""
    desk["away"] = False
    return facts(desk) is not None
